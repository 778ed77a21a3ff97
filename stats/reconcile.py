"""Whether a year's numbers agree with each other and with last year's definitions: pure checks of values.

A check names what it compared, how many comparisons that were, and each that failed. The texts are English
source strings; `reconciliation` puts them into words.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations, product

from stats.counts import Codes, ListedYears, is_listed
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
    gettext_noop,
)
from stats.tabulate import CountedFigure, CountedTable

UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What the codes of a year mean in the register's variables, so that cells can be told to be the same.

    `first_years`: by variable; `values`: all codes of a variable; `derived`: of a dimension of several
    variables, the code of each combination; `populations`: the codes that make a population, by variable;
    `scope`: the codes to which everything is limited (a region), so that they say nothing; `listed`: of the
    values of a list, the first year in which a record may have it, and the last, if there is one.
    """

    first_years: Mapping[str, int]
    values: Mapping[str, frozenset[str]]
    derived: Mapping[str, Mapping[Codes, str]]
    populations: Mapping[str, Mapping[str, frozenset[str]]]
    scope: Mapping[str, str] = field(default_factory=dict)
    listed: ListedYears = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CountedYear:
    """A year's tables and key figures as they are shown; `published_years` have no records."""

    year: int
    tables: Mapping[str, CountedTable]
    key_figures: Mapping[str, CountedFigure]
    meaning: Meaning
    published_years: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a table, or a key figure: where a number stands. `codes` by dimension, `year` among them."""

    figure: str
    codes: Mapping[str, str] = field(default_factory=dict)
    is_key_figure: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not agree: a text with `{place}` and the names in `numbers`; `others` are places compared."""

    text: str
    place: Place
    numbers: Mapping[str, int | str | None] = field(default_factory=dict)
    other: Place | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a year. `what`: what it compares. It holds when nothing was found."""

    id: str
    title: str
    what: str
    compared: int
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        return not self.findings


def reconcile(now: CountedYear, before: CountedYear | None) -> list[Check]:
    """All checks of a year. `before` is the latest year before it that has records."""
    return [
        _parts(now),
        _same_quantity(now, before),
        _emptiness(now),
        _key_figures(now),
        _shares(now, before),
        _collected(now, before),
    ]


def all_hold(checks: Iterable[Check]) -> bool:
    """Whether the year may be published, as far as its numbers go."""
    return all(check.holds for check in checks)


# --- Parts and totals ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """The cells that a total is made of, by the code of one dimension, and that total."""

    dimension: Dimension
    parts: Mapping[str, int]
    total: int
    place: Place


def _lines(counted: CountedTable, published_years: frozenset[str]) -> Iterator[_Line]:
    """Every line of cells that has a total. What was published need not sum, and is left out."""
    names = list(counted.codes)
    for position, dimension in enumerate(counted.definition.dimensions, start=1):
        codes = counted.codes[dimension.id]
        if TOTAL not in codes:
            continue
        others = [counted.codes[name] for name in names if name != dimension.id]
        for rest in product(*others):
            if rest[0] in published_years:
                continue
            of_code = {code: (*rest[:position], code, *rest[position:]) for code in codes}
            cells = {code: counted.cells[key] for code, key in of_code.items()}
            total = cells.pop(TOTAL).value
            parts = {code: cell.value for code, cell in cells.items() if cell.value is not None}
            # What was not on the year's list is no part.
            asked = [cell for cell in cells.values() if cell.status is not Status.NOT_COLLECTED]
            if total is not None and len(parts) == len(asked):
                yield _Line(dimension, parts, total, _place(counted, of_code[TOTAL]))


def _parts(now: CountedYear) -> Check:
    compared, findings = 0, []
    for counted in now.tables.values():
        for line in _lines(counted, now.published_years):
            compared += 1
            summed = sum(line.parts.values())
            if summed != line.total:
                findings.append(
                    Finding(
                        gettext_noop("{place}: the parts sum to {parts}, the total is {total}."),
                        line.place,
                        {"parts": summed, "total": line.total},
                    )
                )
    return Check(
        "parts",
        gettext_noop("Parts equal totals"),
        gettext_noop(
            "Every total of every table with the sum of its parts. Published totals of years without "
            "records are left out: their parts need not sum."
        ),
        compared,
        tuple(findings),
    )


def _emptiness(now: CountedYear) -> Check:
    """Unknown and not recorded stand in the table, and the total is short of the known parts by just them."""
    compared, findings = 0, []
    for counted in now.tables.values():
        for dimension in counted.definition.dimensions:
            asked = _is_collected(counted.definition, now.meaning, now.year)
            if asked and dimension.blanks:
                compared += 1
                if NOT_RECORDED not in counted.codes[dimension.id]:
                    findings.append(
                        Finding(
                            gettext_noop("{place}: has no row or column for what is not recorded."),
                            Place(counted.definition.id),
                        )
                    )
        for line in _lines(counted, now.published_years):
            empty = {code for code in line.parts if _is_empty(code, line.dimension, now.meaning)}
            if not empty:
                continue
            compared += 1
            known = sum(number for code, number in line.parts.items() if code not in empty)
            unknown = sum(line.parts[code] for code in empty)
            if line.total - known != unknown:
                findings.append(
                    Finding(
                        gettext_noop(
                            "{place}: the total is {total}, of which {known} are known; unknown and not "
                            "recorded are {unknown}."
                        ),
                        line.place,
                        {"total": line.total, "known": known, "unknown": unknown},
                    )
                )
    return Check(
        "emptiness",
        gettext_noop("Unknown and not recorded are inside the totals"),
        gettext_noop(
            "In every line of every table that can have them: the total less what is known with what is "
            "unknown and not recorded."
        ),
        compared,
        tuple(findings),
    )


def _is_empty(code: str, dimension: Dimension, meaning: Meaning) -> bool:
    """Unknown or not recorded. A group of several variables is, where one of them always is unknown."""
    if code == NOT_RECORDED:
        return True
    derived = meaning.derived.get(dimension.id)
    if derived is None:
        return code == UNKNOWN
    made_of = [values for values, group in derived.items() if group == code]
    return bool(made_of) and all(UNKNOWN in values for values in made_of)


# --- The same quantity in several places -----------------------------------------------------------

# A quantity's restrictions: the codes that each restricted variable may have.
_Limits = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Quantity:
    """What a number counts, whatever the table: unit, year, and the codes that each variable may have."""

    unit: str
    year: str
    limits: frozenset[tuple[str, frozenset[str]]]


def quantity(counted: CountedTable, key: Codes, meaning: Meaning) -> Quantity | None:
    """What the cell counts; None where its codes exclude each other."""
    codes = dict(zip(counted.codes, key, strict=True))
    limits = _limits(counted.definition, codes, meaning)
    if limits is None:
        return None
    unit = counted.definition.measure.value
    if counted.definition.measure is Measure.INCIDENTS:
        unit = codes["unit"] if codes["unit"] != Measure.PERSONS.value else Measure.PERSONS.value
    return Quantity(unit, codes[YEAR], frozenset(limits.items()))


def _limits(table: Table, codes: Mapping[str, str], meaning: Meaning) -> _Limits | None:
    limits: dict[str, frozenset[str]] = {}

    def limit(variable: str, allowed: frozenset[str]) -> None:
        limits[variable] = limits.get(variable, allowed) & allowed

    for variable, allowed in meaning.populations.get(table.population.id, {}).items():
        limit(variable, allowed)
    for dimension in table.dimensions:
        code = codes.get(dimension.id, TOTAL)
        if code == TOTAL or not dimension.has_total:
            continue
        if dimension.id in meaning.derived:
            made_of = [values for values, group in meaning.derived[dimension.id].items() if group == code]
            for position, variable in enumerate(dimension.variables):
                limit(variable, frozenset(values[position] for values in made_of))
        else:
            # The whereabouts of children are no variable; the dimension stands for itself.
            variable = dimension.variables[0] if len(dimension.variables) == 1 else dimension.id
            limit(variable, frozenset({code}))
    if not all(limits.values()):
        return None
    return _without_what_says_nothing(limits, meaning)


def _without_what_says_nothing(limits: _Limits, meaning: Meaning) -> _Limits:
    return {
        variable: allowed
        for variable, allowed in limits.items()
        if allowed != meaning.values.get(variable) and allowed != {meaning.scope.get(variable)}
    }


def _sum_of_cells(references: Sequence[CellReference], counted: CountedYear) -> _Limits | None:
    """What a sum of cells counts, where that can be said in one; cells that differ in one variable are."""
    parts: list[_Limits] = []
    for reference in references:
        table = counted.tables[reference.table].definition
        limits = _limits(table, {**reference.codes, YEAR: str(counted.year)}, counted.meaning)
        if limits is None:
            return None
        parts.append(limits)
    while len(parts) > 1:
        joined = next(
            (
                (first, second, both)
                for first, second in combinations(parts, 2)
                if (both := _joined(first, second)) is not None
            ),
            None,
        )
        if joined is None:
            return None
        first, second, both = joined
        parts.remove(first)
        parts.remove(second)
        parts.append(_without_what_says_nothing(both, counted.meaning))
    return parts[0]


def _joined(first: _Limits, second: _Limits) -> _Limits | None:
    if first.keys() != second.keys():
        return None
    differing = [variable for variable in first if first[variable] != second[variable]]
    if len(differing) != 1:
        return None
    return {**first, differing[0]: first[differing[0]] | second[differing[0]]}


@dataclass(frozen=True, slots=True)
class _Standing:
    """A number where it stands."""

    place: Place
    number: int


def _standing(counted: CountedYear, *, is_last_year: bool) -> Iterator[tuple[Quantity, _Standing]]:
    """Every number of the year's tables and key figures, with what it counts."""
    for table in counted.tables.values():
        if is_last_year and table.definition.is_series:
            continue  # the series of this year has the same columns
        for key, cell in table.cells.items():
            what = quantity(table, key, counted.meaning) if cell.value is not None else None
            if what is not None and cell.value is not None:
                yield what, _Standing(_place(table, key), cell.value)
    for figure in counted.key_figures.values():
        definition, year = figure.definition, str(counted.year)
        measure = counted.tables[definition.numerator[0].table].definition.measure
        place = Place(definition.id, {YEAR: year}, is_key_figure=True)
        sides: list[tuple[Sequence[CellReference], int | None]] = [
            (definition.numerator, figure.numerator if definition.is_share else figure.value),
            (definition.denominator, figure.denominator),
        ]
        for references, number in sides:
            limits = _sum_of_cells(references, counted) if references else None
            if limits is not None and number is not None:
                yield Quantity(measure.value, year, frozenset(limits.items())), _Standing(place, number)


def _same_quantity(now: CountedYear, before: CountedYear | None) -> Check:
    places: defaultdict[Quantity, list[_Standing]] = defaultdict(list)
    for year in [now] if before is None else [now, before]:
        for what, standing in _standing(year, is_last_year=year is before):
            places[what].append(standing)
    shared = [standing for standing in places.values() if len(standing) > 1]
    findings = [
        Finding(
            gettext_noop("{place}: {number}; {other}: {other_number}. Both count the same."),
            first.place,
            {"number": first.number, "other_number": other.number},
            other.place,
        )
        for first, *others in shared
        for other in others
        if other.number != first.number
    ]
    return Check(
        "same-quantity",
        gettext_noop("The same quantity is the same everywhere"),
        gettext_noop(
            "Every number with each other place where the same is counted: cells and totals of two tables, "
            "key figures, a series and the table of its year, this year and the latest before it that has "
            "cases. Which these are follows from the definitions."
        ),
        sum(len(standing) - 1 for standing in shared),
        tuple(findings),
    )


# --- Key figures -----------------------------------------------------------------------------------


def _key_figures(now: CountedYear) -> Check:
    findings: list[Finding] = []
    for figure in now.key_figures.values():
        definition = figure.definition
        place = Place(definition.id, {YEAR: str(now.year)}, is_key_figure=True)
        numerator, denominator = (
            _added(references, now) for references in (definition.numerator, definition.denominator)
        )
        value = _share(numerator, denominator) if definition.is_share else numerator
        if figure.value != value:
            findings.append(
                Finding(
                    gettext_noop("{place}: says {shown}; its cells give {counted}."),
                    place,
                    {"shown": figure.value, "counted": value},
                )
            )
    return Check(
        "key-figures",
        gettext_noop("Key figures follow from the tables"),
        gettext_noop(
            "Every key figure with the sum of the cells that define it, every share with its numerator and "
            "denominator, rounded half up."
        ),
        len(now.key_figures),
        tuple(findings),
    )


def _added(references: Sequence[CellReference], counted: CountedYear) -> int | None:
    cells = [counted.tables[each.table].cell(str(counted.year), **each.codes) for each in references]
    values = [cell.value for cell in cells if cell.value is not None]
    return sum(values) if len(values) == len(cells) else None


def _share(part: int | None, whole: int | None) -> int | None:
    """Not by the arithmetic that made the figure."""
    if part is None or not whole:
        return None
    return int((Decimal(100) * part / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP))


# --- Shares and last year --------------------------------------------------------------------------


def fingerprint(figure: KeyFigure, counted: CountedYear) -> tuple[object, ...]:
    """What a share is made of in a year: populations, and what numerator and denominator count."""

    def side(references: Sequence[CellReference]) -> frozenset[object]:
        found: set[object] = set()
        for reference in references:
            table = counted.tables[reference.table].definition
            limits = _limits(table, {**reference.codes, YEAR: str(counted.year)}, counted.meaning)
            found.add((table.population, frozenset(limits.items()) if limits is not None else None))
        return frozenset(found)

    return side(figure.numerator), side(figure.denominator)


def _shares(now: CountedYear, before: CountedYear | None) -> Check:
    findings: list[Finding] = []
    compared = 0
    for share in now.key_figures.values():
        if before is None or not share.definition.is_share:
            continue
        last = before.key_figures.get(share.definition.id)
        if last is None:
            continue
        compared += 1
        if fingerprint(share.definition, now) != fingerprint(last.definition, before):
            findings.append(
                Finding(
                    gettext_noop(
                        "{place}: population or denominator is not that of {before}, so the two years "
                        "cannot be compared."
                    ),
                    Place(share.definition.id, {YEAR: str(now.year)}, is_key_figure=True),
                    {"before": str(before.year)},
                )
            )
    return Check(
        "shares",
        gettext_noop("Shares have the population and denominator of the year before"),
        gettext_noop(
            "Every share's population, numerator and denominator with those of the latest year before that "
            "has cases, as the codes that they count. A share has one definition for all years, so only the "
            "meaning of a code can make a difference."
        ),
        compared,
        tuple(findings),
    )


# --- What was collected ----------------------------------------------------------------------------


def _is_collected(table: Table, meaning: Meaning, year: int) -> bool:
    return all(
        meaning.first_years[variable] <= year
        for variable in table.variables
        if variable in meaning.first_years
    )


def _collected(now: CountedYear, before: CountedYear | None) -> Check:
    compared, findings = 0, []
    for counted_year in [now] if before is None else [now, before]:
        for counted in counted_year.tables.values():
            if counted.definition.is_series and counted_year is before:
                continue
            for year in counted.codes[YEAR]:
                if year in counted_year.published_years:
                    continue
                compared += 1
                wrong = _wrongly_collected(counted, year, counted_year.meaning)
                if wrong is not None:
                    findings.append(wrong)
        for figure in counted_year.key_figures.values():
            compared += 1
            tables = [counted_year.tables[cell.table].definition for cell in figure.definition.numerator]
            collected = all(_is_collected(table, counted_year.meaning, counted_year.year) for table in tables)
            if not collected and figure.value is not None:
                place = Place(figure.definition.id, {YEAR: str(counted_year.year)}, is_key_figure=True)
                findings.append(Finding(_NUMBER_WITHOUT_QUESTION, place, {}))
    return Check(
        "collected",
        gettext_noop("Nothing is counted that was not collected"),
        gettext_noop(
            "Every table and key figure, year by year, with the first years of its variables: before them no "
            "cell has a number, and after them none says that it was not collected."
        ),
        compared,
        tuple(findings),
    )


_NUMBER_WITHOUT_QUESTION = gettext_noop("{place}: has a number, but a variable was not collected that year.")


def _wrongly_collected(counted: CountedTable, year: str, meaning: Meaning) -> Finding | None:
    collected = _is_collected(counted.definition, meaning, int(year))
    for key, cell in counted.cells.items():
        if key[0] != year:
            continue
        if not collected and cell.value is not None:
            return Finding(_NUMBER_WITHOUT_QUESTION, _place(counted, key))
        if collected and cell.status is Status.NOT_COLLECTED and _were_listed(counted, key, meaning):
            return Finding(
                gettext_noop("{place}: says not collected, but its variables were."), _place(counted, key)
            )
    return None


def _were_listed(counted: CountedTable, key: Codes, meaning: Meaning) -> bool:
    """Whether a record of the year could have every value of the cell."""
    named = zip(counted.codes, key, strict=True)
    return all(is_listed(meaning.listed, name, code, int(key[0])) for name, code in named)


def _place(counted: CountedTable, key: Codes) -> Place:
    return Place(counted.definition.id, dict(zip(counted.codes, key, strict=True)))
