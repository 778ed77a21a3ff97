"""The values of a list as a form offers them, in printed order; a retired one with its years."""

from django.utils.text import capfirst

from casereg.codebook import CodeBook, Term


def term_choices(codebook: CodeBook, variable: str, *, blank: str | None = None) -> list[tuple[str, str]]:
    """(code, label) of each value. `blank`: what stands first, for none of them."""
    first = [] if blank is None else [("", blank)]
    return first + [(term.code, _with_years(term)) for term in codebook.terms[variable].values()]


def _with_years(term: Term) -> str:
    if term.last_year is None:
        return capfirst(term.label)
    return f"{capfirst(term.label)} ({term.first_year}–{term.last_year})"
