"""A year's figures in the values of one year's lists, by the register's correspondence tables; in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.text import get_text_list
from django.utils.translation import gettext

from casereg.codebook import CodeBook
from casereg.correspondences import Correspondence, Recoding, recoding
from stats.compute import YearFigures
from stats.recoding import ListRecoding, recode
from stats.shown_year import ShownYear, shown_year
from stats.tabulate import CountedTable

RECODED_VARIABLES = ("form", "referral_source", "industry")


@dataclass(frozen=True)
class ListsOfYear:
    """The lists as they are in `year`, and what the values of earlier years became, by variable."""

    year: int
    recodings: Mapping[str, Recoding]
    # By variable and earlier value, the year of its change: what is recorded from then on is not recoded.
    until: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def of_records_of(self, year: int) -> "ListsOfYear":
        """What the values became that records of the year have."""

        def is_earlier(name: str, code: str) -> bool:
            return year < self.until.get(name, {}).get(code, year + 1)

        recodings = {
            name: Recoding(
                target_of={code: became for code, became in each.target_of.items() if is_earlier(name, code)},
                apart={code: parts for code, parts in each.apart.items() if is_earlier(name, code)},
            )
            for name, each in self.recodings.items()
        }
        return replace(self, recodings=recodings)

    def touch(self, table: CountedTable) -> bool:
        """Whether a value that stands in the table has become another by the year."""
        return any(
            self.has_become_another(name, code) or code in each.apart
            for name, each in self.recodings.items()
            for code in table.codes.get(name, ())
        )

    def has_become_another(self, variable: str, code: str) -> bool:
        """Whether the value has become another one, under which its records are counted."""
        return variable in self.recodings and self.recodings[variable].target_of.get(code, code) != code

    def earlier_values(self, variable: str, code: str) -> frozenset[str]:
        """Those that became the value."""
        if variable not in self.recodings:
            return frozenset()
        return frozenset(
            source for source, target in self.recodings[variable].target_of.items() if target == code
        )


def lists_of_year(lines: Iterable[Correspondence], year: int) -> ListsOfYear:
    lines = [line for line in lines if line.first_year <= year]
    until: dict[str, dict[str, int]] = {name: {} for name in RECODED_VARIABLES}
    for line in lines:
        of_variable = until.setdefault(line.variable, {})
        of_variable[line.source] = max(line.first_year, of_variable.get(line.source, 0))
    recodings = {name: recoding(lines, name, year=year) for name in RECODED_VARIABLES}
    return ListsOfYear(year, recodings, until)


def touched_series(figures: YearFigures, lists: ListsOfYear) -> list[str]:
    """The series that the lists change. A table of one year has the values of that year already."""
    return [
        name for name, table in figures.tables.items() if table.definition.is_series and lists.touch(table)
    ]


def recoded_figures(figures: YearFigures, lists: ListsOfYear) -> YearFigures:
    """The tables, recoded. Key figures are of the values that were recorded, and stay."""
    tables = {name: recoded_table(table, lists, figures.codebook) for name, table in figures.tables.items()}
    return replace(figures, tables=tables)


def recoded_table(table: CountedTable, lists: ListsOfYear, codebook: CodeBook) -> CountedTable:
    by_dimension = {
        name: ListRecoding(
            target_of=each.target_of,
            first_years={code: term.first_year for code, term in codebook.terms[name].items()},
            printed=tuple(codebook.terms[name]),
            last_years={
                code: term.last_year
                for code, term in codebook.terms[name].items()
                if term.last_year is not None
            },
            until=lists.until.get(name, {}),
        )
        for name, each in lists.recodings.items()
    }
    return recode(table, by_dimension)


def recoded_shown_year(figures: YearFigures, lists: ListsOfYear, tables: Iterable[str]) -> ShownYear:
    """The figures in the values of the lists, with what that does to each of the tables."""
    notes = {}
    for name in tables:
        words = recoded_in_words(figures.tables[name], lists, figures.codebook)
        in_values = gettext("In the values of {year}.").format(year=lists.year)
        notes[name] = [in_values, *words.counted_as, *words.apart]
    return shown_year(recoded_figures(figures, lists), lists=lists.year, list_notes=notes)


@dataclass(frozen=True, slots=True)
class RecodedInWords:
    """`counted_as`: which value stands for which. `apart`: which cannot, and why."""

    counted_as: Sequence[str]
    apart: Sequence[str]


def recoded_in_words(
    table: CountedTable, lists: ListsOfYear, codebook: CodeBook, *, only: str = ""
) -> RecodedInWords:
    """Of the values that stand in the table as it was recorded; `only`: of one variable."""
    found = [
        (name, code, lists.recodings[name])
        for name in table.codes
        if name in lists.recodings and only in ("", name)
        for code in table.codes[name]
    ]
    return RecodedInWords(
        counted_as=[
            gettext("“{source}” is counted as “{target}”.").format(
                source=codebook.label(name, code), target=codebook.label(name, each.target_of[code])
            )
            for name, code, each in found
            if lists.has_become_another(name, code)
        ],
        apart=[
            _apart(name, code, each.apart[code], codebook) for name, code, each in found if code in each.apart
        ],
    )


def _apart(variable: str, source: str, targets: frozenset[str], codebook: CodeBook) -> str:
    parts = [
        gettext("“{value}”").format(value=term.label)
        for code, term in codebook.terms[variable].items()
        if code in targets
    ]
    return gettext(
        "“{source}” was split into {parts}. Which of them a case would have cannot be told from what was "
        "recorded: “{source}” stands apart."
    ).format(source=codebook.label(variable, source), parts=get_text_list(parts, gettext("and")))
