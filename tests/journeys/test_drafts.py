"""Nothing typed is lost: a session that is killed, a tab that is closed, a network that is gone."""

import re
import time

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from casereg.models import Case, Draft
from casereg.views import drafts
from tests.factories import PASSWORD, CaseFactory, UserFactory
from tests.journeys.conftest import assert_accessible

pytestmark = pytest.mark.browser


def test_a_killed_session_gives_back_every_field(page: Page, log_in, coordinator_nord, complaints):
    log_in(coordinator_nord)
    page.goto("/cases/register/")
    fill_in(page)
    typed = all_fields(page)
    Session.objects.all().delete()

    page.locator("button.btn-primary").click()
    page.wait_for_url("**/account/login/**")
    assert_accessible(page)
    log_in_here(page, coordinator_nord)

    page.wait_for_url("**/cases/register/?draft=*")
    assert all_fields(page) == typed
    assert_accessible(page)
    page.locator("button.btn-primary").click()
    page.wait_for_url(re.compile(r"/cases/[0-9a-f-]{36}/"))
    assert Case.objects.get().incident.reference == "berries"
    assert not Draft.objects.exists()
    assert complaints == []


def test_a_colleague_who_logs_in_on_the_same_browser_does_not_get_it(page: Page, log_in, coordinator_nord):
    colleague = UserFactory(region_id="nord")
    log_in(coordinator_nord)
    page.goto("/cases/register/")
    empty = all_fields(page)
    fill_in(page)
    Session.objects.all().delete()
    page.locator("button.btn-primary").click()
    page.wait_for_url("**/account/login/**")

    log_in_here(page, colleague)

    page.wait_for_url("**/cases/register/?draft=*")
    assert without_number(all_fields(page)) == without_number(empty)
    assert page.locator(".draft-offer").count() == 0
    assert stored_in_the_browser(page) == 0
    assert Draft.objects.get().author == coordinator_nord


def test_what_was_typed_in_a_closed_tab_is_offered_at_the_next_visit(page: Page, log_in, coordinator_nord):
    log_in(coordinator_nord)
    page.goto("/cases/register/")
    page.locator("#id_incident").focus()
    page.keyboard.type("berr")
    expect(page.locator(".draft [role=status]")).to_contain_text(re.compile(r"\d\d:\d\d"), timeout=5_000)
    page.keyboard.type("ies")
    typed = all_fields(page)
    page.close(run_before_unload=True)  # at once: what was typed last is sent while the tab closes
    wait_for(lambda: Draft.objects.filter(fields__incident=["berries"]).exists())

    next_visit = page.context.new_page()
    next_visit.goto("/cases/register/")
    next_visit.set_viewport_size({"width": 320, "height": 700})
    assert_accessible(next_visit)
    assert next_visit.evaluate("document.documentElement.scrollWidth") == 320
    next_visit.locator(".draft-offer a").click()
    next_visit.wait_for_url("**/cases/register/?draft=*")

    assert all_fields(next_visit) == typed


def test_a_draft_that_cannot_be_saved_is_told_and_saved_later(page: Page, log_in, coordinator_nord):
    log_in(coordinator_nord)
    page.goto("/cases/register/")
    status = page.locator(".draft [role=status]")
    page.route("**/drafts/save/", lambda route: route.abort())
    page.locator("#id_incident").fill("berries")
    page.keyboard.press("Tab")
    expect(page.locator(".draft-failed [role=status]")).to_contain_text(re.compile(r"\d\d:\d\d"))
    assert_accessible(page)

    page.unroute("**/drafts/save/")
    page.locator("#id_children_abroad").fill("1")
    page.keyboard.press("Tab")

    expect(page.locator(".draft-failed")).to_have_count(0)
    expect(status).to_contain_text(re.compile(r"\d\d:\d\d"))
    assert Draft.objects.get().fields["incident"] == ["berries"]


def test_nothing_is_saved_where_nothing_was_typed(page: Page, log_in, coordinator_nord):
    log_in(coordinator_nord)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/drafts/" in request.url else None)
    page.goto("/cases/register/")
    page.locator("#id_incident").focus()
    page.keyboard.press("Tab")
    page.wait_for_timeout(300)
    assert sent == []

    page.locator("#id_incident").fill("berries")
    page.keyboard.press("Tab")
    wait_for(Draft.objects.exists)
    page.locator("#id_incident").focus()
    page.keyboard.press("Tab")
    page.wait_for_timeout(300)
    assert len(sent) == 1


def test_a_choice_and_a_text_that_is_left_are_saved_without_waiting(page: Page, log_in, coordinator_nord):
    log_in(coordinator_nord)
    page.goto("/cases/register/")
    page.evaluate("addEventListener('change', () => { window.changedAt = performance.now(); })")
    changes = [
        lambda: page.locator("#id_form").select_option("labour"),
        lambda: [page.locator("#id_incident").focus(), page.keyboard.type("b"), page.keyboard.press("Tab")],
    ]
    for saved, change in enumerate(changes):
        change()
        waited = page.wait_for_function(
            """saved => { const entry = performance.getEntriesByType("resource").filter(
                 ({ name }) => name.endsWith("/drafts/save/"))[saved];
                 return entry && entry.startTime - window.changedAt + 1; }""",
            arg=saved,
        ).json_value()
        assert waited < 1_000  # milliseconds; while somebody types it is 1,500


def test_a_form_that_came_back_with_errors_is_saved_at_once(page: Page, log_in, coordinator_nord):
    log_in(coordinator_nord)
    page.goto("/cases/register/")
    page.evaluate("document.querySelector('#id_incident').value = 'berries'")  # no key was pressed
    page.locator("button.btn-primary").click()

    wait_for(lambda: Draft.objects.filter(fields__incident=["berries"]).exists())


def test_a_form_waits_for_its_draft_and_so_leaves_none(page: Page, log_in, coordinator_nord, monkeypatch):
    case = CaseFactory()
    log_in(coordinator_nord)
    page.goto(f"/cases/{case.pk}/amend/")
    monkeypatch.setattr(drafts, "save_draft", late(drafts.save_draft))
    page.locator("#id_incident").focus()
    page.keyboard.type("berries")
    with page.expect_request("**/drafts/save/"):
        page.keyboard.press("Tab")

    page.locator("button.btn-primary").click()
    page.wait_for_url(f"**/cases/{case.pk}/")
    page.wait_for_timeout(1_000)

    case.refresh_from_db()
    assert case.incident.reference == "berries"
    assert not Draft.objects.exists()


def test_a_form_that_is_sent_before_any_draft_leaves_none(page: Page, log_in, coordinator_nord):
    case = CaseFactory()
    log_in(coordinator_nord)
    page.goto(f"/cases/{case.pk}/amend/")
    page.locator("#id_incident").focus()
    page.keyboard.type("berries")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{case.pk}/")
    page.wait_for_timeout(1_000)

    case.refresh_from_db()
    assert case.incident.reference == "berries"
    assert not Draft.objects.exists()


def late(save):
    def save_late(**arguments):
        time.sleep(0.7)
        return save(**arguments)

    return save_late


def fill_in(page: Page) -> None:
    """A right case, with every kind of field."""
    page.locator("#id_month").fill("2026-01")
    page.locator("#id_assessment_1").check()
    page.locator("#id_form").select_option("labour")
    page.locator("#id_industry").select_option("green")
    page.locator("#id_sex_1").check()
    page.locator("#id_age_group_0").check()
    page.locator("#id_nationality").fill("Rumänien")
    page.locator("#id_referral_source").select_option("police")
    page.locator("#id_joint_inspection").select_option("no")
    page.locator("#id_children_in_sweden").fill("2")
    page.locator("#id_children_abroad_unknown").check()
    page.locator("#id_incident").fill("berries")


def all_fields(page: Page) -> list[list[str]]:
    """What the page's form would send, but for what each page draws anew."""
    return page.evaluate(
        """() => [...new FormData(document.querySelector("[data-draft]").closest("form"))]
             .filter(([name]) => !["csrfmiddlewaretoken", "draft_key"].includes(name))"""
    )


def without_number(fields: list[list[str]]) -> list[list[str]]:
    return [field for field in fields if field[0] != "number"]


def log_in_here(page: Page, user) -> None:
    page.locator("[name=login]").fill(user.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("button.btn-primary").click()


def stored_in_the_browser(page: Page) -> int:
    return page.evaluate("localStorage.length + sessionStorage.length")


def wait_for(is_so, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)
