"""Incidents: naming, adding persons and taking them out; each case's history tells it."""

import pytest
from django.core.exceptions import ObjectDoesNotExist

from casereg.actions.case_changes import amend_case
from casereg.actions.cases import CaseRefused, register_case
from casereg.actions.incidents import add_persons, create_incident, rename_incident, take_out_person
from casereg.actions.offers import accept_offer, offer_case
from casereg.models import AuditEvent, Case, CaseHistory, Incident
from tests.factories import CaseFactory, IncidentFactory
from tests.records import changed, content, csv_file, import_file, person

pytestmark = pytest.mark.django_db


def test_persons_are_added_all_or_none(coordinator_nord):
    incident = IncidentFactory()
    CaseFactory(reference="A")
    CaseFactory(reference="B", incident=IncidentFactory())
    CaseFactory(reference="S", region_id="syd")

    with pytest.raises(CaseRefused) as refused:
        add_persons(incident_id=incident.pk, references=["A", "B", "S", "none"], by=coordinator_nord)
    assert [finding.value for finding in refused.value.findings] == ["B", "S", "none"]
    assert not incident.cases.exists()

    add_persons(incident_id=incident.pk, references=["A", "A"], by=coordinator_nord)
    assert [case.reference for case in incident.cases.all()] == ["A"]
    assert CaseHistory.objects.get().changes == {"incident": ["", incident.reference]}


def test_a_person_taken_out_stays_a_case(coordinator_nord):
    incident = IncidentFactory(reference="event")
    case = CaseFactory(incident=incident)

    take_out_person(incident_id=incident.pk, case_id=case.pk, by=coordinator_nord)
    take_out_person(incident_id=incident.pk, case_id=case.pk, by=coordinator_nord)

    assert Case.objects.standing().get().incident is None
    assert [entry.changes for entry in CaseHistory.objects.all()] == [{"incident": ["event", ""]}]


def test_a_new_name_stands_in_each_case_s_history(coordinator_nord):
    incident = IncidentFactory(reference="before")
    CaseFactory.create_batch(2, incident=incident)

    rename_incident(incident_id=incident.pk, reference="after", by=coordinator_nord)

    assert {case.content.incident for case in Case.objects.select_related("incident")} == {"after"}
    assert [entry.changes for entry in CaseHistory.objects.all()] == [{"incident": ["before", "after"]}] * 2
    assert AuditEvent.objects.get().action == "incident_rename"


@pytest.mark.parametrize("reference", ["", "a b", "a" * 41, "taken", "0701234567"])
def test_a_name_that_cannot_be_is_refused(coordinator_nord, reference):
    IncidentFactory(reference="taken")
    other = IncidentFactory(reference="other")

    with pytest.raises(CaseRefused):
        create_incident(region_code="nord", reference=reference, by=coordinator_nord)
    with pytest.raises(CaseRefused):
        rename_incident(incident_id=other.pk, reference=reference, by=coordinator_nord)

    assert set(Incident.objects.values_list("reference", flat=True)) == {"taken", "other"}
    assert not AuditEvent.objects.exists()


def test_the_same_name_in_two_regions_is_two_incidents(coordinator_nord):
    IncidentFactory(region_id="syd", reference="event")

    assert create_incident(region_code="nord", reference="event", by=coordinator_nord).region_id == "nord"


def test_another_region_s_incident_is_not_there(coordinator_syd):
    incident = IncidentFactory(region_id="nord")

    with pytest.raises(ObjectDoesNotExist):
        rename_incident(incident_id=incident.pk, reference="mine", by=coordinator_syd)
    with pytest.raises(ObjectDoesNotExist):
        add_persons(incident_id=incident.pk, references=["A"], by=coordinator_syd)


def told(incident) -> list[tuple[str, list[str]]]:
    return [(entry.action, entry.references) for entry in incident.history.order_by("id")]


def test_an_incident_tells_of_every_way_in_and_out(coordinator_nord, coordinator_syd, tmp_path):
    one = register_case(
        region_code="nord", content=content(incident="berries"), by=coordinator_nord, reference="one"
    )
    others = [person(reference=name, incident="berries") for name in ("two", "three")]
    import_file(csv_file(tmp_path, *others))
    incident = Incident.objects.get()
    two = Case.objects.get(reference="two")
    amend_case(case_id=one.pk, content=changed(one, incident="bar"), by=coordinator_nord)
    offer = offer_case(case_id=two.pk, to_region_code="syd", reason="lives there", by=coordinator_nord)
    accept_offer(offer_id=offer.pk, by=coordinator_syd)

    assert told(incident) == [
        ("create", []),
        ("register", ["one"]),
        ("register", ["two", "three"]),
        ("take_out", ["one"]),
        ("take_out", ["two"]),
    ]
    assert told(Incident.objects.get(reference="bar")) == [("create", []), ("add", ["one"])]
