"""The statement that counts: one scan of the year and one of the series, however many tables there are.

It holds no value of a user's: only names and constants of this file; years and regions are parameters.
"""

from collections.abc import Iterable, Sequence

from stats.counts import VARIABLES, Variables

# What each variable is in the register's table, as text; blank is `not_recorded`.
_COLUMNS = {
    "year": "CAST(year AS text)",
    "region": "region_id",
    "month": "CAST(month AS text)",
    "assessment": "assessment",
    "form": "form_id",
    "sex": "sex",
    "age_group": "age_group",
    "nationality": "nationality_id",
    "referral_source": "COALESCE(referral_source_id, 'not_recorded')",
    "joint_inspection": "COALESCE(joint_inspection, 'not_recorded')",
    "industry": "COALESCE(industry_id, 'not_recorded')",
    "children_in_sweden": "CASE WHEN children_in_sweden_unknown THEN 'unknown' "
    "ELSE COALESCE(CAST(children_in_sweden AS text), 'not_recorded') END",
    "children_abroad": "CASE WHEN children_abroad_unknown THEN 'unknown' "
    "ELSE COALESCE(CAST(children_abroad AS text), 'not_recorded') END",
}
assert tuple(_COLUMNS) == VARIABLES

GROUPED, INCIDENT_SIZE, PUBLISHED = "grouped", "incident_size", "published"
# Every row: kind, then each variable (NULL where it is summed over), incidents, persons; and of grouped rows
# the bits of the variables that they are grouped by, the first variable's highest.
_SIZE = (
    "CASE WHEN incident IS NULL OR persons = 1 THEN '1' WHEN persons <= 4 THEN '2-4' "
    "WHEN persons <= 9 THEN '5-9' ELSE '10+' END"
)


def counting_statement(
    *,
    year_groupings: Iterable[Variables],
    series_groupings: Iterable[Variables],
    one_region: bool,
    grouping_sets: bool,
) -> str:
    """The statement's text. Parameters: year, [region], [region]; with `one_region` both scans are limited.

    `grouping_sets`: the database has GROUP BY GROUPING SETS; without it each grouping is a select of its own.
    """
    region = " AND region_id = %s" if one_region else ""
    # Selects of their own would each scan the table: let them share one pass.
    once = "" if grouping_sets else "MATERIALIZED "
    columns = ", ".join(f"{expression} AS {name}_" for name, expression in _COLUMNS.items())
    of_year = (
        f"of_year AS {once}(SELECT {columns}, incident_id AS incident FROM casereg_case "
        f"WHERE withdrawn_at IS NULL AND year = %s{region})"
    )
    of_all_years = (
        f"of_all_years AS {once}(SELECT {columns} FROM casereg_case WHERE withdrawn_at IS NULL{region})"
    )
    counted = _grouped("of_year", year_groupings, with_incident=True, sets=grouping_sets)
    series = _grouped("of_all_years", series_groupings, with_incident=False, sets=grouping_sets)
    names = ", ".join(f"{name}_" for name in VARIABLES)
    nothing = ", ".join("NULL" for _ in VARIABLES)
    parts = [
        f"SELECT '{GROUPED}', bits, {names}, 0, persons FROM counted WHERE by_incident = 0",
        f"SELECT '{GROUPED}', bits, {names}, 0, persons FROM series",
        f"SELECT '{INCIDENT_SIZE}', 0, {_SIZE}{nothing[4:]}, "
        "CAST(SUM(CASE WHEN incident IS NULL THEN persons ELSE 1 END) AS integer), "
        "CAST(SUM(persons) AS integer) FROM counted WHERE by_incident = 1 "
        f"GROUP BY {_SIZE}",
    ]
    if not one_region:  # what was published is of the whole country
        table_year_code = f'CAST(year AS text), "table", code{nothing[len("NULL, NULL, NULL") :]}'
        parts.append(f"SELECT '{PUBLISHED}', 0, {table_year_code}, 0, count FROM stats_publishedcount")
    return (
        f"WITH {of_year}, counted AS ({counted}), {of_all_years}, series AS ({series}) "
        + " UNION ALL ".join(parts)
    )


def bits(variables: Variables) -> int:
    """The mark of a grouping, as the statement gives it."""
    return sum(1 << _place(name) for name in variables)


def _place(variable: str) -> int:
    return len(VARIABLES) - 1 - VARIABLES.index(variable)


def _grouped(source: str, groupings: Iterable[Variables], *, with_incident: bool, sets: bool) -> str:
    wanted: list[tuple[Variables, bool]] = [(variables, False) for variables in groupings]
    if with_incident:
        wanted.append(((), True))
    return _in_one_scan(source, wanted) if sets else _one_by_one(source, wanted)


def _in_one_scan(source: str, wanted: Sequence[tuple[Variables, bool]]) -> str:
    by_incident_wanted = any(by_incident for _variables, by_incident in wanted)
    used = [name for name in VARIABLES if any(name in variables for variables, _ in wanted)]
    grouped = ", ".join(f"{name}_" for name in used)
    columns = ", ".join(f"{name}_" if name in used else f"NULL AS {name}_" for name in VARIABLES)
    # GROUPING gives 1 for what is summed over, for each variable alone.
    mark = " + ".join(f"(1 - GROUPING({name}_)) * {1 << _place(name)}" for name in used)
    incident = ", incident, 1 - GROUPING(incident) AS by_incident" if by_incident_wanted else ""
    sets = ", ".join(
        "(incident)" if by_incident else f"({', '.join(f'{name}_' for name in variables)})"
        for variables, by_incident in wanted
    )
    assert grouped
    return (
        f"SELECT {mark} AS bits, {columns}{incident}, COUNT(*) AS persons FROM {source} "
        f"GROUP BY GROUPING SETS ({sets})"
    )


def _one_by_one(source: str, wanted: Sequence[tuple[Variables, bool]]) -> str:
    with_incident = any(by_incident for _variables, by_incident in wanted)
    selects = []
    for variables, by_incident in wanted:
        columns = ", ".join(f"{name}_" if name in variables else f"NULL AS {name}_" for name in VARIABLES)
        incident = ""
        if with_incident:
            incident = (
                f", {'incident' if by_incident else 'NULL'} AS incident, {int(by_incident)} AS by_incident"
            )
        grouped = ["incident"] if by_incident else [f"{name}_" for name in variables]
        group_by = f" GROUP BY {', '.join(grouped)}" if grouped else ""
        selects.append(
            f"SELECT {bits(variables)} AS bits, {columns}{incident}, COUNT(*) AS persons "
            f"FROM {source}{group_by}"
        )
    return " UNION ALL ".join(selects)
