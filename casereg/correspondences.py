"""What the values of a list became when it was changed: correspondence tables, and recoding by them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Correspondence:
    """From `first_year` on, `target` is recorded in place of `source`. A split has several targets."""

    variable: str
    source: str
    target: str
    first_year: int


@dataclass(frozen=True)
class Recoding:
    """A list's values of earlier years, said in those of one year.

    `target_of`: the one value that an earlier one became, by the earlier one. `apart`: by earlier value
    those that it was split into; which of them a record would have, nobody can tell.
    """

    target_of: Mapping[str, str] = field(default_factory=dict)
    apart: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.target_of or self.apart)


def recoding(lines: Iterable[Correspondence], variable: str, *, year: int) -> Recoding:
    """What the values of a variable became up to the year, by way of any number of changes.

    A value whose parts have been merged again is not apart: it became what they became.
    """
    of_source: dict[str, list[Correspondence]] = {}
    for line in lines:
        if line.variable == variable and line.first_year <= year:
            of_source.setdefault(line.source, []).append(line)
    became = {source: _became(source, 0, of_source) for source in of_source}
    return Recoding(
        target_of={
            source: target for source, targets in became.items() if len(targets) == 1 for target in targets
        },
        apart={source: targets for source, targets in became.items() if len(targets) > 1},
    )


def _became(code: str, since: int, of_source: Mapping[str, list[Correspondence]]) -> frozenset[str]:
    # Each step is of a later year than the one before, so that no chain comes back to where it was.
    later = [line for line in of_source.get(code, ()) if line.first_year > since]
    if not later:
        return frozenset({code})
    return frozenset().union(*(_became(line.target, line.first_year, of_source) for line in later))
