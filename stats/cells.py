"""What a number of the yearbook says, in words, with the cases behind it; and who is led there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from casereg.access import Permission, has_permission
from casereg.codebook import CodeBook
from casereg.models import User
from casereg.models.case import CaseQuerySet
from stats import registry
from stats.behind import NotACell, cases_behind, cases_behind_figure, nothing_recoded
from stats.cell_links import LISTS, CellLinks
from stats.compute import YearFigures
from stats.counted_before import cross_figures, year_figures
from stats.crossing import NotACross, cross_definition
from stats.definitions import TOTAL, CellReference, KeyFigure, Measure, Table
from stats.key_figures import KEY_FIGURES
from stats.labels import code_label, dimension_label
from stats.narrowing import EVERYBODY, Narrowing
from stats.pages import capital, number_in_words
from stats.recoded_year import ListsOfYear, recoded_figures
from stats.tables import TABLES
from stats.tabulate import CountedFigure, CountedTable

CROSS = "cross."  # what the id of a cross begins with
_OBJECT_MAX = 120  # characters of an object in the audit trail
_TABLES = {table.id: table for table in TABLES}
_KEY_FIGURES = {figure.id: figure for figure in KEY_FIGURES}


@dataclass(frozen=True, slots=True)
class Behind:
    """A number, and the cases behind it.

    `trail`: what the audit trail calls it. `words`: breakdown and value, in words. `figure` and `title`: the
    registry's id of the figure that it stands in, blank for a cross, and its title.
    """

    trail: str
    figure: str
    title: str
    words: Sequence[tuple[str, str]]
    says: str
    cases: CaseQuerySet
    of_children: bool = False  # the number is their sum, not the cases'


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Of whom the numbers are that somebody asks for: those of the own region, perhaps narrowed."""

    cases: CaseQuerySet
    year: int
    region_code: str | None
    version: str
    narrowing: Narrowing = EVERYBODY
    lists: ListsOfYear | None = None  # where the numbers are recoded


def cell_links(user: User, narrowing: Narrowing = EVERYBODY, *, lists: int | None = None) -> CellLinks | None:
    """Numbers lead to cases for those who may read cases."""
    return CellLinks(narrowing, lists) if has_permission(user, Permission.READ_CASES) else None


def behind_cell(asked: Asked, table_id: str, codes: Mapping[str, str]) -> Behind:
    """Raises `NotACell` where there is no such cell, or no number in it."""
    counted, codebook = _counted(asked, table_id)
    lists = asked.lists.of_records_of(asked.year) if asked.lists is not None else None
    earlier = lists.earlier_values if lists is not None else nothing_recoded
    table = counted.definition
    key = (str(asked.year), *(codes.get(dimension.id, TOTAL) for dimension in table.dimensions))
    cell = counted.cells.get(key)
    if cell is None or cell.value is None or set(codes) - set(counted.codes):
        raise NotACell(f"{table_id} {dict(codes)}")
    named = {name: codes[name] for name in counted.codes if codes.get(name, TOTAL) != TOTAL}
    if lists is not None and any(lists.has_become_another(name, code) for name, code in named.items()):
        raise NotACell(f"{table_id} {dict(codes)}")  # a row that stays for the sake of a published year
    return Behind(
        trail=_trail(f"cell {table_id} {asked.year}", named | _recoded(asked), asked.narrowing),
        figure="" if table_id.startswith(CROSS) else table_id,
        title=gettext(table.title),
        words=[*_in_words(table, named, codebook), *_recoded_in_words(asked)],
        says=_says(cell.value, table.measure, codes.get("unit", "")),
        cases=cases_behind(asked.cases, table, asked.year, codes, narrowing=asked.narrowing, earlier=earlier),
        of_children=table.measure is Measure.CHILDREN,
    )


def behind_part(asked: Asked, key_figure_id: str, part: str) -> Behind:
    """The cases of a key figure's numerator or denominator. Raises `NotACell`."""
    if key_figure_id not in _KEY_FIGURES:
        raise NotACell(key_figure_id)
    definition = _KEY_FIGURES[key_figure_id]
    cases = cases_behind_figure(asked.cases, definition, asked.year, part=part, narrowing=asked.narrowing)
    figure = _year(asked).key_figures[key_figure_id]
    value = number_of_part(figure, part)
    if value is None:
        raise NotACell(f"{key_figure_id} has no {part}")
    figure_id = registry.id_of_key_figure(key_figure_id)
    return Behind(
        trail=_trail(f"cell {figure_id} {asked.year}", {"part": part}, asked.narrowing),
        figure=figure_id,
        title=gettext(definition.label),
        words=_part_in_words(definition, part),
        says=_says(value, _measure(definition.numerator), ""),
        cases=cases,
        of_children=_measure(definition.numerator) is Measure.CHILDREN,
    )


def part_links(user: User, entry: registry.Entry, figures: YearFigures) -> list[tuple[str, str]]:
    """Address and words, for each part of a key figure that counts somebody."""
    links, definition = cell_links(user, figures.narrowing), entry.definition
    if links is None or not isinstance(definition, KeyFigure):
        return []
    figure = figures.key_figures[definition.id]
    parts = ("numerator", "denominator") if definition.is_share else ("numerator",)
    return [
        (links.to_part(definition.id, figures.year, part), _way_to(part, figure))
        for part in parts
        if number_of_part(figure, part)
    ]


def _way_to(part: str, figure: CountedFigure) -> str:
    number = number_in_words(number_of_part(figure, part) or 0)
    if not figure.definition.is_share:
        return gettext("The cases behind the number")
    if part == "numerator":
        return gettext("The cases behind the numerator ({number})").format(number=number)
    return gettext("The cases behind the denominator ({number})").format(number=number)


def number_of_part(figure: CountedFigure, part: str) -> int | None:
    if not figure.definition.is_share:
        return figure.value
    return figure.numerator if part == "numerator" else figure.denominator


def _counted(asked: Asked, table_id: str) -> tuple[CountedTable, CodeBook]:
    if not table_id.startswith(CROSS):
        if table_id not in _TABLES:
            raise NotACell(table_id)
        figures = _year(asked)
        if asked.lists is not None:
            figures = recoded_figures(figures, asked.lists)
        return figures.tables[table_id], figures.codebook
    if asked.lists is not None:
        raise NotACell(table_id)
    breakdowns = table_id.removeprefix(CROSS).split(".")
    try:
        cross_definition(breakdowns)
    except NotACross:
        raise NotACell(table_id) from None
    crossed = cross_figures(
        asked.year,
        breakdowns,
        region_code=asked.region_code,
        narrowing=asked.narrowing,
        version=asked.version,
    )
    return crossed.table, crossed.codebook


def _recoded(asked: Asked) -> dict[str, str]:
    return {} if asked.lists is None else {LISTS: str(asked.lists.year)}


def _recoded_in_words(asked: Asked) -> list[tuple[str, str]]:
    if asked.lists is None:
        return []
    return [(gettext("Values"), gettext("Those of the lists of {year}").format(year=asked.lists.year))]


def _year(asked: Asked) -> YearFigures:
    return year_figures(
        asked.year, region_code=asked.region_code, narrowing=asked.narrowing, version=asked.version
    )


def _in_words(table: Table, codes: Mapping[str, str], codebook: CodeBook) -> list[tuple[str, str]]:
    return [
        (dimension_label(name, table.dimensions), capital(code_label(name, code, codebook)))
        for name, code in codes.items()
    ]


def _part_in_words(definition: KeyFigure, part: str) -> list[tuple[str, str]]:
    if part == "denominator":
        return [(gettext("Denominator"), capital(gettext(definition.share_of)))]
    return [(gettext("Definition"), gettext(definition.definition))]


def _measure(references: Sequence[CellReference]) -> Measure:
    return _TABLES[references[0].table].measure


def _says(value: int, measure: Measure, unit: str) -> str:
    """The number, and how the cases of the list add up to it."""
    number = number_in_words(value)
    if measure is Measure.CHILDREN:
        return ngettext(
            "The number is {number} child. The list holds the cases of those who have children there.",
            "The number is {number} children. The list holds the cases of those who have children there.",
            value,
        ).format(number=number)
    if measure is Measure.INCIDENTS and unit == "incidents":
        return ngettext(
            "The number is {number} incident. The list holds the cases of the persons in it.",
            "The number is {number} incidents. The list holds the cases of the persons in them.",
            value,
        ).format(number=number)
    return ngettext(
        "The number is {number} person: one case is one person.",
        "The number is {number} persons: one case is one person.",
        value,
    ).format(number=number)


def _trail(what: str, codes: Mapping[str, str], narrowing: Narrowing) -> str:
    """What is read, short enough for the audit trail: the end of many codes may be cut off."""
    words = [what, *(f"{name}={code}" for name, code in codes.items())]
    within = dict(narrowing.codes)
    if narrowing.without_incident is not None:
        within["without_incident"] = str(narrowing.without_incident)
    if within:
        words += ["within", *(f"{name}={value}" for name, value in within.items())]
    text = " ".join(words)
    return text if len(text) <= _OBJECT_MAX else f"{text[: _OBJECT_MAX - 1]}…"
