"""Two cases that may be one person: counted, of two regions, alike, of the same or adjoining months."""

import hashlib
from dataclasses import dataclass
from itertools import product
from typing import Final
from uuid import UUID

from django.db.models import Q

from casereg.models.case import Case, CaseQuerySet
from casereg.models.verdict import Verdict, VerdictQuerySet

COMPARED: Final = ("form", "sex", "age_group", "nationality")  # in which the two of a pair are equal


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cases that may be one person, or of which that was judged."""

    first: Case
    second: Case
    verdict: Verdict | None  # in force

    @property
    def is_open(self) -> bool:
        return self.verdict is None and are_alike(self.first, self.second)


PairIds = frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Alike:
    """The group of one pair: the cases like its first, of its region and month, and those like its second."""

    first: dict[UUID, Case]
    second: dict[UUID, Case]
    judged: set[PairIds]  # with a verdict in force

    def is_open(self, one: UUID, other: UUID) -> bool:
        return frozenset((one, other)) not in self.judged

    @property
    def open_pairs(self) -> list[tuple[Case, Case]]:
        return [
            pair for pair in product(self.first.values(), self.second.values())
            if self.is_open(pair[0].pk, pair[1].pk)
        ]  # fmt: skip

    @property
    def mark(self) -> str:
        """Another one as soon as a case joins or leaves, or a verdict is given: a page sends it back."""
        of_pairs = sorted("".join(sorted((one.pk.hex, other.pk.hex))) for one, other in self.open_pairs)
        return hashlib.sha256(" ".join(of_pairs).encode()).hexdigest()[:16]


def alike(first: Case, second: Case, cases: CaseQuerySet, verdicts: VerdictQuerySet) -> Alike:
    """The group of two cases that are alike, among `cases`, in their order. Two queries."""
    found = list(cases.filter(_side(first) | _side(second)))
    ids = [case.pk for case in found]
    on_them = verdicts.in_force().filter(first__in=ids, second__in=ids)
    return Alike(
        first={case.pk: case for case in found if case.region_id == first.region_id},
        second={case.pk: case for case in found if case.region_id == second.region_id},
        judged={frozenset(pair) for pair in on_them.values_list("first_id", "second_id")},
    )


def is_judged_same(case: Case) -> bool:
    """Whether it is withdrawn as the same person as another region's case."""
    return case.is_withdrawn and Verdict.objects.withdrawing(case).exists()


def are_alike(one: Case, other: Case) -> bool:
    """Whether two cases may be one person: what the list selects, too."""
    return (
        not one.is_withdrawn
        and not other.is_withdrawn
        and one.region_id != other.region_id
        and _values(one) == _values(other)
        and abs(_month_number(one) - _month_number(other)) <= 1
    )


def _side(case: Case) -> Q:
    return Q(
        withdrawn_at__isnull=True,
        region=case.region_id,
        year=case.year,
        month=case.month,
        **_values(case),
    )


def _values(case: Case) -> dict[str, str]:
    return {
        "form": case.form_id,
        "sex": case.sex,
        "age_group": case.age_group,
        "nationality": case.nationality_id,
    }


def _month_number(case: Case) -> int:
    return 12 * case.year + case.month
