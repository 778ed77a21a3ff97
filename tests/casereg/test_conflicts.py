"""Two people amend the same case: the second sees both versions and chooses; neither loses a field."""

import re

import pytest

from casereg.actions.case_changes import amend_case
from casereg.models import CaseHistory
from tests.factories import CaseFactory, UserFactory
from tests.records import changed, fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(db):
    return UserFactory(region_id="nord", name="Nils Kollega")


@pytest.fixture
def opened(client, coordinator_nord):
    """A case that was opened to be amended: (case, the fields of its form)."""
    case = CaseFactory(nationality_id="TH", sex="male")
    client.force_login(coordinator_nord)
    return case, fields_of(client.get(f"/cases/{case.pk}/amend/"))


def hidden_fields(page) -> dict[str, str]:
    tags = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode())
    return dict(tags)


def sent_over(client, case, fields, **typed):
    return client.post(f"/cases/{case.pk}/amend/", fields | typed)


def chosen(client, case, page, **choices):
    keep = {f"keep-{name}": choice for name, choice in choices.items()}
    return client.post(f"/cases/{case.pk}/amend/", hidden_fields(page) | keep)


def rows_of(page) -> dict[str, tuple[str, str, str | None]]:
    """{variable: (mine, stored, what is proposed)}."""
    form = page.context["form"]
    return {row.name: (row.mine, row.stored, field.initial) for row, field in form.rows()}


def test_both_versions_are_shown_and_who_changed_the_stored_one(client, opened, colleague):
    case, fields = opened
    amend_case(case_id=case.pk, content=changed(case, nationality="RO", month="2023-08"), by=colleague)

    page = sent_over(client, case, fields, sex="female", nationality="Bulgarien")

    case.refresh_from_db()
    assert page.status_code == 409
    assert (case.nationality_id, case.sex) == ("RO", "male")
    assert rows_of(page) == {
        "month": ("2023-07", "2023-08", "stored"),  # only the colleague changed it
        "sex": ("kvinna", "man", "mine"),  # only I did
        "nationality": ("Bulgarien", "Rumänien", None),  # both did
    }
    assert "Nils Kollega" in page.content.decode()
    assert "När du öppnade ärendet stod där: Thailand" in page.content.decode()


def test_what_is_chosen_is_stored_and_nothing_else(client, opened, colleague):
    case, fields = opened
    amend_case(case_id=case.pk, content=changed(case, nationality="RO", month="2023-08"), by=colleague)
    page = sent_over(client, case, fields, sex="female", nationality="BG", children_abroad="5")

    response = chosen(
        client, case, page, month="stored", sex="mine", nationality="stored", children_abroad="mine"
    )

    case.refresh_from_db()
    assert response.status_code == 302
    assert case.content == changed(case, month="2023-08", sex="female", nationality="RO", children_abroad="5")
    assert CaseHistory.objects.latest("id").changes == {
        "sex": ["male", "female"],
        "children_abroad": ["2", "5"],
    }


def test_unknown_numbers_of_children_are_chosen_too(client, opened, colleague):
    case, fields = opened
    amend_case(case_id=case.pk, content=changed(case, children_in_sweden="unknown"), by=colleague)
    page = sent_over(client, case, fields, children_in_sweden="3", children_abroad="",
                     children_abroad_unknown="on")  # fmt: skip

    chosen(client, case, page, children_in_sweden="stored", children_abroad="mine")

    case.refresh_from_db()
    assert (case.content.children_in_sweden, case.content.children_abroad) == ("unknown", "unknown")


def test_a_field_that_is_not_chosen_is_asked_again_and_nothing_is_lost(client, opened, colleague):
    case, fields = opened
    amend_case(case_id=case.pk, content=changed(case, nationality="RO"), by=colleague)
    page = sent_over(client, case, fields, nationality="BG", sex="female")

    again = chosen(client, case, page, sex="mine")

    case.refresh_from_db()
    assert again.status_code == 409
    assert "Välj vad som ska gälla" in again.content.decode()
    assert rows_of(again)["nationality"][:2] == ("Bulgarien", "Rumänien")
    assert (case.nationality_id, case.sex) == ("RO", "male")
    assert chosen(client, case, again, sex="mine", nationality="mine").status_code == 302


def test_a_third_change_meanwhile_is_asked_about_again_and_the_second_choice_is_stored(
    client, opened, colleague
):
    case, fields = opened
    amend_case(case_id=case.pk, content=changed(case, nationality="RO"), by=colleague)
    page = sent_over(client, case, fields, nationality="BG", sex="female")
    amend_case(case_id=case.pk, content=changed(case, nationality="UA"), by=colleague)

    again = chosen(client, case, page, nationality="stored", sex="mine")
    assert again.status_code == 409
    assert rows_of(again)["nationality"][:2] == ("Rumänien", "Ukraina")
    done = chosen(client, case, again, nationality="mine", sex="mine")

    case.refresh_from_db()
    assert done.status_code == 302
    assert (case.nationality_id, case.sex) == ("RO", "female")


def test_a_choice_that_breaks_a_rule_is_told_in_the_form(client, opened, colleague):
    case, fields = opened
    amend_case(
        case_id=case.pk,
        content=changed(case, form="sexual", industry="", assessment="trafficking"),
        by=colleague,
    )
    page = sent_over(client, case, fields, industry="construction")

    mixed = chosen(client, case, page, form="stored", industry="mine", assessment="stored")

    case.refresh_from_db()
    assert mixed.status_code == 200
    assert "industry" in mixed.context["form"].errors
    assert case.form_id == "sexual"


def test_sending_the_same_amendment_twice_is_no_conflict(client, opened):
    case, fields = opened

    first, second = (sent_over(client, case, fields, sex="female") for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 302)
    assert CaseHistory.objects.filter(case=case, action="amend").count() == 1


@pytest.mark.parametrize("mark", ["forged", ""])
def test_without_a_mark_of_ours_nothing_is_written_over(client, opened, colleague, mark):
    case, fields = opened
    amend_case(case_id=case.pk, content=changed(case, nationality="RO"), by=colleague)

    page = sent_over(client, case, fields | {"drawn_from": mark}, sex="female")

    case.refresh_from_db()
    assert (page.status_code, case.nationality_id) == (409, "RO")
    assert rows_of(page)["nationality"] == ("Thailand", "Rumänien", None)
