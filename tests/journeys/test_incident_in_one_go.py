"""Forty persons of one incident, typed at a person's speed: by keyboard alone, and without JavaScript."""

import time
from collections import Counter

import pytest
from playwright.sync_api import Browser, Page, expect

from casereg.models import Case, Incident, User
from tests.factories import PASSWORD
from tests.journeys.conftest import assert_accessible
from tests.journeys.keyboard import Typist

pytestmark = pytest.mark.browser

TYPING_DELAY = 70  # milliseconds between two keys: about 170 words a minute of tabs, letters and spaces
SECONDS_AT_MOST = 60


@pytest.fixture
def at_the_form(page: Page, client, site_url, coordinator_nord: User) -> Page:
    begin(page, client, site_url, coordinator_nord)
    return page


def begin(page: Page, client, site_url: str, user: User) -> None:
    client.force_login(user)
    session = client.cookies["sessionid"].value
    page.context.add_cookies(
        [
            {"name": "sessionid", "value": session, "url": site_url},
            {"name": "django_language", "value": "en", "url": site_url},
        ]
    )
    page.goto("/incidents/register/")


def type_incident(typist: Typist) -> None:
    """36 adult men from Thailand, 4 adult women from Thailand. The month stands there already."""
    for label, words in [
        ("Incident", "berries-2026"),
        ("Assessment", "Human e"),
        ("Form of exploitation", "Lab"),
        ("Industry", "Agri"),
        ("Referred from", "Swedish P"),
        ("Identified in a joint inspection", "Yes"),
    ]:
        typist.tab_to(label)
        typist.type(words)
    for persons, sex in [("36", "M"), ("4", "W")]:
        for label, words in [
            ("Persons", persons),
            ("Sex", sex),
            ("Age group", "A"),
            ("Nationality", "thailand"),
            ("Children in Sweden", "0"),
            ("Children abroad", "0"),
        ]:
            typist.tab_to(label)
            typist.type(words)
    typist.press("Enter")


def assert_forty_are_registered() -> None:
    assert Counter(Case.objects.values_list("sex", "nationality", "age_group", "industry", "assessment")) == {
        ("male", "TH", "adult", "green", "exploitation"): 36,
        ("female", "TH", "adult", "green", "exploitation"): 4,
    }
    assert Incident.objects.get().reference == "berries-2026"


def test_forty_persons_are_registered_by_keyboard_within_a_minute(at_the_form, complaints, report_typing):
    page = at_the_form
    typist, start = Typist(page, delay=TYPING_DELAY), time.monotonic()

    type_incident(typist)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("row", name="Total 40")).to_be_visible()
    typist.tab_to("Save 40 persons")
    typist.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("40 persons are registered")

    seconds = time.monotonic() - start
    report_typing("an incident of 40 persons", typist.presses, seconds)
    assert seconds < SECONDS_AT_MOST
    assert_forty_are_registered()

    typist.follow("Undo")
    expect(page.get_by_role("status").first).to_contain_text("Undone: 40 persons")
    assert not Case.objects.standing().exists()
    assert complaints == []


def test_forty_persons_are_registered_without_javascript(
    browser: Browser, client, site_url, coordinator_nord
):
    context = browser.new_context(base_url=site_url, java_script_enabled=False)
    page = context.new_page()
    begin(page, client, site_url, coordinator_nord)
    for name, value in [
        ("assessment", "exploitation"), ("form", "labour"), ("industry", "green"),
        ("referral_source", "police"), ("joint_inspection", "yes"),
    ]:  # fmt: skip
        page.select_option(f"[name={name}]", value)
    page.fill("[name=incident]", "berries-2026")
    page.click("button[name=add_lines]")
    expect(page.locator("[data-line]")).to_have_count(6)
    for position, persons, sex in [(0, "36", "male"), (3, "4", "female")]:
        page.fill(f"[name=lines-{position}-persons]", persons)
        page.select_option(f"[name=lines-{position}-sex]", sex)
        page.select_option(f"[name=lines-{position}-age_group]", "adult")
        page.fill(f"[name=lines-{position}-nationality]", "TH")
        page.fill(f"[name=lines-{position}-children_in_sweden]", "0")
        page.fill(f"[name=lines-{position}-children_abroad]", "0")
    page.get_by_role("button", name="Show the table").click()
    page.get_by_role("button", name="Change").click()
    expect(page.locator("[name=lines-3-persons]")).to_have_value("4")
    page.get_by_role("button", name="Show the table").click()
    page.get_by_role("button", name="Save 40 persons").click()
    expect(page.get_by_role("status").first).to_contain_text("40 persons are registered")
    assert_forty_are_registered()
    context.close()


@pytest.mark.look
@pytest.mark.parametrize("width", [320, 1280])
def test_every_state_is_accessible_and_fits(at_the_form, complaints, width):
    page = at_the_form
    page.set_viewport_size({"width": width, "height": 800})

    def look() -> None:
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    look()
    page.get_by_role("button", name="Show the table").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    look()
    page.fill("[name=incident]", "berries-2026")
    page.select_option("[name=assessment]", "exploitation")
    page.select_option("[name=form]", "sexual")
    page.select_option("[name=referral_source]", "police")
    page.select_option("[name=joint_inspection]", "unknown")
    line = page.get_by_role("group", name="Line 1")
    line.get_by_label("Persons").fill("many")
    line.get_by_label("Nationality").fill("Thailnd")
    line.get_by_text("Differs from the others").click()
    page.get_by_role("button", name="Add lines").click()
    expect(page.get_by_role("group", name="Line 4").get_by_label("Persons")).to_be_focused()
    look()
    page.get_by_role("button", name="Show the table").click()
    look()
    line.get_by_label("Persons").fill("2")
    line.get_by_label("Sex").select_option("male")
    line.get_by_label("Age group").select_option("adult")
    line.get_by_label("Nationality").fill("Thailand")
    line.get_by_label("Children in Sweden", exact=True).fill("1")
    line.get_by_label("Children abroad: Not known").check()
    page.get_by_role("button", name="Show the table").click()
    expect(page.locator(".confirmations")).to_be_focused()
    look()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Save 2 persons").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    look()
    page.get_by_role("link", name="Amend for all").click()
    page.get_by_label("Assessment").select_option("trafficking")
    look()
    page.get_by_role("button", name="Amend 2 persons").click()
    look()
    page.get_by_role("link", name="Register more persons").click()
    look()
    assert complaints == []


def test_what_was_typed_comes_back_after_the_session_has_ended(at_the_form, coordinator_nord):
    page = at_the_form
    typist = Typist(page)
    type_incident(typist)
    expect(page.get_by_role("row", name="Total 40")).to_be_visible()
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Save 40 persons").click()
    page.wait_for_url("**/account/login/**")
    page.get_by_label("E-mail address").fill(coordinator_nord.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/register/**")
    expect(page.locator("[name=incident]")).to_have_value("berries-2026")
    expect(page.locator("[name=lines-1-persons]")).to_have_value("4")
    expect(page.locator("[name=lines-0-nationality]")).to_have_value("Thailand")
    assert not Case.objects.exists()
