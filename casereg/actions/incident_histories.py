"""What is told of an incident as a whole, beside what each of its cases tells of itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from casereg.models import Case, Incident, IncidentHistory, User


def write_incident_history(
    incident: Incident,
    action: IncidentHistory.Action,
    *,
    by: User | None,
    changes: Mapping[str, list[str]] | None = None,
    references: Sequence[str] = (),
) -> None:
    """`references` are those of the cases concerned, `changes` as in `IncidentHistory`."""
    IncidentHistory.objects.create(
        incident=incident,
        region_id=incident.region_id,
        at=timezone.now(),
        by=by,
        action=action,
        changes=dict(changes or {}),
        references=list(references),
    )


def write_created(incidents: Sequence[Incident], *, by: User | None, at: datetime) -> None:
    """The first entry of new incidents, in one statement."""
    IncidentHistory.objects.bulk_create(
        IncidentHistory(
            incident=incident,
            region_id=incident.region_id,
            at=at,
            by=by,
            action=IncidentHistory.Action.CREATE,
            changes={"reference": ["", incident.reference]},
        )
        for incident in incidents
    )


def write_registered(references: Mapping[Incident, Sequence[str]], *, by: User | None, at: datetime) -> None:
    """The persons that were registered into incidents, by their references, in one statement."""
    IncidentHistory.objects.bulk_create(
        IncidentHistory(
            incident=incident,
            region_id=incident.region_id,
            at=at,
            by=by,
            action=IncidentHistory.Action.REGISTER,
            references=list(of_incident),
        )
        for incident, of_incident in references.items()
    )


def write_moved(case: Case, *, was_in: Incident | None, by: User) -> None:
    """Both incidents tell of a person who left the one, or came into the other."""
    if was_in is not None:
        write_incident_history(was_in, IncidentHistory.Action.TAKE_OUT, by=by, references=[case.reference])
    if case.incident is not None:
        write_incident_history(case.incident, IncidentHistory.Action.ADD, by=by, references=[case.reference])
