"""Rows and parts of tables as charts draw them: words, colours, and signs where there is no number."""

from collections.abc import Iterable, Mapping, Sequence

from stats.charts import Bar, Frame, Panel, Series, StackedBar, draw_bar_panels, draw_bars, draw_stacked_bars
from stats.definitions import TOTAL
from stats.disclosure.protect import ProtectedTable
from stats.drawing.picture import Draw
from stats.labels import SYMBOLS, code_label
from stats.pages import capital
from stats.shown_year import ShownYear
from stats.tabulate import Cell

# A minor's sex in the colours of girls and boys.
MINORS_COLOURS: Mapping[str, str] = {
    "female": "girl",
    "male": "boy",
    "other": "other_sex",
    "unknown": "unknown_sex_minor",
}


def rows_of(table: ProtectedTable, shown: ShownYear) -> tuple[str, dict[str, Cell]]:
    """The first dimension, and its totals by code."""
    dimension = table.definition.dimensions[0].id
    return dimension, {code: table.cell(str(shown.year), **{dimension: code}) for code in parts(table, 0)}


def columns_of(table: ProtectedTable, shown: ShownYear) -> tuple[str, dict[str, Cell]]:
    """The second dimension, and its totals by code."""
    dimension = table.definition.dimensions[1].id
    return dimension, {code: table.cell(str(shown.year), **{dimension: code}) for code in parts(table, 1)}


def parts(table: ProtectedTable, place: int) -> list[str]:
    """The codes of a dimension without its total."""
    return [code for code in table.codes[table.definition.dimensions[place].id] if code != TOTAL]


def word(dimension: str, code: str, shown: ShownYear) -> str:
    return capital(code_label(dimension, code, shown.codebook))


def sign(cell: Cell) -> str:
    return SYMBOLS[cell.status][0] if cell.status is not None else ""


def stacked_bars(
    table: ProtectedTable,
    shown: ShownYear,
    *,
    rows: Iterable[str] | None = None,
    colours: Mapping[str, str] | None = None,
) -> Draw:
    """A bar for each code of the first dimension (or for `rows`), divided by the second."""
    year, colour_of = str(shown.year), colours or {}
    across, down = table.definition.dimensions[0].id, table.definition.dimensions[1].id
    series = [Series(colour_of.get(code, code), word(down, code, shown)) for code in parts(table, 1)]
    bars = []
    for row in parts(table, 0) if rows is None else rows:
        total = table.cell(year, **{across: row})
        cells = {code: table.cell(year, **{across: row, down: code}) for code in parts(table, 1)}
        bars.append(
            StackedBar(
                label=word(across, row, shown),
                counts={colour_of.get(code, code): cell.value for code, cell in cells.items()},
                total=total.value,
                sign=sign(total),
            )
        )

    def draw(frame: Frame) -> str:
        return draw_stacked_bars(frame, bars, series)

    return draw


def bars(drawn: Sequence[Bar]) -> Draw:
    def draw(frame: Frame) -> str:
        return draw_bars(frame, drawn)

    return draw


def bar(label: str, cell: Cell, colour: str = "petrol") -> Bar:
    return Bar(label=label, value=cell.value, sign=sign(cell), code=colour)


def panels(labels: Sequence[str], drawn: Sequence[Panel], *, whole: float | None = None) -> Draw:
    def draw(frame: Frame) -> str:
        return draw_bar_panels(frame, labels, drawn, whole=whole)

    return draw


def occurring(table: ProtectedTable, place: int, shown: ShownYear) -> list[str]:
    """The codes of a dimension that somebody has; all of them where there is no number at all."""
    dimension = table.definition.dimensions[place].id
    found = [code for code in parts(table, place) if table.cell(str(shown.year), **{dimension: code}).value]
    return found or parts(table, place)
