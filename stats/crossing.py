"""Crosses: tables of two or three breakdowns made when they are asked for, and their per cent."""

from collections.abc import Mapping, Sequence

from stats.counts import Codes
from stats.definitions import TOTAL, Dimension, Table, gettext_noop
from stats.dimensions import (
    AGE_GROUP,
    ALL_PERSONS,
    ASSESSMENT,
    FORM,
    INDUSTRY,
    INDUSTRY_ASKED,
    JOINT_INSPECTION,
    MONTH,
    NATIONALITY,
    PERSON_GROUP,
    REFERRAL_SOURCE,
    REGION,
    SEX,
)
from stats.tabulate import CountedTable, per_cent

BREAKDOWNS: Mapping[str, Dimension] = {
    dimension.id: dimension
    for dimension in (
        REGION,
        MONTH,
        ASSESSMENT,
        FORM,
        SEX,
        AGE_GROUP,
        PERSON_GROUP,
        NATIONALITY,
        REFERRAL_SOURCE,
        JOINT_INSPECTION,
        INDUSTRY,
    )
}
FEWEST, MOST = 2, 3


class NotACross(Exception):
    """What was asked for is not two or three different breakdowns."""


def cross_definition(breakdowns: Sequence[str]) -> Table:
    """The table of these breakdowns, in this order. Its id tells them: `cross.form.sex`.

    With industry among them its population is that of the table `industry`. Raises `NotACross`.
    """
    unknown = [name for name in breakdowns if name not in BREAKDOWNS]
    if unknown or len(set(breakdowns)) != len(breakdowns) or not FEWEST <= len(breakdowns) <= MOST:
        raise NotACross(", ".join(breakdowns))
    return Table(
        id=".".join(["cross", *breakdowns]),
        title=gettext_noop("Persons by breakdowns of your choice"),
        dimensions=tuple(BREAKDOWNS[name] for name in breakdowns),
        population=INDUSTRY_ASKED if INDUSTRY.id in breakdowns else ALL_PERSONS,
        internal=True,
    )


def per_cent_along(table: CountedTable, dimension_id: str) -> dict[Codes, int | None]:
    """Each cell of a table as whole per cent, half up, of its total along one dimension.

    Along the dimension of the columns it is per cent by row, and the other way round. None where there is no
    number, or where the total is 0. Parts that round to 99 or 101 stay so. The dimension has a total.
    """
    place = list(table.codes).index(dimension_id)
    if table.codes[dimension_id][-1] != TOTAL:
        raise ValueError(f"{dimension_id} of {table.definition.id} has no total")
    shares = {}
    for key, cell in table.cells.items():
        whole = table.cells[(*key[:place], TOTAL, *key[place + 1 :])].value
        shares[key] = per_cent(cell.value, whole) if cell.value is not None and whole else None
    return shares
