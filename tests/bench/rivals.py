"""The other ways to the same numbers: a statement written by hand, pandas, DuckDB.

Each gives every count that the tables of 2023 and the series are made of; none of them makes the tables,
lists the codes that do not occur, or checks that parts sum. Written as one would who knows the tool.
"""

from typing import Any

import duckdb
import pandas
from django.db import connection

YEAR = 2023
# What the tables of a year are counted by, with every margin.
OF_YEAR = (
    "", "sex", "age_group", "form_id", "assessment", "joint_inspection", "referral_source_id",
    "nationality_id", "region_id", "month", "sex, age_group", "form_id, sex, age_group",
    "form_id, age_group", "form_id, sex", "form_id, assessment", "form_id, joint_inspection",
    "referral_source_id, age_group", "form_id, sex, industry_id", "form_id, industry_id",
    "nationality_id, age_group", "nationality_id, form_id", "region_id, form_id", "month, region_id",
    "children_in_sweden, children_in_sweden_unknown",
    "children_abroad, children_abroad_unknown",
    "children_in_sweden, children_in_sweden_unknown, children_abroad, children_abroad_unknown",
)  # fmt: skip
OF_SERIES = (
    "year", "year, sex, age_group", "year, form_id", "year, age_group", "year, form_id, age_group",
    "year, nationality_id",
)  # fmt: skip
COLUMNS = (
    "region_id, month, assessment, form_id, sex, age_group, nationality_id, referral_source_id, "
    "joint_inspection, industry_id, children_in_sweden, children_in_sweden_unknown, children_abroad, "
    "children_abroad_unknown, incident_id"
)
SERIES_COLUMNS = "year, form_id, sex, age_group, nationality_id"
STANDING = "FROM casereg_case WHERE withdrawn_at IS NULL"
SIZE = (
    "CASE WHEN incident_id IS NULL OR persons = 1 THEN '1' WHEN persons <= 4 THEN '2-4' "
    "WHEN persons <= 9 THEN '5-9' ELSE '10+' END"
)


def _sets(groupings: tuple[str, ...]) -> str:
    return ", ".join(f"({grouping})" for grouping in groupings)


def _year_statement(source: str) -> str:
    """One scan of the year: every grouping at once, the incidents sized from their counts."""
    columns = COLUMNS.removesuffix(", incident_id")
    return (
        f"WITH counted AS (SELECT GROUPING({COLUMNS}) AS mark, GROUPING(incident_id) AS summed, {COLUMNS}, "
        f"COUNT(*) AS persons {source} GROUP BY GROUPING SETS ({_sets(OF_YEAR)}, (incident_id))) "
        f"SELECT mark, {columns}, NULL AS size, persons FROM counted WHERE summed = 1 UNION ALL "
        f"SELECT 0, {', '.join('NULL' for _ in columns.split(', '))}, {SIZE}, SUM(persons) FROM counted "
        f"WHERE summed = 0 GROUP BY {SIZE}"
    )


def _series_statement(source: str) -> str:
    return (
        f"SELECT GROUPING({SERIES_COLUMNS}) AS mark, {SERIES_COLUMNS}, COUNT(*) AS persons {source} "
        f"GROUP BY GROUPING SETS ({_sets(OF_SERIES)})"
    )


def statement_of_year() -> None:
    """PostgreSQL: the year alone, without the series."""
    _fetched(_year_statement(f"{STANDING} AND year = {YEAR}"))


def statement_of_year_and_series() -> None:
    """PostgreSQL: everything that is counted."""
    _fetched(_year_statement(f"{STANDING} AND year = {YEAR}"))
    _fetched(_series_statement(STANDING))


def in_pandas() -> None:
    year, series = (_categories(frame) for frame in _frames())
    for frame, groupings in ((year, OF_YEAR), (series, OF_SERIES)):
        for grouping in groupings:
            if grouping:
                frame.groupby(grouping.split(", "), dropna=False, observed=True, sort=False).size()
    year.groupby("incident_id", observed=True, sort=False).size().value_counts()


def in_duckdb() -> None:
    of_year, of_series = _frames()
    with duckdb.connect() as database:
        database.execute("SET enable_progress_bar = false")  # it would be written into what we print
        database.register("of_year", of_year)
        database.register("of_series", of_series)
        database.execute(_year_statement("FROM of_year")).fetchall()
        database.execute(_series_statement("FROM of_series")).fetchall()


def _frames() -> tuple[pandas.DataFrame, pandas.DataFrame]:
    """The year's records, and of all years what the series need."""
    # An incident is only told apart, so text will do: what a UUID costs to read is not counted against them.
    columns = COLUMNS.replace("incident_id", "CAST(incident_id AS text)")
    year = pandas.DataFrame.from_records(
        _fetched(f"SELECT {columns} {STANDING} AND year = {YEAR}"), columns=COLUMNS.split(", ")
    )
    series = pandas.DataFrame.from_records(
        _fetched(f"SELECT {SERIES_COLUMNS} {STANDING}"), columns=SERIES_COLUMNS.split(", ")
    )
    return year, series


def _categories(frame: pandas.DataFrame) -> pandas.DataFrame:
    """Grouping by categories is some times faster than by text, also with what it takes to make them."""
    return frame.astype(dict.fromkeys(frame.columns, "category"))


def _fetched(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
