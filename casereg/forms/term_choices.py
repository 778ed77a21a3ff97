"""The values of a list as a form offers them, in printed order; those of some years only with their years."""

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext

from casereg.codebook import CodeBook, Term


def term_choices(codebook: CodeBook, variable: str, *, blank: str | None = None) -> list[tuple[str, str]]:
    """(code, label) of each value. `blank`: what stands first, for none of them."""
    first = [] if blank is None else [("", blank)]
    return first + [(term.code, _with_years(term)) for term in codebook.terms[variable].values()]


def _with_years(term: Term) -> str:
    if term.last_year is not None:
        return f"{capfirst(term.label)} ({term.first_year}–{term.last_year})"
    if term.first_year > timezone.localdate().year:
        return gettext("{value} (from {year})").format(value=capfirst(term.label), year=term.first_year)
    return capfirst(term.label)
