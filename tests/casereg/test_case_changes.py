"""Amending, withdrawing and restoring: what changes, what is kept, what is refused."""

from uuid import uuid4

import pytest
from django.core.exceptions import ObjectDoesNotExist

from casereg.actions.case_changes import (
    CaseIsOffered,
    CaseIsWithdrawn,
    amend_case,
    restore_case,
    withdraw_case,
)
from casereg.actions.cases import CaseRefused
from casereg.actions.drafts import FormIsStored, save_draft
from casereg.actions.offers import offer_case
from casereg.actions.remarks import NeedsConfirmation
from casereg.models import AuditEvent, CaseHistory, ExploitationForm, Region
from tests.factories import CaseFactory
from tests.records import changed

pytestmark = pytest.mark.django_db


def test_an_amendment_keeps_each_field_before_and_after(coordinator_nord):
    case = CaseFactory(nationality_id="TH", children_abroad=2)

    amend_case(
        case_id=case.pk,
        content=changed(case, nationality="RO", children_abroad="unknown", incident="event"),
        by=coordinator_nord,
    )

    case.refresh_from_db()
    entry = CaseHistory.objects.get(case=case)
    assert (case.nationality_id, case.children_abroad, case.children_abroad_unknown) == ("RO", None, True)
    assert entry.by == coordinator_nord
    assert entry.changes == {
        "nationality": ["TH", "RO"],
        "children_abroad": ["2", "unknown"],
        "incident": ["", "event"],
    }


def test_the_trail_names_the_changed_fields_and_says_nothing_of_their_content(coordinator_nord):
    case = CaseFactory()

    amend_case(case_id=case.pk, content=changed(case, nationality="RO"), by=coordinator_nord)

    event = AuditEvent.objects.get()
    assert (event.action, event.object, event.fields) == ("case_amend", f"case {case.pk}", ["nationality"])


def test_an_amendment_that_changes_nothing_writes_nothing(coordinator_nord):
    case = CaseFactory()

    amend_case(case_id=case.pk, content=changed(case), by=coordinator_nord)

    assert not CaseHistory.objects.exists()
    assert not AuditEvent.objects.exists()


def test_what_was_left_blank_may_stay_blank_and_nothing_else(coordinator_nord):
    case = CaseFactory(industry_id=None, children_abroad=None)

    amend_case(case_id=case.pk, content=changed(case, nationality="RO"), by=coordinator_nord)
    with pytest.raises(CaseRefused) as refused:
        amend_case(case_id=case.pk, content=changed(case, referral_source=""), by=coordinator_nord)

    assert [finding.variable for finding in refused.value.findings] == ["referral_source"]


def test_a_value_that_has_been_retired_stays_and_is_not_chosen_anew(coordinator_nord):
    old, other = CaseFactory(form_id="begging", industry_id=None), CaseFactory()
    ExploitationForm.objects.filter(code="begging").update(last_year=2022)

    amend_case(case_id=old.pk, content=changed(old, nationality="RO"), by=coordinator_nord)
    with pytest.raises(CaseRefused):
        amend_case(case_id=other.pk, content=changed(other, form="begging", industry=""), by=coordinator_nord)

    old.refresh_from_db()
    assert (old.form_id, old.nationality_id) == ("begging", "RO")


def test_a_changed_form_asks_for_its_industry_again(coordinator_nord):
    case = CaseFactory(form_id="sexual", industry_id=None)

    with pytest.raises(CaseRefused) as refused:
        amend_case(case_id=case.pk, content=changed(case, form="labour"), by=coordinator_nord)

    assert [finding.variable for finding in refused.value.findings] == ["industry"]


def test_a_withdrawn_case_leaves_every_count_and_keeps_its_reasons(coordinator_nord):
    case = CaseFactory()

    withdraw_case(case_id=case.pk, reason="registered_twice", note="see the other", by=coordinator_nord)
    with pytest.raises(CaseIsWithdrawn):
        amend_case(case_id=case.pk, content=changed(case, nationality="RO"), by=coordinator_nord)
    restore_case(case_id=case.pk, reason="withdrawn_in_error", note="", by=coordinator_nord)

    case.refresh_from_db()
    assert not case.is_withdrawn
    assert list(CaseHistory.objects.values_list("action", "reason", "note")) == [
        ("withdraw", "registered_twice", "see the other"),
        ("restore", "withdrawn_in_error", ""),
    ]


def test_withdrawing_twice_is_one_withdrawal(coordinator_nord):
    case = CaseFactory()

    for _ in range(2):
        withdraw_case(case_id=case.pk, reason="other", note="", by=coordinator_nord)

    assert CaseHistory.objects.count() == 1


def test_an_offered_case_is_not_withdrawn(coordinator_nord):
    case = CaseFactory()
    offer_case(case_id=case.pk, to_region_code="syd", reason="lives there", by=coordinator_nord)

    with pytest.raises(CaseIsOffered):
        withdraw_case(case_id=case.pk, reason="other", note="", by=coordinator_nord)


@pytest.mark.parametrize(
    "note",
    [
        *("ring 070-123 45 67", "+46 70 123 45 67", "070 - 123 45 67", "070–123 45 67", "(070) 123 45 67"),
        *("46701234567", "19850101-1234", "850161-1234", "800101–1234", "800101 - 1234", "1980-01-01-1234"),
        *("19800101\N{NO-BREAK SPACE}1234", "anna@example.org", "anna＠example.org"),
    ],
)
def test_a_note_that_points_to_a_person_is_refused(coordinator_nord, note):
    case = CaseFactory()

    with pytest.raises(CaseRefused):
        withdraw_case(case_id=case.pk, reason="other", note=note, by=coordinator_nord)

    assert not CaseHistory.objects.exists()


@pytest.mark.parametrize(
    "note", ["same as 2023-0042", "bar-2023-1, 40 persons", "see § 4 a, 2018:601", "0012 0013 0014", ""]
)
def test_an_ordinary_note_is_taken(coordinator_nord, note):
    withdraw_case(case_id=CaseFactory().pk, reason="other", note=note, by=coordinator_nord)

    assert CaseHistory.objects.get().note == note


@pytest.mark.parametrize("change", [withdraw_case, restore_case])
def test_another_region_s_case_is_not_there(coordinator_syd, change):
    case = CaseFactory(region_id="nord")

    with pytest.raises(ObjectDoesNotExist):
        change(case_id=case.pk, reason="other", note="", by=coordinator_syd)


def test_opening_the_form_is_in_the_trail(client, coordinator_nord):
    case = CaseFactory()
    client.force_login(coordinator_nord)

    client.get(f"/cases/{case.pk}/amend/")

    assert AuditEvent.objects.filter(action="read", object=f"case {case.pk}").count() == 1


def test_a_download_whose_filter_is_wrong_gives_no_case(client, coordinator_nord):
    CaseFactory()
    client.force_login(coordinator_nord)

    for wrong in ("year=99999", "form=zzz", "reference=%00"):
        response = client.get(f"/cases/download/?{wrong}", follow=True)
        assert response.redirect_chain[0][0].startswith("/cases/?")
        assert not response.context["rows"]


def test_a_download_holds_what_is_shown_and_stands_and_says_how_it_was_narrowed(client, coordinator_nord):
    CaseFactory(reference="stands")
    CaseFactory(reference="withdrawn", withdrawn_at="2026-01-01T00:00:00Z")
    CaseFactory(reference="elsewhere", region_id="syd")
    client.force_login(coordinator_nord)

    lines = client.get("/cases/download/?state=all&year=2023").content.decode().splitlines()

    assert [line.split(",")[0] for line in lines] == ["reference", "stands"]
    event = AuditEvent.objects.get(action="cases_download")
    assert (event.object, event.fields) == ("1 cases", ["state", "year"])


def test_a_case_is_not_amended_into_a_year_before_its_region(coordinator_nord):
    case = CaseFactory(year=2024)
    Region.objects.filter(pk="nord").update(first_year=2024)

    with pytest.raises(CaseRefused) as refused:
        amend_case(case_id=case.pk, content=changed(case, month="2023-12"), by=coordinator_nord)

    assert [finding.variable for finding in refused.value.findings] == ["month"]


def test_an_amendment_into_the_values_of_another_case_is_asked_about(coordinator_nord):
    CaseFactory(nationality_id="RO")
    case = CaseFactory(nationality_id="TH")

    with pytest.raises(NeedsConfirmation) as asked:
        amend_case(
            case_id=case.pk, content=changed(case, nationality="RO"), by=coordinator_nord, confirmed=()
        )
    amend_case(case_id=case.pk, content=changed(case, incident="event"), by=coordinator_nord, confirmed=())

    assert [remark.key for remark in asked.value.remarks] == ["registered_already"]


def test_a_draft_that_arrives_after_its_amendment_was_stored_is_not_taken(coordinator_nord):
    case, number = CaseFactory(), uuid4()
    amend_case(case_id=case.pk, content=changed(case, sex="female"), by=coordinator_nord, number=number)

    with pytest.raises(FormIsStored):
        save_draft(by=coordinator_nord, number=number, page="case_amend", about=case.pk, fields={})
