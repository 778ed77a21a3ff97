"""Registering one case: what is stored, what is told to history and audit, and what is refused."""

import pytest

from casereg.actions.cases import CaseRefused, register_case
from casereg.case_content import CONTENT_VARIABLES
from casereg.models import AuditEvent, AuditHead, Case, CaseHistory, Incident
from tests.databases import nothing_changes, triggers_disabled
from tests.factories import CaseFactory
from tests.records import NOT_COLLECTED_2018, content

pytestmark = pytest.mark.usefixtures("database")


def refused_variables(**options) -> list[str]:
    with nothing_changes(), pytest.raises(CaseRefused) as refused:
        register_case(**{"region_code": "nord", "content": content(), "by": None} | options)
    return [finding.variable for finding in refused.value.findings]


def test_a_case_is_stored_as_it_was_said(coordinator_nord):
    case = register_case(region_code="nord", content=content(), by=coordinator_nord)

    stored = Case.objects.select_related("incident").get(pk=case.pk)
    assert (stored.content, stored.region_id, stored.registered_by) == (content(), "nord", coordinator_nord)


def test_a_case_of_an_early_year_leaves_blank_what_was_not_collected():
    early = content(month="2018-01", **NOT_COLLECTED_2018)

    assert register_case(region_code="nord", content=early, by=None).content == early


def test_the_history_begins_with_every_recorded_value(coordinator_nord):
    said = content(form="begging", industry="", incident="")
    case = register_case(region_code="nord", content=said, by=coordinator_nord)

    entry = CaseHistory.objects.get()
    assert (entry.case, entry.action, entry.by) == (case, "register", coordinator_nord)
    assert entry.changes == {name: ["", value] for name, value in said.recorded().items()}


def test_the_audit_event_names_the_fields_and_no_value(coordinator_nord):
    case = register_case(
        region_code="nord", content=content(form="begging", industry=""), by=coordinator_nord
    )

    event = AuditEvent.objects.get()
    assert (event.actor, event.role, event.region) == (coordinator_nord, "coordinator", "nord")
    assert (event.action, event.object, event.outcome) == ("case_register", f"case {case.pk}", "done")
    assert event.fields == sorted(set(CONTENT_VARIABLES) - {"industry"})


def test_references_are_given_in_the_order_of_registering_by_region_and_year():
    given = [
        register_case(region_code=region, content=content(month=month), by=None).reference
        for region, month in [
            ("nord", "2023-07"),
            ("nord", "2023-01"),
            ("syd", "2023-01"),
            ("nord", "2024-01"),
        ]
    ]

    assert given == ["2023-0001", "2023-0002", "2023-0001", "2024-0001"]


def test_a_given_reference_passes_over_what_is_taken():
    CaseFactory(reference="2023-0001")
    CaseFactory(reference="2023-0003")

    given = [register_case(region_code="nord", content=content(), by=None).reference for _ in range(2)]

    assert given == ["2023-0002", "2023-0004"]


def test_an_own_reference_is_kept():
    case = register_case(region_code="nord", content=content(), by=None, reference="Å.1_x-y")

    assert case.reference == "Å.1_x-y"


def test_a_reference_that_is_taken_in_the_region_is_refused():
    register_case(region_code="nord", content=content(), by=None, reference="A-1")

    assert refused_variables(reference="A-1") == ["reference"]
    assert register_case(region_code="syd", content=content(), by=None, reference="A-1")


def test_the_reference_of_a_withdrawn_case_stays_taken():
    CaseFactory(reference="A-1", withdrawn_at="2026-01-01T00:00:00Z")

    assert refused_variables(reference="A-1") == ["reference"]


@pytest.mark.parametrize("reference", ["a b", "a" * 41, "é", "=1", "a\n"])
def test_a_reference_of_other_characters_is_refused(reference):
    assert refused_variables(reference=reference) == ["reference"]


def test_persons_of_one_event_share_the_incident_of_their_region():
    for region in ["nord", "nord", "syd"]:
        register_case(region_code=region, content=content(incident="bär"), by=None)

    counts = {incident.region_id: incident.cases.count() for incident in Incident.objects.all()}
    assert counts == {"nord": 2, "syd": 1}


@pytest.mark.parametrize("variable", [name for name in CONTENT_VARIABLES if name != "incident"])
def test_by_hand_nothing_that_is_collected_may_be_left_blank(variable):
    assert variable in refused_variables(content=content(**{variable: ""}))


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"form": "sexual"}, ["industry"]),
        ({"month": "2022-12"}, ["referral_source", "joint_inspection"]),
        ({"month": "2026-12"}, ["month"]),
        ({"month": "2017-12"}, ["month"]),
        ({"children_abroad": "51"}, ["children_abroad"]),
        ({"incident": "a b"}, ["incident"]),
        ({"sex": "x", "age_group": "x"}, ["sex", "age_group"]),
    ],
)
def test_every_broken_rule_is_named(changes, refused):
    assert refused_variables(content=content(**changes)) == refused


def test_a_mistaken_form_says_nothing_of_the_industry():
    for industry in ("green", ""):
        assert refused_variables(content=content(form="arbetskraft", industry=industry)) == ["form"]


def test_an_audit_trail_that_takes_nothing_lets_no_case_be_stored():
    with triggers_disabled():
        AuditHead.objects.all().delete()

    with nothing_changes(), pytest.raises(AuditHead.DoesNotExist):
        register_case(region_code="nord", content=content(), by=None)
