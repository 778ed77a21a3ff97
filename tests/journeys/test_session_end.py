"""The end of a session at the browser: told in time, put off by a key, and nothing to be seen afterwards."""

import time

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, BrowserType, Page, expect

from casereg.sessions import LAST_ACTIVE_AT, LOGGED_IN_AT
from tests.factories import CaseFactory
from tests.journeys.conftest import assert_accessible
from tests.journeys.test_drafts import log_in_here, stored_in_the_browser

pytestmark = pytest.mark.browser

WARNING = "[data-session-idle]"
AGE_WARNING = "[data-session-age]"
ENDED = "[data-session-over]"
FOCUSED = "document.activeElement.innerText || document.activeElement.id"


@pytest.fixture
def case(coordinator_nord):
    return CaseFactory(reference="seen-1")


@pytest.fixture
def at_case(page: Page, log_in, coordinator_nord, case) -> Page:
    """Nora has a case open, in a browser whose clock is set by the test."""
    page.clock.install()
    log_in(coordinator_nord)
    page.goto(f"/cases/{case.pk}/")
    expect(page.locator("main")).to_contain_text("seen-1")
    return page


def the_session() -> SessionStore:
    return SessionStore(Session.objects.get().session_key)


def set_back(**seconds: float) -> None:
    """As if so much more time had passed on the server."""
    session = the_session()
    for name, by in seconds.items():
        session[name] -= by
    session.save()


def use_language(page: Page, language: str) -> None:
    page.context.add_cookies([{"name": "django_language", "value": language, "url": page.url}])
    page.reload()


# --- Idle ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_warning_comes_two_minutes_before_the_end(at_case, complaints, language, width):
    at_case.set_viewport_size({"width": width, "height": 800})
    use_language(at_case, language)
    warning = at_case.locator(WARNING)

    at_case.clock.run_for("17:58")
    expect(warning).to_be_hidden()
    at_case.clock.run_for("00:03")

    expect(warning).to_be_visible()
    expect(warning).to_have_attribute("role", "alertdialog")
    expect(warning.locator("[data-minutes='2']")).to_be_visible()
    expect(warning.locator("button")).to_be_focused()
    assert_accessible(at_case)
    assert at_case.evaluate("document.documentElement.scrollWidth") <= width
    at_case.clock.run_for("01:00")
    expect(warning.locator("[data-minutes='1']")).to_be_visible()
    expect(warning.locator("[data-minutes='2']")).to_be_hidden()
    assert complaints == []


@pytest.mark.parametrize("key", ["Enter", "Escape"])
def test_one_key_keeps_somebody_logged_in_and_where_one_was(at_case, key):
    at_case.locator("main a").first.focus()
    where = at_case.evaluate(FOCUSED)
    set_back(**{LAST_ACTIVE_AT: 1080})
    before = the_session()[LAST_ACTIVE_AT]
    at_case.clock.run_for("18:01")
    expect(at_case.locator(WARNING)).to_be_visible()

    with at_case.expect_response("**/account/session/keep/"):
        at_case.keyboard.press(key)

    expect(at_case.locator(WARNING)).to_be_hidden()
    assert at_case.evaluate(FOCUSED) == where
    assert the_session()[LAST_ACTIVE_AT] > before + 1080
    at_case.clock.run_for("17:50")
    expect(at_case.locator(WARNING)).to_be_hidden()
    at_case.clock.run_for("00:15")
    expect(at_case.locator(WARNING)).to_be_visible()


@pytest.mark.parametrize("language", ["sv", "en"])
def test_after_the_end_nothing_of_the_register_is_seen_and_the_log_in_leads_back(
    at_case, coordinator_nord, case, language
):
    use_language(at_case, language)
    set_back(**{LAST_ACTIVE_AT: 1211})

    at_case.clock.run_for("20:11")

    ended = at_case.locator(ENDED)
    expect(ended).to_be_visible()
    expect(ended).to_have_attribute("role", "alert")
    expect(ended.locator("[data-because='idle']")).to_be_visible()
    expect(ended.locator("[data-because]:visible")).to_have_count(1)
    expect(ended.locator("a")).to_be_focused()
    assert "seen-1" not in at_case.locator("body").inner_text() + at_case.title()
    assert "Nora" not in at_case.locator("body").inner_text()
    assert_accessible(at_case)

    at_case.keyboard.press("Enter")
    at_case.wait_for_url("**/account/login/**")
    expect(at_case.locator(".notice")).to_contain_text("20")
    log_in_here(at_case, coordinator_nord)
    at_case.wait_for_url(f"**/cases/{case.pk}/")


def test_a_computer_that_slept_shows_the_end_when_it_wakes(at_case):
    at_case.clock.fast_forward("03:00:00")

    expect(at_case.locator(ENDED)).to_be_visible()
    expect(at_case.locator("main")).to_be_hidden()


def test_a_site_that_does_not_answer_is_told_and_tried_again(at_case):
    at_case.clock.run_for("18:01")
    at_case.route("**/account/session/keep/", lambda route: route.abort())
    at_case.keyboard.press("Enter")
    expect(at_case.locator("[data-session-failed]")).to_be_visible()
    assert_accessible(at_case)

    at_case.unroute("**/account/session/keep/")
    at_case.keyboard.press("Enter")

    expect(at_case.locator(WARNING)).to_be_hidden()


def test_what_was_ended_meanwhile_is_not_kept_alive(at_case):
    at_case.clock.run_for("18:01")
    Session.objects.all().delete()

    at_case.keyboard.press("Enter")

    expect(at_case.locator(f"{ENDED} [data-because='elsewhere']")).to_be_visible()
    expect(at_case.locator("main")).to_be_hidden()


def test_typing_is_activity(at_case):
    at_case.goto("/cases/register/")
    at_case.clock.run_for("17:00")
    at_case.locator("#id_incident").focus()
    at_case.keyboard.type("berries")
    at_case.clock.run_for("00:02")
    # An answer that has come is not yet one that the page has read.
    expect(at_case.locator("[data-draft] [role=status]")).not_to_be_empty()

    at_case.clock.run_for("17:30")

    expect(at_case.locator(WARNING)).to_be_hidden()
    at_case.clock.run_for("00:40")
    expect(at_case.locator(WARNING)).to_be_visible()


# --- In all ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_end_after_eight_hours_is_told_once_and_not_put_off(at_case, language):
    set_back(**{LOGGED_IN_AT: (8 * 60 - 11) * 60})
    use_language(at_case, language)
    warning = at_case.locator(AGE_WARNING)
    expect(warning).to_be_hidden()

    at_case.clock.run_for("01:01")
    expect(warning.locator("[data-minutes='10']")).to_be_visible()
    expect(warning.locator("button")).to_be_focused()
    assert_accessible(at_case)
    set_back(**{LOGGED_IN_AT: 61})
    with at_case.expect_response("**/account/session/keep/"):
        at_case.keyboard.press("Enter")
    expect(warning).to_be_hidden()
    at_case.reload()
    at_case.clock.run_for("08:50")
    expect(warning).to_be_hidden()
    at_case.clock.run_for("00:10")
    expect(warning.locator("[data-minutes='1']")).to_be_visible()
    at_case.clock.run_for("01:00")

    expect(at_case.locator(f"{ENDED} [data-because='age']")).to_be_visible()
    expect(at_case.locator("main")).to_be_hidden()


def test_a_page_that_the_browser_kept_asks_how_much_time_is_left(page: Page, log_in, coordinator_nord, case):
    log_in(coordinator_nord)
    page.goto("/statistics/2023/")
    kept = page.locator("[data-session]").get_attribute("data-age-over-after")
    set_back(**{LOGGED_IN_AT: (8 * 60 - 5) * 60})

    page.goto("/statistics/2023/")

    expect(page.locator(f"{AGE_WARNING} [data-minutes='5']")).to_be_visible()
    assert (
        page.locator("[data-session]").get_attribute("data-age-over-after") == kept
    )  # it was not drawn anew


# --- Two tabs ----------------------------------------------------------------------------------------


def test_what_is_done_in_one_tab_counts_in_the_other(at_case):
    at_case.clock.run_for("18:01")
    expect(at_case.locator(WARNING)).to_be_visible()

    other = at_case.context.new_page()
    other.goto("/cases/")

    expect(at_case.locator(WARNING)).to_be_hidden()


def test_a_log_out_in_one_tab_empties_the_other(at_case):
    other = at_case.context.new_page()
    other.goto("/cases/")

    other.locator("[data-log-out] button").click()

    expect(at_case.locator(ENDED)).to_be_visible()
    expect(at_case.locator("main")).to_be_hidden()


def test_somebody_else_who_logs_in_does_not_find_the_other_tab_open(at_case, coordinator_syd):
    other = at_case.context.new_page()
    at_case.context.clear_cookies(name="sessionid")
    other.goto("/account/login/")
    log_in_here(other, coordinator_syd)
    other.wait_for_url(lambda url: "login" not in url)

    expect(at_case.locator("main")).to_be_hidden()


# --- After log-out -------------------------------------------------------------------------------------


def test_the_back_button_shows_nothing_after_the_log_out(at_case, case):
    at_case.goto("/statistics/2023/")  # a page that a browser may keep
    at_case.goto(f"/cases/{case.pk}/")
    at_case.locator("[data-log-out] button").click()
    at_case.wait_for_url("**/account/login/")

    for _page in range(2):
        at_case.go_back()
        at_case.wait_for_load_state()
        assert_nothing_is_seen(at_case)
    assert stored_in_the_browser(at_case) == 0


def test_nor_does_a_browser_that_keeps_whole_pages_in_memory(
    browser_type: BrowserType, browser_type_launch_args, site_url, coordinator_nord, case
):
    """Playwright switches that off. A session that ended without the browser's log-out is the worst case."""
    options = browser_type_launch_args | {"ignore_default_args": ["--disable-back-forward-cache"]}
    browser: Browser = browser_type.launch(**options)
    try:
        page = browser.new_context(base_url=site_url).new_page()
        page.goto("/account/login/")
        log_in_here(page, coordinator_nord)
        page.wait_for_url(lambda url: "login" not in url)
        page.goto("/statistics/2023/")
        page.evaluate("window.isTheSame = true")
        page.goto("/about/")
        page.go_back(wait_until="commit")
        assert page.evaluate("window.isTheSame"), "the browser keeps no pages: nothing is tried here"
        expect(page.locator("main")).to_be_visible()  # the session lives

        page.goto("/about/")
        Session.objects.all().delete()
        page.go_back(wait_until="commit")

        expect(page.locator(ENDED)).to_be_visible()
        assert_nothing_is_seen(page)
    finally:
        browser.close()


def assert_nothing_is_seen(page: Page) -> None:
    end = time.monotonic() + 5
    while "Nora" in page.locator("body").inner_text() and time.monotonic() < end:
        time.sleep(0.05)
    text = page.locator("body").inner_text()
    assert "seen-1" not in text
    assert "Nora" not in text
    assert page.locator("main table:visible").count() == 0


def test_the_own_sessions_are_ended_by_keyboard(page: Page, log_in, coordinator_nord, browser, site_url):
    elsewhere = browser.new_context(base_url=site_url).new_page()
    elsewhere.goto("/account/login/")
    log_in_here(elsewhere, coordinator_nord)
    elsewhere.wait_for_url(lambda url: "login" not in url)
    log_in(coordinator_nord)
    page.locator(".session-note a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/sessions/")
    assert_accessible(page)
    expect(page.locator(".sessions > li")).to_have_count(2)

    page.locator("form[action$='/end-others/'] button").focus()
    page.keyboard.press("Enter")

    expect(page.locator(".notice-success")).to_be_visible()
    expect(page.locator(".sessions > li")).to_have_count(1)
    elsewhere.reload()
    elsewhere.wait_for_url("**/account/login/**")
    elsewhere.context.close()


def test_without_javascript_the_limits_are_said_in_plain_words(browser, site_url, coordinator_nord):
    context = browser.new_context(base_url=site_url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/account/login/")
    log_in_here(page, coordinator_nord)
    page.goto("/cases/register/")

    expect(page.locator(".session-note")).to_be_visible()
    expect(page.locator(".session-note")).to_contain_text("20")
    expect(page.locator(f"{WARNING}, {AGE_WARNING}, {ENDED}").locator("visible=true")).to_have_count(0)
    context.close()
