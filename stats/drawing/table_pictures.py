"""One picture for each table: its chart of the registry where it has one, else a kind that fits it."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.utils.dates import MONTHS_3
from django.utils.translation import gettext

from stats.charts import ColumnPanel, Frame, Panel, draw_column_panels
from stats.definitions import TOTAL
from stats.drawing import over_the_years
from stats.drawing.cells import (
    MINORS_COLOURS,
    bar,
    bars,
    columns_of,
    occurring,
    panels,
    parts,
    rows_of,
    stacked_bars,
    word,
)
from stats.drawing.chart_pictures import most_common_nationalities, picture_of
from stats.drawing.findings import STATELESS, UNKNOWN, most_of
from stats.drawing.picture import Draw, Picture
from stats.pages import capital
from stats.shown_year import ShownYear

_Made = tuple[str, Draw]

_CHART_OF: Mapping[str, str] = {
    "persons": "chart-persons",
    "form-by-person": "chart-form-by-person",
    "assessment-by-form": "chart-assessments",
    "industry": "chart-industries",
    "nationality": "chart-nationalities",
    "region-by-form": "chart-regions",
    "persons-by-year": "chart-persons-by-year",
    "form-by-year": "chart-forms-by-year",
}


def picture_of_table(table_id: str, shown: ShownYear) -> Picture:
    """Raises `KeyError` for what is no table."""
    definition = next((t.definition for t in shown.protected.tables if t.definition.id == table_id), None)
    if definition is None:
        raise KeyError(table_id)
    title = gettext(definition.title)
    if not definition.is_series:
        title = f"{title}, {shown.year}"
    if table_id in _CHART_OF:
        chart = picture_of(_CHART_OF[table_id], shown, None)
        if chart is not None:
            return replace(chart, id=table_id, title=title)
    finding, draw = _MAKERS[table_id](table_id, shown)
    return Picture(id=table_id, title=title, finding=finding, draw=draw)


def _rows_stacked(table_id: str, shown: ShownYear) -> _Made:
    table = shown.table(table_id)
    colours = MINORS_COLOURS if table_id == "minors-by-form" else None
    return _most_rows(table_id, shown), stacked_bars(table, shown, colours=colours)


def _most_rows(table_id: str, shown: ShownYear) -> str:
    table = shown.table(table_id)
    dimension, cells = rows_of(table, shown)
    return most_of(dimension, cells, table.cell(str(shown.year)), shown)


def _joint_inspections(table_id: str, shown: ShownYear) -> _Made:
    table = shown.table(table_id)
    dimension, cells = columns_of(table, shown)
    return most_of(dimension, cells, table.cell(str(shown.year)), shown), stacked_bars(table, shown)


def _nationality_by_form(table_id: str, shown: ShownYear) -> _Made:
    """The most common nationalities, a panel a form that occurs."""
    table, year, codes = shown.table(table_id), str(shown.year), most_common_nationalities(shown)
    dimension, cells = rows_of(table, shown)
    drawn = [
        Panel(
            label=word("form", form, shown),
            values=[table.cell(year, nationality=code, form=form).value for code in codes],
        )
        for form in occurring(table, 1, shown)
    ]
    finding = most_of(dimension, cells, table.cell(year), shown, places=5, apart=(STATELESS, UNKNOWN))
    return finding, panels([word(dimension, code, shown) for code in codes], drawn)


def _bars(table_id: str, shown: ShownYear) -> _Made:
    dimension, cells = rows_of(shown.table(table_id), shown)
    drawn = [bar(word(dimension, code, shown), cell) for code, cell in cells.items()]
    return _most_rows(table_id, shown), bars(drawn)


def _incidents(table_id: str, shown: ShownYear) -> _Made:
    table, year = shown.table(table_id), str(shown.year)
    sizes = parts(table, 0)
    drawn = [
        Panel(
            label=word("unit", unit, shown),
            values=[table.cell(year, incident_size=size, unit=unit).value for size in sizes],
        )
        for unit in table.codes["unit"]
    ]
    by_size = {size: table.cell(year, incident_size=size, unit="persons") for size in sizes}
    finding = most_of("incident_size", by_size, table.cell(year, unit="persons"), shown)
    return finding, panels([word("incident_size", size, shown) for size in sizes], drawn)


def _regions(table_id: str, shown: ShownYear) -> _Made:
    """Of one region: its forms."""
    table, year = shown.table(table_id), str(shown.year)
    cells = {form: table.cell(year, form=form) for form in parts(table, 1)}
    drawn = [bar(word("form", form, shown), cell) for form, cell in cells.items()]
    return most_of("form", cells, table.cell(year), shown), bars(drawn)


def _months(table_id: str, shown: ShownYear) -> _Made:
    """All persons by month; then the same by region, where there are several."""
    table, year = shown.table(table_id), str(shown.year)
    months, regions = parts(table, 0), parts(table, 1)
    last = 12 if shown.is_over else shown.today.month

    def panel(label: str, region: str) -> ColumnPanel:
        values = [table.cell(year, month=month, region=region).value for month in months[:last]]
        return ColumnPanel(label=label, values=[*values, *[None] * (len(months) - last)])

    drawn = [panel(capital(shown.scope), TOTAL)]
    if len(regions) > 1:
        drawn += [panel(word("region", region, shown), region) for region in regions]
    labels = [str(MONTHS_3[int(month)]) for month in months]

    def draw(frame: Frame) -> str:
        return draw_column_panels(frame, labels, drawn)

    return _most_rows(table_id, shown), draw


def _lines(table_id: str, shown: ShownYear) -> _Made:
    table = shown.table(table_id)
    codes, draw = over_the_years.most_lines(table, shown)
    return over_the_years.lines_in_words(table, codes, shown), draw


_MAKERS: Mapping[str, Callable[[str, ShownYear], _Made]] = {
    "minors-by-form": _rows_stacked,
    "joint-by-form": _joint_inspections,
    "referral": _rows_stacked,
    "nationality-by-form": _nationality_by_form,
    "children": _bars,
    "incidents": _incidents,
    "region-by-form": _regions,
    "months": _months,
    "minors-by-year": _lines,
    "nationality-by-year": _lines,
}
