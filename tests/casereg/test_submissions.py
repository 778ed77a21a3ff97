"""A form is stored once: repeated it leads to what is stored, and with other content it is told apart."""

import re
import uuid
from functools import partial

import pytest

from casereg.actions.case_changes import withdraw_case
from casereg.actions.cases import register_case
from casereg.actions.offers import accept_offer, offer_case
from casereg.actions.submissions import SentWithOtherContent
from casereg.models import AuditEvent, Case, CaseHistory, Draft, Submission
from tests.factories import CaseFactory, UserFactory
from tests.records import content, fields_of
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

CASE = {
    "month": "2026-07",
    "assessment": "trafficking",
    "form": "begging",
    "sex": "female",
    "age_group": "adult",
    "nationality": "Rumänien",
    "referral_source": "police",
    "joint_inspection": "no",
    "children_in_sweden": "0",
    "children_abroad_unknown": "on",
}


@pytest.fixture
def form(client, coordinator_nord):
    """The fields of a form that was opened, filled in."""
    client.force_login(coordinator_nord)
    return fields_of(client.get("/cases/register/")) | CASE


def test_each_form_has_a_number_of_its_own(client, coordinator_nord):
    client.force_login(coordinator_nord)
    numbers = {fields_of(client.get("/cases/register/"))["number"] for _ in range(3)}

    assert len(numbers) == 3


def test_a_form_that_comes_again_leads_to_the_stored_case(client, form):
    first, second = (client.post("/cases/register/", form) for _ in range(2))

    case = Case.objects.get()
    assert first["Location"] == second["Location"] == f"/cases/{case.pk}/"
    assert CaseHistory.objects.count() == 1
    assert AuditEvent.objects.filter(action="case_register").count() == 1


def test_other_content_under_the_same_number_is_told(client, form):
    client.post("/cases/register/", form)

    response = client.post("/cases/register/", form | {"sex": "male"})

    case = Case.objects.get()
    assert (response.status_code, case.sex) == (409, "female")
    assert f"/cases/{case.pk}/" in response.content.decode()
    assert "är inte sparat" in response.content.decode()


def test_what_was_refused_may_be_sent_again_under_its_number(client, form):
    refused = client.post("/cases/register/", form | {"nationality": "Tailand"})
    again = client.post("/cases/register/", form | {"nationality": "Thailand"})

    assert (refused.status_code, again.status_code) == (200, 302)
    assert Case.objects.get().nationality_id == "TH"


def test_the_page_with_an_error_keeps_the_number(client, form):
    refused = client.post("/cases/register/", form | {"nationality": "Tailand"})

    number = re.search(r'name="number" value="([^"]+)"', refused.content.decode())
    assert number
    assert number[1] == form["number"]


@pytest.mark.parametrize("number", ["", "not-a-number", None])
def test_a_form_without_a_number_is_taken_each_time(client, form, number):
    form.pop("number")
    sent = form if number is None else form | {"number": number}

    client.post("/cases/register/", sent)
    client.post("/cases/register/", sent | {"confirmed": "registered_already"})

    assert Case.objects.count() == 2


def test_two_people_s_forms_do_not_meet(coordinator_nord, coordinator_syd):
    number = uuid.uuid4()
    for by in (coordinator_nord, coordinator_syd):
        register_case(region_code=by.region_id, content=content(), by=by, number=number)

    assert Case.objects.count() == Submission.objects.count() == 2


def test_storing_ends_the_draft_of_the_form_and_no_other(coordinator_nord):
    number, other = uuid.uuid4(), uuid.uuid4()
    for each in (number, other):
        Draft.objects.create(
            author=coordinator_nord, region_id="nord", number=each, page="case_register", fields={},
            begun_at="2026-11-20T10:00:00Z", saved_at="2026-11-20T10:00:00Z",
        )  # fmt: skip

    register_case(region_code="nord", content=content(), by=coordinator_nord, number=number)

    assert Draft.objects.get().number == other


def test_the_stored_hash_tells_nothing_of_the_content(coordinator_nord, settings):
    def stored_hash(secret):
        settings.SECRET_KEY = secret
        number = uuid.uuid4()
        register_case(region_code="nord", content=content(incident=""), by=coordinator_nord, number=number)
        return Submission.objects.get(number=number).content_hash

    assert stored_hash("one secret") != stored_hash("another secret")


def test_200_pairs_of_simultaneous_identical_forms_store_200_cases(committed_db):
    user = UserFactory(region_id="nord")

    def send(number, month):
        return register_case(
            region_code="nord", content=content(month=month, incident=""), by=user, number=number
        ).pk

    def send_in_other_words(number):
        return register_case(region_code="nord", content=content(month="2024-01"), by=user, number=number).pk

    for start in range(0, 200, 4):
        numbers = [uuid.uuid4() for _ in range(4)]
        calls = [partial(send, number, f"2023-{1 + start % 12:02}") for number in numbers for _ in "ab"]
        outcomes = at_once(*calls)
        assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert len(set(outcomes)) == 4
    assert Case.objects.count() == Submission.objects.count() == CaseHistory.objects.count() == 200

    number = uuid.uuid4()
    outcomes = at_once(partial(send, number, "2023-05"), partial(send_in_other_words, number))
    assert [type(outcome) for outcome in outcomes].count(SentWithOtherContent) == 1
    assert Case.objects.count() == 201


def test_the_button_says_where_to_go_next(client, form):
    plain = client.post("/cases/register/", form)
    case = Case.objects.get()
    number = {"number": str(uuid.uuid4()), "confirmed": "registered_already"}
    another = client.post("/cases/register/", form | number | {"then": "another"})
    number["number"] = str(uuid.uuid4())
    like = client.post("/cases/register/", form | number | {"then": "like"})

    newest = Case.objects.latest("registered_at")
    assert plain["Location"] == f"/cases/{case.pk}/"
    assert another["Location"] == "/cases/register/"
    assert like["Location"] == f"/cases/register/?like={newest.pk}"


def test_a_case_like_another_has_its_values_but_the_children(client, coordinator_nord):
    case = CaseFactory(children_in_sweden=2, children_abroad=None, children_abroad_unknown=True)
    client.force_login(coordinator_nord)

    fields = fields_of(client.get(f"/cases/register/?like={case.pk}"))

    assert fields["nationality"] == "TH"
    assert (fields["month"], fields["industry"], fields["sex"]) == ("2023-07", "green", "male")
    assert not [name for name in fields if name.startswith("children")]


def test_another_region_s_case_is_no_pattern(client, coordinator_syd):
    case = CaseFactory(region_id="nord")
    client.force_login(coordinator_syd)

    assert client.get(f"/cases/register/?like={case.pk}").status_code == 404
    assert client.get("/cases/register/?like=nonsense").status_code == 200


def test_a_form_that_comes_again_after_its_case_was_taken_over_says_so_and_no_more(
    client, form, coordinator_nord, coordinator_syd
):
    client.post("/cases/register/", form)
    case = Case.objects.get()
    CaseFactory(region_id="syd", reference=case.reference)
    offer = offer_case(case_id=case.pk, to_region_code="syd", reason="lives there", by=coordinator_nord)
    case = accept_offer(offer_id=offer.pk, by=coordinator_syd)
    denied = AuditEvent.objects.filter(action="access_denied").count()

    for sent in (form, form | {"then": "like"}, form | {"sex": "male"}):
        page = client.post("/cases/register/", sent, follow=True).content.decode()
        assert "En annan region har tagit över" in page
        assert case.reference not in page
        assert str(case.pk) not in page
    assert AuditEvent.objects.filter(action="access_denied").count() == denied
    assert Case.objects.count() == 2


def test_a_form_that_comes_again_after_its_case_was_withdrawn_says_so(client, form, coordinator_nord):
    client.post("/cases/register/", form, follow=True)
    withdraw_case(case_id=Case.objects.get().pk, reason="other", note="", by=coordinator_nord)

    page = client.post("/cases/register/", form, follow=True).content.decode()

    assert "är makulerat sedan dess" in page
    assert "är registrerat" not in page


def test_a_form_is_known_again_after_the_secret_has_changed(coordinator_nord, settings):
    number = uuid.uuid4()
    sent = {"region_code": "nord", "content": content(), "by": coordinator_nord, "number": number}
    case = register_case(**sent)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new secret"

    assert register_case(**sent) == case


def test_opening_a_case_as_a_pattern_is_in_the_trail(client, coordinator_nord):
    case = CaseFactory()
    client.force_login(coordinator_nord)

    client.get(f"/cases/register/?like={case.pk}")

    assert AuditEvent.objects.filter(action="read", object=f"case {case.pk}").count() == 1
