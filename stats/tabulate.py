"""Arithmetic: definitions and counts to tables and key figures. Parts that do not sum stop it."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from operator import itemgetter

from stats.counts import Codes, Counts, IncidentSize, Variables, Vocabulary, in_order, is_listed
from stats.definitions import (
    NOT_RECORDED,
    TOTAL,
    YEAR,
    CellReference,
    Dimension,
    KeyFigure,
    Measure,
    Status,
    Table,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, or the reason why there is none."""

    value: int | None
    status: Status | None = None


# Most cells hold one of a few small numbers: they share their values.
_cell = lru_cache(maxsize=4096)(Cell)
NOT_COLLECTED = Cell(None, Status.NOT_COLLECTED)
_MISSING = Cell(None, Status.MISSING)


class PartsDoNotSum(Exception):
    """A total differs from the sum of its parts: a number is wrong, and nothing may be shown."""

    def __init__(self, table: Table, cell: Mapping[str, str], parts: int, total: int) -> None:
        place = ", ".join(f"{dimension}={code}" for dimension, code in cell.items())
        super().__init__(f"table {table.id}, cell {place}: the parts sum to {parts}, the total is {total}")
        self.table, self.cell = table, cell


@dataclass(frozen=True)
class CountedTable:
    """A table of numbers. `codes` holds each dimension's codes in printed order, `year` first.

    `cells` holds one cell for each combination of codes. `notes` are counts beside the table.
    `published_years`: those of a series that are known from what was published, and from nothing else.
    """

    definition: Table
    codes: Mapping[str, Codes]
    cells: Mapping[Codes, Cell]
    notes: Mapping[str, int | None] = field(default_factory=dict)
    published_years: frozenset[str] = frozenset()

    def cell(self, year: str, **codes: str) -> Cell:
        """One cell; a dimension that is not named is at its total.

        A code that is not listed counts 0 in a year that was counted. It is missing in one that is known from
        what was published, or not at all; and not collected in one of which nothing was.
        """
        key = (year, *(codes.get(d.id, TOTAL) for d in self.definition.dimensions))
        if key in self.cells:
            return self.cells[key]
        if year not in self.codes[YEAR] or year in self.published_years:
            return _MISSING
        of_year = [cell for key, cell in self.cells.items() if key[0] == year]
        return of_year[0] if of_year and all(cell.status for cell in of_year) else Cell(0)

    def keys_in_order(self) -> list[Codes]:
        """The cells' codes row by row: the last dimension runs fastest."""
        return list(product(*self.codes.values()))

    def in_order(self) -> list[Cell]:
        return [self.cells[key] for key in self.keys_in_order()]


@dataclass(frozen=True, slots=True)
class CountedFigure:
    """A key figure of a year. A count has neither numerator nor denominator; a share of nothing no value."""

    definition: KeyFigure
    value: int | None
    numerator: int | None = None
    denominator: int | None = None
    status: Status | None = None


def wanted_groupings(tables: Iterable[Table]) -> tuple[list[Variables], list[Variables]]:
    """What must be counted for the tables: the groupings of the year, and those of the series."""
    of_year: set[frozenset[str]] = {frozenset()}
    of_series: set[frozenset[str]] = set()
    for table in tables:
        wanted = of_series if table.is_series else of_year
        wanted.update(variables for _kept, variables in table.groupings())
        if table.measure is Measure.CHILDREN:
            [dimension] = table.dimensions
            of_year.add(frozenset(dimension.variables))
            of_year.update(frozenset({variable}) for variable in dimension.variables)
    return (
        sorted(map(in_order, of_year), key=lambda grouping: (len(grouping), grouping)),
        sorted(map(in_order, of_series), key=lambda grouping: (len(grouping), grouping)),
    )


def tabulate(table: Table, counts: Counts, vocabulary: Vocabulary) -> CountedTable:
    """Fill one table. Raises `PartsDoNotSum`, naming table and cell."""
    if table.is_series:
        counted = _tabulate_series(table, counts, vocabulary)
        # What was published of a year need not sum.
        _check_parts_sum(counted, counts.recorded_years)
    else:
        counted = _tabulate_year(table, counts, vocabulary)
        _check_parts_sum(counted, frozenset(counted.codes[YEAR]))
    return counted


def key_figure(figure: KeyFigure, tables: Mapping[str, CountedTable], year: int) -> CountedFigure:
    """A count as it is; a share in whole per cent, rounded half up."""
    numerator, status = _sum_of_cells(figure.numerator, tables, year)
    if not figure.is_share:
        return CountedFigure(figure, numerator, status=status)
    denominator, _ = _sum_of_cells(figure.denominator, tables, year)
    share = per_cent(numerator, denominator) if numerator is not None and denominator else None
    return CountedFigure(figure, share, numerator, denominator, status)


def per_cent(part: int, whole: int) -> int:
    """Whole per cent, half up: 1 of 200 is 1."""
    return (200 * part + whole) // (2 * whole)


# --- Tables of one year --------------------------------------------------------------------------


def _tabulate_year(table: Table, counts: Counts, vocabulary: Vocabulary) -> CountedTable:
    filled = _filled(table, counts, vocabulary)
    year = str(vocabulary.year)
    codes = {YEAR: (year,)} | {
        dimension.id: _codes(dimension, filled, position, vocabulary)
        for position, dimension in enumerate(table.dimensions)
    }
    collected = _asked_variables(table) <= vocabulary.collected
    number = filled.get
    cells = {
        (year, *key): _cell(number(key, 0)) if collected else NOT_COLLECTED
        for key in product(*(codes[dimension.id] for dimension in table.dimensions))
    }
    notes = _persons_without_number(counts) if table.measure is Measure.CHILDREN else {}
    return CountedTable(table, codes, cells, notes if collected else dict.fromkeys(notes))


def _asked_variables(table: Table) -> frozenset[str]:
    # An incident is a tie between records, not a question: it is there in every year.
    return table.variables - {"incident"}


def _filled(table: Table, counts: Counts, vocabulary: Vocabulary) -> dict[Codes, int]:
    """The table's numbers by the codes of its dimensions; in a series after the year."""
    if table.measure is Measure.CHILDREN:
        return _children(counts)
    if table.measure is Measure.INCIDENTS:
        return _incidents(counts)
    filled: dict[Codes, int] = {}
    for kept, variables in table.groupings():
        grouping = in_order(variables)
        cell = _cell_reader(table, kept, grouping, vocabulary)
        for codes, persons in _in_population(table, grouping, counts, vocabulary):
            key = cell(codes)
            filled[key] = filled.get(key, 0) + persons
    return filled


def _in_population(
    table: Table, grouping: Variables, counts: Counts, vocabulary: Vocabulary
) -> Iterable[tuple[Codes, int]]:
    counted = counts.persons[grouping].items()
    for variable, wanted in vocabulary.populations.get(table.population.id, {}).items():
        place = grouping.index(variable)
        counted = {codes: persons for codes, persons in counted if codes[place] in wanted}.items()
    return counted


def _cell_reader(
    table: Table, kept: Sequence[Dimension], grouping: Variables, vocabulary: Vocabulary
) -> Callable[[Codes], Codes]:
    """What makes a cell's codes of those of a grouping; a dimension that is not kept is at its total."""
    # Each code is picked from: the grouping's, those derived from them, the total's.
    derived = [dimension for dimension in kept if dimension.id in vocabulary.derived]
    places = [grouping.index(YEAR)] if table.is_series else []
    for dimension in table.dimensions:
        if dimension not in kept:
            places.append(len(grouping) + len(derived))
        elif dimension in derived:
            places.append(len(grouping) + derived.index(dimension))
        else:
            places.append(grouping.index(dimension.variables[0]))
    pick = itemgetter(*places) if len(places) > 1 else lambda codes: (codes[places[0]],)
    if not derived:
        return lambda codes: pick((*codes, TOTAL))
    made_of = [
        (vocabulary.derived[dimension.id], itemgetter(*map(grouping.index, dimension.variables)))
        for dimension in derived
    ]
    return lambda codes: pick((*codes, *(code_of[own(codes)] for code_of, own in made_of), TOTAL))


def _codes(dimension: Dimension, filled: Mapping[Codes, int], position: int, vocabulary: Vocabulary) -> Codes:
    """The dimension's codes as they are printed: in force, or occurring all the same; then the rest.

    `position` is its place in the keys of `filled`.
    """
    total = (TOTAL,) if dimension.has_total else ()
    if dimension.fixed:
        return vocabulary.known.get(dimension.id, dimension.fixed) + total
    if dimension.only_occurring:
        return _most_common_first(dimension, _summed(filled, position), vocabulary) + total
    in_force = vocabulary.in_force[dimension.id]
    occurring = {key[position] for key, count in filled.items() if count}
    listed = tuple(code for code in vocabulary.known[dimension.id] if code in in_force or code in occurring)
    blank = (NOT_RECORDED,) if dimension.blanks else ()
    return listed + blank + total


def _summed(filled: Mapping[Codes, int], position: int) -> Mapping[str, int]:
    """By code, in the right proportions: each person is as often in the cells and margins of one table."""
    counted: Counter[str] = Counter()
    for key, count in filled.items():
        if count and key[position] != TOTAL:
            counted[key[position]] += count
    return counted


def _most_common_first(dimension: Dimension, counted: Mapping[str, int], vocabulary: Vocabulary) -> Codes:
    names = vocabulary.names[dimension.id]
    known = vocabulary.known[dimension.id]

    def rank(code: str) -> tuple[bool, int, str]:
        if code in vocabulary.listed_last:
            return (True, known.index(code), "")
        return (False, -counted[code], names[code])

    return tuple(sorted(counted, key=rank))


# --- Children and incidents ----------------------------------------------------------------------


def _children(counts: Counts) -> Counter[Codes]:
    filled: Counter[Codes] = Counter()
    for variable, whereabouts in (
        ("children_in_sweden", "in_sweden"),
        ("children_abroad", "abroad"),
    ):
        for (number,), persons in counts.of([variable]).items():
            if number.isdecimal():
                filled[(whereabouts,)] += int(number) * persons
    # The total is counted on its own, from the persons' pairs of numbers.
    for pair, persons in counts.of(["children_in_sweden", "children_abroad"]).items():
        filled[(TOTAL,)] += persons * sum(int(number) for number in pair if number.isdecimal())
    return filled


def _persons_without_number(counts: Counts) -> dict[str, int | None]:
    pairs = counts.of(["children_in_sweden", "children_abroad"])
    return {
        "persons_unknown": sum(persons for pair, persons in pairs.items() if "unknown" in pair),
        "persons_not_recorded": sum(persons for pair, persons in pairs.items() if NOT_RECORDED in pair),
    }


def _incidents(counts: Counts) -> Counter[Codes]:
    filled: Counter[Codes] = Counter()
    for size, counted in counts.incident_sizes.items():
        filled[size, "incidents"] = counted.incidents
        filled[size, "persons"] = counted.persons
    sizes: Sequence[IncidentSize] = tuple(counts.incident_sizes.values())
    filled[TOTAL, "incidents"] = sum(size.incidents for size in sizes)
    # The persons of all incidents are all persons: counted on their own, then held against the sizes.
    filled[TOTAL, "persons"] = counts.of([]).get((), 0)
    return filled


# --- Series --------------------------------------------------------------------------------------


def _tabulate_series(table: Table, counts: Counts, vocabulary: Vocabulary) -> CountedTable:
    [dimension] = table.dimensions
    numbers = _filled(table, counts, vocabulary)
    recorded_years = counts.recorded_years
    published_years = {year for _table, year, _code in counts.published} - recorded_years
    published: dict[Codes, int] = {
        (year, code): count
        for (table_id, year, code), count in counts.published.items()
        if table_id == table.id and year in published_years
    }
    numbers.update(published)
    years = tuple(sorted(recorded_years | published_years))
    codes = _codes(dimension, numbers, 1, vocabulary)

    def cell(year: str, code: str) -> Cell:
        if number := numbers.get((year, code), 0):
            return _cell(number)
        if year not in recorded_years:
            return _cell(0) if (year, code) in published else _MISSING
        # Nobody was asked about a value that was not on the year's list.
        return _cell(0) if is_listed(vocabulary.listed, dimension.id, code, int(year)) else NOT_COLLECTED

    cells: dict[Codes, Cell] = {(year, code): cell(year, code) for year, code in product(years, codes)}
    return CountedTable(
        table, {YEAR: years, dimension.id: codes}, cells, published_years=frozenset(published_years)
    )


# --- Checks --------------------------------------------------------------------------------------


def _numbers(cells: Sequence[Cell]) -> list[int]:
    """Of a year's cells, the total last. Where it has one, what was not on the year's list is a part of 0."""
    if cells[-1].value is None:
        return []
    return [
        cell.value or 0 for cell in cells if cell.value is not None or cell.status is Status.NOT_COLLECTED
    ]


def _check_parts_sum(counted: CountedTable, years: Container[str]) -> None:
    """Every total of the years equals its parts; a year that was not collected has neither."""
    names = list(counted.codes)
    sizes = [len(codes) for codes in counted.codes.values()]
    cells = list(counted.cells.values())  # row by row: the last dimension runs fastest
    # A year has its own rows, one after the other.
    width = len(cells) // max(sizes[0], 1)
    for row, year in enumerate(counted.codes[YEAR]):
        values = _numbers(cells[row * width : (row + 1) * width])
        if year not in years or len(values) < width:
            continue
        step = width
        for name, size in zip(names[1:], sizes[1:], strict=True):
            whole, step = step, step // size
            if counted.codes[name][-1] != TOTAL:
                continue
            for first in [start + offset for start in range(0, width, whole) for offset in range(step)]:
                *parts, total = values[first : first + whole : step]
                if sum(parts) != total:
                    raise _difference(counted, row * width + first + whole - step, sum(parts), total)


def _difference(counted: CountedTable, place: int, parts: int, total: int) -> PartsDoNotSum:
    cell = dict(zip(counted.codes, counted.keys_in_order()[place], strict=True))
    return PartsDoNotSum(counted.definition, cell, parts, total)


def _sum_of_cells(
    references: Sequence[CellReference], tables: Mapping[str, CountedTable], year: int
) -> tuple[int | None, Status | None]:
    cells = [tables[reference.table].cell(str(year), **reference.codes) for reference in references]
    without = next((cell for cell in cells if cell.value is None), None)
    if without is not None:
        return None, without.status
    return sum(cell.value for cell in cells if cell.value is not None), None
