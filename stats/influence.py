"""Influence: the incidents and the regions whose leaving out moves each key figure most."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Count, F, Sum

from casereg.models.case import CaseQuerySet
from casereg.vocabularies import swedish_order
from stats.behind import CHILDREN, counted_cases, part_condition
from stats.compute import YearFigures
from stats.definitions import CellReference, KeyFigure
from stats.key_figures import KEY_FIGURES
from stats.tabulate import CountedFigure, per_cent


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A key figure without one incident, or without one region. Per cent are whole, half up.

    `code` is the incident's id or the region's code, `name` the incident's reference or the region's code,
    `persons` how many persons of the year are left out. `numerator` and `denominator` of a share are those
    without it; of a count both are None.
    """

    code: str
    name: str
    region_code: str
    persons: int
    value: int
    numerator: int | None
    denominator: int | None


@dataclass(frozen=True, slots=True)
class Influence:
    """The figure as it is, and what moves it most: all that move it as much. None of them where nothing moves
    it, or only the whole of it."""

    figure: CountedFigure
    incidents: Sequence[LeftOut]
    regions: Sequence[LeftOut]


def influences(figures: YearFigures, cases: CaseQuerySet) -> dict[str, Influence]:
    """By key figure. `cases` are those that the figures' reader may see. Two queries, whatever there is.

    Moving is measured before rounding. Those that move a figure as much stand in the order of their persons,
    most first, then by region and name in Swedish order. A figure of one region has no region.
    """
    counted = counted_cases(cases, figures.year, figures.narrowing)
    one_region = figures.region_code is not None or bool(figures.narrowing.region)
    incidents = _units(
        counted.filter(incident__isnull=False),
        counted,
        code=F("incident"),
        name=F("incident__reference"),
    )
    regions = [] if one_region else _units(counted, counted, code=F("region"), name=F("region"))
    names = {code: term.label_sv for code, term in figures.codebook.terms["region"].items()}
    incidents, regions = (_in_swedish_order(units, names) for units in (incidents, regions))
    return {
        name: Influence(figure, _most_moving(figure, incidents), _most_moving(figure, regions))
        for name, figure in figures.key_figures.items()
    }


def _units(cases: CaseQuerySet, counted: CaseQuerySet, *, code: F, name: F) -> Sequence[Mapping[str, Any]]:
    """What each incident, or region, adds to the parts of every key figure."""
    parts: dict[str, Count | Sum] = {"persons_left_out": Count("pk")}
    for figure in KEY_FIGURES:
        parts[_part_name(figure, "numerator")] = _added(figure.numerator, counted)
        if figure.is_share:
            parts[_part_name(figure, "denominator")] = _added(figure.denominator, counted)
    units = cases.order_by().values(unit_code=code, unit_name=name, unit_region=F("region")).annotate(**parts)
    return list(units)


def _in_swedish_order(
    units: Iterable[Mapping[str, Any]], names: Mapping[str, str]
) -> Sequence[Mapping[str, Any]]:
    """By the names of their regions, then by their own."""
    return sorted(
        units, key=lambda unit: (swedish_order(names[unit["unit_region"]]), swedish_order(unit["unit_name"]))
    )


def _part_name(figure: KeyFigure, part: str) -> str:
    return f"{figure.id}_{part}"


def _added(references: Sequence[CellReference], counted: CaseQuerySet) -> Count | Sum:
    if references[0].table == "children":
        [reference] = references
        return Sum(CHILDREN[reference.codes["whereabouts"]], default=0)
    return Count("pk", filter=part_condition(references, counted))


def _most_moving(figure: CountedFigure, units: Iterable[Mapping[str, Any]]) -> Sequence[LeftOut]:
    whole = _exact(figure.value, figure.numerator, figure.denominator)
    moves = [
        (abs(whole - _exact(left_out.value, left_out.numerator, left_out.denominator)), left_out)
        for left_out in (_without(figure, unit) for unit in units)
        if left_out is not None
    ]
    most = max((move for move, _left_out in moves), default=Fraction(0))
    if not most:
        return []
    # The order of those with as many persons stays.
    return sorted((left_out for move, left_out in moves if move == most), key=lambda each: -each.persons)


def _without(figure: CountedFigure, unit: Mapping[str, Any]) -> LeftOut | None:
    """None: not collected, or nothing is left to take a share of."""
    if figure.value is None:
        return None
    added = unit[_part_name(figure.definition, "numerator")]
    numerator = denominator = None
    value = figure.value - added
    if figure.numerator is not None and figure.denominator is not None:
        numerator = figure.numerator - added
        denominator = figure.denominator - unit[_part_name(figure.definition, "denominator")]
        if not denominator:
            return None
        value = per_cent(numerator, denominator)
    return LeftOut(
        code=str(unit["unit_code"]),
        name=unit["unit_name"],
        region_code=unit["unit_region"],
        persons=unit["persons_left_out"],
        value=value,
        numerator=numerator,
        denominator=denominator,
    )


def _exact(value: int | None, numerator: int | None, denominator: int | None) -> Fraction:
    if numerator is not None and denominator:
        return Fraction(numerator, denominator)
    return Fraction(value or 0)
