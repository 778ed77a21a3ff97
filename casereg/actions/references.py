"""The references that the register gives: the year and a running number within the region, "2026-0042"."""

from collections.abc import Collection, Iterable, Iterator
from itertools import count

from casereg.models import Case, ReferenceCounter


def lock_counters(region_years: Iterable[tuple[str, int]]) -> None:
    """Hold the counters until the transaction ends. Always in the same order, so nobody waits in a ring."""
    for region_code, year in sorted(set(region_years)):
        ReferenceCounter.objects.get_or_create(region_id=region_code, year=year)
        ReferenceCounter.objects.select_for_update().get(region_id=region_code, year=year)


def give_references(*, region_code: str, year: int, number: int, reserved: Collection[str] = ()) -> list[str]:
    """As many new references as asked for. Lock the counter first; `reserved` are given elsewhere."""
    counter = ReferenceCounter.objects.get(region_id=region_code, year=year)
    taken = set(
        Case.objects.filter(region=region_code, reference__startswith=f"{year}-").values_list(
            "reference", flat=True
        )
    )
    given, counter.last = next_references(
        year=year, after=counter.last, number=number, taken=taken | {*reserved}
    )
    counter.save(update_fields=["last"])
    return given


def next_references(*, year: int, after: int, number: int, taken: Collection[str]) -> tuple[list[str], int]:
    """As many references as asked for that are not taken, and the number of the last."""
    given: list[str] = []
    last = after
    for candidate, reference in _numbered(year, after=after):
        if len(given) == number:
            break
        if reference not in taken:
            given.append(reference)
        last = candidate
    return given, last


def _numbered(year: int, *, after: int) -> Iterator[tuple[int, str]]:
    for number in count(after + 1):
        yield number, f"{year}-{number:04}"
