"""Amending a common value for all persons of an incident: all or none, over what was seen, and told."""

import uuid

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casereg.actions.cases import CaseRefused, register_case
from casereg.actions.incident_changes import PersonsHaveChanged, amend_incident, persons_mark
from casereg.actions.remarks import NeedsConfirmation
from casereg.models import AuditEvent, Case, CaseHistory, CaseRemark, Draft, Incident, IncidentHistory
from casereg.shared_values import agreed_values, shared_values
from tests.databases import everything_stored
from tests.factories import CaseFactory, IncidentFactory
from tests.records import content

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(db) -> Incident:
    """Three who differ in the referral source, and one who is withdrawn."""
    incident = IncidentFactory(reference="berries")
    for number, source in enumerate(["police", "police", "civil_society"], start=1):
        CaseFactory(reference=f"A-{number}", incident=incident, referral_source_id=source)
    CaseFactory(reference="A-4", incident=incident, withdrawn_at=timezone.now())
    return incident


def amend(incident, by, *, confirmed=None, drawn_from=None, number=None, **values) -> int:
    return amend_incident(
        incident_id=incident.pk,
        values=values,
        by=by,
        confirmed=confirmed,
        drawn_from=drawn_from,
        number=number,
    )


def contents(incident) -> dict:
    cases = incident.cases.select_related("incident").order_by("reference")
    return {case.reference: case.content for case in cases}


def mark(incident) -> str:
    return persons_mark(list(incident.cases.standing().select_related("incident")))


def test_one_value_is_given_to_all_who_stand_and_nothing_else_changes(incident, coordinator_nord):
    before = contents(incident)

    assert amend(incident, coordinator_nord, referral_source="migration_agency", month="2023-08") == 3

    after = contents(incident)
    changed = {name: before[name].differences(after[name]) for name in before}
    month = ["2023-07", "2023-08"]
    assert changed == {
        "A-1": {"month": month, "referral_source": ["police", "migration_agency"]},
        "A-2": {"month": month, "referral_source": ["police", "migration_agency"]},
        "A-3": {"month": month, "referral_source": ["civil_society", "migration_agency"]},
        "A-4": {},
    }
    histories = CaseHistory.objects.order_by("case__reference")
    assert [entry.changes for entry in histories] == [changed[f"A-{number}"] for number in (1, 2, 3)]
    [entry] = IncidentHistory.objects.all()
    assert entry.changes == {"month": month, "referral_source": ["…", "migration_agency"]}
    assert (entry.action, entry.references) == ("amend", ["A-1", "A-2", "A-3"])
    event = AuditEvent.objects.get()
    assert (event.action, event.fields) == ("incident_amend", ["month", "referral_source"])


def test_only_those_are_touched_whom_it_changes(incident, coordinator_nord):
    assert amend(incident, coordinator_nord, referral_source="police") == 1

    [entry] = IncidentHistory.objects.all()
    assert entry.references == ["A-3"]
    assert entry.changes == {"referral_source": ["…", "police"]}
    assert CaseHistory.objects.get().case.reference == "A-3"


def test_where_all_have_the_value_nothing_is_written(incident, coordinator_nord):
    stored = everything_stored()
    assert amend(incident, coordinator_nord, assessment="exploitation", drawn_from="of long ago") == 0
    assert everything_stored() == stored


def test_a_form_that_does_not_ask_for_industry_takes_it_away(incident, coordinator_nord):
    amend(incident, coordinator_nord, form="begging")
    assert set(incident.cases.standing().values_list("form", "industry")) == {("begging", None)}
    assert IncidentHistory.objects.get().changes == {
        "form": ["labour", "begging"],
        "industry": ["green", ""],
    }


def test_all_or_none(incident, coordinator_nord):
    amend(incident, coordinator_nord, form="begging")
    Case.objects.filter(reference="A-1").update(form="labour", industry="green")
    stored = everything_stored()

    with pytest.raises(CaseRefused) as refused:
        amend(incident, coordinator_nord, industry="construction")

    assert [finding.variable for finding in refused.value.findings] == ["industry"]
    assert everything_stored() == stored


def test_what_was_recorded_under_an_earlier_list_may_stay(incident, coordinator_nord):
    Case.objects.filter(reference="A-1").update(referral_source=None, joint_inspection=None)
    assert amend(incident, coordinator_nord, assessment="trafficking") == 3
    assert contents(incident)["A-1"].referral_source == ""


def test_an_amendment_over_what_somebody_has_changed_is_refused(incident, coordinator_nord):
    seen = mark(incident)
    Case.objects.filter(reference="A-2").update(sex="female")
    stored = everything_stored()

    with pytest.raises(PersonsHaveChanged):
        amend(incident, coordinator_nord, drawn_from=seen, assessment="trafficking")
    assert everything_stored() == stored

    assert amend(incident, coordinator_nord, drawn_from=mark(incident), assessment="trafficking") == 3


@pytest.mark.parametrize("change", ["one more", "one less"])
def test_one_person_more_or_less_is_a_change_too(incident, coordinator_nord, change):
    seen = mark(incident)
    if change == "one more":
        CaseFactory(incident=incident)
    else:
        Case.objects.filter(reference="A-3").update(withdrawn_at=timezone.now())
    with pytest.raises(PersonsHaveChanged):
        amend(incident, coordinator_nord, drawn_from=seen, assessment="trafficking")


def test_what_is_unusual_is_asked_once_for_all_and_the_answer_is_stored(coordinator_nord):
    for _person in range(2):
        register_case(
            region_code="nord",
            content=content(form="sexual", industry="", assessment="trafficking"),
            by=coordinator_nord,
        )
    incident = Incident.objects.get()

    with pytest.raises(NeedsConfirmation) as asked:
        amend(incident, coordinator_nord, confirmed=[], assessment="exploitation")
    [remark] = asked.value.remarks
    amend(incident, coordinator_nord, confirmed=[remark.key], assessment="exploitation")

    stored = CaseRemark.objects.filter(key=remark.key)
    assert [row.confirmed_by for row in stored] == [coordinator_nord] * 2
    amended = CaseHistory.objects.filter(action="amend")
    assert [entry.confirmed for entry in amended] == [[remark.key]] * 2
    # It is not asked again of the same persons.
    assert amend(incident, coordinator_nord, confirmed=[], month="2023-08") == 2


def test_what_is_amended_is_no_longer_a_draft(incident, coordinator_nord):
    number, now = uuid.uuid4(), timezone.now()
    Draft.objects.create(
        author=coordinator_nord, region_id="nord", number=number, page="incident_amend", about=incident.pk,
        fields={}, begun_at=now, saved_at=now,
    )  # fmt: skip
    amend(incident, coordinator_nord, number=number, month="2023-08")
    assert not Draft.objects.exists()


def test_another_region_s_incident_is_not_there(incident, coordinator_syd, analyst):
    with pytest.raises(ObjectDoesNotExist):
        amend(incident, coordinator_syd, assessment="trafficking")


def test_statements_do_not_grow_with_the_persons(coordinator_nord):
    def statements(number: int) -> int:
        incident = IncidentFactory()
        CaseFactory.create_batch(number, incident=incident)
        with CaptureQueriesContext(connection) as captured:
            assert amend(incident, coordinator_nord, assessment="trafficking") == number
        return len(captured)

    assert statements(2) == statements(40) <= 16


def test_what_is_shared_is_what_all_have():
    said = [content(), content(form="begging", industry=""), content()]
    shared = shared_values(said)
    assert shared["form"].counts == [("labour", 2), ("begging", 1)]
    assert shared["form"].agreed is None
    assert agreed_values(said).keys() == {"month", "assessment", "referral_source", "joint_inspection"}
    assert agreed_values([]) == {}
