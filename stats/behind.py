"""The cases behind a number: from a cell of a table, or a part of a key figure, to the cases counted in it.

It takes the cases that somebody may see and only ever narrows them: nobody leaves the own region by a cell.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import or_

from django.db.models import Count, Q

from casereg.models.case import CaseQuerySet
from casereg.vocabularies import AgeGroup, Sex, person_group
from stats.definitions import (
    NOT_RECORDED,
    TOTAL,
    CellReference,
    Dimension,
    KeyFigure,
    Measure,
    Population,
    Table,
)
from stats.dimensions import ALL_PERSONS, INDUSTRY_ASKED, MINORS
from stats.narrowing import EVERYBODY, Narrowing
from stats.tables import TABLES

_TABLES = {table.id: table for table in TABLES}
# Not an empty condition: "or" with an empty one leaves the other.
_EVERY_CASE = Q(pk__isnull=False)
_POPULATIONS: Mapping[Population, Q] = {
    ALL_PERSONS: _EVERY_CASE,
    MINORS: Q(age_group=AgeGroup.MINOR),
    INDUSTRY_ASKED: Q(form__asks_for_industry=True),
}
# Smallest and largest number of persons in an incident of the size; a case without one is a 1.
_SIZES: Mapping[str, tuple[int, int | None]] = {
    "1": (1, 1),
    "2-4": (2, 4),
    "5-9": (5, 9),
    "10+": (10, None),
}
CHILDREN = {
    "in_sweden": "children_in_sweden",
    "abroad": "children_abroad",
}  # the variable of each whereabouts
_UNKNOWN = "unknown"


# What became a value of a variable, where a table is recoded: (variable, value) -> earlier values.
EarlierValues = Callable[[str, str], frozenset[str]]


def nothing_recoded(_variable: str, _code: str) -> frozenset[str]:
    return frozenset()


class NotACell(Exception):
    """No table has such a cell: a dimension, or a code that a fixed list lacks."""


def counted_cases(cases: CaseQuerySet, year: int, narrowing: Narrowing = EVERYBODY) -> CaseQuerySet:
    """Those of the cases that a year's figures count: standing, of the year, not narrowed away."""
    exact: dict[str, str | int] = {
        name: getattr(narrowing, name)
        for name in ("region", "form", "sex", "age_group", "assessment")
        if getattr(narrowing, name)
    }
    if narrowing.month is not None:
        exact["month"] = narrowing.month
    counted = cases.standing().of_year(year).filter(**exact)
    if narrowing.without_incident is not None:
        counted = counted.exclude(incident=narrowing.without_incident)
    return counted


def cases_behind(
    cases: CaseQuerySet,
    table: Table,
    year: int,
    codes: Mapping[str, str],
    *,
    narrowing: Narrowing = EVERYBODY,
    earlier: EarlierValues = nothing_recoded,
) -> CaseQuerySet:
    """The cases counted in one cell; a dimension that is not named is at its total.

    In tables of persons their number is the cell. Of `children` they are the cases with such children, whose
    sum is the cell (`unknown` and `not_recorded` are the table's notes); of `incidents` the persons in
    incidents of that size, whichever the unit. A series is asked for one year; what was published of a year
    before the register has no cases behind it. Raises `NotACell`.
    """
    counted = counted_cases(cases, year, narrowing)
    return counted.filter(cell_condition(table, codes, counted, earlier))


def cases_behind_figure(
    cases: CaseQuerySet,
    figure: KeyFigure,
    year: int,
    *,
    part: str = "numerator",
    narrowing: Narrowing = EVERYBODY,
) -> CaseQuerySet:
    """The cases counted in a key figure's numerator or denominator."""
    counted = counted_cases(cases, year, narrowing)
    return counted.filter(part_condition(part_of(figure, part), counted))


def part_of(figure: KeyFigure, part: str) -> Sequence[CellReference]:
    if part not in ("numerator", "denominator") or not getattr(figure, part):
        raise NotACell(f"{figure.id} has no {part}")
    references: Sequence[CellReference] = getattr(figure, part)
    return references


def part_condition(references: Sequence[CellReference], counted: CaseQuerySet) -> Q:
    """A sum of cells. No case is in two of them."""
    return reduce(or_, (cell_condition(_TABLES[cell.table], cell.codes, counted) for cell in references))


def cell_condition(
    table: Table, codes: Mapping[str, str], counted: CaseQuerySet, earlier: EarlierValues = nothing_recoded
) -> Q:
    """Which of the counted cases are in the cell. `counted` sizes the incidents. Raises `NotACell`."""
    unknown = set(codes) - {dimension.id for dimension in table.dimensions}
    if unknown:
        raise NotACell(f"{table.id} has no {', '.join(sorted(unknown))}")
    condition = _POPULATIONS[table.population]
    for dimension in table.dimensions:
        code = codes.get(dimension.id, TOTAL)
        if table.measure is Measure.CHILDREN:
            condition &= _children_condition(code)
        elif dimension.id == "incident_size":
            condition &= _size_condition(code, counted)
        elif dimension.id == "unit":
            if code not in (*dimension.fixed, TOTAL):
                raise NotACell(f"{table.id} has no unit {code}")
        elif code != TOTAL:
            condition &= _code_condition(dimension, code, earlier(dimension.id, code))
    return condition


def _code_condition(dimension: Dimension, code: str, earlier: frozenset[str]) -> Q:
    if dimension.id == "person_group":
        pairs = [(sex, age) for sex in Sex for age in AgeGroup if person_group(sex, age) == code]
        if not pairs:
            raise NotACell(f"no person group {code}")
        return reduce(or_, (Q(sex=sex, age_group=age) for sex, age in pairs))
    if dimension.fixed and code not in dimension.fixed:
        raise NotACell(f"{dimension.id} has no {code}")
    if dimension.id == "month":
        return Q(month=int(code))
    if code == NOT_RECORDED:
        return Q(**{f"{dimension.id}__isnull": True})
    return Q(**{f"{dimension.id}__in": [code, *sorted(earlier)]} if earlier else {dimension.id: code})


def _children_condition(whereabouts: str) -> Q:
    if whereabouts in CHILDREN:
        return Q(**{f"{CHILDREN[whereabouts]}__gt": 0})
    if whereabouts == TOTAL:
        return Q(children_in_sweden__gt=0) | Q(children_abroad__gt=0)
    if whereabouts == _UNKNOWN:
        return Q(children_in_sweden_unknown=True) | Q(children_abroad_unknown=True)
    if whereabouts == NOT_RECORDED:
        return Q(children_in_sweden__isnull=True, children_in_sweden_unknown=False) | Q(
            children_abroad__isnull=True, children_abroad_unknown=False
        )
    raise NotACell(f"no whereabouts {whereabouts}")


def _size_condition(size: str, counted: CaseQuerySet) -> Q:
    if size == TOTAL:
        return _EVERY_CASE
    if size not in _SIZES:
        raise NotACell(f"no incident size {size}")
    fewest, most = _SIZES[size]
    bounds = {"persons__gte": fewest} | ({} if most is None else {"persons__lte": most})
    of_size = (
        counted.filter(incident__isnull=False)
        .order_by()
        .values("incident")
        .annotate(persons=Count("pk"))
        .filter(**bounds)
        .values("incident")
    )
    in_incident = Q(incident__in=of_size)
    return in_incident | Q(incident__isnull=True) if fewest == 1 else in_incident
