"""Remarks on stored cases: kept in step with every write, made anew for all, and confirmed."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from casereg.case_content import CaseContent
from casereg.codebook import CodeBook
from casereg.models import AuditEvent, Case, CaseRemark, User
from casereg.months import this_month
from casereg.remarks import Remark, registered_already, remarks_on, unusual, without_incident
from casereg.row_security import EVERYTHING, within
from casereg.stored_codebook import load_codebook

BATCH = 1000  # cases whose remarks are compared in one go


class NeedsConfirmation(Exception):
    """What was entered is unusual and not confirmed; `remarks` ask for it. Nothing is stored."""

    def __init__(self, remarks: Sequence[Remark]) -> None:
        super().__init__(", ".join(remark.key for remark in remarks))
        self.remarks = remarks


def ask_about(
    content: CaseContent,
    *,
    codebook: CodeBook,
    registered: "Alike | None" = None,
    confirmed: Collection[str],
) -> list[str]:
    """The keys that were asked about and are confirmed. Raises `NeedsConfirmation` for the others.

    `registered`: the standing cases of the region and month that say the same.
    """
    asked = unusual(content, codebook)
    if registered is not None:
        asked.append(registered_already(registered.number, registered.reference))
    open_ones = [remark for remark in asked if remark.key not in confirmed]
    if open_ones:
        raise NeedsConfirmation(open_ones)
    return [remark.key for remark in asked]


@dataclass(frozen=True, slots=True)
class Alike:
    """How many standing cases say the same, and the reference of one of them."""

    number: int
    reference: str


def count_registered(region_code: str, contents: Collection[CaseContent]) -> dict[CaseContent, Alike]:
    """How many standing cases of the region say the same, for each content that any does; one query.

    Cases of the same incident are not meant: its persons are often alike.
    """
    found: dict[CaseContent, Alike] = {}
    alike = Case.objects.standing().of_region(region_code).saying_any_of(contents)
    for said, incident, number, reference in alike.counted_by_content():
        for content in contents:
            is_same_incident = bool(content.incident) and incident == content.incident
            if said == without_incident(content) and not is_same_incident:
                before = found[content].number if content in found else 0
                found[content] = Alike(before + number, reference)
    return found


def write_remarks(
    cases: Sequence[Case],
    *,
    codebook: CodeBook,
    by: User | None,
    at: datetime,
    confirmed: Collection[str] = (),
) -> None:
    """The remarks on new cases; those whose keys are confirmed are stored as such."""
    latest_month = this_month()
    CaseRemark.objects.bulk_create(
        [
            _stored(case, remark, confirmed=confirmed, by=by, at=at)
            for case in cases
            for remark in remarks_on(case.content, codebook=codebook, latest_month=latest_month)
        ]
    )


def refresh_remarks(
    cases: Sequence[Case],
    *,
    codebook: CodeBook,
    by: User | None = None,
    confirmed: Collection[str] = (),
) -> None:
    """Make the stored remarks on changed cases what the rules say now: three statements, or fewer."""
    now, latest_month = timezone.now(), this_month()
    stored: dict[UUID, dict[str, CaseRemark]] = {case.pk: {} for case in cases}
    for known_row in CaseRemark.objects.filter(case__in=stored):
        stored[known_row.case_id][known_row.key] = known_row
    gone: list[int] = []
    new: list[CaseRemark] = []
    changed: list[CaseRemark] = []
    for case in cases:
        known = stored[case.pk]
        wanted: list[Remark] = []
        if not case.is_withdrawn:
            wanted = remarks_on(case.content, codebook=codebook, latest_month=latest_month)
        keys = {remark.key for remark in wanted}
        # What was confirmed of a withdrawn case stands, in case it is restored.
        stays = {key for key, row in known.items() if case.is_withdrawn and row.confirmed_at is not None}
        gone += [row.pk for key, row in known.items() if key not in keys | stays]
        for remark in wanted:
            row = known.get(remark.key)
            if row is None:
                new.append(_stored(case, remark, confirmed=confirmed, by=by, at=now))
                continue
            is_confirmed_now = row.confirmed_at is None and remark.key in confirmed
            if is_confirmed_now:
                row.confirmed_at, row.confirmed_by = now, by
            if is_confirmed_now or row.region_id != case.region_id:
                row.region_id = case.region_id
                changed.append(row)
    if gone:
        CaseRemark.objects.filter(pk__in=gone).delete()
    if new:
        CaseRemark.objects.bulk_create(new)
    if changed:
        CaseRemark.objects.bulk_update(changed, ["region", "confirmed_at", "confirmed_by"])


def confirmed_keys(case: Case) -> set[str]:
    """What was confirmed of the case before, and is not asked again."""
    keys = CaseRemark.objects.filter(case=case, confirmed_at__isnull=False).values_list("key", flat=True)
    return set(keys)


def check_records(*, by: User | None = None) -> tuple[int, int]:
    """Hold every stored record against today's rules: (records, open remarks). A batch is a transaction."""
    codebook, checked = load_codebook(), 0
    with within(EVERYTHING):
        every_id = list(Case.objects.order_by("pk").values_list("pk", flat=True))
    for ids in _batches(every_id):
        with transaction.atomic(), within(EVERYTHING):
            locked = Case.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
            cases = list(locked.filter(pk__in=ids).select_related("incident"))
            refresh_remarks(cases, codebook=codebook, by=by)
        checked += len(cases)
    with within(EVERYTHING):
        left = CaseRemark.objects.open().count()
    AuditEvent.objects.append(by=by, action="records_check", object=f"{checked} cases")
    return checked, left


def _batches(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    remaining = iter(list(ids))
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _stored(
    case: Case, remark: Remark, *, confirmed: Collection[str], by: User | None, at: datetime
) -> CaseRemark:
    is_confirmed = remark.key in confirmed
    return CaseRemark(
        case=case,
        region_id=case.region_id,
        key=remark.key[:120],
        variable=remark.variable,
        confirmed_at=at if is_confirmed else None,
        confirmed_by=by if is_confirmed else None,
    )
