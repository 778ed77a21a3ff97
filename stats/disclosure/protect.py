"""Counted tables to tables that may be shown: under which protection, and whether they are internal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stats.tabulate import CountedFigure, CountedTable


class Protection(StrEnum):
    EXACT = "exact"  # the counts as they are; what shows them is marked internal


@dataclass(frozen=True, kw_only=True)
class ProtectedTable(CountedTable):
    """A table as exports and pages may show it. They take no other."""

    protection: Protection
    internal: bool


@dataclass(frozen=True)
class ProtectedYear:
    """All tables and key figures of a year, under one protection."""

    tables: Sequence[ProtectedTable]
    key_figures: Sequence[CountedFigure]
    protection: Protection
    internal: bool


def unprotected(
    tables: Mapping[str, CountedTable], key_figures: Mapping[str, CountedFigure]
) -> ProtectedYear:
    """The exact counts, marked internal: for pages and files that stay inside."""
    return ProtectedYear(
        tables=[
            ProtectedTable(
                definition=table.definition,
                codes=table.codes,
                cells=table.cells,
                notes=table.notes,
                published_years=table.published_years,
                protection=Protection.EXACT,
                internal=True,
            )
            for table in tables.values()
        ],
        key_figures=list(key_figures.values()),
        protection=Protection.EXACT,
        internal=True,
    )
