"""How much typing a case takes, at the speed of somebody who types every day. Told in the report."""

import time

import pytest
from playwright.sync_api import Page, expect

from casereg.models import Case
from tests.journeys.keyboard import Typist

pytestmark = [pytest.mark.browser, pytest.mark.look]
TYPING_DELAY = 70  # milliseconds between two keys: about 170 words a minute of tabs, letters and spaces


def type_case(typist: Typist) -> None:
    """One whole case from the assessment on: a man from Romania, exploited in construction."""
    typist.tab_to("Människohandel")
    typist.press("ArrowDown")  # exploitation
    typist.tab_to("Exploateringsform")
    typist.type("Arb")
    typist.tab_to("Bransch")
    typist.type("By")
    typist.tab_to("Kvinna")
    typist.press("ArrowDown")  # man
    typist.tab_to("Vuxen")
    typist.press("Space")
    typist.tab_to("Nationalitet")
    typist.type("rumänien")
    typist.tab_to("Hänvisad från")
    typist.type("Poli")
    typist.tab_to("Identifierad i myndighetsgemensam samverkan")
    typist.type("Ja")
    type_children(typist)


def type_children(typist: Typist) -> None:
    typist.tab_to("Närstående barn i Sverige")
    typist.type("0")
    typist.tab_to("Närstående barn i annat land")
    typist.type("2")


def test_a_case_and_one_like_it_are_typed(page: Page, log_in, complaints, coordinator_nord, report_typing):
    log_in(coordinator_nord)
    page.goto("/cases/register/")
    typist, start = Typist(page, delay=TYPING_DELAY), time.monotonic()
    type_case(typist)
    typist.follow("Spara och registrera ett likadant")
    report_typing("one case", typist.presses, time.monotonic() - start)

    expect(page.get_by_role("status").first).to_contain_text("2026-0001")
    expect(page.get_by_label("Nationalitet")).to_have_value("Rumänien")
    expect(page.get_by_label("Närstående barn i annat land", exact=True)).to_have_value("")
    like, start = Typist(page, delay=TYPING_DELAY), time.monotonic()
    like.tab_to("Nationalitet")
    like.type("polen")  # what was there is selected by the Tab key
    type_children(like)
    like.follow("Spara")
    report_typing("a case like another", like.presses, time.monotonic() - start)

    stored = Case.objects.order_by("reference").values_list(
        "nationality", "sex", "industry", "children_abroad"
    )
    assert list(stored) == [("RO", "male", "construction", 2), ("PL", "male", "construction", 2)]
    assert like.presses < typist.presses
    assert complaints == []


def test_the_industry_shows_itself_where_the_form_asks_for_it(page: Page, log_in, coordinator_nord):
    log_in(coordinator_nord)
    page.goto("/cases/register/")
    expect(page.get_by_label("Bransch")).to_be_hidden()
    page.get_by_label("Exploateringsform").select_option("labour")
    expect(page.get_by_label("Bransch")).to_be_visible()
    page.get_by_label("Exploateringsform").select_option("begging")
    expect(page.get_by_label("Bransch")).to_be_hidden()


def test_every_field_explains_itself_at_the_press_of_one_button(page: Page, log_in, coordinator_nord):
    log_in(coordinator_nord)
    page.goto("/cases/register/")
    explained = page.get_by_text("Tvångsarbete, eller arbete på uppenbart orimliga villkor").first
    expect(explained).to_be_hidden()
    typist = Typist(page)
    typist.tab_to("Förklara varje fält här")
    typist.press("Enter")
    expect(explained).to_be_visible()
    typist.press("Enter")
    expect(explained).to_be_hidden()
