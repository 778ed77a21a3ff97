"""Two years beside each other: differences, and what cannot be compared and why. No Django, no queries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from stats.counts import Codes
from stats.definitions import NOT_RECORDED, TOTAL, YEAR, Break, Dimension, Population, Table
from stats.tabulate import NOT_COLLECTED, Cell, CountedTable


class Why(Enum):
    """Why two numbers cannot be compared."""

    NOT_COLLECTED = "the variable is collected since"
    ADDED = "the value is on the list from"
    REMOVED = "the value is on the list until"
    TOOK_IN = "the value stands for another one too since"
    SPLIT = "the value became several ones in"
    MERGED = "the value takes the place of others from"
    BREAK = "what is covered changed in"
    PUBLISHED = "what was published cannot be recomputed"


# The numbers of the two years are not of the same.
COVERAGE_CHANGED = frozenset({Why.BREAK, Why.PUBLISHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One reason. `year`: when it began; `variable` and `code`: what it is about.

    `text`: why, of a break. `other`: the value that was taken in. `others`: those that the value was split
    into, or that it takes the place of.
    """

    why: Why
    year: int
    variable: str = ""
    code: str = ""
    text: str = ""
    other: str = ""
    others: Codes = ()

    @property
    def codes(self) -> frozenset[str]:
        """The values that it is about."""
        return frozenset({self.code, self.other, *self.others} - {""})


@dataclass(frozen=True, slots=True)
class Became:
    """A value whose records are of another one from a year on: all of them, or some where it was split."""

    variable: str
    source: str
    target: str
    first_year: int


@dataclass(frozen=True, slots=True)
class ListedValue:
    """A value of a list with the years in which records may have it."""

    code: str
    first_year: int
    last_year: int | None = None

    def is_in_force(self, year: int) -> bool:
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """The register's variables: since when each is collected, and the values of those that have a list.

    `counted`: the values that make a record one of a population's, by its id.
    """

    first_years: Mapping[str, int]
    values: Mapping[str, Sequence[ListedValue]]
    became: Sequence[Became] = ()
    counted: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """One cell in the earlier and in the later year. `codes`: those of the table's dimensions."""

    codes: Codes
    earlier: Cell
    later: Cell

    @property
    def difference(self) -> int | None:
        return difference(self.earlier.value, self.later.value)

    @property
    def per_cent(self) -> int | None:
        return change_in_per_cent(self.earlier.value, self.later.value)


def difference(earlier: int | None, later: int | None) -> int | None:
    """None where one of the two is no number."""
    return None if earlier is None or later is None else later - earlier


def change_in_per_cent(earlier: int | None, later: int | None) -> int | None:
    """Whole per cent of the earlier, half up: from 8 to 7 is -12, to 9 is 13. None of nothing."""
    if earlier is None or later is None or not earlier:
        return None
    return (200 * (later - earlier) + earlier) // (2 * earlier)


def pairs(earlier: CountedTable, later: CountedTable, years: tuple[int, int]) -> list[Pair]:
    """Every cell of either year, row by row as the later has them; what only the earlier has before totals.

    A code that one of the years does not list counts 0 in it. For a series both tables are the same one.
    """
    listed = [_codes_of_either(earlier.codes[d.id], later.codes[d.id]) for d in later.definition.dimensions]
    return [_pair(earlier, later, years, codes) for codes in _combined(listed)]


def margin(compared: Sequence[Pair]) -> list[Pair]:
    """The rows by the first dimension alone: those cells whose other dimensions are at their total."""
    return [pair for pair in compared if all(code == TOTAL for code in pair.codes[1:])]


def marks(table: Table, years: tuple[int, int], lists: Lists, *, published: frozenset[int]) -> list[Mark]:
    """What cannot be compared between the years in this table, and why.

    `published`: which of the years are known from published totals only. Marks of `ADDED` and `REMOVED` are
    of single values. A region that opens or retires changes no definition.
    """
    found = [*_marks_of_variables(table, years, lists)]
    if published:
        found += [Mark(why=Why.PUBLISHED, year=year) for year in sorted(published)]
        found += [_mark_of_break(each) for each in table.breaks if min(years) < each.year <= max(years)]
    return found


@dataclass(frozen=True, slots=True)
class Recoded:
    """How a variable's earlier values are counted: as which, and which parts nobody can count them as."""

    target_of: Mapping[str, str]
    parts: frozenset[str]


def left_when_recoded(found: Sequence[Mark], recoded: Mapping[str, Recoded]) -> list[Mark]:
    """The marks of what is not comparable either once values are recoded, by variable."""
    return [mark for mark in found if not _is_mended(mark, recoded.get(mark.variable))]


def _is_mended(mark: Mark, recoded: Recoded | None) -> bool:
    if recoded is None:
        return False
    if mark.why is Why.REMOVED:
        return mark.code in recoded.target_of
    if mark.why is Why.TOOK_IN:
        return mark.other in recoded.target_of
    if mark.why is Why.SPLIT:
        return mark.code in recoded.target_of
    if mark.why is Why.MERGED:
        return set(mark.others) <= set(recoded.target_of)
    if mark.why is Why.ADDED:
        return mark.code in recoded.target_of.values() and mark.code not in recoded.parts
    return False


def marks_of(pair: Pair, dimensions: Sequence[Dimension], found: Sequence[Mark]) -> list[Mark]:
    """Those of the marks that are of a value which the cell is of."""
    own = {(dimension.id, code) for dimension, code in zip(dimensions, pair.codes, strict=True)}
    return [mark for mark in found if mark.code and (mark.variable, mark.code) in own]


def not_asked_for(pair: Pair, own: Sequence[Mark]) -> Pair:
    """The pair without a 0 for a value that was not on its year's list. `own`: the marks of the pair."""
    why = {mark.why for mark in own}
    earlier, later = pair.earlier, pair.later
    if Why.ADDED in why and not earlier.value:
        earlier = NOT_COLLECTED
    if Why.REMOVED in why and not later.value:
        later = NOT_COLLECTED
    return Pair(pair.codes, earlier, later)


def _marks_of_variables(table: Table, years: tuple[int, int], lists: Lists) -> Iterator[Mark]:
    first = min(years)
    for name in (name for name in lists.first_years if name in table.variables):
        if lists.first_years[name] > first:
            yield Mark(why=Why.NOT_COLLECTED, year=lists.first_years[name], variable=name)
            continue
        yield from changes_that_matter(table, name, years, lists)


def changes_that_matter(table: Table, name: str, years: tuple[int, int], lists: Lists) -> list[Mark]:
    """What changed in a variable's list that the table is broken down by, or that decides who is in it."""
    return [mark for mark in _marks_of_list(name, years, lists) if _matters(mark, table, lists.counted)]


def _matters(mark: Mark, table: Table, counted: Mapping[str, frozenset[str]]) -> bool:
    """Whether a table is broken down by the variable, or the change is one of who is in its population."""
    if any(mark.variable in dimension.variables for dimension in table.dimensions):
        return True
    return _changes_population(mark, table.population, counted)


def _changes_population(mark: Mark, population: Population, counted: Mapping[str, frozenset[str]]) -> bool:
    if population.id not in counted:
        return True
    return bool(mark.codes & counted[population.id])


def _marks_of_list(name: str, years: tuple[int, int], lists: Lists) -> list[Mark]:
    """What changed in the list of a variable between two years. Regions that come or go change no list."""
    if name == "region":
        return []
    first, last = min(years), max(years)
    values = lists.values.get(name, ())
    before = {value.code for value in values if value.is_in_force(first)}
    after = {value.code for value in values if value.is_in_force(last)}
    found: list[Mark] = []
    for value in values:
        if value.code in after - before:
            found.append(Mark(why=Why.ADDED, year=value.first_year, variable=name, code=value.code))
        elif value.code in before - after and value.last_year is not None:
            found.append(Mark(why=Why.REMOVED, year=value.last_year, variable=name, code=value.code))
    lines = [line for line in lists.became if line.variable == name and first < line.first_year <= last]
    return [*found, *_marks_of_correspondences(name, lines, before, after)]


def _marks_of_correspondences(
    name: str, lines: Sequence[Became], before: set[str], after: set[str]
) -> Iterator[Mark]:
    targets: dict[tuple[str, int], list[str]] = {}
    for line in lines:
        targets.setdefault((line.source, line.first_year), []).append(line.target)
    sources: dict[tuple[str, int], list[str]] = {}
    for line in lines:
        if line.target in before & after:
            yield Mark(
                why=Why.TOOK_IN, year=line.first_year, variable=name, code=line.target, other=line.source
            )
        elif line.target in after and len(targets[line.source, line.first_year]) == 1:
            sources.setdefault((line.target, line.first_year), []).append(line.source)
    for (source, year), into in targets.items():
        if source in before and len(into) > 1:
            yield Mark(why=Why.SPLIT, year=year, variable=name, code=source, others=tuple(into))
    for (target, year), of in sources.items():
        yield Mark(why=Why.MERGED, year=year, variable=name, code=target, others=tuple(of))


def _mark_of_break(each: Break) -> Mark:
    return Mark(why=Why.BREAK, year=each.year, text=each.why)


def _codes_of_either(earlier: Codes, later: Codes) -> Codes:
    last = tuple(code for code in later if code in (NOT_RECORDED, TOTAL))
    return (
        *(code for code in later if code not in last),
        *(code for code in earlier if code not in later and code not in (NOT_RECORDED, TOTAL)),
        *last,
    )


def _combined(listed: Sequence[Codes]) -> list[Codes]:
    combined: list[Codes] = [()]
    for codes in listed:
        combined = [(*before, code) for before in combined for code in codes]
    return combined


def _pair(earlier: CountedTable, later: CountedTable, years: tuple[int, int], codes: Codes) -> Pair:
    named = {d.id: code for d, code in zip(later.definition.dimensions, codes, strict=True)}
    return Pair(codes, _cell(earlier, years[0], named), _cell(later, years[1], named))


def _cell(table: CountedTable, year: int, codes: Mapping[str, str]) -> Cell:
    assert str(year) in table.codes[YEAR]
    return table.cell(str(year), **codes)
