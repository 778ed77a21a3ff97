"""Registering an incident in one go: all or nothing, once, in few statements; and undoing it."""

import uuid
from collections import Counter

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from casereg.actions.case_changes import amend_case, withdraw_case
from casereg.actions.cases import CaseRefused
from casereg.actions.incident_registering import (
    PERSONS_MAX,
    PersonsAlike,
    RegisteringCannotBeUndone,
    count_undoable,
    register_incident,
    remarks_before_registering,
    undo_registering,
)
from casereg.actions.incidents import rename_incident, take_out_person
from casereg.actions.offers import offer_case
from casereg.actions.remarks import NeedsConfirmation
from casereg.actions.submissions import SentWithOtherContent
from casereg.models import (
    AuditEvent,
    Case,
    CaseHistory,
    CaseRemark,
    Draft,
    Incident,
    IncidentHistory,
    ReferenceCounter,
    Submission,
)
from tests.databases import everything_stored
from tests.factories import CaseFactory, IncidentFactory, UserFactory
from tests.records import content
from tests.walls import as_owner

pytestmark = pytest.mark.django_db

MEN = content(children_abroad="0")
WOMEN = content(children_abroad="0", sex="female")
BERRY_PICKERS = [PersonsAlike(36, MEN), PersonsAlike(4, WOMEN)]


def register(by, lines=BERRY_PICKERS, **options):
    options = {"region_code": "nord", "number": uuid.uuid4(), "confirmed": ()} | options
    return register_incident(lines=lines, by=by, **options)


def test_forty_persons_become_forty_cases_of_one_incident(coordinator_nord):
    registered = register(coordinator_nord)

    cases = Case.objects.select_related("incident").order_by("reference")
    assert Counter(case.content for case in cases) == {MEN: 36, WOMEN: 4}
    assert [case.reference for case in cases] == [f"2023-{number:04}" for number in range(1, 41)]
    assert (registered.incident, registered.persons, registered.is_new) == (Incident.objects.get(), 40, True)
    assert {case.incident for case in cases} == {registered.incident}
    assert {entry.action for entry in CaseHistory.objects.all()} == {"register"}
    created, registering = IncidentHistory.objects.all()
    assert (created.action, created.changes) == ("create", {"reference": ["", "berries"]})
    assert registering.references == [case.reference for case in cases]
    event = AuditEvent.objects.get()
    assert (event.action, event.region) == ("incident_register", "nord")
    assert event.object == f"incident {registered.incident.pk}, 40 cases"
    assert "children_abroad" in event.fields
    submission = Submission.objects.get()
    assert submission.incident == registered.incident
    assert set(submission.persons.all()) == set(cases)


def statements(of_two_kinds: bool, number: int, by, reference: str) -> int:
    changes = {"incident": reference, "nationality": "unknown" if of_two_kinds else "TH"}
    lines = [
        PersonsAlike(number, content(**changes)),
        PersonsAlike(1, content(sex="female", **changes)),
    ]
    with CaptureQueriesContext(connection) as captured:
        register(by, lines, confirmed={"registered_already"})
    said = [query["sql"] for query in captured]
    # The transaction itself: here a savepoint, since the test is one already.
    assert said[0].startswith(("SAVEPOINT", "BEGIN"))
    assert said[-1].startswith(("RELEASE", "COMMIT"))
    assert not [sql for sql in said[1:-1] if "SAVEPOINT" in sql]
    return len(said) - 2


def test_forty_persons_take_at_most_fifteen_statements_in_one_transaction(coordinator_nord):
    assert statements(False, 39, coordinator_nord, "first") == 15  # the year's counter is made too
    assert statements(False, 39, coordinator_nord, "second") == 14
    assert statements(True, 39, coordinator_nord, "with-remarks") == 15


def test_statements_do_not_grow_with_the_persons(coordinator_nord):
    register(coordinator_nord)
    two = statements(True, 1, coordinator_nord, "two")
    assert statements(True, 39, coordinator_nord, "forty") == two
    if connection.vendor == "postgresql":  # SQLite has a limit of values in a statement
        assert statements(True, 199, coordinator_nord, "two-hundred") == two


@pytest.mark.parametrize(
    "wrong",
    [
        content(form="begging"),  # which does not ask for the industry
        content(children_abroad="51"),
        content(month="2027-01"),
        content(referral_source=""),
        content(incident=""),
        content(incident="070-1234567"),
        content(incident="a b"),
    ],
    ids=lambda wrong: f"{wrong.month} {wrong.form} {wrong.incident}",
)
def test_one_wrong_line_stops_all(coordinator_nord, wrong):
    right = PersonsAlike(3, content(month=wrong.month, incident=wrong.incident))

    with pytest.raises(CaseRefused):
        register(coordinator_nord, [right, PersonsAlike(1, wrong)])

    assert not Case.objects.exists()
    assert not Incident.objects.exists()
    assert not Submission.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("number", [0, PERSONS_MAX + 1])
def test_nobody_and_too_many_are_refused(coordinator_nord, number):
    with pytest.raises(CaseRefused):
        register(coordinator_nord, [PersonsAlike(number, MEN)])
    assert not Case.objects.exists()


def test_lines_of_two_months_are_no_incident(coordinator_nord):
    with pytest.raises(ValueError, match="one month"):
        register(coordinator_nord, [PersonsAlike(1, MEN), PersonsAlike(1, content(month="2023-08"))])


def test_references_that_cases_brought_along_are_passed_over(coordinator_nord):
    CaseFactory(reference="2023-0002")

    register(coordinator_nord, [PersonsAlike(3, WOMEN)])
    register(coordinator_nord, [PersonsAlike(1, content(incident="next"))], confirmed={"registered_already"})

    given = [f"2023-{number:04}" for number in (1, 2, 3, 4, 5)]
    assert sorted(Case.objects.values_list("reference", flat=True)) == given
    assert ReferenceCounter.objects.get().last == 5


# --- What is asked -------------------------------------------------------------------------------


def test_an_incident_that_has_persons_already_is_asked_about(coordinator_nord):
    register(coordinator_nord, [PersonsAlike(2, MEN)])
    stored = everything_stored()

    with pytest.raises(NeedsConfirmation) as asked:
        register(coordinator_nord, [PersonsAlike(1, WOMEN)])
    assert everything_stored() == stored
    [remark] = asked.value.remarks
    assert "2" in str(remark.text)
    assert remarks_before_registering(region_code="nord", lines=[PersonsAlike(1, WOMEN)]) == [remark]

    register(coordinator_nord, [PersonsAlike(1, WOMEN)], confirmed={remark.key})
    assert Incident.objects.get().cases.count() == 3
    assert CaseHistory.objects.get(case__sex="female").confirmed == [remark.key]
    assert [entry.action for entry in IncidentHistory.objects.all()] == ["create", "register", "register"]


def test_from_the_incident_s_own_page_persons_are_added_without_a_question(coordinator_nord):
    incident = register(coordinator_nord, [PersonsAlike(2, MEN)]).incident
    added = [PersonsAlike(1, WOMEN)]

    assert remarks_before_registering(region_code="nord", lines=added, incident_id=incident.pk) == []
    register(coordinator_nord, added, incident_id=incident.pk)

    assert incident.cases.count() == 3


def test_an_incident_of_another_region_with_the_name_is_another(coordinator_nord, coordinator_syd):
    register(coordinator_syd, region_code="syd")
    register(coordinator_nord)
    assert sorted(Incident.objects.values_list("region", flat=True)) == ["nord", "syd"]


def test_an_incident_created_empty_is_filled_without_a_question(coordinator_nord):
    incident = IncidentFactory(reference="berries")
    register(coordinator_nord)
    assert incident.cases.count() == 40
    assert [entry.action for entry in IncidentHistory.objects.all()] == ["register"]


def test_what_is_unusual_is_asked_once_and_the_answer_is_stored(coordinator_nord):
    married = {"form": "forced_marriage", "industry": "", "assessment": "trafficking", "sex": "unknown"}
    lines = [
        PersonsAlike(2, content(age_group="minor", **married)),
        PersonsAlike(1, content(age_group="adult", **married)),
    ]
    CaseFactory.create_batch(
        2, form_id="forced_marriage", industry_id=None, assessment="trafficking", sex="unknown"
    )

    with pytest.raises(NeedsConfirmation) as asked:
        register(coordinator_nord, lines)
    keys = [remark.key for remark in asked.value.remarks]
    assert keys == ["sex:forced_marriage:minor:unknown", "registered_already"]

    with pytest.raises(NeedsConfirmation):
        register(coordinator_nord, lines, confirmed=keys[:1])
    register(coordinator_nord, lines, confirmed=keys)

    confirmed = CaseHistory.objects.order_by("case__reference").values_list("confirmed", flat=True)
    assert list(confirmed) == [keys[:1], keys[:1], keys[1:]]
    assert CaseRemark.objects.filter(confirmed_at__isnull=False, confirmed_by=coordinator_nord).count() == 2
    assert set(CaseRemark.objects.open().values_list("key", flat=True)) == {"unknown:sex"}


# --- Sent again ----------------------------------------------------------------------------------


def test_a_form_sent_again_leads_to_what_it_stored(coordinator_nord):
    number = uuid.uuid4()
    Draft.objects.create(
        author=coordinator_nord,
        region_id="nord",
        number=number,
        page="incident_register",
        fields={},
        begun_at="2026-11-20T10:00Z",
        saved_at="2026-11-20T10:00Z",
    )
    first = register(coordinator_nord, number=number)
    stored = everything_stored()

    again = register(coordinator_nord, number=number)

    assert (again.incident, again.submission, again.is_new) == (first.incident, first.submission, False)
    assert everything_stored() == stored
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        [PersonsAlike(35, MEN), PersonsAlike(4, WOMEN)],
        [PersonsAlike(36, content(children_abroad="0", nationality="VN")), PersonsAlike(4, WOMEN)],
    ],
    ids=["other number", "other content"],
)
def test_the_same_form_with_other_content_is_refused(coordinator_nord, changed):
    number = uuid.uuid4()
    first = register(coordinator_nord, number=number)

    with pytest.raises(SentWithOtherContent) as sent:
        register(coordinator_nord, changed, number=number)

    assert sent.value.stored.incident == first.incident
    assert Case.objects.count() == 40


def test_a_number_is_one_person_s_own(coordinator_nord):
    number = uuid.uuid4()
    register(coordinator_nord, number=number)
    colleague = UserFactory(region_id="nord")
    lines = [PersonsAlike(1, content(incident="another", nationality="VN"))]
    assert register(colleague, lines, number=number).is_new


# --- Undo ----------------------------------------------------------------------------------------


def undo(registered, by):
    return undo_registering(submission_id=registered.submission.pk, incident_id=registered.incident.pk, by=by)


def is_offered(registered, by):
    return count_undoable(submission_id=registered.submission.pk, incident_id=registered.incident.pk, by=by)


def test_undone_persons_are_withdrawn_and_stay_in_the_history(coordinator_nord):
    earlier = register(coordinator_nord, [PersonsAlike(1, content(nationality="unknown"))])
    registered = register(
        coordinator_nord,
        [PersonsAlike(40, content(sex="unknown"))],
        incident_id=earlier.incident.pk,
    )
    assert is_offered(registered, coordinator_nord) == 40

    with CaptureQueriesContext(connection) as captured:
        assert undo(registered, coordinator_nord) == 40
    assert len(captured) <= 18

    assert Case.objects.standing().count() == 1
    assert not CaseRemark.objects.open().filter(variable="sex").exists()
    withdrawn = CaseHistory.objects.filter(action="withdraw")
    assert Counter(withdrawn.values_list("reason", flat=True)) == {"undone": 40}
    last = IncidentHistory.objects.last()
    assert (last.action, len(last.references)) == ("undo", 40)
    assert AuditEvent.objects.last().action == "incident_undo"
    assert not is_offered(registered, coordinator_nord)
    assert undo(registered, coordinator_nord) == 0
    assert AuditEvent.objects.count() == 3


def change_nothing_but_one_person(kind, registered, by):
    case = registered.incident.cases.select_related("incident").order_by("reference")[1]
    if kind == "amended":
        amend_case(case_id=case.pk, content=content(nationality="VN"), by=by)
    elif kind == "withdrawn":
        withdraw_case(case_id=case.pk, reason="other", note="", by=by)
    elif kind == "offered":
        offer_case(case_id=case.pk, to_region_code="mitt", reason="lives there", by=by)
    elif kind == "taken out":
        take_out_person(incident_id=registered.incident.pk, case_id=case.pk, by=by)
    elif kind == "renamed":
        rename_incident(incident_id=registered.incident.pk, reference="other", by=by)


@pytest.mark.parametrize("kind", ["amended", "withdrawn", "offered", "taken out", "renamed"])
def test_what_has_changed_since_is_not_undone(coordinator_nord, kind):
    registered = register(coordinator_nord)
    change_nothing_but_one_person(kind, registered, coordinator_nord)
    stored = everything_stored()

    assert not is_offered(registered, coordinator_nord)
    with pytest.raises(RegisteringCannotBeUndone):
        undo(registered, coordinator_nord)
    assert everything_stored() == stored


def test_nobody_undoes_what_somebody_else_has_registered(coordinator_nord):
    registered = register(coordinator_nord)
    colleague = UserFactory(region_id="nord")
    assert not is_offered(registered, colleague)
    assert undo(registered, colleague) == 0
    assert undo_registering(submission_id=None, incident_id=registered.incident.pk, by=coordinator_nord) == 0
    assert Case.objects.standing().count() == 40


def test_the_same_form_after_undo_stores_nothing(coordinator_nord):
    number = uuid.uuid4()
    registered = register(coordinator_nord, number=number)
    undo(registered, coordinator_nord)
    again = register(coordinator_nord, number=number)
    assert again.submission.undone_at is not None
    assert not Case.objects.standing().exists()


def test_what_the_database_refuses_each_time_is_an_error_and_not_tried_for_ever(coordinator_nord):
    with as_owner(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'no incidents' USING ERRCODE = 'unique_violation'; END $$"
            )
            call = "FOR EACH ROW EXECUTE FUNCTION refused()"
        else:
            call = "BEGIN SELECT RAISE(ABORT, 'no incidents'); END"
        cursor.execute(f"CREATE TRIGGER refused BEFORE INSERT ON casereg_incident {call}")

    with pytest.raises(IntegrityError, match="no incidents"), transaction.atomic():
        register(coordinator_nord)
    assert not Case.objects.exists()
