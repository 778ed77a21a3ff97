"""A region's year on one page, for its municipality: some key figures, three charts, a few sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from stats.compute import YearFigures
from stats.drawing import DrawnChart, drawn, picture_of
from stats.pages import printed_figure
from stats.sentences import Sentence, year_in_sentences
from stats.shown_year import shown_year

_KEY_FIGURES = ("persons", "women_and_girls", "men_and_boys", "minors", "trafficking", "exploitation")
_CHARTS = ("chart-form-by-person", "chart-persons", "chart-months")
# How many sentences of each section, from its first.
_SENTENCES = {"sentences-persons": 3, "sentences-forms": 1, "sentences-identification": 1}


@dataclass(frozen=True, slots=True)
class SheetFigure:
    """A key figure beside that of the year before; blank where that has no records."""

    id: str
    label: str
    value: str
    before: str


@dataclass(frozen=True, slots=True)
class YearSheet:
    figures: Sequence[SheetFigure]
    charts: Sequence[DrawnChart]
    sentences: Sequence[Sentence]
    state: str
    source: str


def year_sheet(figures: YearFigures, before: YearFigures | None) -> YearSheet:
    shown, shown_before = shown_year(figures), shown_year(before) if before is not None else None
    pictures = [picture_of(chart_id, shown, shown_before) for chart_id in _CHARTS]
    return YearSheet(
        figures=[_figure(figure_id, figures, before) for figure_id in _KEY_FIGURES],
        charts=[drawn(picture, shown) for picture in pictures if picture is not None],
        sentences=[
            sentence
            for section in year_in_sentences(figures, before)
            for sentence in section.sentences[: _SENTENCES.get(section.id, 0)]
        ],
        state=shown.state,
        source=shown.source,
    )


def regions_with_cases(figures: YearFigures) -> list[tuple[str, str]]:
    """The regions that the year has cases of, with their names."""
    table, year = figures.tables["region-by-form"], str(figures.year)
    return [
        (code, figures.codebook.label("region", code))
        for code in figures.codebook.terms["region"]
        if table.cell(year, region=code).value
    ]


def _figure(figure_id: str, figures: YearFigures, before: YearFigures | None) -> SheetFigure:
    printed = printed_figure(figures.key_figures[figure_id])
    last = printed_figure(before.key_figures[figure_id]).value if before is not None else ""
    return SheetFigure(printed.id, printed.label, printed.value, last)
