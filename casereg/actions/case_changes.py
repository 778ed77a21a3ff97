"""Changes of a stored case: amend, withdraw, restore, confirm. Each locks it, writes history and trail."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from casereg.access import cases_of
from casereg.actions.cases import CaseRefused, incidents_named
from casereg.actions.incident_histories import write_moved
from casereg.actions.remarks import Alike, ask_about, confirmed_keys, count_registered, refresh_remarks
from casereg.actions.submissions import forget_draft, note_amendment
from casereg.case_content import CaseContent
from casereg.models import AuditEvent, Case, CaseHistory, User, Verdict
from casereg.months import this_month
from casereg.quality import Finding, case_findings, other_year_findings, text_findings
from casereg.remarks import remarks_on, without_incident
from casereg.stored_codebook import load_codebook

Changes = dict[str, list[str]]  # {variable: [before, after]}


class CaseIsWithdrawn(Exception):
    """A withdrawn case is not amended or offered: restore it first."""


class CaseHasChanged(Exception):
    """Somebody else changed the case since the form was opened."""


class CaseIsJudged(Exception):
    """Withdrawn as the same person as another region's case: the agency's analyst takes that back."""


class CaseIsOffered(Exception):
    """A case that another region is asked to take over is not withdrawn: take the offer back first."""


def amend_case(
    *,
    case_id: UUID,
    content: CaseContent,
    by: User,
    drawn_from: CaseContent | None = None,
    number: UUID | None = None,
    confirmed: Collection[str] | None = None,
) -> Changes:
    """Store what has changed, and return it. Where nothing has, nothing is written.

    `drawn_from` is the content that the amendment was written over: if somebody has changed the case
    since, `CaseHasChanged` is raised and nothing is stored. `number` is the form's, whose draft is done
    with; `confirmed` as in `register_case`.
    """
    with transaction.atomic():
        case = lock_case(case_id, by=by)
        if case.is_withdrawn:
            raise CaseIsWithdrawn
        before = case.content
        changes = before.differences(content)
        if not changes:
            if number is not None:
                forget_draft(by=by, number=number)
            return {}
        if drawn_from is not None and drawn_from != before:
            raise CaseHasChanged
        codebook = load_codebook()
        findings = case_findings(
            content,
            codebook=codebook,
            latest_month=this_month(),
            blanks_allowed=False,
            before=before,
        )
        findings += other_year_findings(case.region_id, before, content, codebook)
        if findings:
            raise CaseRefused(findings)
        asked: list[str] = []
        if confirmed is not None:
            known = {*confirmed, *confirmed_keys(case)}
            registered = _registered_alike(case.region_id, before, content)
            asked = ask_about(content, codebook=codebook, registered=registered, confirmed=known)
        named = incidents_named([(case.region_id, content.incident)], by=by, at=timezone.now())
        was_in = case.incident
        case.record(content, incident=named.get((case.region_id, content.incident)))
        case.save()
        if "incident" in changes:
            write_moved(case, was_in=was_in, by=by)
        newly_confirmed = [key for key in asked if key in (confirmed or ())]
        write_history(case, CaseHistory.Action.AMEND, by=by, changes=changes, confirmed=newly_confirmed)
        refresh_remarks([case], codebook=codebook, by=by, confirmed=newly_confirmed)
        if number is not None:
            note_amendment(by=by, number=number)
        _record(case, "case_amend", by=by, fields=changes)
    return changes


def withdraw_case(*, case_id: UUID, reason: str, note: str, by: User) -> Case:
    """Take a case out of every count. It stays, with its history and the reason, and can be restored."""
    with transaction.atomic():
        case = lock_case(case_id, by=by)
        if case.is_withdrawn:
            return case
        if case.has_open_offer:
            raise CaseIsOffered
        _refuse_bad_note(note)
        case.withdrawn_at = timezone.now()
        case.save(update_fields=["withdrawn_at"])
        write_history(case, CaseHistory.Action.WITHDRAW, by=by, reason=reason, note=note)
        refresh_remarks([case], codebook=load_codebook())
        _record(case, "case_withdraw", by=by)
    return case


def restore_case(*, case_id: UUID, reason: str, note: str, by: User) -> Case:
    """Count a withdrawn case again."""
    with transaction.atomic():
        case = lock_case(case_id, by=by)
        if not case.is_withdrawn:
            return case
        if Verdict.objects.withdrawing(case).exists():
            raise CaseIsJudged
        _refuse_bad_note(note)
        case.withdrawn_at = None
        case.save(update_fields=["withdrawn_at"])
        write_history(case, CaseHistory.Action.RESTORE, by=by, reason=reason, note=note)
        refresh_remarks([case], codebook=load_codebook())
        _record(case, "case_restore", by=by)
    return case


def confirm_remark(*, case_id: UUID, key: str, by: User) -> None:
    """Say that what a remark asks about is so: it is asked no more. One that is gone, or done, is left."""
    with transaction.atomic():
        case = lock_case(case_id, by=by)
        if case.is_withdrawn:
            raise CaseIsWithdrawn
        codebook = load_codebook()
        remarks = remarks_on(case.content, codebook=codebook, latest_month=this_month())
        asked = {remark.key: remark for remark in remarks if remark.can_be_confirmed}
        if key not in asked or key in confirmed_keys(case):
            return
        refresh_remarks([case], codebook=codebook, by=by, confirmed=[key])
        write_history(case, CaseHistory.Action.CONFIRM, by=by, confirmed=[key])
        AuditEvent.objects.append(
            by=by,
            action="case_confirm",
            object=f"case {case.pk}",
            region=case.region_id,
            fields=[asked[key].variable],
        )


def lock_case(case_id: UUID, *, by: User) -> Case:
    """The case as it stands now, held until the transaction ends.

    It goes through the door again: since the page was opened the case may have moved to another region.
    Raises `Case.DoesNotExist`.
    """
    # Without the key: whoever only refers to the row at its commit does not wait for it, nor it for them.
    cases_of(by).select_for_update(no_key=True).get(pk=case_id)
    return cases_of(by).select_related("incident", "region").get(pk=case_id)


def write_history(
    case: Case,
    action: CaseHistory.Action,
    *,
    by: User,
    changes: Changes | None = None,
    reason: str = "",
    note: str = "",
    confirmed: Collection[str] = (),
) -> None:
    CaseHistory.objects.create(
        case=case,
        region_id=case.region_id,
        at=timezone.now(),
        by=by,
        action=action,
        changes=changes or {},
        reason=reason,
        note=note,
        confirmed=list(confirmed) or None,
    )


def _registered_alike(region_code: str, before: CaseContent, after: CaseContent) -> Alike | None:
    """The other cases that say what the amendment says. Where only the incident changes, nobody asks."""
    if without_incident(before) == without_incident(after):
        return None
    return count_registered(region_code, [after]).get(after)


def _refuse_bad_note(note: str) -> None:
    findings: list[Finding] = text_findings("note", note)
    if findings:
        raise CaseRefused(findings)


def _record(case: Case, action: str, *, by: User, fields: Changes | None = None) -> None:
    AuditEvent.objects.append(
        by=by, action=action, object=f"case {case.pk}", region=case.region_id, fields=fields or ()
    )
