"""Charts of a year: which data they draw, in which words and colours. `stats.charts` draws the shapes."""

from stats.drawing.chart_pictures import picture_of, pictures_of_year
from stats.drawing.picture import DrawnChart, Picture, chart_file, drawn
from stats.drawing.table_pictures import picture_of_table

__all__ = [
    "DrawnChart",
    "Picture",
    "chart_file",
    "drawn",
    "picture_of",
    "picture_of_table",
    "pictures_of_year",
]
