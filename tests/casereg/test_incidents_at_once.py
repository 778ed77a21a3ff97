"""Incidents registered, undone and amended at the same moment: one of two, and nothing is lost."""

import uuid
from collections import Counter
from functools import partial

import pytest

from casereg.actions.case_changes import amend_case
from casereg.actions.incident_registering import (
    PersonsAlike,
    RegisteringCannotBeUndone,
    register_incident,
    undo_registering,
)
from casereg.models import AuditEvent, Case, CaseHistory, Incident, Submission
from casereg.models.audit import chain_breaks
from tests.factories import UserFactory
from tests.records import content
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("committed_db")


def register(by, lines, number=None):
    return register_incident(
        region_code="nord",
        lines=lines,
        by=by,
        number=number or uuid.uuid4(),
        confirmed={"registered_already"},
    )


def undo(registered, by):
    return undo_registering(submission_id=registered.submission.pk, incident_id=registered.incident.pk, by=by)


def amend_one(registered, by):
    case = registered.incident.cases.order_by("reference")[1]
    return amend_case(case_id=case.pk, content=content(nationality="VN"), by=by)


def test_fifty_pairs_of_the_same_form_at_the_same_moment_leave_fifty_incidents(coordinator_nord):
    for turn in range(50):
        lines = [PersonsAlike(3, content(incident=f"event-{turn}", nationality="VN"))]
        send = partial(register, coordinator_nord, lines, uuid.uuid4())
        first, second = at_once(send, send)
        assert {first.is_new, second.is_new} == {True, False}
        assert first.incident == second.incident

    assert Incident.objects.count() == Submission.objects.count() == 50
    given = [f"2023-{number:04}" for number in range(1, 151)]
    assert sorted(Case.objects.values_list("reference", flat=True)) == given
    assert AuditEvent.objects.count() == 50
    assert list(chain_breaks()) == []


@pytest.mark.parametrize("turn", range(5))
def test_two_people_who_name_the_same_incident_at_the_same_moment(coordinator_nord, turn):
    colleague = UserFactory(region_id="nord")
    months = ["2023-07", "2024-07"]  # of two years: nothing but the name makes them meet

    outcomes = at_once(
        *(
            partial(register, by, [PersonsAlike(2, content(month=month))])
            for by, month in zip([coordinator_nord, colleague], months, strict=True)
        )
    )

    # The first creates it; the second is asked whether these are more persons of it.
    assert Counter(type(outcome).__name__ for outcome in outcomes) == {
        "RegisteredPersons": 1,
        "NeedsConfirmation": 1,
    }
    assert Incident.objects.get().cases.count() == 2


@pytest.mark.parametrize("turn", range(5))
def test_undone_twice_at_the_same_moment_is_undone_once(coordinator_nord, turn):
    registered = register(coordinator_nord, [PersonsAlike(40, content())])
    outcomes = at_once(*[partial(undo, registered, coordinator_nord)] * 2)
    assert sorted(outcomes) == [0, 40]
    assert CaseHistory.objects.filter(action="withdraw").count() == 40


@pytest.mark.parametrize("turn", range(5))
def test_undo_and_an_amendment_at_the_same_moment_are_one_or_the_other(coordinator_nord, turn):
    registered = register(coordinator_nord, [PersonsAlike(40, content())])
    outcomes = at_once(
        partial(undo, registered, coordinator_nord),
        partial(amend_one, registered, coordinator_nord),
    )
    if outcomes[0] == 40:
        assert not Case.objects.standing().exists()
        assert not CaseHistory.objects.filter(action="amend").exists()
    else:
        assert isinstance(outcomes[0], RegisteringCannotBeUndone)
        assert Case.objects.standing().count() == 40
