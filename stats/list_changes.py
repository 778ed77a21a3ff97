"""What changed in the register's lists, in words: no tense, since a change may be of a year to come."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext

from casereg.codebook import CodeBook
from casereg.correspondences import Correspondence
from stats.comparison import Became, ListedValue, Lists, Mark, Why, marks
from stats.compute import YearFigures
from stats.definitions import YEAR
from stats.dimensions import INDUSTRY_ASKED

# What a series does not show by itself: of a value that came or went the other years have no number.
_OF_SERIES = frozenset({Why.TOOK_IN, Why.SPLIT, Why.MERGED})


def lists_of(codebook: CodeBook, became: Iterable[Correspondence] = ()) -> Lists:
    return Lists(
        first_years={name: variable.first_year for name, variable in codebook.variables.items()},
        values={
            name: [ListedValue(term.code, term.first_year, term.last_year) for term in terms.values()]
            for name, terms in codebook.terms.items()
        },
        became=[Became(line.variable, line.source, line.target, line.first_year) for line in became],
        counted={
            INDUSTRY_ASKED.id: frozenset(
                code for code in codebook.terms.get("form", {}) if codebook.asks_for_industry(code)
            )
        },
    )


def change_in_words(mark: Mark, codebook: CodeBook) -> str:
    """A mark that is of a value of a list."""
    value = codebook.label(mark.variable, mark.code)
    if mark.why is Why.TOOK_IN:
        return gettext("{year}: “{value}” stands for cases that before were “{other}”, too.").format(
            year=mark.year, value=value, other=codebook.label(mark.variable, mark.other)
        )
    if mark.why is Why.SPLIT:
        return gettext("From {year} on “{value}” is split into {parts}.").format(
            year=mark.year, value=value, parts=_listed(mark, codebook)
        )
    if mark.why is Why.MERGED:
        return gettext("From {year} on “{value}” takes the place of {parts}.").format(
            year=mark.year, value=value, parts=_listed(mark, codebook)
        )
    if mark.why is Why.ADDED:
        return gettext("“{value}” is on the list from {year} on.").format(year=mark.year, value=value)
    assert mark.why is Why.REMOVED, mark
    return gettext("“{value}” is on the list up to and including {year}.").format(year=mark.year, value=value)


def _listed(mark: Mark, codebook: CodeBook) -> str:
    names = [
        gettext("“{value}”").format(value=term.label)
        for code, term in codebook.terms[mark.variable].items()
        if code in mark.others
    ]
    return get_text_list(names, gettext("and"))


def notes_as_recorded(figures: YearFigures, became: Sequence[Correspondence]) -> Mapping[str, Sequence[str]]:
    """By series, what became of values between the years that it shows, each as it was recorded then."""
    lists = lists_of(figures.codebook, became)
    notes = {}
    for name, table in figures.tables.items():
        years = [int(year) for year in table.codes[YEAR]]
        if table.definition.is_series and years:
            found = marks(table.definition, (min(years), max(years)), lists, published=frozenset())
            notes[name] = [
                change_in_words(mark, figures.codebook) for mark in found if mark.why in _OF_SERIES
            ]
    return {name: said for name, said in notes.items() if said}
