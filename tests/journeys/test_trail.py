"""An administrator narrows the trail, then reads a month of a region and signs it: by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from casereg.models import AuditEvent, TrailReview
from tests.guards.access_world import REVIEWED, build
from tests.journeys.conftest import assert_accessible
from tests.journeys.keyboard import Typist
from tests.journeys.test_every_page import become

pytestmark = pytest.mark.browser


@pytest.fixture
def world(committed_db):
    return build()


def test_the_trail_is_narrowed_by_keyboard(page: Page, world, site_url, complaints):
    become(page, world, "administrator", site_url, "en")
    page.goto("/trail/")
    typist = Typist(page)
    typist.tab_to("Narrow the list")
    typist.press("Enter")
    typist.tab_to("Person")
    typist.type("Nora")
    typist.tab_to("Outcome")
    typist.type("Refused")
    typist.follow("Show")

    expect(page.get_by_text("No event matches")).to_be_visible()
    assert_accessible(page)
    shown = AuditEvent.objects.order_by("-sequence").first()
    person = world.users["of the region"].pk
    assert (shown.action, shown.object) == ("trail_read", f"trail, user {person}, denied")
    assert complaints == []


def test_a_month_is_read_and_signed_by_keyboard(page: Page, world, site_url, complaints):
    become(page, world, "administrator", site_url, "en")
    page.goto("/trail/")
    typist = Typist(page)
    typist.follow("Monthly review")
    assert_accessible(page)
    page.goto(f"/trail/review/mitt/{REVIEWED.year}/{REVIEWED.month}/")

    typist.follow("Sign the month")  # with nothing ticked yet
    expect(page.get_by_role("alert")).to_contain_text("Tick that you have read it.")
    assert_accessible(page)
    typist.tab_to("I have read what was done in the month")
    typist.press("Enter")  # from the error to its field
    typist.press("Space")
    typist.follow("Sign the month")

    expect(page.locator(".notice-success").first).to_contain_text("The month is signed.")
    assert_accessible(page)
    [review] = TrailReview.objects.all()
    assert (review.region, review.year, review.month) == ("mitt", REVIEWED.year, REVIEWED.month)
    assert complaints == []
