"""A cross as a page prints it: two breakdowns as rows and columns, the first of three as groups of rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.html import format_html
from django.utils.translation import gettext

from stats.cell_links import CellLinks
from stats.compute import CrossFigures
from stats.counts import Codes
from stats.crossing import per_cent_along
from stats.definitions import TOTAL
from stats.labels import SYMBOLS, code_label, dimension_label
from stats.pages import PrintedCell, PrintedRow, capital, number_in_words, printed_cell, unit_of

ALONG = ("row", "column")  # what an address says after `per_cent`


@dataclass(frozen=True, slots=True)
class CrossGroup:
    """Rows of one value of the first of three breakdowns; of two there is one group without a heading."""

    heading: str
    rows: Sequence[PrintedRow]


@dataclass(frozen=True, slots=True)
class PrintedCross:
    id: str
    title: str
    unit: str
    corner: str
    across: str
    columns: Sequence[str]
    groups: Sequence[CrossGroup]
    symbols: Sequence[tuple[str, str]]
    notes: Sequence[str]


class PrintsCell(Protocol):
    def __call__(self, key: Codes, *, is_total: bool) -> PrintedCell: ...


def printed_cross(crossed: CrossFigures, links: CellLinks | None) -> PrintedCross:
    """The numbers, each leading to its cases."""
    table = crossed.table

    def cell(key: Codes, *, is_total: bool) -> PrintedCell:
        counted = table.cells[key]
        codes = dict(zip(list(table.codes)[1:], key[1:], strict=True))
        address = links.to_cell(table.definition.id, crossed.year, codes) if links and counted.value else ""
        return printed_cell(counted, is_total=is_total, address=address)

    return _printed(crossed, cell, id="cross", unit=unit_of(table.definition))


def printed_shares(crossed: CrossFigures, along: str) -> PrintedCross:
    """Each cell in per cent of its row's total or its column's; the columns' breakdown is the last one."""
    table = crossed.table
    *_groups, rows, columns = (dimension.id for dimension in table.definition.dimensions)
    shares = per_cent_along(table, columns if along == "row" else rows)

    def cell(key: Codes, *, is_total: bool) -> PrintedCell:
        share, status = shares[key], table.cells[key].status
        if status is not None or share is None:
            sign = SYMBOLS[status][0] if status is not None else "–"
            return PrintedCell(sign, format_html("{}", sign), None, is_total=is_total)
        text = gettext("{number}%").format(number=number_in_words(share))
        return PrintedCell(text, format_html("{}", text), share, is_total=is_total)

    unit = gettext("Per cent of the row") if along == "row" else gettext("Per cent of the column")
    return _printed(crossed, cell, id="cross-per-cent", unit=unit)


def _printed(crossed: CrossFigures, cell: PrintsCell, *, id: str, unit: str) -> PrintedCross:
    table, codebook = crossed.table, crossed.codebook
    dimensions = table.definition.dimensions
    labels = [dimension_label(dimension.id, dimensions) for dimension in dimensions]
    columns = dimensions[-1].id
    statuses = {counted.status for counted in table.cells.values()}
    return PrintedCross(
        id=id,
        title=gettext("Persons: {breakdowns}").format(breakdowns=" × ".join(labels)),
        unit=unit,
        corner=", ".join(labels[:-1]),
        across=labels[-1],
        columns=[capital(code_label(columns, code, codebook)) for code in table.codes[columns]],
        groups=list(_groups(crossed, cell)),
        symbols=[(sign, str(words)) for status, (sign, words) in SYMBOLS.items() if status in statuses],
        notes=list(_notes(crossed)),
    )


def _groups(crossed: CrossFigures, cell: PrintsCell) -> Iterator[CrossGroup]:
    table, year = crossed.table, str(crossed.year)
    *first, rows, columns = (dimension.id for dimension in table.definition.dimensions)
    before: list[Codes] = [(year, code) for code in table.codes[first[0]]] if first else [(year,)]
    for codes in before:
        heading = capital(code_label(first[0], codes[-1], crossed.codebook)) if first else ""
        yield CrossGroup(
            heading,
            [
                PrintedRow(
                    label=capital(code_label(rows, row, crossed.codebook)),
                    cells=[
                        cell((*codes, row, column), is_total=column == TOTAL)
                        for column in table.codes[columns]
                    ],
                    is_total=row == TOTAL,
                )
                for row in table.codes[rows]
            ],
        )


def _notes(crossed: CrossFigures) -> Iterator[str]:
    variables = crossed.codebook.variables
    for name in variables:
        asked = name in crossed.table.definition.variables
        if asked and not crossed.codebook.is_collected(name, crossed.year):
            yield gettext("“{variable}” is collected since {year}.").format(
                variable=capital(variables[name].label), year=variables[name].first_year
            )
