"""Protected figures to what templates print: words, numbers in the reader's language, signs explained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import get_language, gettext, ngettext

from stats.cell_links import CellLinks
from stats.compute import YearFigures
from stats.definitions import NOT_RECORDED, TOTAL, YEAR, Measure, Status, Table
from stats.disclosure.protect import ProtectedTable
from stats.labels import PERSONS_WITHOUT_NUMBER, SYMBOLS, code_label, dimension_label
from stats.shown_year import ShownYear, shown_year
from stats.tabulate import Cell, CountedFigure

NO_ANSWER = frozenset({"stateless", "unknown", NOT_RECORDED})


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """`value` is None where a sign is printed instead of a number.

    `html` looks like `text`, but what is selected and copied of it is digits alone: no spreadsheet takes the
    number for words, whatever separates thousands in the reader's language.
    """

    text: str
    html: SafeString
    value: int | None
    is_total: bool


@dataclass(frozen=True, slots=True)
class PrintedRow:
    label: str
    cells: Sequence[PrintedCell]
    is_total: bool
    is_no_answer: bool = False  # stays behind the others, also where they are sorted by name


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A table with one row a code of its first dimension, one column a code of its second, or a year."""

    id: str
    title: str
    unit: str
    corner: str
    columns: Sequence[str]
    rows: Sequence[PrintedRow]
    notes: Sequence[str]
    symbols: Sequence[tuple[str, str]]
    internal: bool
    is_series: bool


@dataclass(frozen=True, slots=True)
class PrintedFigure:
    id: str
    label: str
    value: str
    definition: str
    made_of: str  # "139 of 368" for a share


def printed_tables(
    figures: YearFigures,
    links: CellLinks | None = None,
    *,
    notes: Mapping[str, Sequence[str]] | None = None,
) -> list[PrintedTable]:
    """`notes`: by table, what became of the values of its lists."""
    shown = shown_year(figures, list_notes=notes)
    return [printed_table(table, shown, links) for table in shown.protected.tables]


def printed_figures(figures: YearFigures) -> list[PrintedFigure]:
    return [printed_figure(figure) for figure in figures.key_figures.values()]


def number_in_words(number: int) -> str:
    return _number_in(get_language() or "", number)


@lru_cache(maxsize=4096)
def _number_in(_language: str, number: int) -> str:
    # Django looks the format up each time; a year prints some thousand small numbers.
    return number_format(number, force_grouping=True)


def printed_table(table: ProtectedTable, shown: ShownYear, links: CellLinks | None = None) -> PrintedTable:
    """With `links`, numbers that count somebody lead to the cases behind them."""
    codebook, definition = shown.codebook, table.definition
    row_dimension = definition.dimensions[0].id
    column_dimension = _column_dimension(table)
    row_codes = table.codes[row_dimension]
    column_codes = table.codes[column_dimension] if column_dimension else (TOTAL,)
    # What was published of a year has no cases behind it.
    links_of_year = {year: links for year in table.codes[YEAR] if year not in shown.published_basis}
    rows = [
        PrintedRow(
            label=capital(code_label(row_dimension, row_code, codebook)),
            is_total=row_code == TOTAL,
            is_no_answer=row_code in NO_ANSWER,
            cells=[
                _printed_cell_of(
                    table,
                    _key(table, row_dimension, row_code, column_dimension, column_code),
                    is_total=column_code == TOTAL and len(column_codes) > 1,
                    links=links_of_year.get(column_code if definition.is_series else str(shown.year)),
                )
                for column_code in column_codes
            ],
        )
        for row_code in row_codes
    ]
    return PrintedTable(
        id=definition.id,
        title=gettext(definition.title),
        unit=unit_of(definition),
        corner=dimension_label(row_dimension, definition.dimensions),
        columns=[_column_label(column_dimension, code, shown) for code in column_codes],
        rows=rows,
        notes=_notes(table, shown),
        symbols=[
            (symbol, str(meaning))
            for status, (symbol, meaning) in SYMBOLS.items()
            if any(cell.status is status for cell in table.cells.values())
        ],
        internal=definition.internal,
        is_series=definition.is_series,
    )


def unit_of(definition: Table) -> str:
    if definition.measure is Measure.CHILDREN:
        return gettext("Number of children")
    if definition.measure is Measure.INCIDENTS:
        return gettext("Number of incidents and number of persons")
    return gettext("Number, {population}").format(population=gettext(definition.population.label))


def _column_dimension(table: ProtectedTable) -> str:
    """The dimension that runs across; blank where the table has one dimension and one year."""
    if table.definition.is_series:
        return YEAR
    return table.definition.dimensions[1].id if len(table.definition.dimensions) > 1 else ""


def _column_label(dimension: str, code: str, shown: ShownYear) -> str:
    if not dimension:
        return gettext("Number")
    if dimension == YEAR and code in shown.published_basis:
        return gettext("{year} (published)").format(year=code)
    return capital(code_label(dimension, code, shown.codebook))


def _key(
    table: ProtectedTable, row_dimension: str, row_code: str, column_dimension: str, column_code: str
) -> tuple[str, ...]:
    of_dimension = {row_dimension: row_code, column_dimension: column_code}
    return tuple(of_dimension.get(name, codes[0]) for name, codes in table.codes.items())


def _printed_cell_of(
    table: ProtectedTable, key: tuple[str, ...], *, is_total: bool, links: CellLinks | None
) -> PrintedCell:
    cell = table.cells[key]
    if links is None or not cell.value:
        return printed_cell(cell, is_total=is_total)
    year, *codes = key
    named = dict(zip(list(table.codes)[1:], codes, strict=True))
    address = links.to_cell(table.definition.id, int(year), named)
    return printed_cell(cell, is_total=is_total, address=address)


def printed_cell(cell: Cell, *, is_total: bool = False, address: str = "") -> PrintedCell:
    """`address`: of the cases behind a number."""
    if cell.status is not None:
        sign = SYMBOLS[cell.status][0]
        return PrintedCell(sign, format_html("{}", sign), None, is_total=is_total)
    value = cell.value or 0
    html = _number_html(value)
    if address:
        html = format_html('<a href="{}">{}</a>', address, html)
    return PrintedCell(number_in_words(value), html, value, is_total=is_total)


@lru_cache(maxsize=4096)
def _number_html(number: int) -> SafeString:
    """The digits; what stands between thousands is drawn by the style sheet, as the language has it."""
    *thousands, last = f"{number:,}".split(",")
    before = format_html_join("", '<span class="thousands">{}</span>', ((digits,) for digits in thousands))
    return format_html("{}{}", before, last)


def _notes(table: ProtectedTable, shown: ShownYear) -> list[str]:
    # What is said of published years is said where some are shown.
    has_note = table.definition.note and (shown.published_basis or not table.definition.is_series)
    notes = [gettext(table.definition.note)] if has_note else []
    notes += shown.list_notes.get(table.definition.id, ())
    if any(cell.status is Status.NOT_COLLECTED for cell in table.cells.values()):
        notes += _collected_since(table, shown)
    notes += persons_without_number(table.notes)
    if table.definition.is_series:
        notes += _years_without_anything(table, shown)
        notes += [
            f"{year}: {basis}" for year, basis in shown.published_basis.items() if year in table.codes[YEAR]
        ]
    return notes


def _years_without_anything(table: ProtectedTable, shown: ShownYear) -> list[str]:
    years = [int(year) for year in table.codes[YEAR]]
    gaps = [str(year) for year in range(min(years), max(years)) if year not in years] if years else []
    if not gaps:
        return []
    text = (
        gettext("Of {years} nothing is known: no cases, and nothing that was published.")
        if shown.region_code is None
        else gettext("Of {years} the region has no cases.")
    )
    return [text.format(years=get_text_list(gaps, gettext("and")))]


def _collected_since(table: ProtectedTable, shown: ShownYear) -> list[str]:
    variables = shown.codebook.variables
    return [
        gettext("“{variable}” is collected since {year}.").format(
            variable=capital(variables[name].label), year=variables[name].first_year
        )
        for name in variables
        if name in table.definition.variables and not shown.codebook.is_collected(name, shown.year)
    ]


def persons_without_number(notes: Mapping[str, int | None]) -> list[str]:
    """Of how many persons a number of children is unknown, and of how many not recorded."""
    return [
        ngettext(text.one, text.many, count).format(count=number_in_words(count))
        for note, text in PERSONS_WITHOUT_NUMBER.items()
        if (count := notes.get(note)) is not None
    ]


def printed_figure(figure: CountedFigure) -> PrintedFigure:
    made_of = ""
    if figure.numerator is not None and figure.denominator is not None:
        made_of = gettext("{part} of {whole}").format(
            part=number_in_words(figure.numerator), whole=number_in_words(figure.denominator)
        )
    return PrintedFigure(
        id=figure.definition.id,
        label=gettext(figure.definition.label),
        value=_figure_text(figure),
        definition=_definition(figure),
        made_of=made_of,
    )


def _definition(figure: CountedFigure) -> str:
    definition = gettext(figure.definition.definition)
    if figure.status is None:
        return definition
    return f"{capital(str(SYMBOLS[figure.status][1]))}. {definition}"


def _figure_text(figure: CountedFigure) -> str:
    if figure.status is not None:
        return SYMBOLS[figure.status][0]
    if figure.value is None:
        return "–"
    number = number_in_words(figure.value)
    return gettext("{number}%").format(number=number) if figure.definition.is_share else number


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
