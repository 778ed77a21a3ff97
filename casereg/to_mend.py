"""The list of cases to mend: those with open remarks, narrowed by year and by kind of remark."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from casereg.access import cases_of, remarks_of
from casereg.case_filter import NEWEST_FIRST
from casereg.models import Case, User
from casereg.models.case import CaseQuerySet
from casereg.models.remark import CaseRemarkQuerySet
from casereg.remarks import Kind

# How the keys of a kind begin. What is unusual has a key for each rule, and is the rest.
_BEGINNINGS: Final = {Kind.UNKNOWN: "unknown:", Kind.NOT_RECORDED: "not_recorded:", Kind.RULE: "rule:"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToMendFilter:
    """None: not narrowed by it."""

    year: int | None = None
    kind: Kind | None = None


def cases_to_mend(user: User, wanted: ToMendFilter) -> CaseQuerySet:
    """The cases that have such a remark, newest month first."""
    cases = cases_of(user)
    if wanted.year is not None:
        cases = cases.of_year(wanted.year)
    having_one = Exists(_of_kind(remarks_of(user).open(), wanted.kind).filter(case=OuterRef("pk")))
    return cases.filter(having_one).in_order(NEWEST_FIRST)


def open_keys(user: User, cases: Iterable[Case], kind: Kind | None) -> dict[UUID, set[str]]:
    """The keys of the open remarks of that kind, by case; one query."""
    found: dict[UUID, set[str]] = defaultdict(set)
    remarks = _of_kind(remarks_of(user).open(), kind).filter(case__in=[case.pk for case in cases])
    for case_id, key in remarks.values_list("case_id", "key"):
        found[case_id].add(key)
    return found


def _of_kind(remarks: CaseRemarkQuerySet, kind: Kind | None) -> CaseRemarkQuerySet:
    if kind is None:
        return remarks
    if kind in _BEGINNINGS:
        return remarks.filter(key__startswith=_BEGINNINGS[kind])
    others = Q()
    for beginning in _BEGINNINGS.values():
        others |= Q(key__startswith=beginning)
    return remarks.exclude(others)
