"""Ranks among counts: equal counts share a rank and stand in the order of their Swedish names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Rank:
    """A place from 1, the count that has it, and every code with that count."""

    place: int
    count: int
    codes: tuple[str, ...]


def ranks(counts: Mapping[str, int], swedish_key: Callable[[str], str]) -> list[Rank]:
    """From the largest count down; what counts 0 has no rank."""
    in_order = sorted(
        (code for code, count in counts.items() if count), key=lambda code: (-counts[code], swedish_key(code))
    )
    found: list[Rank] = []
    place = 1
    for count, group in groupby(in_order, key=lambda code: counts[code]):
        codes = tuple(group)
        found.append(Rank(place, count, codes))
        place += len(codes)
    return found


def most_common(ranked: Sequence[Rank], number: int) -> list[Rank]:
    """The ranks up to that place: all that tie for it are among them."""
    return [rank for rank in ranked if rank.place <= number]
