"""Drafts on the pages: a session that ends while somebody types, another one who logs in, no JavaScript."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from casereg.access import drafts_of
from casereg.draft_keys import DraftKey
from casereg.models import AuditEvent, Case, Draft, Role, User
from tests.databases import nothing_changes
from tests.factories import PASSWORD, CaseFactory, UserFactory
from tests.page_forms import form_with

pytestmark = pytest.mark.usefixtures("database")

REGISTER = "/cases/register/"
SAVE = "/drafts/save/"
# Each kind of field, none of them right, so that nothing but a draft can come of it.
TYPED = {
    "month": ["2026-1"],
    "assessment": ["trafficking"],
    "form": ["labour"],
    "industry": ["green"],
    "sex": ["female"],
    "age_group": ["minor"],
    "nationality": ["Ruma"],
    "referral_source": ["police"],
    "joint_inspection": ["unknown"],
    "children_in_sweden": ["12x"],
    "children_in_sweden_unknown": ["on"],
    "children_abroad": [""],
    "incident": ["berries 1"],
    "reference": ["å.1"],
}
AUTOSAVE = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def visitor() -> Client:
    """Somebody who is asked for the form's token, as a browser is."""
    return Client(enforce_csrf_checks=True)


def log_in(visitor: Client, user: User, address: str = "/account/login/"):
    """By the form of the log-in page at the address; the page to which that leads, if to a page of a form."""
    page = visitor.get(address)
    sent = form_with(page.content.decode(), "password") | {"login": user.email, "password": PASSWORD}
    answer = visitor.post("/account/login/", sent)
    assert answer.status_code == 302
    return visitor.get(answer["Location"]) if "next" in address else None


def opened(visitor: Client, address: str = REGISTER) -> dict[str, list[str]]:
    """The fields of the page's form."""
    return form_with(visitor.get(address).content.decode(), "draft_key")


def end_sessions() -> None:
    Session.objects.all().delete()


def typed_in(sent: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: values for name, values in sent.items() if name in TYPED}


# --- The session ends ----------------------------------------------------------------------------


def test_a_killed_session_gives_back_every_field(visitor, coordinator_nord):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED
    end_sessions()

    answer = visitor.post(REGISTER, form)
    page = log_in(visitor, coordinator_nord, answer["Location"])

    again = form_with(page.content.decode(), "draft_key")
    assert page.request["PATH_INFO"] == REGISTER
    assert typed_in(again) == TYPED
    assert again["number"] == form["number"]
    assert not Case.objects.exists()


def test_the_form_that_came_back_can_be_sent_and_then_no_draft_is_left(visitor, coordinator_nord):
    log_in(visitor, coordinator_nord)
    right = {"month": ["2026-11"], "nationality": ["RO"], "children_in_sweden": [""], "incident": ["berries"]}
    right |= {"children_abroad": ["0"]}
    form = opened(visitor) | TYPED | right
    end_sessions()
    page = log_in(visitor, coordinator_nord, visitor.post(REGISTER, form)["Location"])

    visitor.post(REGISTER, form_with(page.content.decode(), "draft_key"))

    assert Case.objects.get().reference == "å.1"
    assert not Draft.objects.exists()


def test_the_log_in_page_says_what_has_happened(visitor, coordinator_nord):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED | {"incident": ["070-123 45 67"]}
    end_sessions()

    page = visitor.get(visitor.post(REGISTER, form)["Location"])

    [message] = page.context["messages"]
    assert "telefonnummer" in str(message) or "telephone number" in str(message)
    assert Draft.objects.get().fields["incident"] == [""]


def test_an_unticked_box_of_a_stored_case_stays_unticked(visitor, coordinator_nord):
    case = CaseFactory(children_abroad=None, children_abroad_unknown=True)
    address = f"/cases/{case.pk}/amend/"
    log_in(visitor, coordinator_nord)
    form = opened(visitor, address)
    assert form.pop("children_abroad_unknown") == ["on"]
    end_sessions()

    page = log_in(visitor, coordinator_nord, visitor.post(address, form)["Location"])

    again = form_with(page.content.decode(), "draft_key")
    assert page.request["PATH_INFO"] == address
    assert "children_abroad_unknown" not in again


def test_an_amendment_from_a_draft_sees_what_a_colleague_changed_meanwhile(visitor, coordinator_nord):
    case = CaseFactory(nationality_id="TH", sex="male")
    address = f"/cases/{case.pk}/amend/"
    log_in(visitor, coordinator_nord)
    form = opened(visitor, address) | {"nationality": ["RO"]}
    end_sessions()
    location = visitor.post(address, form)["Location"]
    Case.objects.filter(pk=case.pk).update(nationality_id="VN")

    page = log_in(visitor, coordinator_nord, location)
    again = form_with(page.content.decode(), "draft_key")
    answer = visitor.post(address, again)

    assert again["drawn_from"] == form["drawn_from"]
    assert answer.status_code == 409
    assert Case.objects.get().nationality_id == "VN"


def test_another_who_logs_in_there_gets_an_empty_form(visitor, coordinator_nord):
    colleague = UserFactory(region_id="nord")
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED
    end_sessions()

    page = log_in(visitor, colleague, visitor.post(REGISTER, form)["Location"])

    html = page.content.decode()
    again = form_with(html, "draft_key")
    assert page.request["PATH_INFO"] == REGISTER
    assert again["number"] != form["number"]
    assert typed_in(again) == typed_in(opened(visitor))
    assert "berries" not in html
    assert [draft.author for draft in Draft.objects.all()] == [coordinator_nord]


@pytest.mark.parametrize(
    "change",
    [{"region_id": "syd"}, {"is_active": False}, {"role": Role.ANALYST, "region_id": None}],
    ids=["moved", "deactivated", "analyst now"],
)
def test_nothing_is_kept_of_somebody_who_may_no_longer_register(visitor, coordinator_nord, change):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED
    end_sessions()
    User.objects.filter(pk=coordinator_nord.pk).update(**change)

    with nothing_changes():
        answer = visitor.post(REGISTER, form)

    assert answer["Location"] == "/account/login/?next=/cases/register/"


@pytest.mark.parametrize("spoil", ["", "x", "expired"])
def test_nothing_is_kept_by_a_key_that_is_forged_or_too_old(visitor, coordinator_nord, clock, spoil):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED
    if spoil == "expired":
        clock.shift(timedelta(days=7, seconds=2))
    else:
        form["draft_key"] = [spoil and spoil + form["draft_key"][0]]
    end_sessions()

    with nothing_changes():
        visitor.post(REGISTER, form)


def test_only_what_is_sent_to_a_form_s_page_is_kept(visitor, coordinator_nord):
    case = CaseFactory()
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED
    end_sessions()

    with nothing_changes():
        visitor.post(f"/cases/{case.pk}/withdraw/", form)
        visitor.get(REGISTER, form)


# --- The log-in changed in another tab ------------------------------------------------------------


def test_a_form_whose_token_is_old_is_kept_for_its_author(visitor, coordinator_nord):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED
    end_sessions()
    log_in(visitor, coordinator_nord)

    refused = visitor.post(REGISTER, form)

    assert refused.status_code == 403
    [number] = form["number"]
    assert f'href="{REGISTER}?draft={number}"' in refused.content.decode()
    assert typed_in(opened(visitor, f"{REGISTER}?draft={number}")) == TYPED


def test_somebody_else_is_shown_nothing_of_it(visitor, coordinator_nord, coordinator_syd):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED
    end_sessions()
    log_in(visitor, coordinator_syd)

    refused = visitor.post(REGISTER, form)

    html = refused.content.decode()
    assert refused.status_code == 403
    assert form["number"][0] not in html
    assert "berries" not in html
    assert [draft.author for draft in Draft.objects.all()] == [coordinator_nord]
    assert not drafts_of(coordinator_syd).exists()


def test_without_a_key_an_old_token_stores_nothing(visitor, coordinator_nord):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED | {"csrfmiddlewaretoken": ["x" * 64], "draft_key": ["x"]}

    with nothing_changes():
        assert visitor.post(REGISTER, form).status_code == 403
        assert visitor.post(SAVE, form, **AUTOSAVE).status_code == 403


# --- Saving while typing --------------------------------------------------------------------------


def test_what_is_typed_is_saved_and_the_time_told(visitor, coordinator_nord):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED

    answer = visitor.post(SAVE, form, **AUTOSAVE)

    assert answer.status_code == 200
    assert answer.json()["text"] in ("Utkast sparat 13:00.", "Draft saved 13:00.")
    assert typed_in(opened(visitor, f"{REGISTER}?draft={form['number'][0]}")) == TYPED


def test_it_is_saved_without_a_log_in_too(visitor, coordinator_nord):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED
    end_sessions()

    answer = visitor.post(SAVE, form, **AUTOSAVE)

    assert answer.status_code == 200
    assert Draft.objects.get().author == coordinator_nord


def test_whoever_is_logged_out_and_has_no_good_key_is_told(visitor, coordinator_nord):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED | {"draft_key": ["x"]}
    end_sessions()

    with nothing_changes():
        answer = visitor.post(SAVE, form, **AUTOSAVE)

    assert answer.status_code == 401
    assert answer.json()["text"]


def test_it_is_saved_though_somebody_else_has_logged_in_meanwhile(visitor, coordinator_nord, coordinator_syd):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED
    end_sessions()
    log_in(visitor, coordinator_syd)

    answer = visitor.post(SAVE, form, **AUTOSAVE)

    assert answer.status_code == 200
    assert [draft.author for draft in Draft.objects.all()] == [coordinator_nord]


def test_a_stored_form_gets_no_draft_and_the_page_is_told(visitor, coordinator_nord):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED
    right = {"month": ["2026-11"], "nationality": ["RO"], "children_in_sweden": [""], "incident": ["berries"]}
    visitor.post(REGISTER, form | right | {"children_abroad": ["0"]})
    assert Case.objects.exists()

    answer = visitor.post(SAVE, form, **AUTOSAVE)

    assert answer.status_code == 409
    assert not Draft.objects.exists()


def test_a_draft_has_no_event(visitor, coordinator_nord):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED
    before = AuditEvent.objects.count()

    visitor.post(SAVE, form, **AUTOSAVE)
    visitor.get(f"{REGISTER}?draft={form['number'][0]}")

    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("whose", ["colleague", "own of another region", "nobody's"])
def test_a_key_that_is_not_ones_own_saves_nothing(client, coordinator_nord, whose):
    colleague = UserFactory(region_id="nord")
    key = {
        "colleague": DraftKey(colleague.pk, "nord", uuid4(), "case_register").signed(),
        "own of another region": DraftKey(coordinator_nord.pk, "syd", uuid4(), "case_register").signed(),
        "nobody's": "",
    }[whose]
    client.force_login(coordinator_nord)

    answer = client.post(SAVE, TYPED | {"draft_key": key})

    assert answer.status_code == 404
    assert not Draft.objects.exists()
    assert AuditEvent.objects.get().outcome == "denied"


def test_the_number_of_another_s_draft_leads_to_no_more_than_an_own_one(client, coordinator_nord):
    colleague = UserFactory(region_id="nord")
    client.force_login(colleague)
    theirs = opened(client) | TYPED | {"incident": ["Xtheirsx"]}
    client.post(SAVE, theirs)
    client.force_login(coordinator_nord)

    shown = client.get(f"{REGISTER}?draft={theirs['number'][0]}").content.decode()
    sent_back = client.post(REGISTER, {"number": theirs["number"]}).content.decode()
    own = form_with(sent_back, "draft_key")
    client.post(SAVE, own | {"incident": ["mine"]})

    assert "Xtheirsx" not in shown + sent_back
    assert own["number"] == theirs["number"]
    drafts = {draft.author: draft.fields["incident"] for draft in Draft.objects.all()}
    assert drafts == {colleague: ["Xtheirsx"], coordinator_nord: ["mine"]}


# --- Without JavaScript, and at the next visit ----------------------------------------------------


def test_the_button_saves_and_the_start_page_offers_to_continue(visitor, coordinator_nord):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED
    assert f'formaction="{SAVE}"' in visitor.get(REGISTER).content.decode()

    start = visitor.post(SAVE, form, follow=True)

    assert start.request["PATH_INFO"] == "/"
    assert f'href="{REGISTER}?draft={form["number"][0]}"' in start.content.decode()


def test_the_button_after_the_session_leads_through_the_log_in_to_the_form(visitor, coordinator_nord):
    log_in(visitor, coordinator_nord)
    form = opened(visitor) | TYPED
    end_sessions()

    page = log_in(visitor, coordinator_nord, visitor.post(SAVE, form)["Location"])

    assert typed_in(form_with(page.content.decode(), "draft_key")) == TYPED


def test_a_form_s_page_offers_its_drafts_and_no_others(client, coordinator_nord):
    case, other = CaseFactory(), CaseFactory()
    amend, amend_other = f"/cases/{case.pk}/amend/", f"/cases/{other.pk}/amend/"
    client.force_login(coordinator_nord)
    number = {}
    for address in (REGISTER, amend):
        form = opened(client, address) | TYPED
        client.post(SAVE, form)
        [number[address]] = form["number"]

    def offered(address: str) -> list[str]:
        return [str(draft.number) for draft in client.get(address).context["draft"].offered]

    assert offered(REGISTER) == [number[REGISTER]]
    assert offered(amend) == [number[amend]]
    assert offered(amend_other) == []
    assert offered(f"{REGISTER}?draft={number[REGISTER]}") == []  # that one is open


def test_a_draft_is_discarded_by_its_button_and_twice_is_no_fault(client, coordinator_nord):
    client.force_login(coordinator_nord)
    form = opened(client) | TYPED
    client.post(SAVE, form)
    number = form["number"][0]
    html = client.get(f"{REGISTER}?draft={number}").content.decode()
    assert "/drafts/discard/" in html

    answers = [client.post("/drafts/discard/", {"number": number}) for _ in range(2)]

    assert [answer["Location"] for answer in answers] == [REGISTER, "/"]
    assert not Draft.objects.exists()
    assert client.post("/drafts/discard/", {"number": "none"}).status_code == 302


def test_a_form_that_came_back_with_errors_says_that_it_is_in_no_draft_yet(client, coordinator_nord):
    client.force_login(coordinator_nord)
    form = opened(client) | TYPED

    assert "data-draft-unsaved" not in client.get(REGISTER).content.decode()
    assert "data-draft-unsaved" in client.post(REGISTER, form).content.decode()


def test_a_number_that_is_none_gets_no_key(client, coordinator_nord):
    client.force_login(coordinator_nord)

    html = client.post(REGISTER, {"number": "x"}).content.decode()

    assert "draft_key" not in html
    assert UUID(opened(client)["number"][0])


def test_whoever_is_moved_while_typing_brings_nothing_unseen_into_the_new_region(visitor, coordinator_nord):
    log_in(visitor, coordinator_nord)
    right = {"month": ["2026-11"], "nationality": ["RO"], "children_in_sweden": [""], "incident": ["berries"]}
    sent = opened(visitor) | TYPED | right | {"children_abroad": ["0"]}
    User.objects.filter(pk=coordinator_nord.pk).update(region_id="syd")

    answer = visitor.post(REGISTER, sent)
    assert answer["Location"].startswith("/account/login/")  # the session ended with the old region

    assert not Case.objects.exists()
    assert not Draft.objects.exists()
