"""What the database counted, and the codes it counted by: what `compute` hands to the arithmetic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Codes = tuple[str, ...]
Variables = tuple[str, ...]

# Variables stand in this order wherever a grouping is a tuple.
VARIABLES: Variables = (
    "year",
    "region",
    "month",
    "assessment",
    "form",
    "sex",
    "age_group",
    "nationality",
    "referral_source",
    "joint_inspection",
    "industry",
    "children_in_sweden",
    "children_abroad",
)
_PLACES = {variable: place for place, variable in enumerate(VARIABLES)}


# By variable and value of a list: its first year, and its last, if there is one.
ListedYears = Mapping[str, Mapping[str, tuple[int, int | None]]]


def is_listed(listed: ListedYears, dimension: str, code: str, year: int) -> bool:
    """Whether a record of the year could have the value. What is on no list always could."""
    first, last = listed.get(dimension, {}).get(code, (year, None))
    return first <= year and (last is None or year <= last)


def in_order(variables: Iterable[str]) -> Variables:
    return tuple(sorted(variables, key=_PLACES.__getitem__))


@dataclass(frozen=True, slots=True)
class IncidentSize:
    """How many incidents of a size there were, and how many persons in them."""

    incidents: int = 0
    persons: int = 0


@dataclass(frozen=True)
class Counts:
    """Persons by grouping: `persons[variables][codes]`, both in the order of `VARIABLES`.

    A grouping that begins with `year` covers all years; the others cover the year asked for. `published`
    is `(table id, year, code) -> count`, of years before the register; `published_basis` is by year what
    those totals say that they cover, in Swedish and in English. `recorded` are the years with records,
    where they are more than those with persons counted: a narrowed series shows 0 there.
    """

    persons: Mapping[Variables, Mapping[Codes, int]]
    incident_sizes: Mapping[str, IncidentSize] = field(default_factory=dict)
    published: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    published_basis: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    recorded: frozenset[str] = frozenset()

    def of(self, variables: Iterable[str]) -> Mapping[Codes, int]:
        return self.persons[in_order(variables)]

    @property
    def recorded_years(self) -> frozenset[str]:
        return self.recorded.union(year for (year,) in self.persons.get(("year",), {}))


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The codes behind the definitions, for one year.

    `known`: every code of a dimension in printed order; `in_force`: those that the year's records may have;
    `derived`: the code of a dimension of several variables, by theirs; `populations`: the codes that make
    a population, by variable; `collected`: the variables asked for that year; `names`: sort keys;
    `listed`: the first and, where there is one, the last year of the values of a list.
    """

    year: int
    known: Mapping[str, Codes]
    in_force: Mapping[str, frozenset[str]]
    derived: Mapping[str, Mapping[Codes, str]]
    populations: Mapping[str, Mapping[str, frozenset[str]]]
    collected: frozenset[str]
    names: Mapping[str, Mapping[str, str]]
    listed_last: frozenset[str] = frozenset()
    listed: ListedYears = field(default_factory=dict)
