"""Tables as an Excel workbook: a contents sheet with links, then one sheet a table. Every text stays text."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from django.utils.translation import gettext

from stats.cross_page import PrintedCross
from stats.pages import PrintedRow, PrintedTable, printed_figure, printed_table
from stats.shown_year import ShownYear
from stats.tabulate import CountedFigure

# Nothing that a text begins with makes it a formula, a link or a number.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
# The same figures give the same bytes, whenever they are written.
_CREATED = datetime(2018, 1, 1)  # noqa: DTZ001 - the file format knows no time zones
_LABEL_WIDTH, _NUMBER_WIDTH = 38, 13  # in characters
_KEY_FIGURES = "key-figures"


@dataclass(frozen=True, slots=True)
class _Formats:
    title: Any
    note: Any
    wrapped: Any
    head: Any
    head_number: Any
    label: Any
    number: Any
    sign: Any
    total_label: Any
    total_number: Any
    total_sign: Any
    link: Any


@dataclass(frozen=True, slots=True)
class _Heads:
    title: str
    unit: str
    corner: str
    columns: Sequence[str]


def year_file(shown: ShownYear) -> bytes:
    """All tables and the key figures, with a contents sheet that links to each."""
    tables = [printed_table(table, shown) for table in shown.protected.tables]
    return _workbook(tables, shown, with_contents=True)


def table_file(table_id: str, shown: ShownYear) -> bytes:
    """One table. Raises `StopIteration` for what is no table."""
    return _workbook([printed_table(shown.table(table_id), shown)], shown, with_contents=False)


def cross_file(crosses: Sequence[PrintedCross], shown: ShownYear) -> bytes:
    """A cross as its page prints it, and perhaps the same in per cent, each on a sheet of its own.

    The first of three breakdowns are headings between the rows. Per cent are whole numbers, as on the page.
    """
    content = io.BytesIO()
    with _new_workbook(content, shown) as workbook:
        formats = _formats(workbook)
        for cross in crosses:
            _write_cross(workbook.add_worksheet(cross.id), cross, shown, formats)
    return content.getvalue()


def _write_cross(sheet: Any, cross: PrintedCross, shown: ShownYear, formats: _Formats) -> None:
    heads = _Heads(f"{cross.title}, {shown.year}", cross.unit, cross.corner, cross.columns)
    place = _write_heads(sheet, heads, shown, formats)
    for group in cross.groups:
        if group.heading:
            sheet.write_string(place, 0, group.heading, formats.head)
            place += 1
        place = _write_rows(sheet, place, group.rows, formats)
    _write_notes(sheet, place + 1, cross, formats)
    _on_paper(sheet)


def _new_workbook(content: io.BytesIO, shown: ShownYear) -> Any:
    workbook = xlsxwriter.Workbook(content, _OPTIONS)
    workbook.set_properties({"title": _heading(shown), "created": _CREATED})
    return workbook


def _workbook(tables: Sequence[PrintedTable], shown: ShownYear, *, with_contents: bool) -> bytes:
    content = io.BytesIO()
    with _new_workbook(content, shown) as workbook:
        formats = _formats(workbook)
        if with_contents:
            _write_contents(workbook.add_worksheet("contents"), tables, shown, formats)
            _write_key_figures(workbook.add_worksheet(_KEY_FIGURES), shown, formats)
        for table in tables:
            _write_table(workbook.add_worksheet(table.id), table, shown, formats, with_contents=with_contents)
    return content.getvalue()


def _heading(shown: ShownYear) -> str:
    return gettext("Yearbook {year}, {scope}").format(year=shown.year, scope=shown.scope)


def _formats(workbook: Any) -> _Formats:
    top = {"top": 2, "bold": True}
    return _Formats(
        title=workbook.add_format({"bold": True, "font_size": 14}),
        note=workbook.add_format({"font_color": "#545d6b"}),
        wrapped=workbook.add_format({"text_wrap": True, "valign": "top"}),
        head=workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}),
        head_number=workbook.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom", "align": "right"}
        ),
        label=workbook.add_format({}),
        number=workbook.add_format({"num_format": "#,##0"}),
        sign=workbook.add_format({"align": "right"}),
        total_label=workbook.add_format(top),
        total_number=workbook.add_format({"num_format": "#,##0", **top}),
        total_sign=workbook.add_format({"align": "right", **top}),
        link=workbook.add_format({"font_color": "#0b5c8a", "underline": 1}),
    )


def _write_contents(sheet: Any, tables: Sequence[PrintedTable], shown: ShownYear, formats: _Formats) -> None:
    sheet.set_column(0, 0, 70)
    sheet.set_column(1, 1, 60)
    sheet.write_string(0, 0, _heading(shown), formats.title)
    sheet.write_string(1, 0, f"{shown.state}. {shown.source}", formats.note)
    sheet.write_string(3, 0, gettext("Sheet"), formats.head)
    sheet.write_string(3, 1, gettext("What is counted"), formats.head)
    entries = [(_KEY_FIGURES, gettext("Key figures"), "")]
    entries += [(table.id, _title(table, shown), _unit(table)) for table in tables]
    for row, (name, title, unit) in enumerate(entries, start=4):
        # A link to a place in the workbook: its words are written as they are.
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats.link, "x")
        sheet.write_string(row, 0, title, formats.link)
        sheet.write_string(row, 1, unit)
    _on_paper(sheet)


def _write_key_figures(sheet: Any, shown: ShownYear, formats: _Formats) -> None:
    """A share is its whole per cent, with numerator and denominator beside it."""
    sheet.set_column(0, 0, _LABEL_WIDTH)
    sheet.set_column(1, 4, _NUMBER_WIDTH)
    sheet.set_column(5, 5, 90)
    sheet.write_string(0, 0, f"{gettext('Key figures')}, {shown.year}", formats.title)
    sheet.write_string(1, 0, f"{shown.scope}. {shown.state}.", formats.note)
    heads = [
        gettext("Key figure"),
        gettext("Value"),
        gettext("Unit"),
        gettext("Numerator"),
        gettext("Denominator"),
        gettext("Definition"),
    ]
    for column, head in enumerate(heads):
        sheet.write_string(3, column, head, formats.head_number if column in (1, 3, 4) else formats.head)
    for row, figure in enumerate(shown.protected.key_figures, start=4):
        sheet.write_string(row, 0, gettext(figure.definition.label), formats.label)
        _write_number(sheet, row, 1, figure, formats)
        sheet.write_string(row, 2, gettext("per cent") if figure.definition.is_share else gettext("number"))
        for column, number in ((3, figure.numerator), (4, figure.denominator)):
            if number is not None:
                sheet.write_number(row, column, number, formats.number)
        sheet.write_string(row, 5, gettext(figure.definition.definition), formats.wrapped)
    sheet.freeze_panes(4, 1)
    _link_to_contents(sheet, len(shown.protected.key_figures) + 5, formats)
    _on_paper(sheet)


def _write_number(sheet: Any, row: int, column: int, figure: CountedFigure, formats: _Formats) -> None:
    if figure.value is None:
        sheet.write_string(row, column, printed_figure(figure).value, formats.sign)
    else:
        sheet.write_number(row, column, figure.value, formats.number)


def _write_table(
    sheet: Any, table: PrintedTable, shown: ShownYear, formats: _Formats, *, with_contents: bool
) -> None:
    heads = _Heads(_title(table, shown), _unit(table), table.corner, table.columns)
    place = _write_rows(sheet, _write_heads(sheet, heads, shown, formats), table.rows, formats)
    place = _write_notes(sheet, place + 1, table, formats)
    if with_contents:
        _link_to_contents(sheet, place + 1, formats)
    _on_paper(sheet)


def _write_heads(sheet: Any, heads: _Heads, shown: ShownYear, formats: _Formats) -> int:
    """What stands above the rows, in sight and on every printed page. Returns the row below."""
    sheet.set_column(0, 0, _LABEL_WIDTH)
    sheet.set_column(1, max(len(heads.columns), 1), _NUMBER_WIDTH)
    sheet.write_string(0, 0, heads.title, formats.title)
    sheet.write_string(1, 0, heads.unit)
    sheet.write_string(2, 0, f"{shown.scope}. {shown.state}. {shown.source}", formats.note)
    sheet.write_string(4, 0, heads.corner, formats.head)
    for column, label in enumerate(heads.columns, start=1):
        sheet.write_string(4, column, label, formats.head_number)
    sheet.freeze_panes(5, 1)
    sheet.repeat_rows(4)
    return 5


def _write_rows(sheet: Any, place: int, rows: Sequence[PrintedRow], formats: _Formats) -> int:
    """From the row `place` on. Returns the row below."""
    for row in rows:
        sheet.write_string(place, 0, row.label, formats.total_label if row.is_total else formats.label)
        for column, cell in enumerate(row.cells, start=1):
            if cell.value is None:
                form = formats.total_sign if row.is_total else formats.sign
                sheet.write_string(place, column, cell.text, form)
            else:
                form = formats.total_number if row.is_total else formats.number
                sheet.write_number(place, column, cell.value, form)
        place += 1
    return place


def _write_notes(sheet: Any, place: int, table: PrintedTable | PrintedCross, formats: _Formats) -> int:
    for text in [*(f"{sign}  {meaning}" for sign, meaning in table.symbols), *table.notes]:
        sheet.write_string(place, 0, text, formats.note)
        place += 1
    return place


def _link_to_contents(sheet: Any, row: int, formats: _Formats) -> None:
    sheet.write_url(row, 0, "internal:'contents'!A1", formats.link, gettext("Contents"))


def _on_paper(sheet: Any) -> None:
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _title(table: PrintedTable, shown: ShownYear) -> str:
    return table.title if table.is_series else f"{table.title}, {shown.year}"


def _unit(table: PrintedTable) -> str:
    return f"{table.unit} ({gettext('Internal').lower()})" if table.internal else table.unit
