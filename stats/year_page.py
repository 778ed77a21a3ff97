"""What stands on a year's page, in order: each table once, beside or below the charts that draw it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from stats import registry
from stats.cell_links import CellLinks
from stats.charts.lettering import widest
from stats.drawing import DrawnChart, drawn, pictures_of_year
from stats.pages import PrintedTable, printed_table
from stats.shown_year import ShownYear
from stats.tables import TABLES

# Pixels that a table has beside a chart, the size of its letters there, and what parts its columns.
_BESIDE_WIDTH, _BESIDE_LETTERS, _BETWEEN_COLUMNS = 490.0, 14.0, 9.0


@dataclass(frozen=True, slots=True)
class Block:
    """Charts and the tables that they draw. Either may be missing, not both."""

    charts: Sequence[DrawnChart]
    tables: Sequence[PrintedTable]

    @property
    def entries(self) -> Sequence[DrawnChart | PrintedTable]:
        """What the contents of the page name."""
        return self.charts or self.tables

    @property
    def is_beside(self) -> bool:
        """Whether charts and tables have room side by side on a wide page."""
        return bool(self.charts) and all(_least_width(table) <= _BESIDE_WIDTH for table in self.tables)


def _least_width(table: PrintedTable) -> float:
    """With every heading broken wherever it can be."""
    columns = [f"{table.corner} {' '.join(row.label for row in table.rows)}", *table.columns]
    words = (widest(tuple(column.split()), _BESIDE_LETTERS, bold=True) for column in columns)
    return sum(width + _BETWEEN_COLUMNS for width in words)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page, under a heading of its own."""

    id: str
    heading: str
    blocks: Sequence[Block]


def parts_of(shown: ShownYear, before: ShownYear | None, links: CellLinks | None = None) -> list[Part]:
    """The page below its key figures. `before`: the year before, where it has records."""
    charts = [drawn(picture, shown) for picture in pictures_of_year(shown, before)]
    tables = {table.definition.id: printed_table(table, shown, links) for table in shown.protected.tables}
    blocks = list(_blocks(charts, tables))
    of_year = [block for block in blocks if not _any(block, "is_series") and not _any(block, "internal")]
    return [
        Part(
            "figures",
            gettext("The year {year} in charts and tables").format(year=shown.year),
            [block for block in of_year if block.charts],
        ),
        Part("further-tables", gettext("Further tables"), [block for block in of_year if not block.charts]),
        Part("over-the-years", gettext("Over the years"), [b for b in blocks if _any(b, "is_series")]),
        Part(
            "internal-tables",
            gettext("Tables that stay internal"),
            [block for block in blocks if _any(block, "internal")],
        ),
    ]


def _any(block: Block, what: str) -> bool:
    return any(getattr(table, what) for table in block.tables)


def _blocks(charts: Sequence[DrawnChart], tables: Mapping[str, PrintedTable]) -> Iterable[Block]:
    """In the order of the charts, then of the tables that no chart draws.

    Charts that share a table share a block; so do the tables of one chart.
    """
    groups: list[tuple[list[DrawnChart], list[str]]] = []
    for chart in charts:
        drawn_tables = [table.id for table in registry.entry(chart.id).tables]
        group = next((group for group in groups if set(group[1]) & set(drawn_tables)), None)
        if group is None:
            groups.append(([chart], drawn_tables))
        else:
            group[0].append(chart)
            group[1].extend(table_id for table_id in drawn_tables if table_id not in group[1])
    shown = {table_id for _charts, table_ids in groups for table_id in table_ids}
    groups += [([], [table.id]) for table in TABLES if table.id not in shown]
    for of_block, table_ids in groups:
        yield Block(of_block, [tables[table_id] for table_id in table_ids])
