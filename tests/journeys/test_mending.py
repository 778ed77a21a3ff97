"""What is to mend, and pairs that may be one person: by keyboard, in each role's own eyes."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from casereg.actions.remarks import check_records
from casereg.models import Case, CaseRemark, Verdict
from tests.factories import CaseFactory, IncidentFactory
from tests.guards.access_world import MARKER
from tests.journeys.conftest import assert_accessible
from tests.journeys.test_between_regions import press

pytestmark = pytest.mark.browser


@pytest.fixture
def this_year() -> dict[str, int]:
    """Of which the list of pairs is, unless another year is chosen."""
    return {"year": timezone.localdate().year, "month": 1}


def test_a_coordinator_empties_the_list_of_what_is_to_mend(page: Page, log_in, complaints, coordinator_nord):
    CaseFactory(reference="N-1", month=9, sex="unknown")
    CaseFactory(reference="N-2", month=8, sex="unknown", referral_source_id=None)
    check_records()
    log_in(coordinator_nord)
    press(page, "link", "2 ärenden har något att åtgärda.")
    assert_accessible(page)

    press(page, "button", "Fortfarande okänt Könet är okänt. Är det känt nu?")
    expect(page.get_by_role("link", name="N-1")).to_have_count(0)
    page.keyboard.press("Tab")  # from the case that has taken its place
    expect(page.get_by_role("link", name="Ändra Ej angivet: hänvisad från.")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_label("Hänvisad från")).to_be_focused()
    page.keyboard.press("ArrowDown")
    press(page, "button", "Spara ändringarna")

    page.goto("/mend/?kind=not_recorded")
    expect(page.get_by_role("heading", name="Inget ärende stämmer")).to_be_visible()
    page.goto("/mend/")
    press(page, "button", "Fortfarande okänt Könet är okänt. Är det känt nu?")
    expect(page.get_by_role("heading", name="Inget att åtgärda")).to_be_visible()
    assert not CaseRemark.objects.open().exists()
    assert complaints == []


def test_an_analyst_judges_a_pair_and_takes_it_back(
    page: Page, log_in, complaints, analyst, coordinator_syd, this_year
):
    nord = CaseFactory(
        **this_year, reference=f"{MARKER}-1", incident=IncidentFactory(reference=f"{MARKER}-e")
    )
    syd = CaseFactory(**this_year, reference="S-1", region_id="syd", children_abroad=4)
    log_in(analyst)
    press(page, "link", "Samma person?")
    press(page, "link", "Arbetskraft, man, vuxen, Thailand")
    assert_accessible(page)
    expect(page.get_by_role("row", name="Närstående barn i annat land skiljer sig 2 4")).to_be_visible()

    page.get_by_label("Olika personer. Båda räknas.").focus()
    page.keyboard.press("ArrowDown")
    press(page, "button", "Spara bedömningen")
    expect(page.get_by_role("status")).to_contain_text("räknas en gång")
    assert Case.objects.standing().get() == nord

    log_in(coordinator_syd)
    seen = [page.content()]
    press(
        page, "link", "1 ärende i din region är makulerat som samma person som ett ärende i en annan region."
    )
    expect(page.get_by_text("samma person är registrerad av en annan region").first).to_be_visible()
    seen.append(page.content())
    page.goto(f"/cases/{syd.pk}/restore/")
    expect(page.locator(".notice-warning").first).to_contain_text("myndighetens analytiker")
    seen.append(page.content())
    assert not any(MARKER in shown or str(nord.pk) in shown for shown in seen)

    log_in(analyst)
    page.goto("/pairs/judged/")
    assert_accessible(page)
    page.locator("form[action$='/take-back/'] button").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("tillbakatagen")
    assert Case.objects.standing().count() == 2
    assert complaints == []


def test_an_analyst_judges_two_incidents_of_many_in_one_go(page: Page, log_in, analyst, this_year):
    for region in ("nord", "syd"):
        incident = IncidentFactory(region_id=region)
        CaseFactory.create_batch(12, **this_year, region_id=region, incident=incident)
    log_in(analyst)
    page.goto("/pairs/")
    press(page, "link", "Arbetskraft, man, vuxen, Thailand")
    expect(page.get_by_text("144 par av de här ärendena")).to_be_visible()

    press(page, "button", "Alla 144 par är olika personer")

    expect(page.get_by_role("status")).to_contain_text("144 par")
    expect(page.get_by_role("heading", name="Inget par att bedöma")).to_be_visible()
    assert Verdict.objects.in_force().count() == 144
    page.goto("/pairs/judged/")
    expect(page.get_by_text("med flera, 144 par")).to_be_visible()
