"""Writes to incidents: create, rename, add persons, take one out. Each case's history tells it too."""

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from casereg.access import cases_of, incidents_of
from casereg.actions.case_changes import lock_case, write_history
from casereg.actions.cases import CaseRefused
from casereg.actions.incident_histories import write_incident_history
from casereg.models import AuditEvent, Case, CaseHistory, Incident, IncidentHistory, User
from casereg.quality import Finding, reference_findings, text_findings

_Action = IncidentHistory.Action


def create_incident(*, region_code: str, reference: str, by: User) -> Incident:
    """An incident without persons yet."""
    with transaction.atomic():
        _refuse_bad_reference(reference)
        incident = Incident(region_id=region_code, reference=reference)
        _save_named(incident)
        write_incident_history(incident, _Action.CREATE, by=by, changes={"reference": ["", reference]})
        _record(incident, "incident_create", by=by)
    return incident


def rename_incident(*, incident_id: UUID, reference: str, by: User) -> Incident:
    """Give an incident another reference; each of its cases keeps both in its history."""
    with transaction.atomic():
        incident = incidents_of(by).select_for_update(no_key=True).get(pk=incident_id)
        before = incident.reference
        if reference == before:
            return incident
        _refuse_bad_reference(reference)
        cases = list(incident.cases.select_for_update(no_key=True).order_by("pk"))
        AuditEvent.objects.hold_head()
        incident.reference = reference
        _save_named(incident)
        for case in cases:
            _write_move(case, [before, reference], by=by)
        write_incident_history(incident, _Action.RENAME, by=by, changes={"reference": [before, reference]})
        _record(incident, "incident_rename", by=by)
    return incident


def add_persons(*, incident_id: UUID, references: Sequence[str], by: User) -> list[Case]:
    """Put cases of the incident's region into it: all of those named, or none."""
    with transaction.atomic():
        incident = incidents_of(by).select_for_update(no_key=True).get(pk=incident_id)
        named = list(dict.fromkeys(references))
        # Locked in the order of everybody who locks many, and looked at as they then stand.
        locked = cases_of(by).of_region(incident.region_id).select_for_update(no_key=True, of=("self",))
        wanted = locked.filter(reference__in=named).select_related("incident", "region").order_by("pk")
        found = {case.reference: case for case in wanted}
        findings = [
            finding
            for reference in named
            for finding in _why_not_added(reference, found.get(reference), incident)
        ]
        if not named:
            findings = [Finding("references", "", _("Enter at least one case's reference."))]
        if findings:
            raise CaseRefused(findings)
        cases = [found[reference] for reference in sorted(named)]
        for case in cases:
            _move(case, incident, by=by)
        write_incident_history(incident, _Action.ADD, by=by, references=[case.reference for case in cases])
        _record(incident, "incident_add_persons", by=by)
    return cases


def take_out_person(*, incident_id: UUID, case_id: UUID, by: User) -> None:
    """Take one person out of an incident; the case stays."""
    with transaction.atomic():
        incident = incidents_of(by).select_for_update(no_key=True).get(pk=incident_id)
        case = lock_case(case_id, by=by)
        if case.incident_id != incident.pk:
            return
        _move(case, None, by=by)
        write_incident_history(incident, _Action.TAKE_OUT, by=by, references=[case.reference])
        _record(incident, "incident_take_out_person", by=by)


def _move(case: Case, incident: Incident | None, *, by: User) -> None:
    before = case.content.incident
    case.incident = incident
    case.save(update_fields=["incident"])
    _write_move(case, [before, case.content.incident], by=by)


def _write_move(case: Case, incident: list[str], *, by: User) -> None:
    write_history(case, CaseHistory.Action.AMEND, by=by, changes={"incident": incident})


def _why_not_added(reference: str, case: Case | None, incident: Incident) -> list[Finding]:
    problem: Promise | None = None
    if case is None:
        problem = format_lazy(_("The region has no case {reference}."), reference=reference)
    elif case.is_withdrawn:
        problem = format_lazy(_("The case {reference} is withdrawn."), reference=reference)
    elif case.incident_id == incident.pk:
        problem = format_lazy(_("The case {reference} is in the incident already."), reference=reference)
    elif case.incident_id is not None:
        problem = format_lazy(
            _("The case {reference} is in another incident: take it out there first."), reference=reference
        )
    return [Finding("references", reference, problem)] if problem is not None else []


def _refuse_bad_reference(reference: str) -> None:
    findings = reference_findings("reference", reference) or text_findings("reference", reference)
    if findings:
        raise CaseRefused(findings)


def _save_named(incident: Incident) -> None:
    try:
        with transaction.atomic():
            incident.save()
    except IntegrityError:
        problem = _("The region has an incident of this name already.")
        raise CaseRefused([Finding("reference", incident.reference, problem)]) from None


def _record(incident: Incident, action: str, *, by: User) -> None:
    AuditEvent.objects.append(
        by=by, action=action, object=f"incident {incident.pk}", region=incident.region_id
    )
