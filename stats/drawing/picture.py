"""A chart before it is set, and the two ways to set it: into a page, or as a file that stands alone."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from stats import registry
from stats.charts import Frame
from stats.pages import number_in_words
from stats.shown_year import ShownYear

Draw = Callable[[Frame], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`title` says what is shown, `finding` what to see: it is the line under the title and the text
    alternative. `draw` sets it in a frame."""

    id: str
    title: str
    finding: str
    draw: Draw


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnChart:
    """A chart as a page prints it: drawn twice, of which the page shows the one that it has room for."""

    id: str
    title: str
    finding: str
    source: str
    state: str
    wide: SafeString
    narrow: SafeString


def drawn(picture: Picture, shown: ShownYear) -> DrawnChart:
    frame = _frame(picture, shown)
    # The drawing escapes every word that it is handed.
    return DrawnChart(
        id=picture.id,
        title=picture.title,
        finding=picture.finding,
        source=shown.source,
        state=shown.state,
        wide=SafeString(picture.draw(frame)),
        narrow=SafeString(picture.draw(frame.narrow())),
    )


def chart_file(picture: Picture, shown: ShownYear) -> bytes:
    """An SVG file with title, finding, source and state on it."""
    frame = _frame(picture, shown, stands_alone=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{picture.draw(frame)}\n'.encode()


def _list_notes(picture: Picture, shown: ShownYear) -> list[str]:
    """What became of values of the lists, in the tables that are drawn."""
    of_tables = (shown.list_notes.get(table.id, ()) for table in registry.entry(picture.id).tables)
    return list(dict.fromkeys(note for notes in of_tables for note in notes))


def _frame(picture: Picture, shown: ShownYear, *, stands_alone: bool = False) -> Frame:
    title = picture.title
    if stands_alone:
        title = gettext("{title}. {scope}").format(title=title, scope=shown.scope)
    return Frame(
        id=picture.id,
        title=title,
        finding=picture.finding,
        number=lambda number: number_in_words(round(number)),
        source=(f"{shown.source} {shown.state}.", *_list_notes(picture, shown)),
        stands_alone=stands_alone,
    )
