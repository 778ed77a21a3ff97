"""Arithmetic: definitions and counts to tables and key figures. Parts that do not sum stop it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from stats.counts import Codes, Counts, IncidentSize, Variables, Vocabulary, in_order
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


_NOT_COLLECTED = Cell(None, Status.NOT_COLLECTED)
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
    """

    definition: Table
    codes: Mapping[str, Codes]
    cells: Mapping[Codes, Cell]
    notes: Mapping[str, int | None] = field(default_factory=dict)

    def cell(self, year: str, **codes: str) -> Cell:
        """One cell; a dimension that is not named is at its total. A code that is not listed counts 0."""
        key = (year, *(codes.get(d.id, TOTAL) for d in self.definition.dimensions))
        if key in self.cells:
            return self.cells[key]
        return next((cell for cell in self.cells.values() if cell.status), Cell(0))

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
        checked_years = tuple(year for (year,) in counts.of([YEAR]))
    else:
        counted = _tabulate_year(table, counts, vocabulary)
        checked_years = counted.codes[YEAR]
    _check_parts_sum(counted, checked_years)
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
        dimension.id: _codes(dimension, filled, position, vocabulary, counts)
        for position, dimension in enumerate(table.dimensions)
    }
    collected = _asked_variables(table) <= vocabulary.collected
    cells = {key: Cell(filled[key[1:]]) if collected else _NOT_COLLECTED for key in product(*codes.values())}
    notes = _persons_without_number(counts) if table.measure is Measure.CHILDREN else {}
    return CountedTable(table, codes, cells, notes if collected else dict.fromkeys(notes))


def _asked_variables(table: Table) -> frozenset[str]:
    # An incident is a tie between records, not a question: it is there in every year.
    return table.variables - {"incident"}


def _filled(table: Table, counts: Counts, vocabulary: Vocabulary) -> Counter[Codes]:
    if table.measure is Measure.CHILDREN:
        return _children(counts)
    if table.measure is Measure.INCIDENTS:
        return _incidents(counts)
    filled: Counter[Codes] = Counter()
    for kept, variables in table.groupings():
        for codes, persons in counts.of(variables).items():
            values = dict(zip(in_order(variables), codes, strict=True))
            if _is_in_population(table, values, vocabulary):
                filled[_cell_key(table, kept, values, vocabulary)] += persons
    return filled


def _is_in_population(table: Table, values: Mapping[str, str], vocabulary: Vocabulary) -> bool:
    wanted = vocabulary.populations.get(table.population.id, {})
    return all(values[variable] in codes for variable, codes in wanted.items())


def _cell_key(
    table: Table,
    kept: Sequence[Dimension],
    values: Mapping[str, str],
    vocabulary: Vocabulary,
) -> Codes:
    return tuple(
        _code(dimension, values, vocabulary) if dimension in kept else TOTAL for dimension in table.dimensions
    )


def _code(dimension: Dimension, values: Mapping[str, str], vocabulary: Vocabulary) -> str:
    own = tuple(values[variable] for variable in dimension.variables)
    return vocabulary.derived[dimension.id][own] if dimension.id in vocabulary.derived else own[0]


def _codes(
    dimension: Dimension,
    filled: Mapping[Codes, int],
    position: int,
    vocabulary: Vocabulary,
    counts: Counts,
) -> Codes:
    """The dimension's codes as they are printed: in force, or occurring all the same; then the rest."""
    occurring = {key[position] for key, count in filled.items() if count}
    total = (TOTAL,) if dimension.has_total else ()
    if dimension.fixed:
        return dimension.fixed + total
    if dimension.only_occurring:
        return _most_common_first(dimension, counts.of(dimension.variables), vocabulary) + total
    in_force = vocabulary.in_force[dimension.id]
    listed = tuple(code for code in vocabulary.known[dimension.id] if code in in_force or code in occurring)
    blank = (NOT_RECORDED,) if dimension.blanks else ()
    return listed + blank + total


def _most_common_first(dimension: Dimension, counted: Mapping[Codes, int], vocabulary: Vocabulary) -> Codes:
    names = vocabulary.names[dimension.id]
    known = vocabulary.known[dimension.id]

    def rank(code: str) -> tuple[bool, int, str]:
        if code in vocabulary.listed_last:
            return (True, known.index(code), "")
        return (False, -counted[(code,)], names[code])

    return tuple(sorted((code for (code,), count in counted.items() if count), key=rank))


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
    recorded: Counter[Codes] = Counter()
    for kept, variables in table.groupings():
        for codes, persons in counts.of(variables).items():
            values = dict(zip(in_order(variables), codes, strict=True))
            if _is_in_population(table, values, vocabulary):
                recorded[values[YEAR], *_cell_key(table, kept, values, vocabulary)] += persons
    recorded_years = {year for (year,) in counts.of([YEAR])}
    published: dict[Codes, int] = {
        (year, code): count
        for (table_id, year, code), count in counts.published.items()
        if table_id == table.id and year not in recorded_years
    }
    published_years = {year for _table, year, _code in counts.published} - recorded_years
    years = tuple(sorted(recorded_years | published_years))
    codes = _series_codes(dimension, recorded, published, vocabulary)
    cells: dict[Codes, Cell] = {
        (year, code): Cell(recorded[year, code])
        if year in recorded_years
        else Cell(published[year, code])
        if (year, code) in published
        else _MISSING
        for year, code in product(years, codes)
    }
    return CountedTable(table, {YEAR: years, dimension.id: codes}, cells)


def _series_codes(
    dimension: Dimension,
    recorded: Mapping[Codes, int],
    published: Mapping[Codes, int],
    vocabulary: Vocabulary,
) -> Codes:
    sums: Counter[Codes] = Counter()
    for (_year, code), count in [*recorded.items(), *published.items()]:
        if code != TOTAL:
            sums[(code,)] += count
    if dimension.only_occurring:
        return (*_most_common_first(dimension, sums, vocabulary), TOTAL)
    in_force = vocabulary.in_force[dimension.id]
    listed = (code for code in vocabulary.known[dimension.id] if code in in_force or sums[(code,)])
    return (*listed, TOTAL)


# --- Checks --------------------------------------------------------------------------------------


def _check_parts_sum(counted: CountedTable, years: Codes) -> None:
    """Every total of the years equals its parts, wherever all of them are numbers."""
    of_dimension = {**counted.codes, YEAR: years}
    dimensions = list(of_dimension)
    for position, name in enumerate(dimensions):
        codes = of_dimension[name]
        if TOTAL not in codes:
            continue
        others = [of_dimension[other] for other in dimensions if other != name]
        for rest in product(*others):
            line = [(*rest[:position], code, *rest[position:]) for code in codes]
            values = [counted.cells[key].value for key in line]
            *parts, total = values
            if total is None or any(part is None for part in parts):
                continue
            summed = sum(part for part in parts if part is not None)
            if summed != total:
                cell = dict(zip(dimensions, line[-1], strict=True))
                raise PartsDoNotSum(counted.definition, cell, summed, total)


def _sum_of_cells(
    references: Sequence[CellReference], tables: Mapping[str, CountedTable], year: int
) -> tuple[int | None, Status | None]:
    cells = [tables[reference.table].cell(str(year), **reference.codes) for reference in references]
    without = next((cell for cell in cells if cell.value is None), None)
    if without is not None:
        return None, without.status
    return sum(cell.value for cell in cells if cell.value is not None), None
