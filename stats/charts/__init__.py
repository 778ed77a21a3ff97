"""Charts: values in, SVG text out. Knows neither Django nor the register; words and numbers come written."""

from stats.charts.bars import Bar, Panel, Series, StackedBar, draw_bar_panels, draw_bars, draw_stacked_bars
from stats.charts.canvas import Frame, Layout, swedish_number
from stats.charts.world import draw_map
from stats.charts.years import (
    Basis,
    Break,
    ColumnPanel,
    Line,
    MonthSeries,
    Point,
    draw_column_panels,
    draw_lines,
    draw_months,
    draw_year_columns,
)

__all__ = [
    "Bar",
    "Basis",
    "Break",
    "ColumnPanel",
    "Frame",
    "Layout",
    "Line",
    "MonthSeries",
    "Panel",
    "Point",
    "Series",
    "StackedBar",
    "draw_bar_panels",
    "draw_bars",
    "draw_column_panels",
    "draw_lines",
    "draw_map",
    "draw_months",
    "draw_stacked_bars",
    "draw_year_columns",
    "swedish_number",
]
