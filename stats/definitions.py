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


@dataclass(frozen=True)
class Plural:
    """A text for one and for any other number."""

    one: str
    many: str


def ngettext_lazy(one: str, many: str) -> Plural:
    """Mark a text of two numbers for the translators, who collect it under this name of Django's."""
    return Plural(one, many)


def any_number(text: str) -> Plural:
    """A text that fits every number."""
    return Plural(text, text)


COUNTS_PERSONS = gettext_noop("Persons. One case is one person; a case that is withdrawn is not counted.")
COUNTS_EXACT = gettext_noop("None: counts are exact.")
WHOLE_PER_CENT = gettext_noop(
    "Whole per cent, half up. Shares that add up to 99 or 101 are left as they are. Counts are exact."
)
SHARE_ALOUD = any_number(
    gettext_noop(
        "Of {share_of} in {year}, {share} are counted under “{word}” ({numerator} of {denominator})."
    )
)
NATIONAL_AGENCY = gettext_noop("The national agency.")


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
class Break:
    """From this year on, published totals cover something else than those before."""

    year: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """One published table: a count for each combination of its dimensions' codes.

    A series has one column a year, from the first that anything is known of; other tables have one year.
    `reads_aloud` is filled from one cell: `{year}`, `{count}`, and the word for each dimension's code.
    """

    id: str
    title: str
    dimensions: tuple[Dimension, ...]
    population: Population
    measure: Measure = Measure.PERSONS
    is_series: bool = False
    internal: bool = False
    note: str = ""
    counts: str = COUNTS_PERSONS
    rounding: str = COUNTS_EXACT
    breaks: tuple[Break, ...] = ()
    decided_by: str = NATIONAL_AGENCY
    reads_aloud: Plural = Plural("", "")

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
    """A number of the year, as sums of cells. With a denominator it is a share in whole per cent.

    `share_of` says in words what the denominator is. `reads_aloud` is filled with `{year}` and, for a count,
    `{count}`; for a share `{share}`, `{numerator}` and `{denominator}`, in one text that fits any number.
    """

    id: str
    label: str
    definition: str
    numerator: tuple[CellReference, ...]
    denominator: tuple[CellReference, ...] = ()
    counts: str = COUNTS_PERSONS
    share_of: str = ""
    decided_by: str = NATIONAL_AGENCY
    reads_aloud: Plural = Plural("", "")

    @property
    def is_share(self) -> bool:
        return bool(self.denominator)

    @property
    def rounding(self) -> str:
        return WHOLE_PER_CENT if self.is_share else COUNTS_EXACT


class ChartKind(Enum):
    BARS = gettext_noop("bars")
    STACKED_BARS = gettext_noop("stacked bars")
    SHARES = gettext_noop("bars of shares in per cent")
    PANELS = gettext_noop("small charts beside each other, on one scale")
    LINES = gettext_noop("lines over the years, broken where the coverage changed")
    YEARS = gettext_noop("columns by year, hollow where published, broken where the coverage changed")
    MONTHS = gettext_noop("columns by month")
    MAP = gettext_noop("map of the world")


@dataclass(frozen=True, kw_only=True)
class ChartDefinition:
    """A chart: which tables it draws, how, and what is to be seen in it.

    `drawn` is the part of the first table that is drawn, where that is not all of it; a chart of shares has
    its denominator there. `report_figure` is the figure of the agency's report that it takes the place of.
    """

    id: str
    title: str
    tables: tuple[str, ...]
    kind: ChartKind
    to_see: str
    drawn: CellReference | None = None
    share_of: str = ""
    report_figure: int | None = None

    @property
    def is_share(self) -> bool:
        return self.kind is ChartKind.SHARES

    @property
    def rounding(self) -> str:
        return WHOLE_PER_CENT if self.is_share else COUNTS_EXACT
