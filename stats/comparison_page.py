"""The comparison of two years as a page prints it: numbers, differences, and each reason in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from casereg.codebook import CodeBook
from casereg.correspondences import Correspondence
from casereg.vocabularies import swedish_order
from stats import registry
from stats.cell_links import CellLinks
from stats.comparison import (
    COVERAGE_CHANGED,
    Mark,
    Pair,
    Recoded,
    Why,
    change_in_per_cent,
    difference,
    left_when_recoded,
    margin,
    marks,
    marks_of,
    not_asked_for,
    pairs,
)
from stats.compute import YearFigures
from stats.definitions import NOT_RECORDED, TOTAL, KeyFigure, Table
from stats.labels import SYMBOLS, code_label, dimension_label
from stats.list_changes import change_in_words, lists_of
from stats.pages import (
    NO_ANSWER,
    PrintedCell,
    PrintedFigure,
    capital,
    number_in_words,
    printed_cell,
    printed_figure,
    unit_of,
)
from stats.recoded_year import ListsOfYear, recoded_table
from stats.tables import TABLES
from stats.tabulate import Cell, CountedFigure

NOTHING_TO_COMPARE = "–"
CHANGED = "*"  # after a difference between numbers that do not cover the same


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    id: str
    label: str
    earlier: PrintedFigure
    later: PrintedFigure
    difference: str
    per_cent: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class ComparedRow:
    label: str
    earlier: PrintedCell
    later: PrintedCell
    difference: str
    per_cent: str
    moved: int | None  # the difference as a number
    reasons: Sequence[str]
    is_total: bool
    is_marked: bool  # what is covered changed between the years


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows under a heading of their own; blank where the table has no groups."""

    heading: str
    rows: Sequence[ComparedRow]


@dataclass(frozen=True, slots=True)
class ComparedTable:
    """`reasons`: why the years cannot be compared in all of the table, or in a value of it."""

    id: str
    title: str
    unit: str
    corner: str
    groups: Sequence[RowGroup]
    reasons: Sequence[str]
    symbols: Sequence[tuple[str, str]]
    has_inner_cells: bool


@dataclass(frozen=True, kw_only=True)
class TwoYears:
    """Two years of one scope. `figures` of a year without records are of another: its series hold it."""

    earlier: int
    later: int
    figures: Mapping[int, YearFigures]
    published: frozenset[int]
    links: CellLinks | None
    lists: ListsOfYear  # of the later year
    correspondences: Sequence[Correspondence] = ()
    is_recoded: bool = False

    @property
    def may_be_recoded(self) -> bool:
        return any(self.lists.touch(table) for table in self.figures[self.earlier].tables.values())

    @property
    def years(self) -> tuple[int, int]:
        return self.earlier, self.later

    @property
    def codebook(self) -> CodeBook:
        return self.figures[self.later].codebook


def compared_figures(two: TwoYears) -> list[ComparedFigure]:
    """The key figures; none where one of the years has no records."""
    if two.published:
        return []
    before, now = two.figures[two.earlier].key_figures, two.figures[two.later].key_figures
    return [_compared_figure(before[name], now[name], two) for name in now]


def compared_tables(two: TwoYears) -> list[ComparedTable]:
    """By the first breakdown of each table; the series, where one of the years was only published."""
    return [
        compared_table(table, two, whole=False) for table in TABLES if table.is_series == bool(two.published)
    ]


def compared_table(table: Table, two: TwoYears, *, whole: bool) -> ComparedTable:
    """`whole`: with every cell of it, in groups."""
    before, now = (two.figures[year].tables[table.id] for year in two.years)
    found = marks(table, two.years, lists_of(two.codebook, two.correspondences), published=two.published)
    if two.is_recoded:
        before, now = (
            recoded_table(before, two.lists, two.codebook),
            recoded_table(now, two.lists, two.codebook),
        )
        found = left_when_recoded(found, _recoded(two.lists))
    compared = [
        not_asked_for(pair, marks_of(pair, table.dimensions, found))
        for pair in _in_order(table, pairs(before, now, two.years), two.codebook)
    ]
    changed = any(mark.why in COVERAGE_CHANGED for mark in found)
    has_inner_cells = len(table.dimensions) > 1
    rows = compared if whole else margin(compared) if table.dimensions[-1].has_total else compared
    shown_in_groups = has_inner_cells and (whole or not table.dimensions[-1].has_total)
    statuses = {cell.status for pair in rows for cell in (pair.earlier, pair.later)}
    return ComparedTable(
        id=table.id,
        title=gettext(table.title),
        unit=unit_of(table),
        corner=", ".join(
            dimension_label(d.id, (d,)) for d in table.dimensions[: 2 if shown_in_groups else 1]
        ),
        groups=list(_groups(table, rows, found, two, in_groups=shown_in_groups)),
        reasons=[_in_words(mark, two.codebook) for mark in found],
        symbols=[
            *((sign, str(words)) for status, (sign, words) in SYMBOLS.items() if status in statuses),
            *([(CHANGED, gettext("what is covered changed between the years"))] if changed else []),
        ],
        has_inner_cells=has_inner_cells and table.dimensions[-1].has_total,
    )


def _recoded(lists: ListsOfYear) -> dict[str, Recoded]:
    return {
        name: Recoded(each.target_of, frozenset().union(*each.apart.values()))
        for name, each in lists.recodings.items()
    }


def _in_order(table: Table, compared: list[Pair], codebook: CodeBook) -> list[Pair]:
    """What is listed as it occurs: most common in the later year first, what says nothing behind."""
    first = table.dimensions[0]
    if not first.only_occurring:
        return compared
    terms = codebook.terms[first.id]
    last = [*(code for code in terms if code in NO_ANSWER), NOT_RECORDED, TOTAL]
    later = {pair.codes[0]: pair.later.value or 0 for pair in margin(compared)}

    def rank(pair: Pair) -> tuple[int, int, str]:
        code = pair.codes[0]
        if code in last:
            return last.index(code) + 1, 0, ""
        return 0, -later[code], swedish_order(terms[code].label_sv)

    return sorted(compared, key=rank)


# --- Figures -------------------------------------------------------------------------------------


def _compared_figure(before: CountedFigure, now: CountedFigure, two: TwoYears) -> ComparedFigure:
    definition = now.definition
    entry = registry.entry(registry.id_of_key_figure(definition.id))
    moved = difference(before.value, now.value)
    found = dict.fromkeys(
        mark
        for table in entry.tables
        for mark in marks(
            table, two.years, lists_of(two.codebook, two.correspondences), published=frozenset()
        )
        if mark.why is Why.NOT_COLLECTED or _is_of(definition, mark)
    )
    if definition.is_share:
        words = NOTHING_TO_COMPARE if moved is None else _points(moved)
        per_cent = NOTHING_TO_COMPARE
    else:
        changed = None if found else change_in_per_cent(before.value, now.value)
        words, per_cent = signed(moved), _signed_per_cent(changed)
    return ComparedFigure(
        id=entry.id,
        label=gettext(definition.label),
        earlier=printed_figure(before),
        later=printed_figure(now),
        difference=words,
        per_cent=per_cent,
        reasons=[_in_words(mark, two.codebook) for mark in found],
    )


def _is_of(figure: KeyFigure, mark: Mark) -> bool:
    """Whether the mark is of a value that the figure counts by."""
    return bool(mark.code) and any(
        cell.codes.get(mark.variable) == mark.code for cell in (*figure.numerator, *figure.denominator)
    )


def _points(moved: int) -> str:
    return ngettext("{number} point", "{number} points", abs(moved)).format(number=signed(moved))


# --- Tables --------------------------------------------------------------------------------------


def _groups(
    table: Table, rows: Sequence[Pair], found: Sequence[Mark], two: TwoYears, *, in_groups: bool
) -> Iterator[RowGroup]:
    if not in_groups:
        yield RowGroup("", [_row(table, pair, found, two, place=0) for pair in rows])
        return
    first = table.dimensions[0].id
    for code in dict.fromkeys(pair.codes[0] for pair in rows):
        yield RowGroup(
            capital(code_label(first, code, two.codebook)),
            [_row(table, pair, found, two, place=1) for pair in rows if pair.codes[0] == code],
        )


def _row(table: Table, pair: Pair, found: Sequence[Mark], two: TwoYears, *, place: int) -> ComparedRow:
    code = pair.codes[place]
    reasons = marks_of(pair, table.dimensions, found)
    has_changed = any(mark.why in COVERAGE_CHANGED for mark in found)
    # A difference in per cent of something else is no difference.
    per_cent = None if reasons or has_changed else pair.per_cent
    return ComparedRow(
        label=capital(code_label(table.dimensions[place].id, code, two.codebook)),
        earlier=_cell(table, pair.earlier, two.earlier, pair, two),
        later=_cell(table, pair.later, two.later, pair, two),
        difference=signed(pair.difference),
        per_cent=_signed_per_cent(per_cent),
        moved=pair.difference,
        reasons=[_in_words(mark, two.codebook) for mark in reasons],
        is_total=code == TOTAL,
        is_marked=has_changed and pair.difference is not None,
    )


def _cell(table: Table, cell: Cell, year: int, pair: Pair, two: TwoYears) -> PrintedCell:
    address = ""
    if cell.value and two.links is not None and year not in two.published:
        codes = {d.id: code for d, code in zip(table.dimensions, pair.codes, strict=True)}
        address = two.links.to_cell(table.id, year, codes)
    return printed_cell(cell, address=address)


def signed(number: int | None) -> str:
    """With the sign of a difference; a dash where there is nothing to compare."""
    if number is None:
        return NOTHING_TO_COMPARE
    sign = "+" if number > 0 else "\N{MINUS SIGN}" if number < 0 else ""
    return f"{sign}{number_in_words(abs(number))}"


def _signed_per_cent(number: int | None) -> str:
    if number is None:
        return NOTHING_TO_COMPARE
    return gettext("{number}%").format(number=signed(number))


def _in_words(mark: Mark, codebook: CodeBook) -> str:
    if mark.why is Why.PUBLISHED:
        return gettext(
            "{year}: what was published. The register has no cases of that year: it cannot be recomputed."
        ).format(year=mark.year)
    if mark.why is Why.BREAK:
        return f"{mark.year}: {gettext(mark.text)}"
    if mark.why is Why.NOT_COLLECTED:
        return gettext("“{variable}” is collected since {year}.").format(
            variable=capital(codebook.variables[mark.variable].label), year=mark.year
        )
    return change_in_words(mark, codebook)
