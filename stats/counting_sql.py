"""The statement that counts: one scan of the year and one of the series, however many tables there are.

It holds no value of a user's: only names and constants of this file; years, regions and all that figures
are narrowed to are parameters.

Records are first counted by a few sets of variables (folds), then each wanted grouping is counted from the
smallest fold that holds it: a record is touched once a fold instead of once a grouping. The folds are
counted apart from each other, straight from the records, and so is the number of all persons. `FOLDS`
stand in such an order that a table's grand total never comes from the fold that gave its cells (the series
and the children have one fold each): were one fold wrong, the parts would not sum to the total.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from uuid import UUID

from stats.counts import VARIABLES, Codes, Variables

NOT_RECORDED = "not_recorded"

# The columns that each variable is grouped by, and its code made of them: text; blank is `not_recorded`.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "year": ("year",),
    "region": ("region_id",),
    "month": ("month",),
    "assessment": ("assessment",),
    "form": ("form_id",),
    "sex": ("sex",),
    "age_group": ("age_group",),
    "nationality": ("nationality_id",),
    "referral_source": ("referral_source_id",),
    "joint_inspection": ("joint_inspection",),
    "industry": ("industry_id",),
    "children_in_sweden": ("children_in_sweden", "children_in_sweden_unknown"),
    "children_abroad": ("children_abroad", "children_abroad_unknown"),
}
assert tuple(_COLUMNS) == VARIABLES
_CODES: Mapping[str, str] = {
    **{variable: columns[0] for variable, columns in _COLUMNS.items()},
    "year": "CAST(year AS text)",
    "month": "CASE WHEN month < 10 THEN '0' ELSE '' END || CAST(month AS text)",
    **{
        variable: f"COALESCE({_COLUMNS[variable][0]}, '{NOT_RECORDED}')"
        for variable in ("referral_source", "joint_inspection", "industry")
    },
    **{
        variable: f"CASE WHEN {variable}_unknown THEN 'unknown' "
        f"ELSE COALESCE(CAST({variable} AS text), '{NOT_RECORDED}') END"
        for variable in ("children_in_sweden", "children_abroad")
    },
}

# A grouping is counted from the first of these that holds it.
FOLDS: Sequence[Variables] = (
    ("region", "month", "form"),
    ("form", "sex", "industry"),
    ("age_group", "referral_source"),
    ("assessment", "form", "joint_inspection"),
    ("children_in_sweden", "children_abroad"),
)
# Of all years. The first is counted from the second, which an index gives in order.
FOLDS_OF_ALL_YEARS: Sequence[Variables] = (
    ("year", "form", "sex", "age_group"),
    ("year", "form", "sex", "age_group", "nationality"),
)

# What the rows are that hold no grouping: the first column is one of these, or the bits of a grouping.
INCIDENT_SIZE, PUBLISHED, RECORDED_YEAR = -1, -2, -3
_INCIDENT = 1 << len(VARIABLES)  # marks the fold by incident, which is no variable of a table
_SIZE = (
    "CASE WHEN incident IS NULL OR persons = 1 THEN '1' WHEN persons <= 4 THEN '2-4' "
    "WHEN persons <= 9 THEN '5-9' ELSE '10+' END"
)
_MANY_YEARS = "all_years"

Parameter = int | str | UUID
Condition = tuple[str, Parameter]  # SQL with one %s, and its parameter
Code = Callable[[Sequence[str]], Codes]


@dataclass(frozen=True)
class CountingStatement:
    """Text, parameters, and how its rows are read.

    A row is (mark, codes…, persons). `groupings`: the grouping of each mark, and its codes in a row.
    """

    text: str
    parameters: Sequence[Parameter]
    groupings: Mapping[int, tuple[Variables, Code]]


@dataclass
class _Building:
    """The statement as it grows: parameters stand in the order of the text."""

    year: int
    conditions: Sequence[Condition]
    grouping_sets: bool
    tables: list[str] = field(default_factory=list)  # of WITH
    selects: list[list[str]] = field(default_factory=list)  # mark, codes…, persons FROM …
    parameters: list[Parameter] = field(default_factory=list)  # of the tables
    late_parameters: list[Parameter] = field(default_factory=list)  # of the selects
    groupings: dict[int, tuple[Variables, Code]] = field(default_factory=dict)


def bits(variables: Iterable[str]) -> int:
    """The mark of a grouping: one bit a variable, the first variable's highest."""
    return sum(1 << (len(VARIABLES) - 1 - VARIABLES.index(name)) for name in variables)


@lru_cache(maxsize=64)
def counting_statement(
    *,
    year: int,
    year_groupings: tuple[Variables, ...],
    series_groupings: tuple[Variables, ...] = (),
    scope: tuple[Condition, ...] = (),
    narrowing: tuple[Condition, ...] = (),
    with_incidents: bool = True,
    with_published: bool = True,
    folded: bool = True,
    grouping_sets: bool,
) -> CountingStatement:
    """The statement for a year. `scope` limits what may be seen at all, `narrowing` limits it further.

    `folded`: count from folds; else each grouping is counted straight from the records. `grouping_sets`:
    the database has GROUP BY GROUPING SETS; without it each grouping is a select of its own.
    """
    building = _Building(year, [*scope, *narrowing], grouping_sets)
    folds_of_all_years = FOLDS_OF_ALL_YEARS if folded and series_groupings else ()
    folds = [*FOLDS, *(fold[1:] for fold in folds_of_all_years)] if folded else []
    of_year = by_fold(year_groupings, folds)
    of_all_years = by_fold(series_groupings, folds_of_all_years)

    if folds_of_all_years:
        _count_all_years(building)
    direct = [fold for fold in of_all_years if fold not in folds_of_all_years]
    if direct:
        _count_records(building, "of_each_year", direct, of_one_year=False, with_incidents=False)
    own = [fold for fold in of_year if ("year", *fold) not in folds_of_all_years]
    _count_records(building, "of_the_year", own, of_one_year=True, with_incidents=with_incidents)

    for fold, groupings in of_all_years.items():
        source = (
            _all_years_table(fold) if fold in folds_of_all_years else _source("of_each_year", fold, building)
        )
        _regroup(building, fold, groupings, source)
    for fold, groupings in of_year.items():
        if ("year", *fold) in folds_of_all_years:
            source = f"{_all_years_table(('year', *fold))} WHERE year_ = %s"
            _regroup(building, fold, groupings, source, parameter=str(year))
        else:
            _regroup(building, fold, groupings, _source("of_the_year", fold, building))
    if with_incidents:
        _size_incidents(building)
    if with_published:
        building.selects.append(
            [str(PUBLISHED), "CAST(year AS text)", '"table"', "code", "basis_sv", "basis_en",
             "count FROM stats_publishedcount"]
        )  # fmt: skip
    if narrowing and series_groupings:
        _list_recorded_years(building, scope)
    return _statement(building)


def recorded_years_query(scope: Sequence[Condition]) -> tuple[str, list[Parameter]]:
    """The years with standing cases, one row each: finds the next year by the index, reads no others."""
    where = "".join(f" AND {condition}" for condition, _parameter in scope)
    cases = f"FROM casereg_case WHERE withdrawn_at IS NULL{where}"
    text = (
        f"WITH RECURSIVE years AS (SELECT MIN(year) AS year {cases} UNION ALL "
        f"SELECT (SELECT MIN(year) {cases} AND year > years.year) FROM years WHERE years.year IS NOT NULL) "
        "SELECT year FROM years WHERE year IS NOT NULL"
    )
    parameters = [parameter for _condition, parameter in scope]
    return text, parameters + parameters


def by_fold(groupings: Iterable[Variables], folds: Iterable[Variables]) -> dict[Variables, list[Variables]]:
    """The groupings, by the fold that each is counted from. One that no fold holds is a fold itself."""
    folds = list(folds)
    chosen: dict[Variables, list[Variables]] = {}
    for grouping in groupings:
        # All persons are counted on their own: the number that all others are held against.
        fold = next((fold for fold in folds if grouping and set(grouping) <= set(fold)), grouping)
        chosen.setdefault(fold, []).append(grouping)
    return chosen


# --- Counting records ----------------------------------------------------------------------------


def _count_all_years(building: _Building) -> None:
    coarse, fine = FOLDS_OF_ALL_YEARS
    columns = ", ".join(column for variable in fine for column in _COLUMNS[variable])
    codes = ", ".join(f"{_CODES[variable]} AS {variable}_" for variable in fine)
    building.tables.append(
        f"{_all_years_table(fine)} AS MATERIALIZED (SELECT {codes}, CAST(COUNT(*) AS integer) AS persons "
        f"FROM casereg_case WHERE withdrawn_at IS NULL{_where(building)} GROUP BY {columns})"
    )
    names = ", ".join(f"{variable}_" for variable in coarse)
    building.tables.append(
        f"{_all_years_table(coarse)} AS MATERIALIZED (SELECT {names}, "
        f"CAST(SUM(persons) AS integer) AS persons FROM {_all_years_table(fine)} GROUP BY {names})"
    )


def _all_years_table(fold: Variables) -> str:
    return "_by_".join([_MANY_YEARS, *fold[1:]])


def _count_records(
    building: _Building, table: str, folds: Sequence[Variables], *, of_one_year: bool, with_incidents: bool
) -> None:
    """Count records by each of the folds: with grouping sets into one table, else into a table each."""
    condition = " AND year = %s" if of_one_year else ""
    parameters: list[Parameter] = [building.year] if of_one_year else []
    used = [name for name in VARIABLES if any(name in fold for fold in folds)]
    raw = [column for name in used for column in _COLUMNS[name]] + ["incident_id"] * with_incidents
    if building.grouping_sets:
        # GROUPING gives 1 for what is summed over, for each column alone.
        mark = [f"(1 - GROUPING({_COLUMNS[name][0]})) * {bits([name])}" for name in used]
        mark += [f"(1 - GROUPING(incident_id)) * {_INCIDENT}"] * with_incidents
        codes = [f"{_CODES[name]} AS {name}_" for name in used] + ["incident_id AS incident"] * with_incidents
        sets = [_raw(fold) for fold in folds] + ["incident_id"] * with_incidents
        building.tables.append(
            f"{table} AS MATERIALIZED (SELECT {' + '.join(mark) or '0'} AS fold, "
            f"{''.join(f'{code}, ' for code in codes)}CAST(COUNT(*) AS integer) AS persons "
            f"FROM casereg_case WHERE withdrawn_at IS NULL{condition}{_where(building, parameters)} "
            f"GROUP BY GROUPING SETS ({', '.join(f'({columns})' for columns in sets)}))"
        )
        return
    # Each fold is a pass over the records: let them share one reading of the table.
    building.tables.append(
        f"{table} AS MATERIALIZED (SELECT {', '.join(raw) or '1'} FROM casereg_case "
        f"WHERE withdrawn_at IS NULL{condition}{_where(building, parameters)})"
    )
    for fold in folds:
        codes = [f"{_CODES[name]} AS {name}_, " for name in fold]
        group_by = f" GROUP BY {_raw(fold)}" if fold else ""
        building.tables.append(
            f"{table}_{bits(fold)} AS MATERIALIZED "
            f"(SELECT {''.join(codes)}COUNT(*) AS persons FROM {table}{group_by})"
        )
    if with_incidents:
        building.tables.append(
            f"{table}_{_INCIDENT} AS MATERIALIZED "
            f"(SELECT incident_id AS incident, COUNT(*) AS persons FROM {table} GROUP BY incident_id)"
        )


def _where(building: _Building, parameters: Sequence[Parameter] = ()) -> str:
    """The conditions, as text; their parameters are noted after those given."""
    building.parameters += [*parameters, *(parameter for _condition, parameter in building.conditions)]
    return "".join(f" AND {condition}" for condition, _parameter in building.conditions)


def _raw(fold: Variables) -> str:
    return ", ".join(column for variable in fold for column in _COLUMNS[variable])


def _source(table: str, fold: Variables, building: _Building) -> str:
    return f"{table} WHERE fold = {bits(fold)}" if building.grouping_sets else f"{table}_{bits(fold)}"


# --- Counting folds ------------------------------------------------------------------------------


def _regroup(
    building: _Building,
    fold: Variables,
    groupings: Sequence[Variables],
    source: str,
    *,
    parameter: Parameter | None = None,
) -> None:
    """From a fold's table to its groupings. A row's codes are those of the fold, in its order."""
    names = [f"{variable}_" for variable in fold]

    def select(mark: str, codes: Sequence[str], persons: str, group_by: str = "") -> None:
        building.selects.append([mark, *codes, f"{persons} FROM {source}{group_by}"])
        building.late_parameters += [] if parameter is None else [parameter]

    for grouping in groupings:
        building.groupings[bits(grouping)] = grouping, _picked([fold.index(name) for name in grouping])
    if list(groupings) == [fold]:
        select(str(bits(fold)), names, "persons")
    elif building.grouping_sets:
        sets = ", ".join(f"({', '.join(f'{variable}_' for variable in grouping)})" for grouping in groupings)
        used = {variable for grouping in groupings for variable in grouping}
        mark = " + ".join(
            f"(1 - GROUPING({variable}_)) * {bits([variable])}" for variable in fold if variable in used
        )
        codes = [f"{variable}_" if variable in used else "NULL" for variable in fold]
        select(mark, codes, "SUM(persons)", f" GROUP BY GROUPING SETS ({sets})")
    else:
        for grouping in groupings:
            codes = [f"{variable}_" if variable in grouping else "NULL" for variable in fold]
            group_by = ", ".join(f"{variable}_" for variable in grouping)
            select(str(bits(grouping)), codes, "SUM(persons)", f" GROUP BY {group_by}")


def _picked(places: Sequence[int]) -> Code:
    """The codes at some places of a row, whose first column is the mark."""
    columns = [place + 1 for place in places]
    if not columns:
        return lambda _row: ()
    if len(columns) == 1:
        [column] = columns
        return lambda row: (row[column],)
    return itemgetter(*columns)


def _size_incidents(building: _Building) -> None:
    source = f"of_the_year WHERE fold = {_INCIDENT}" if building.grouping_sets else f"of_the_year_{_INCIDENT}"
    incidents = "CAST(SUM(CASE WHEN incident IS NULL THEN persons ELSE 1 END) AS text)"
    building.selects.append(
        [str(INCIDENT_SIZE), _SIZE, incidents, f"SUM(persons) FROM {source} GROUP BY {_SIZE}"]
    )


def _list_recorded_years(building: _Building, scope: Sequence[Condition]) -> None:
    text, parameters = recorded_years_query(scope)
    building.selects.append([str(RECORDED_YEAR), "CAST(year AS text)", f"0 FROM ({text}) AS recorded"])
    building.late_parameters += parameters


def _statement(building: _Building) -> CountingStatement:
    width = max(len(select) for select in building.selects)
    selects = []
    for *columns, last in building.selects:
        filled = [*columns, *["NULL"] * (width - 1 - len(columns))]
        selects.append(f"SELECT {', '.join([*filled, last])}")
    return CountingStatement(
        text=f"WITH {', '.join(building.tables)} {' UNION ALL '.join(selects)}",
        parameters=[*building.parameters, *building.late_parameters],
        groupings=building.groupings,
    )
