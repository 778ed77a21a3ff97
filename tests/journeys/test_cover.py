"""A coordinator covers for a colleague, by keyboard: given, chosen, a form in the wrong region, back home."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from casereg.actions.covers import give_cover
from casereg.models import Case, Cover
from tests.factories import CaseFactory
from tests.journeys.conftest import assert_accessible
from tests.journeys.keyboard import Typist

pytestmark = pytest.mark.browser


@pytest.fixture
def in_english(site_url):
    def speak(page: Page) -> None:
        page.context.add_cookies([{"name": "django_language", "value": "en", "url": site_url}])

    return speak


def test_an_administrator_gives_a_cover(page: Page, log_in, in_english, administrator, coordinator_nord):
    log_in(administrator)
    in_english(page)
    page.goto("/users/")
    typist = Typist(page)
    typist.follow("Nora Nord")
    typist.follow("Give a cover")
    assert_accessible(page)

    typist.follow("Give the cover")  # with nothing said yet
    expect(page.get_by_role("alert")).to_contain_text("Choose the region.")
    assert_accessible(page)
    page.get_by_label("Region to cover").select_option("mitt")
    page.get_by_label("Last day").fill(f"{timezone.localdate() + timedelta(days=30)}")
    page.get_by_role("button", name="Give the cover").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")

    expect(page.locator(".notice-success")).to_contain_text("Nora Nord covers Mitt from")
    assert_accessible(page)
    typist.follow("End the cover of Mitt")
    assert_accessible(page)
    typist.follow("End the cover")
    expect(page.locator(".notice-success")).to_contain_text("The cover is ended.")
    assert Cover.objects.get().ended_by == administrator


def test_a_coordinator_works_in_a_covered_region_and_goes_home(
    page: Page, log_in, in_english, complaints, administrator, coordinator_nord
):
    today = timezone.localdate()
    give_cover(
        user_id=coordinator_nord.pk,
        region_code="mitt",
        first_day=today,
        last_day=today + timedelta(days=30),
        by=administrator,
    )
    case = CaseFactory(region_id="mitt", nationality_id="TH")
    log_in(coordinator_nord)
    in_english(page)
    page.goto("/")
    assert_accessible(page)
    typist = Typist(page)

    typist.follow("Work in Mitt")
    expect(page.locator(".scope")).to_have_text("Covering: Mitt")
    assert_accessible(page)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    new, amended = page.context.new_page(), page.context.new_page()
    new.goto("/cases/register/")
    amended.goto(f"/cases/{case.pk}/amend/")
    typist.follow("Back to Nord")
    expect(page.locator(".scope")).to_contain_text("Nord")

    new.get_by_label("Incident").fill("event-1")
    with new.expect_navigation():
        new.keyboard.press("Enter")
    expect(new.get_by_role("alert")).to_contain_text("You opened the form in Mitt, and work in Nord now.")
    assert_accessible(new)
    assert not Case.objects.filter(incident__isnull=False).exists()

    amended.get_by_label("Nationality").fill("Romania")
    amended.get_by_role("button", name="Save the changes").focus()
    with amended.expect_navigation():
        amended.keyboard.press("Enter")
    expect(amended.get_by_role("heading", name="The form belongs to another region")).to_be_visible()
    assert_accessible(amended)
    Typist(amended).follow("Work in Mitt and go on with it")
    expect(amended.get_by_label("Nationality")).to_have_value("Romania")
    amended.get_by_role("button", name="Save the changes").focus()
    with amended.expect_navigation():
        amended.keyboard.press("Enter")
    case.refresh_from_db()
    assert case.nationality_id == "RO"
    page.goto("/there-is-no-such-page/")
    assert_accessible(page)
    assert [text for text in complaints if "404 (Not Found)" not in text] == []
