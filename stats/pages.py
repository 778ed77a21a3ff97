"""Protected figures to what templates print: words, numbers in the reader's language, signs explained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from stats.compute import YearFigures
from stats.definitions import TOTAL, YEAR, Measure, Status, Table
from stats.disclosure.protect import ProtectedTable, unprotected
from stats.labels import SYMBOLS, code_label, dimension_label
from stats.tabulate import Cell, CountedFigure


@dataclass(frozen=True, slots=True)
class PrintedCell:
    text: str
    is_total: bool


@dataclass(frozen=True, slots=True)
class PrintedRow:
    label: str
    cells: Sequence[PrintedCell]
    is_total: bool


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


def printed_tables(figures: YearFigures) -> list[PrintedTable]:
    year = unprotected(figures.tables, figures.key_figures)
    return [_printed_table(table, figures) for table in year.tables]


def printed_figures(figures: YearFigures) -> list[PrintedFigure]:
    return [_printed_figure(figure) for figure in figures.key_figures.values()]


def number_in_words(number: int) -> str:
    return number_format(number, force_grouping=True)


def _printed_table(table: ProtectedTable, figures: YearFigures) -> PrintedTable:
    codebook, definition = figures.codebook, table.definition
    row_dimension = definition.dimensions[0].id
    column_dimension = _column_dimension(table)
    row_codes = table.codes[row_dimension]
    column_codes = table.codes[column_dimension] if column_dimension else (TOTAL,)
    rows = [
        PrintedRow(
            label=_capital(code_label(row_dimension, row_code, codebook)),
            is_total=row_code == TOTAL,
            cells=[
                _printed_cell(
                    table.cells[_key(table, row_dimension, row_code, column_dimension, column_code)],
                    is_total=column_code == TOTAL and len(column_codes) > 1,
                )
                for column_code in column_codes
            ],
        )
        for row_code in row_codes
    ]
    return PrintedTable(
        id=definition.id,
        title=gettext(definition.title),
        unit=_unit(definition),
        corner=dimension_label(row_dimension, definition.dimensions),
        columns=[_column_label(column_dimension, code, figures) for code in column_codes],
        rows=rows,
        notes=_notes(table, figures),
        symbols=[
            (symbol, str(meaning))
            for status, (symbol, meaning) in SYMBOLS.items()
            if any(cell.status is status for cell in table.cells.values())
        ],
        internal=definition.internal,
        is_series=definition.is_series,
    )


def _unit(definition: Table) -> str:
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


def _column_label(dimension: str, code: str, figures: YearFigures) -> str:
    if not dimension:
        return gettext("Number")
    if dimension == YEAR and code in figures.published_basis:
        return gettext("{year} (published)").format(year=code)
    return _capital(code_label(dimension, code, figures.codebook))


def _key(
    table: ProtectedTable, row_dimension: str, row_code: str, column_dimension: str, column_code: str
) -> tuple[str, ...]:
    of_dimension = {row_dimension: row_code, column_dimension: column_code}
    return tuple(of_dimension.get(name, codes[0]) for name, codes in table.codes.items())


def _printed_cell(cell: Cell, *, is_total: bool) -> PrintedCell:
    if cell.status is not None:
        return PrintedCell(SYMBOLS[cell.status][0], is_total=is_total)
    return PrintedCell(number_in_words(cell.value or 0), is_total=is_total)


def _notes(table: ProtectedTable, figures: YearFigures) -> list[str]:
    # What is said of published years is said where some are shown.
    has_note = table.definition.note and (figures.published_basis or not table.definition.is_series)
    notes = [gettext(table.definition.note)] if has_note else []
    if any(cell.status is Status.NOT_COLLECTED for cell in table.cells.values()):
        notes += _collected_since(table, figures)
    notes += _persons_without_number(table.notes)
    if table.definition.is_series:
        notes += [
            f"{year}: {basis}" for year, basis in figures.published_basis.items() if year in table.codes[YEAR]
        ]
    return notes


def _collected_since(table: ProtectedTable, figures: YearFigures) -> list[str]:
    variables = figures.codebook.variables
    return [
        gettext("“{variable}” is collected since {year}.").format(
            variable=_capital(variables[name].label), year=variables[name].first_year
        )
        for name in variables
        if name in table.definition.variables and not figures.codebook.is_collected(name, figures.year)
    ]


def _persons_without_number(notes: Mapping[str, int | None]) -> list[str]:
    texts = []
    unknown, blank = notes.get("persons_unknown"), notes.get("persons_not_recorded")
    if unknown is not None:
        texts.append(
            ngettext(
                "Of {count} person a number of children is not known.",
                "Of {count} persons a number of children is not known.",
                unknown,
            ).format(count=number_in_words(unknown))
        )
    if blank is not None:
        texts.append(
            ngettext(
                "Of {count} person a number of children is not recorded.",
                "Of {count} persons a number of children is not recorded.",
                blank,
            ).format(count=number_in_words(blank))
        )
    return texts


def _printed_figure(figure: CountedFigure) -> PrintedFigure:
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
    return f"{_capital(str(SYMBOLS[figure.status][1]))}. {definition}"


def _figure_text(figure: CountedFigure) -> str:
    if figure.status is not None:
        return SYMBOLS[figure.status][0]
    if figure.value is None:
        return "–"
    number = number_in_words(figure.value)
    return gettext("{number}%").format(number=number) if figure.definition.is_share else number


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
