"""A year as pages, charts and files may show it: protected figures, with their words and their day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext

from casereg.codebook import CodeBook
from stats.compute import CrossFigures, YearFigures
from stats.definitions import YEAR
from stats.disclosure.protect import ProtectedTable, ProtectedYear, unprotected


@dataclass(frozen=True, kw_only=True)
class ShownYear:
    """`published_basis`: by year without records, what its published totals cover, in the active language."""

    year: int
    region_code: str | None
    protected: ProtectedYear
    codebook: CodeBook
    published_basis: Mapping[str, str]
    today: date
    # The year in whose lists series are recoded, and by table what became of values, in words.
    lists: int | None = None
    list_notes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        return self.year < self.today.year

    @property
    def scope(self) -> str:
        if self.region_code is None:
            return gettext("Whole country")
        return self.codebook.label("region", self.region_code)

    @property
    def state(self) -> str:
        """Whether the figures may leave the house, and whether the year goes on."""
        return gettext("Internal") if self.is_over else gettext("Internal, year in progress")

    @property
    def source(self) -> str:
        return gettext("Source: the regional coordinators' case register.")

    def table(self, table_id: str) -> ProtectedTable:
        return next(table for table in self.protected.tables if table.definition.id == table_id)

    def is_recorded(self, year: str) -> bool:
        """Whether the numbers of a year are counted from records; else they are what was published of it."""
        if year in self.published_basis:
            return False
        totals = self.table("persons-by-year")
        return year in totals.codes[YEAR] and totals.cell(year).value is not None


def shown_year(
    figures: YearFigures,
    *,
    lists: int | None = None,
    list_notes: Mapping[str, Sequence[str]] | None = None,
) -> ShownYear:
    """The exact figures, for readers inside."""
    return ShownYear(
        year=figures.year,
        region_code=figures.region_code,
        protected=unprotected(figures.tables, figures.key_figures),
        codebook=figures.codebook,
        published_basis=figures.published_basis,
        today=timezone.localdate(),
        lists=lists,
        list_notes=list_notes or {},
    )


def shown_cross(crossed: CrossFigures) -> ShownYear:
    """A year of which nothing is shown but one cross."""
    return ShownYear(
        year=crossed.year,
        region_code=crossed.region_code,
        protected=unprotected({crossed.table.definition.id: crossed.table}, {}),
        codebook=crossed.codebook,
        published_basis={},
        today=timezone.localdate(),
    )
