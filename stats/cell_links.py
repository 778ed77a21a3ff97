"""From a printed number to the cases behind it: the addresses that tables link to."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from urllib.parse import quote_plus, urlencode

from django.urls import reverse

from stats.definitions import TOTAL
from stats.narrowing import EVERYBODY, Narrowing

# Before the names of a narrowing, which may be those of a breakdown too: the cell `form=labour` within
# `within-form=labour`.
WITHIN = "within"
# The year in whose lists a series or a comparison is recoded, in addresses.
LISTS = "lists"


@dataclass(frozen=True, slots=True)
class CellLinks:
    """Where the numbers of figures lead that are narrowed like this."""

    narrowing: Narrowing = EVERYBODY
    lists: int | None = None  # the year in whose lists the figures are recoded

    def to_cell(self, table_id: str, year: int, codes: Mapping[str, str]) -> str:
        """`codes` by dimension; those at their total are left out."""
        # By hand: a year has some thousand of them, and few different codes.
        query = [f"{name}={_quoted(code)}" for name, code in codes.items() if code != TOTAL]
        if self.lists is not None:
            query.append(f"{LISTS}={self.lists}")
        if self.narrowing is not EVERYBODY and self._within:
            query.append(urlencode(self._within))
        address = _cell_address(year, table_id)
        return f"{address}?{'&'.join(query)}" if query else address

    def to_part(self, key_figure_id: str, year: int, part: str) -> str:
        """The cases in the numerator or the denominator of a key figure."""
        named = {"part": part} if part != "numerator" else {}
        address = reverse("key_figure_cases", args=[year, key_figure_id])
        query = urlencode(named | self._within)
        return f"{address}?{query}" if query else address

    @property
    def _within(self) -> dict[str, str]:
        return {f"{WITHIN}-{name}": value for name, value in narrowing_query(self.narrowing).items()}


def narrowing_query(narrowing: Narrowing) -> dict[str, str]:
    """The narrowing as an address says it."""
    return {
        field.name: str(getattr(narrowing, field.name))
        for field in fields(narrowing)
        if getattr(narrowing, field.name) != field.default
    }


@lru_cache(maxsize=1024)
def _cell_address(year: int, table_id: str) -> str:
    return reverse("cell_read", args=[year, table_id])


_quoted = lru_cache(maxsize=1024)(quote_plus)
