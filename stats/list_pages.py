"""A code list as its pages print it: values in printed order, their years, their use, what became of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext

from casereg.codebook import CodeBook, Term
from casereg.correspondences import Correspondence
from casereg.list_use import Use
from stats.pages import PrintedCell, printed_cell
from stats.tabulate import Cell


@dataclass(frozen=True, slots=True)
class PrintedTerm:
    """`numbers` are the records of each year; `became` says what came of it, or what it came of."""

    term: Term
    years: str
    is_over: bool
    is_to_come: bool
    numbers: Sequence[PrintedCell]
    total: PrintedCell
    became: Sequence[str]


def printed_terms(
    variable: str,
    codebook: CodeBook,
    lines: Sequence[Correspondence],
    use: Use,
    *,
    years: Sequence[int],
    only: Iterable[str] | None = None,
) -> list[PrintedTerm]:
    wanted = None if only is None else set(only)
    return [
        PrintedTerm(
            term=term,
            years=years_in_words(term),
            is_over=term.last_year is not None and term.last_year < years[-1],
            is_to_come=term.first_year > years[-1],
            numbers=[printed_cell(Cell(use.get(term.code, {}).get(year, 0))) for year in years],
            total=printed_cell(Cell(sum(use.get(term.code, {}).values())), is_total=True),
            became=list(_became(variable, term, codebook, lines)),
        )
        for term in codebook.terms[variable].values()
        if wanted is None or term.code in wanted
    ]


def years_in_words(term: Term) -> str:
    if term.last_year is None:
        return gettext("From {year}").format(year=term.first_year)
    if term.first_year == term.last_year:
        return str(term.first_year)
    return f"{term.first_year}–{term.last_year}"


def _became(variable: str, term: Term, codebook: CodeBook, lines: Sequence[Correspondence]) -> Iterable[str]:
    own = [line for line in lines if line.variable == variable]
    targets = _by_year((line.first_year, line.target) for line in own if line.source == term.code)
    for year, codes in targets.items():
        words = _in_words(variable, codes, codebook)
        if len(codes) > 1:
            yield gettext("Split from {year} on: {values}").format(year=year, values=words)
        else:
            yield gettext("From {year} on: {value}").format(year=year, value=words)
    sources = _by_year((line.first_year, line.source) for line in own if line.target == term.code)
    for year, codes in sources.items():
        words = _in_words(variable, codes, codebook)
        yield gettext("From {year} on in place of {values}").format(year=year, values=words)


def _by_year(pairs: Iterable[tuple[int, str]]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for year, code in sorted(pairs):
        found.setdefault(year, []).append(code)
    return found


def terms_in_words(terms: Iterable[Term]) -> str:
    """“green” and “transport”; blank where there is none."""
    words = [gettext("“{value}”").format(value=term.label) for term in terms]
    return get_text_list(words, gettext("and"))


def _in_words(variable: str, codes: Sequence[str], codebook: CodeBook) -> str:
    return terms_in_words(term for code, term in codebook.terms[variable].items() if code in codes)
