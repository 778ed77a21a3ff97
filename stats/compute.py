"""From records to a year: two queries, then arithmetic. The only place where the yearbook reads cases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from django.db import connection
from django.utils.translation import get_language

from casereg.codebook import CodeBook
from casereg.stored_codebook import load_codebook
from casereg.vocabularies import AgeGroup, PersonGroup, Sex, person_group, swedish_order
from stats.counting_sql import (
    INCIDENT_SIZE,
    PUBLISHED,
    RECORDED_YEAR,
    Condition,
    CountingStatement,
    counting_statement,
    recorded_years_query,
)
from stats.counts import Codes, Counts, IncidentSize, ListedYears, Variables, Vocabulary
from stats.crossing import cross_definition
from stats.definitions import Table
from stats.kept_plans import fetch_planned
from stats.key_figures import KEY_FIGURES
from stats.narrowing import EVERYBODY, Narrowing
from stats.tables import TABLES
from stats.tabulate import NOT_COLLECTED, CountedFigure, CountedTable, key_figure, tabulate, wanted_groupings


@dataclass(frozen=True)
class YearFigures:
    """All tables and key figures of a year, of the whole country or of one region, perhaps narrowed."""

    year: int
    region_code: str | None
    codebook: CodeBook
    tables: Mapping[str, CountedTable]
    key_figures: Mapping[str, CountedFigure]
    narrowing: Narrowing = EVERYBODY
    # By year that has published totals and no records: what those cover, in Swedish and in English.
    basis_in_both_languages: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def persons(self) -> int:
        return self.key_figures["persons"].value or 0

    @property
    def published_basis(self) -> Mapping[str, str]:
        """What the published totals cover, by year, in the active language."""
        swedish = (get_language() or "sv").startswith("sv")
        return {
            year: in_swedish if swedish else in_english
            for year, (in_swedish, in_english) in self.basis_in_both_languages.items()
        }


@dataclass(frozen=True)
class CrossFigures:
    """Persons of a year by two or three breakdowns."""

    year: int
    region_code: str | None
    narrowing: Narrowing
    codebook: CodeBook
    table: CountedTable


def recorded_years(region_code: str | None) -> list[int]:
    """The years with standing cases, latest first."""
    text, parameters = recorded_years_query(scope_conditions(region_code))
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        return sorted((year for (year,) in cursor.fetchall()), reverse=True)


def compute_year(
    year: int, *, region_code: str | None = None, narrowing: Narrowing = EVERYBODY
) -> YearFigures:
    """Count a year. All numbers come from one statement, so from one state of the register.

    `region_code` limits everything to one region, `narrowing` to some of its persons; published totals of
    other years, which cannot be limited, are then left out. A narrowed variable lists the one code that it
    is narrowed to. Raises `PartsDoNotSum` if a total differs from its parts.
    """
    counts = count_records(year, region_code, narrowing)
    # After the counts: then it knows every value that they hold.
    codebook = load_codebook()
    vocabulary = _vocabulary(TABLES, year, region_code, narrowing, codebook)
    tables = {table.id: tabulate(table, counts, vocabulary) for table in TABLES}
    recorded = counts.recorded_years
    return YearFigures(
        year=year,
        region_code=region_code,
        codebook=codebook,
        tables=tables,
        key_figures={figure.id: key_figure(figure, tables, year) for figure in KEY_FIGURES},
        narrowing=narrowing,
        basis_in_both_languages={
            basis_year: basis
            for basis_year, basis in sorted(counts.published_basis.items())
            if basis_year not in recorded
        },
    )


def compute_cross(
    year: int,
    breakdowns: Sequence[str],
    *,
    region_code: str | None = None,
    narrowing: Narrowing = EVERYBODY,
) -> CrossFigures:
    """Persons of the year by two or three of `crossing.BREAKDOWNS`, with every total, in two queries.

    With industry among them: persons whose form asks for industry. Raises `NotACross`, `PartsDoNotSum`.
    """
    table = cross_definition(breakdowns)
    groupings, _of_series = wanted_groupings([table])
    counts = _counted(
        counting_statement(
            year=year,
            year_groupings=tuple(groupings),
            scope=scope_conditions(region_code),
            narrowing=narrowing_conditions(narrowing),
            with_incidents=False,
            with_published=False,
            folded=False,
            grouping_sets=_has_grouping_sets(),
        )
    )
    codebook = load_codebook()
    vocabulary = _vocabulary([table], year, region_code, narrowing, codebook)
    return CrossFigures(year, region_code, narrowing, codebook, tabulate(table, counts, vocabulary))


# --- Counting ------------------------------------------------------------------------------------


def count_records(year: int, region_code: str | None, narrowing: Narrowing = EVERYBODY) -> Counts:
    """Everything that the tables need, counted by the database in one statement."""
    year_groupings, series_groupings = _groupings_of_the_tables()
    limited = region_code is not None or bool(narrowing)
    return _counted(
        counting_statement(
            year=year,
            year_groupings=year_groupings,
            series_groupings=series_groupings,
            scope=scope_conditions(region_code),
            narrowing=narrowing_conditions(narrowing),
            with_published=not limited,  # what was published is of everybody
            grouping_sets=_has_grouping_sets(),
        )
    )


def count_series(table: Table, year: int) -> Counts:
    """What one series needs, of the whole country and every year, in one query."""
    of_year, of_series = wanted_groupings([table])
    return _counted(
        counting_statement(
            year=year,
            year_groupings=tuple(of_year),
            series_groupings=tuple(
                dict.fromkeys([("year",), *of_series])
            ),  # with every year that has records
            with_incidents=False,
            with_published=table in TABLES,  # of others nothing was published
            folded=False,
            grouping_sets=_has_grouping_sets(),
        )
    )


def tabulate_series(table: Table, counts: Counts, *, year: int, codebook: CodeBook) -> CountedTable:
    """A series with the values of the code book in the year; of what was not collected then it says so."""
    counted = tabulate(table, counts, _vocabulary([table], year, None, EVERYBODY, codebook))
    [dimension] = table.dimensions
    since = max(codebook.variables[name].first_year for name in dimension.variables)
    cells = {key: NOT_COLLECTED if int(key[0]) < since else cell for key, cell in counted.cells.items()}
    return replace(counted, cells=cells)


@cache
def _groupings_of_the_tables() -> tuple[tuple[Variables, ...], tuple[Variables, ...]]:
    of_year, of_series = wanted_groupings(TABLES)
    return tuple(of_year), tuple(of_series)


def scope_conditions(region_code: str | None) -> tuple[Condition, ...]:
    return () if region_code is None else (("region_id = %s", region_code),)


_NARROWED_COLUMNS = {
    "region": "region_id",
    "form": "form_id",
    "sex": "sex",
    "age_group": "age_group",
    "assessment": "assessment",
}


def narrowing_conditions(narrowing: Narrowing) -> tuple[Condition, ...]:
    """The narrowing as SQL conditions on `casereg_case`, each with its parameter."""
    conditions: list[Condition] = [
        (f"{column} = %s", getattr(narrowing, name))
        for name, column in _NARROWED_COLUMNS.items()
        if getattr(narrowing, name)
    ]
    if narrowing.month is not None:
        conditions.append(("month = %s", narrowing.month))
    incident = narrowing.without_incident
    if incident is not None:
        stored = incident if connection.features.has_native_uuid_field else incident.hex
        conditions.append(("(incident_id IS NULL OR incident_id <> %s)", stored))
    return tuple(conditions)


def _has_grouping_sets() -> bool:
    return connection.vendor == "postgresql"


def _counted(statement: CountingStatement) -> Counts:
    return _counts(fetch_planned(statement.text, statement.parameters), statement)


def _counts(rows: Iterable[tuple], statement: CountingStatement) -> Counts:
    persons: dict[Variables, dict[Codes, int]] = {
        variables: {} for variables, _codes in statement.groupings.values()
    }
    of_mark = {mark: (persons[variables], codes) for mark, (variables, codes) in statement.groupings.items()}
    sizes: dict[str, IncidentSize] = {}
    published: dict[tuple[str, str, str], int] = {}
    basis: dict[str, tuple[str, str]] = {}
    recorded: set[str] = set()
    for row in rows:
        mark = row[0]
        if mark >= 0:
            counted, codes = of_mark[mark]
            counted[codes(row)] = row[-1]
        elif mark == INCIDENT_SIZE:
            sizes[row[1]] = IncidentSize(int(row[2]), row[-1])
        elif mark == RECORDED_YEAR:
            recorded.add(row[1])
        else:
            assert mark == PUBLISHED
            year, table, code, basis_sv, basis_en = row[1:6]
            published[table, year, code] = row[-1]
            if is_total_of_persons(table, code):
                basis[year] = basis_sv, basis_en
    return Counts(persons, sizes, published, basis, frozenset(recorded))


def is_total_of_persons(table: str, code: str) -> bool:
    """The published total whose basis says what the year's totals cover."""
    return (table, code) == ("persons-by-year", "_T")


# --- The codes behind the definitions ------------------------------------------------------------


_sort_key = lru_cache(maxsize=1024)(swedish_order)
_GROUP_OF: Mapping[Codes, str] = {
    (sex, age_group): str(person_group(sex, age_group)) for sex in Sex.values for age_group in AgeGroup.values
}


def _vocabulary(
    tables: Iterable[Table], year: int, region_code: str | None, narrowing: Narrowing, codebook: CodeBook
) -> Vocabulary:
    # Of other regions a region's yearbook knows nothing, and must not print a zero.
    only = narrowing.codes | ({} if region_code is None else {"region": region_code})
    known: dict[str, Codes] = {}
    in_force: dict[str, frozenset[str]] = {}
    for dimension in {dimension for table in tables for dimension in table.dimensions}:
        name = dimension.id
        if name == "person_group":
            known[name] = _person_groups(only)
            in_force[name] = frozenset(known[name])
        elif dimension.fixed:
            known[name] = (only[name],) if name in only else dimension.fixed
        elif dimension.variables and dimension.variables[0] in codebook.terms:
            known[name] = tuple(code for code in codebook.terms[name] if only.get(name, code) == code)
            in_force[name] = frozenset(term.code for term in codebook.in_force(name, year))
    forms = codebook.terms["form"]
    return Vocabulary(
        year=year,
        known=known,
        in_force=in_force,
        derived={"person_group": _GROUP_OF},
        populations={
            "minors": {"age_group": frozenset({AgeGroup.MINOR})},
            "industry_asked": {
                "form": frozenset(code for code, term in forms.items() if term.asks_for_industry)
            },
        },
        collected=frozenset(name for name in codebook.variables if codebook.is_collected(name, year)),
        names={
            "nationality": {
                code: _sort_key(term.label_sv) for code, term in codebook.terms["nationality"].items()
            }
        },
        listed_last=frozenset({"stateless", "unknown"}),
        listed=listed_years(codebook),
    )


def listed_years(codebook: CodeBook) -> ListedYears:
    return {
        name: {code: (term.first_year, term.last_year) for code, term in terms.items()}
        for name, terms in codebook.terms.items()
    }


def _person_groups(only: Mapping[str, str]) -> Codes:
    """The groups in printed order; those of one sex or age group, where the figures are narrowed to it."""
    occurring = {
        group
        for (sex, age_group), group in _GROUP_OF.items()
        if only.get("sex", sex) == sex and only.get("age_group", age_group) == age_group
    }
    return tuple(group for group in PersonGroup.values if group in occurring)
