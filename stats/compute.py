"""From records to a year: three queries, then arithmetic. The only place where the yearbook reads cases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import get_language

from casereg.codebook import CodeBook
from casereg.models import Case
from casereg.stored_codebook import load_codebook
from casereg.vocabularies import AgeGroup, PersonGroup, Sex, person_group, swedish_order
from stats.counting_sql import GROUPED, INCIDENT_SIZE, bits, counting_statement
from stats.counts import VARIABLES, Codes, Counts, IncidentSize, Variables, Vocabulary
from stats.definitions import TOTAL, YEAR, Dimension
from stats.key_figures import KEY_FIGURES
from stats.models import PublishedCount
from stats.tables import TABLES
from stats.tabulate import CountedFigure, CountedTable, key_figure, tabulate, wanted_groupings


@dataclass(frozen=True)
class YearFigures:
    """All tables and key figures of a year, of the whole country or of one region."""

    year: int
    region_code: str | None
    codebook: CodeBook
    tables: Mapping[str, CountedTable]
    key_figures: Mapping[str, CountedFigure]
    # By year that has published totals and no records: what those totals say that they cover.
    published_basis: Mapping[str, str]

    @property
    def persons(self) -> int:
        return self.key_figures["persons"].value or 0


def recorded_years(region_code: str | None) -> list[int]:
    """The years with standing cases, latest first."""
    cases = Case.objects.standing()
    if region_code is not None:
        cases = cases.of_region(region_code)
    return list(cases.order_by("-year").values_list("year", flat=True).distinct())


def compute_year(year: int, *, region_code: str | None = None) -> YearFigures:
    """Count a year. All numbers come from one statement, so from one state of the register.

    `region_code` limits everything to one region; published totals of other years are then left out.
    Raises `PartsDoNotSum` if a total differs from its parts.
    """
    codebook = load_codebook()
    counts = count_records(year, region_code)
    vocabulary = _vocabulary(year, region_code, codebook)
    tables = {table.id: tabulate(table, counts, vocabulary) for table in TABLES}
    return YearFigures(
        year=year,
        region_code=region_code,
        codebook=codebook,
        tables=tables,
        key_figures={figure.id: key_figure(figure, tables, year) for figure in KEY_FIGURES},
        published_basis=_published_basis(counts) if region_code is None else {},
    )


def _published_basis(counts: Counts) -> dict[str, str]:
    in_words = "basis_sv" if (get_language() or "sv").startswith("sv") else "basis_en"
    totals = PublishedCount.objects.filter(table="persons-by-year", code=TOTAL).order_by("year")
    recorded = counts.of([YEAR])
    return {
        str(year): basis
        for year, basis in totals.values_list("year", in_words)
        if (str(year),) not in recorded
    }


def count_records(year: int, region_code: str | None) -> Counts:
    """Everything that the tables need, counted by the database."""
    year_groupings, series_groupings = wanted_groupings(TABLES)
    statement = counting_statement(
        year_groupings=year_groupings,
        series_groupings=series_groupings,
        one_region=region_code is not None,
        grouping_sets=connection.vendor == "postgresql",
    )
    parameters: list[int | str] = [year] if region_code is None else [year, region_code, region_code]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return _counts(cursor.fetchall(), [*year_groupings, *series_groupings])


def _counts(rows: Iterable[tuple], groupings: Iterable[Variables]) -> Counts:
    by_bits = {bits(variables): variables for variables in groupings}
    persons: dict[Variables, dict[Codes, int]] = {variables: {} for variables in by_bits.values()}
    sizes: dict[str, IncidentSize] = {}
    published: dict[tuple[str, str, str], int] = {}
    for kind, mark, *columns, incidents, number in rows:
        if kind == GROUPED:
            variables = by_bits[mark]
            values = dict(zip(VARIABLES, columns, strict=True))
            persons[variables][tuple(_padded(name, values[name]) for name in variables)] = number
        elif kind == INCIDENT_SIZE:
            sizes[columns[0]] = IncidentSize(incidents, number)
        else:
            year, table, code = columns[:3]
            published[table, year, code] = number
    return Counts(persons, sizes, published)


def _padded(variable: str, value: str) -> str:
    return value.zfill(2) if variable == "month" else value


def _vocabulary(year: int, region_code: str | None, codebook: CodeBook) -> Vocabulary:
    dimensions = {dimension.id: dimension for table in TABLES for dimension in table.dimensions}
    known: dict[str, Codes] = {}
    in_force: dict[str, frozenset[str]] = {}
    for dimension in dimensions.values():
        if dimension.id == "person_group":
            known[dimension.id] = tuple(PersonGroup.values)
            in_force[dimension.id] = frozenset(PersonGroup.values)
        elif dimension.variables and dimension.variables[0] in codebook.terms:
            known[dimension.id] = _known(dimension, codebook, region_code)
            in_force[dimension.id] = frozenset(
                term.code
                for term in codebook.in_force(dimension.id, year)
                if term.code in known[dimension.id]
            )
    forms = codebook.terms["form"]
    return Vocabulary(
        year=year,
        known=known,
        in_force=in_force,
        derived={
            "person_group": {
                (sex, age_group): person_group(sex, age_group)
                for sex in Sex.values
                for age_group in AgeGroup.values
            }
        },
        populations={
            "minors": {"age_group": frozenset({AgeGroup.MINOR})},
            "industry_asked": {
                "form": frozenset(code for code, term in forms.items() if term.asks_for_industry)
            },
        },
        collected=frozenset(name for name in codebook.variables if codebook.is_collected(name, year)),
        names={
            "nationality": {
                code: swedish_order(term.label_sv) for code, term in codebook.terms["nationality"].items()
            }
        },
        listed_last=frozenset({"stateless", "unknown"}),
    )


def _known(dimension: Dimension, codebook: CodeBook, region_code: str | None) -> Codes:
    codes = tuple(codebook.terms[dimension.id])
    # Of other regions a region's yearbook knows nothing, and must not print a zero.
    return (region_code,) if dimension.id == "region" and region_code is not None else codes
