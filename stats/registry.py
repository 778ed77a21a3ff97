"""Every table, key figure and chart of the yearbook by its id, with all that is known of its definition.

Pages, exports, sentences and `docs/tables.md` take these facts from here. Nothing is written twice: what
follows from the tables or from the register's code book is worked out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from stats.chart_definitions import CHARTS
from stats.definitions import (
    SHARE_ALOUD,
    Break,
    CellReference,
    ChartDefinition,
    Dimension,
    KeyFigure,
    Plural,
    Population,
    Table,
    gettext_noop,
)
from stats.key_figures import KEY_FIGURES
from stats.tables import TABLES

# A key figure and a table may have the same id in files; here each has its own.
KEY_FIGURE_PREFIX = "key-"

Definition = Table | KeyFigure | ChartDefinition


class Kind(Enum):
    TABLE = gettext_noop("table")
    KEY_FIGURE = gettext_noop("key figure")
    CHART = gettext_noop("chart")


class NotRegistered(LookupError):
    """The registry has nothing of that id."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One figure of the yearbook. Texts are English source strings.

    `tables` are those that it is, is made of or draws, in that order. `definition_text` is blank where the
    title says all. `share_of`: the denominator in words; blank where the figure is a count.
    """

    id: str
    kind: Kind
    definition: Definition
    title: str
    definition_text: str
    tables: tuple[Table, ...]
    counts: str
    share_of: str
    rounding: str
    decided_by: str
    reads_aloud: Plural

    @property
    def populations(self) -> tuple[Population, ...]:
        return tuple(dict.fromkeys(table.population for table in self.tables))

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        return tuple(dict.fromkeys(dimension for table in self.tables for dimension in table.dimensions))

    @property
    def variables(self) -> frozenset[str]:
        """The register's variables that must have been collected for the figure to say anything."""
        return frozenset().union(*(table.variables for table in self.tables))

    @property
    def breaks(self) -> tuple[Break, ...]:
        """From which years on published totals cover something else."""
        return tuple(dict.fromkeys(entry for table in self.tables for entry in table.breaks))

    @property
    def is_internal(self) -> bool:
        return any(table.internal for table in self.tables)

    @property
    def is_share(self) -> bool:
        return bool(self.share_of)


def entries() -> tuple[Entry, ...]:
    """All of them, in print order: key figures, tables, charts."""
    return tuple(_REGISTRY.values())


def entry(figure_id: str) -> Entry:
    """Raises `NotRegistered`."""
    try:
        return _REGISTRY[figure_id]
    except KeyError:
        raise NotRegistered(figure_id) from None


def id_of_key_figure(key_figure_id: str) -> str:
    return KEY_FIGURE_PREFIX + key_figure_id


def collected_since(variables: Iterable[str], first_years: Mapping[str, int]) -> int:
    """The first year in which all of the variables were collected. Incidents are no question: always."""
    return max(
        [first_years[name] for name in variables if name in first_years], default=min(first_years.values())
    )


def cells_of(figure: KeyFigure) -> tuple[CellReference, ...]:
    return figure.numerator + figure.denominator


def charts_of(table_id: str) -> tuple[Entry, ...]:
    """The charts that draw a table."""
    return tuple(
        found
        for found in _REGISTRY.values()
        if found.kind is Kind.CHART and table_id in (table.id for table in found.tables)
    )


def _registered() -> Iterator[Entry]:
    tables = {table.id: table for table in TABLES}
    for figure in KEY_FIGURES:
        yield Entry(
            id=id_of_key_figure(figure.id),
            kind=Kind.KEY_FIGURE,
            definition=figure,
            title=figure.label,
            definition_text=figure.definition,
            tables=tuple(dict.fromkeys(tables[cell.table] for cell in cells_of(figure))),
            counts=figure.counts,
            share_of=figure.share_of,
            rounding=figure.rounding,
            decided_by=figure.decided_by,
            reads_aloud=figure.reads_aloud,
        )
    for table in TABLES:
        yield Entry(
            id=table.id,
            kind=Kind.TABLE,
            definition=table,
            title=table.title,
            definition_text=table.note,
            tables=(table,),
            counts=table.counts,
            share_of="",
            rounding=table.rounding,
            decided_by=table.decided_by,
            reads_aloud=table.reads_aloud,
        )
    for chart in CHARTS:
        drawn = tuple(tables[table_id] for table_id in chart.tables)
        yield Entry(
            id=chart.id,
            kind=Kind.CHART,
            definition=chart,
            title=chart.title,
            definition_text=chart.to_see,
            tables=drawn,
            counts=drawn[0].counts,
            share_of=chart.share_of,
            rounding=chart.rounding,
            decided_by=drawn[0].decided_by,
            reads_aloud=SHARE_ALOUD if chart.is_share else drawn[0].reads_aloud,
        )


def _by_id(registered: Iterable[Entry]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for each in registered:
        if each.id in found:
            raise ValueError(f"two figures have the id {each.id}")
        found[each.id] = each
    return found


_REGISTRY = _by_id(_registered())
