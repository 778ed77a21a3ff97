"""Charts as SVG files: one for each table, and those of the registry by themselves."""

from stats import registry
from stats.definitions import ChartDefinition
from stats.drawing import chart_file, picture_of, picture_of_table
from stats.registry import NotRegistered
from stats.shown_year import ShownYear


class NotDrawn(LookupError):
    """There is no chart of that id, or none for these readers."""


def table_files(shown: ShownYear) -> dict[str, bytes]:
    """`<table id>.svg` for every table."""
    return {
        f"{table.definition.id}.svg": chart_file(picture_of_table(table.definition.id, shown), shown)
        for table in shown.protected.tables
    }


def figure_file(figure_id: str, shown: ShownYear, before: ShownYear | None) -> bytes:
    """One chart of the registry, or of one table. Raises `NotDrawn`."""
    try:
        definition = registry.entry(figure_id).definition
        if isinstance(definition, ChartDefinition):
            picture = picture_of(figure_id, shown, before)
        else:
            picture = picture_of_table(figure_id, shown)
    except (NotRegistered, KeyError):
        raise NotDrawn(figure_id) from None
    if picture is None:
        raise NotDrawn(figure_id)
    return chart_file(picture, shown)
