"""An administrator's and an analyst's way through the site, by the Tab key alone."""

import pytest
from playwright.sync_api import Page, expect

from casereg.models import AuditEvent, Role, User
from tests.factories import CaseFactory
from tests.journeys.keyboard import Typist

pytestmark = pytest.mark.browser


def test_an_administrator_adds_a_user(page: Page, log_in, complaints, administrator):
    log_in(administrator)
    typist = Typist(page)
    typist.follow("Användare")
    typist.follow("Lägg till en användare")
    typist.tab_to("Namn")
    typist.type("Ny Analytiker")
    typist.tab_to("E-postadress")
    typist.type("ny@example.org")
    typist.press("Tab")
    typist.press("ArrowDown")  # from coordinator to analyst
    typist.follow("Lägg till användaren")

    expect(page.get_by_role("row", name="ny@example.org")).to_be_visible()
    added = User.objects.get(email="ny@example.org")
    assert (added.role, added.region, added.has_usable_password()) == (Role.ANALYST, None, False)
    assert complaints == []


def test_an_analyst_reads_the_year_and_a_case_and_changes_nothing(page: Page, log_in, complaints, analyst):
    CaseFactory.create_batch(2, region_id="nord")
    case = CaseFactory(region_id="syd", reference="S-1")
    log_in(analyst)
    typist = Typist(page)
    typist.follow("Årsstatistik")
    typist.follow("2023")
    expect(page.locator("#figure-persons .value")).to_have_text("3")
    typist.follow("Ärenden")
    typist.follow("S-1")

    expect(page.locator("dl.record")).to_contain_text("Thailand")
    assert page.get_by_role("link", name="Ändra").count() == 0
    assert AuditEvent.objects.filter(action="read", object=f"case {case.pk}", actor=analyst).exists()
    assert complaints == []
