"""What a statistic is: dimensions, populations, tables and key figures, as values. No Django, no queries.

Texts are English source strings; `gettext_noop` only marks them for translation.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain, combinations

TOTAL = "_T"
NOT_RECORDED = "not_recorded"
YEAR = "year"


def gettext_noop(text: str) -> str:
    """Mark a text for the translators and leave it as it is."""
    return text


class Status(Enum):
    """Why a cell has no number: SDMX observation status codes, as the exported tables carry them."""

    NOT_COLLECTED = "L"
    SUPPRESSED = "Q"
    MISSING = "O"  # in a series: not among what was published of that year


class Measure(Enum):
    PERSONS = "persons"
    CHILDREN = "children"
    INCIDENTS = "incidents and persons"


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A breakdown. Its codes come from one or more variables of the register, in printed order.

    `blanks`: records may leave it blank, so `not_recorded` is one of its codes. `fixed`: codes that no
    variable gives. `only_occurring`: lists what occurs, most common first.
    """

    id: str
    label: str
    variables: tuple[str, ...]
    blanks: bool = False
    has_total: bool = True
    fixed: tuple[str, ...] = ()
    only_occurring: bool = False


@dataclass(frozen=True, kw_only=True)
class Population:
    """Who is counted. `variables` are those that decide it; whoever computes hands in the codes."""

    id: str
    label: str
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Table:
    """One published table: a count for each combination of its dimensions' codes.

    A series has one column a year, from the first that anything is known of; other tables have one year.
    """

    id: str
    title: str
    dimensions: tuple[Dimension, ...]
    population: Population
    measure: Measure = Measure.PERSONS
    is_series: bool = False
    internal: bool = False
    note: str = ""

    @property
    def variables(self) -> frozenset[str]:
        """The register's variables that must have been collected for the table to say anything."""
        of_dimensions = chain.from_iterable(dimension.variables for dimension in self.dimensions)
        return frozenset(of_dimensions) | frozenset(self.population.variables)

    def groupings(self) -> Iterator[tuple[tuple[Dimension, ...], frozenset[str]]]:
        """Each set of dimensions that is not summed over, with the variables that it is counted by.

        A table of two dimensions has four: the inner cells, two margins and the grand total. All of them
        are counted, so that a total is never made from its own parts.
        """
        if self.measure is not Measure.PERSONS:
            return
        year = frozenset({YEAR}) if self.is_series else frozenset()
        for size in range(len(self.dimensions), -1, -1):
            for kept in combinations(self.dimensions, size):
                variables = chain.from_iterable(dimension.variables for dimension in kept)
                yield kept, frozenset(variables) | frozenset(self.population.variables) | year


@dataclass(frozen=True)
class CellReference:
    """A cell of a table of one year; a dimension that is not named is at its total."""

    table: str
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class KeyFigure:
    """A number of the year, as sums of cells. With a denominator it is a share in whole per cent."""

    id: str
    label: str
    definition: str
    numerator: tuple[CellReference, ...]
    denominator: tuple[CellReference, ...] = ()

    @property
    def is_share(self) -> bool:
        return bool(self.denominator)
