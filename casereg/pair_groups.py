"""The list of pairs without a verdict, as one statement. Values go in as parameters.

Standing cases of one region and month that say the same stand together, and two such sides make a group:
two incidents of forty persons alike are one group of 1,600 pairs. Pages get it by `access.pairs_for`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, overload
from uuid import UUID

from django.db import connection

from casereg.pairs import COMPARED
from casereg.vocabularies import UNKNOWN

GROUPS_COUNTED: Final = 1000  # counting on takes time, and the list can be narrowed


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFilter:
    """The year, and what else is not blank, is that of either case."""

    year: int
    form: str = ""
    region: str = ""
    # Two unknown values are no sign of the same person: such pairs are shown when somebody asks for them.
    with_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """The standing cases of one region and month that are alike."""

    region: str
    year: int
    month: int
    persons: int


@dataclass(frozen=True, slots=True)
class PairGroup:
    """Two sides that are alike. `pairs` are those without a verdict; `example` is one of them."""

    values: dict[str, str]  # by variable, of `COMPARED`
    sides: tuple[Side, Side]
    pairs: int
    example: tuple[UUID, UUID]


class PairGroups(Sequence[PairGroup]):
    """The groups that have pairs without a verdict, newest month first; a page of them is one statement.

    Its length goes no farther than `GROUPS_COUNTED`.
    """

    def __init__(self, wanted: PairFilter) -> None:
        self._wanted = wanted
        self._values: dict[str, Any] = {
            "unknown": UNKNOWN,
            "year": wanted.year,
            "form": wanted.form,
            "region": wanted.region,
        }

    def __len__(self) -> int:
        return min(self._counted, GROUPS_COUNTED)

    @property
    def has_more(self) -> bool:
        """Than are counted."""
        return self._counted > GROUPS_COUNTED

    @overload
    def __getitem__(self, part: int) -> PairGroup: ...

    @overload
    def __getitem__(self, part: slice) -> list[PairGroup]: ...

    def __getitem__(self, part: int | slice) -> PairGroup | list[PairGroup]:
        if isinstance(part, int):
            return self[part : part + 1][0]
        page = f"{_groups(self._wanted)} ORDER BY {_NEWEST_FIRST} LIMIT %(rows)s OFFSET %(skipped)s"
        rows = {"rows": part.stop - part.start, "skipped": part.start}
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT g.*, ({_EXAMPLE}) FROM ({page}) g ORDER BY {_NEWEST_FIRST}", self._values | rows
            )
            return [_group(row) for row in cursor.fetchall()]

    @cached_property
    def _counted(self) -> int:
        some = f"{_groups(self._wanted)} LIMIT {GROUPS_COUNTED + 1}"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM ({some}) g", self._values)
            return int(cursor.fetchone()[0])


def _group(row: tuple[Any, ...]) -> PairGroup:
    first, second = row[-1].split()
    return PairGroup(
        values=dict(zip(COMPARED, row[:4], strict=True)),
        sides=(Side(*row[4:8]), Side(*row[8:12])),
        pairs=row[12],
        example=(UUID(first), UUID(second)),
    )


# --- The statement: of texts that stand here; values go in as parameters --------------------------

_EQUAL_COLUMNS: Final = ("form_id", "sex", "age_group", "nationality_id")
_VALUES: Final = ", ".join(f"c.{column}" for column in _EQUAL_COLUMNS)
_NEWEST_FIRST: Final = "later DESC, form, sex, age_group, nationality, region_one, region_two, month_one"


def _equal(one: str, other: str) -> str:
    return " AND ".join(f"{one}.{column} = {other}.{column}" for column in _EQUAL_COLUMNS)


def _groups(wanted: PairFilter) -> str:
    return f"""
    WITH side AS (
        SELECT {_VALUES}, c.region_id, c.year, c.month, 12 * c.year + c.month AS at, COUNT(*) AS persons
        FROM casereg_case c
        WHERE c.withdrawn_at IS NULL AND {_cases_wanted(wanted)}
        GROUP BY {_VALUES}, c.region_id, c.year, c.month
    ),
    judged AS (
        SELECT {_VALUES},
            CASE WHEN c.region_id < d.region_id THEN c.region_id ELSE d.region_id END AS region_one,
            CASE WHEN c.region_id < d.region_id THEN d.region_id ELSE c.region_id END AS region_two,
            12 * CASE WHEN c.region_id < d.region_id THEN c.year ELSE d.year END
                + CASE WHEN c.region_id < d.region_id THEN c.month ELSE d.month END AS at_one,
            12 * CASE WHEN c.region_id < d.region_id THEN d.year ELSE c.year END
                + CASE WHEN c.region_id < d.region_id THEN d.month ELSE c.month END AS at_two,
            COUNT(*) AS pairs
        FROM casereg_verdict v
        JOIN casereg_case c ON c.id = v.first_id
        JOIN casereg_case d ON d.id = v.second_id
        WHERE v.taken_back_at IS NULL AND c.withdrawn_at IS NULL AND d.withdrawn_at IS NULL
            AND {_equal("d", "c")} AND {_cases_wanted(wanted)}
        GROUP BY {_VALUES}, 5, 6, 7, 8
    )
    SELECT one.form_id AS form, one.sex AS sex, one.age_group AS age_group, one.nationality_id AS nationality,
        one.region_id AS region_one, one.year AS year_one, one.month AS month_one, one.persons AS persons_one,
        two.region_id AS region_two, two.year AS year_two, two.month AS month_two, two.persons AS persons_two,
        one.persons * two.persons - COALESCE(judged.pairs, 0) AS pairs,
        CASE WHEN one.at > two.at THEN one.at ELSE two.at END AS later
    FROM side one
    JOIN side two ON {_equal("two", "one")}
        AND two.region_id > one.region_id AND two.at BETWEEN one.at - 1 AND one.at + 1
    LEFT JOIN judged ON {_equal("judged", "one")}
        AND judged.region_one = one.region_id AND judged.region_two = two.region_id
        AND judged.at_one = one.at AND judged.at_two = two.at
    WHERE one.persons * two.persons > COALESCE(judged.pairs, 0) AND {_groups_wanted(wanted)}
    """


def _cases_wanted(wanted: PairFilter) -> str:
    # With the month before the year and the one after it: a pair may lie across New Year.
    conditions = [
        "(c.year = %(year)s OR (c.year = %(year)s - 1 AND c.month = 12)"
        " OR (c.year = %(year)s + 1 AND c.month = 1))"
    ]
    if wanted.form:
        conditions.append("c.form_id = %(form)s")
    if not wanted.with_unknown:
        conditions += [f"c.{column} <> %(unknown)s" for column in _EQUAL_COLUMNS]
    return " AND ".join(conditions)


def _groups_wanted(wanted: PairFilter) -> str:
    conditions = ["(one.year = %(year)s OR two.year = %(year)s)"]
    if wanted.region:
        conditions.append("(one.region_id = %(region)s OR two.region_id = %(region)s)")
    return " AND ".join(conditions)


def _of_side(case: str, number: str) -> str:
    """Whether a case is of that side of a group."""
    return (
        f"{case}.withdrawn_at IS NULL AND {case}.form_id = g.form AND {case}.sex = g.sex "
        f"AND {case}.age_group = g.age_group AND {case}.nationality_id = g.nationality "
        f"AND {case}.region_id = g.region_{number} "
        f"AND {case}.year = g.year_{number} AND {case}.month = g.month_{number}"
    )


# Two cases of a group without a verdict, as text, since both databases have that.
_EXAMPLE: Final = f"""
    SELECT CAST(c.id AS varchar(36)) || ' ' || CAST(d.id AS varchar(36))
    FROM casereg_case c JOIN casereg_case d ON {_of_side("d", "two")}
    WHERE {_of_side("c", "one")} AND NOT EXISTS (
        SELECT 1 FROM casereg_verdict v
        WHERE v.taken_back_at IS NULL
            AND v.first_id = CASE WHEN c.id < d.id THEN c.id ELSE d.id END
            AND v.second_id = CASE WHEN c.id < d.id THEN d.id ELSE c.id END
    )
    LIMIT 1
"""
