"""A counted table in the values of one year's lists: what values became is summed. No Django, no queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from stats.counts import Codes
from stats.definitions import NOT_RECORDED, TOTAL, Status
from stats.tabulate import Cell, CountedTable


@dataclass(frozen=True, slots=True)
class ListRecoding:
    """Of one dimension. `target_of`: what an earlier value became; `first_years`, `last_years`: of the values
    of the list, the first year in which records may have it, and the last, where there is one; `printed`: all
    of them in printed order. `until`: the first year in which an earlier value's records are no longer those
    of what it became, whoever still has it."""

    target_of: Mapping[str, str]
    first_years: Mapping[str, int]
    printed: Codes
    last_years: Mapping[str, int] = field(default_factory=dict)
    until: Mapping[str, int] = field(default_factory=dict)

    def is_moved(self, code: str, year: str) -> bool:
        return code not in self.until or int(year) < self.until[code]


def recode(counted: CountedTable, by_dimension: Mapping[str, ListRecoding]) -> CountedTable:
    """The table with the numbers of earlier values added to those that they became.

    Values that became several stay apart, under their own code. So does, in a year that is known from
    published totals only, a value of those that were merged where not every one was published: its
    number is kept, and the merged value has none. Totals do not change. Only years before the change are
    recoded: who is recorded under an earlier value after it stays there.
    """
    for dimension in counted.definition.dimensions:
        if dimension.id in by_dimension:
            counted = _recoded(counted, dimension.id, by_dimension[dimension.id])
    return counted


def _recoded(counted: CountedTable, dimension_id: str, recoding: ListRecoding) -> CountedTable:
    before = counted.codes[dimension_id]
    sources: dict[str, list[str]] = {}
    for code in before:
        target = recoding.target_of.get(code, code)
        if target != code:
            sources.setdefault(target, []).append(code)
    if not sources:
        return counted
    place = list(counted.codes).index(dimension_id)
    published = {key[0] for key, cell in counted.cells.items() if cell.status is Status.MISSING}
    left: dict[Codes, Cell] = {}  # under the earlier values
    summed: dict[Codes, Cell] = {}
    kept: set[str] = set()
    for target, merged in sources.items():
        for key in [key for key in counted.cells if key[place] == merged[0]]:
            stays = {code for code in merged if not recoding.is_moved(code, key[0])}
            kept.update(code for code in stays if counted.cells[_with(key, place, code)].value)
            moved = [code for code in merged if code not in stays]
            own = counted.cells.get(_with(key, place, target))
            if not moved:
                summed[_with(key, place, target)] = own or _nothing(counted.cells[key])
                continue
            parts = {code: counted.cells[_with(key, place, code)] for code in moved}
            if recoding.target_of.get(target, target) != target:
                own = None  # it has become another one itself
            if own is not None:
                parts[target] = own
            # What was not on the year's list is no part that is missing.
            parts = {
                code: cell
                for code, cell in parts.items()
                if cell.status is None or _was_listed(code, key, recoding)
            } or parts
            is_short = key[0] in published and _has_unlisted(target, key, before, recoding)
            total = None if is_short else _sum(list(parts.values()))
            if total is None:  # a part was not published: nothing is added up, and nothing lost
                kept.update(moved)
                summed[_with(key, place, target)] = own or Cell(None, Status.MISSING)
                continue
            summed[_with(key, place, target)] = total
            # What an earlier value has left, where it stays listed for the sake of another year.
            left |= {_with(key, place, code): _nothing(total) for code in moved}
    cells = {**counted.cells, **left, **summed}
    gone = {code for merged in sources.values() for code in merged} - kept - set(sources)
    codes = _in_printed_order({*before, *sources} - gone, before, recoding.printed)
    recoded = replace(counted, codes={**counted.codes, dimension_id: codes}, cells=cells)
    return replace(recoded, cells={key: cells[key] for key in recoded.keys_in_order()})


def _nothing(cell: Cell) -> Cell:
    """0 in a year that has numbers, else the reason why it has none."""
    return Cell(0) if cell.status is None else cell


def _has_unlisted(target: str, key: Codes, before: Codes, recoding: ListRecoding) -> bool:
    """Whether a value that the target takes in was in use that year and is not in the table."""
    return any(
        became == target and source not in before and _was_listed(source, key, recoding)
        for source, became in recoding.target_of.items()
    )


def _was_listed(code: str, key: Codes, recoding: ListRecoding) -> bool:
    year = int(key[0])
    return recoding.first_years.get(code, year) <= year <= recoding.last_years.get(code, year)


def _sum(parts: Sequence[Cell]) -> Cell | None:
    """None where some are numbers and some are not."""
    statuses = {cell.status for cell in parts}
    if statuses == {None}:
        return Cell(sum(cell.value for cell in parts if cell.value is not None))
    return parts[0] if len(statuses) == 1 else None


def _with(key: Codes, place: int, code: str) -> Codes:
    return (*key[:place], code, *key[place + 1 :])


def _in_printed_order(codes: set[str], before: Codes, printed: Codes) -> Codes:
    """Those of the list as it is printed, then what stands behind it in the table: blanks, the total."""
    listed = [code for code in printed if code in codes]
    last = [code for code in before if code in codes and code not in printed]
    assert all(code in (NOT_RECORDED, TOTAL) for code in last), last
    return (*listed, *last)
