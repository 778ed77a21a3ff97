"""Amending what the persons of an incident have in common: all of them at once, or none."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from casereg.access import incidents_of
from casereg.actions.cases import CaseRefused
from casereg.actions.incident_histories import write_incident_history
from casereg.actions.remarks import NeedsConfirmation, refresh_remarks
from casereg.actions.submissions import forget_draft, note_amendment
from casereg.case_content import CaseContent
from casereg.codebook import CodeBook
from casereg.keyed_hash import keyed_hash, keyed_hashes
from casereg.models import AuditEvent, Case, CaseHistory, CaseRemark, Incident, IncidentHistory, User
from casereg.months import this_month
from casereg.quality import Finding, case_findings, other_year_findings
from casereg.remarks import Remark, unusual
from casereg.shared_values import COMMON, DIFFERED
from casereg.stored_codebook import load_codebook
from casereg.vocabularies import NOT_RECORDED

_PURPOSE: Final = "persons-of-an-incident"
_COLUMNS: Final = {
    "month": ("year", "month"),
    "assessment": ("assessment",),
    "form": ("form_id",),
    "industry": ("industry_id",),
    "referral_source": ("referral_source_id",),
    "joint_inspection": ("joint_inspection",),
}
assert set(_COLUMNS) == set(COMMON)


class PersonsHaveChanged(Exception):
    """Somebody else changed the incident's persons since the page was opened. Nothing is stored."""


@dataclass(frozen=True, slots=True)
class _Amendment:
    """One person's case as it is to become. `asked`: what was asked about it and is not confirmed yet."""

    case: Case
    after: CaseContent
    changes: dict[str, list[str]]
    asked: Sequence[Remark]


def persons_mark(cases: Sequence[Case]) -> str:
    """What the cases say now, as a mark that a page carries: if it is another, somebody has changed them."""
    return keyed_hash(_PURPOSE, _said(cases))


def _said(cases: Sequence[Case]) -> str:
    return json.dumps(sorted([str(case.pk), *asdict(case.content).values()] for case in cases))


def amend_incident(
    *,
    incident_id: UUID,
    values: Mapping[str, str],
    by: User,
    drawn_from: str | None = None,
    number: UUID | None = None,
    confirmed: Collection[str] | None = None,
) -> int:
    """Give the values to all standing persons of the incident; the number of cases that this changes.

    `values` are of `shared_values.COMMON`. Where the new form does not ask for industry, that becomes
    blank. `drawn_from`: the `persons_mark` of what the amendment was written over; `number` and
    `confirmed` as in `amend_case`. Raises `CaseRefused`, `NeedsConfirmation`, `PersonsHaveChanged`.
    """
    with transaction.atomic():
        incident = incidents_of(by).select_for_update(no_key=True).get(pk=incident_id)
        locked = incident.cases.standing().select_for_update(no_key=True, of=("self",))
        cases = list(locked.select_related("incident").order_by("pk"))
        codebook = load_codebook()
        amendments = _amendments(cases, values, codebook)
        if not amendments:
            if number is not None:
                forget_draft(by=by, number=number)
            return 0
        if drawn_from is not None and drawn_from not in keyed_hashes(_PURPOSE, _said(cases)):
            raise PersonsHaveChanged
        _refuse_findings(amendments, codebook, region_code=incident.region_id)
        if confirmed is not None:
            _refuse_unconfirmed(amendments, confirmed)
        _store(amendments, by=by, confirmed=confirmed or (), codebook=codebook)
        changes = _shared_changes(cases, amendments)
        references = sorted(amendment.case.reference for amendment in amendments)
        action = IncidentHistory.Action.AMEND
        write_incident_history(incident, action, by=by, changes=changes, references=references)
        if number is not None:
            note_amendment(by=by, number=number)
        _record(incident, len(amendments), by=by, fields=changes)
    return len(amendments)


def amended(content: CaseContent, values: Mapping[str, str], codebook: CodeBook) -> CaseContent:
    """The content with the values; without an industry where the new form does not ask for one."""
    after = replace(content, **values)
    if "form" in values and "industry" not in values and not codebook.asks_for_industry(after.form):
        after = replace(after, industry=NOT_RECORDED)
    return after


def _amendments(cases: Sequence[Case], values: Mapping[str, str], codebook: CodeBook) -> list[_Amendment]:
    known = {case.pk: set[str]() for case in cases}
    confirmed = CaseRemark.objects.filter(case__in=known, confirmed_at__isnull=False)
    for case_id, key in confirmed.values_list("case_id", "key"):
        known[case_id].add(key)
    found = []
    for case in cases:
        after = amended(case.content, values, codebook)
        changes = case.content.differences(after)
        if changes:
            asked = [remark for remark in unusual(after, codebook) if remark.key not in known[case.pk]]
            found.append(_Amendment(case, after, changes, asked))
    return found


def _refuse_findings(amendments: Sequence[_Amendment], codebook: CodeBook, *, region_code: str) -> None:
    latest_month = this_month()
    found: dict[Finding, None] = {}
    for before, after in dict.fromkeys((each.case.content, each.after) for each in amendments):
        found |= dict.fromkeys(
            case_findings(
                after, codebook=codebook, latest_month=latest_month, blanks_allowed=False, before=before
            )
        )
        found |= dict.fromkeys(other_year_findings(region_code, before, after, codebook))
    if found:
        raise CaseRefused(list(found))


def _refuse_unconfirmed(amendments: Sequence[_Amendment], confirmed: Collection[str]) -> None:
    open_ones = {
        remark.key: remark for each in amendments for remark in each.asked if remark.key not in confirmed
    }
    if open_ones:
        raise NeedsConfirmation(list(open_ones.values()))


def _store(
    amendments: Sequence[_Amendment], *, by: User, confirmed: Collection[str], codebook: CodeBook
) -> None:
    """All get the same values: one statement."""
    changed = {name for each in amendments for name in each.changes}
    # Where not all changed a value, the others had it already.
    given = Case()
    given.record(amendments[0].after, incident=None)
    columns = {column: getattr(given, column) for name in changed for column in _COLUMNS[name]}
    Case.objects.filter(pk__in=[each.case.pk for each in amendments]).update(**columns)
    now = timezone.now()
    histories = []
    for each in amendments:
        each.case.record(each.after, incident=each.case.incident)
        newly = [remark.key for remark in each.asked if remark.key in confirmed]
        histories.append(
            CaseHistory(
                case=each.case,
                region_id=each.case.region_id,
                at=now,
                by=by,
                action=CaseHistory.Action.AMEND,
                changes=each.changes,
                confirmed=newly or None,
            )
        )
    CaseHistory.objects.bulk_create(histories)
    asked = {remark.key for each in amendments for remark in each.asked}
    refresh_remarks(
        [each.case for each in amendments], codebook=codebook, by=by, confirmed=asked.intersection(confirmed)
    )


def _shared_changes(cases: Sequence[Case], amendments: Sequence[_Amendment]) -> dict[str, list[str]]:
    """What was changed, for the incident's history; a before that was not the same for all is DIFFERED."""
    before_by_case = {each.case.pk: each.changes for each in amendments}
    changes: dict[str, list[str]] = {}
    for name in COMMON:
        after = next((each.changes[name][1] for each in amendments if name in each.changes), None)
        if after is None:
            continue
        befores = {before_by_case.get(case.pk, {}).get(name, [after])[0] for case in cases}
        changes[name] = [befores.pop() if len(befores) == 1 else DIFFERED, after]
    return changes


def _record(incident: Incident, cases: int, *, by: User, fields: Collection[str]) -> None:
    AuditEvent.objects.append(
        by=by,
        action="incident_amend",
        object=f"incident {incident.pk}, {cases} cases",
        region=incident.region_id,
        fields=fields,
    )
