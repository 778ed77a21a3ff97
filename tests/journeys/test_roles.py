"""An administrator's and an analyst's way through the site, by the Tab key alone."""

import pytest
from playwright.sync_api import Page, expect

from casereg.models import AuditEvent, Role, User
from tests.factories import CaseFactory

pytestmark = pytest.mark.browser
TABS_MAX = 80


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus is called so."""
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).innerText?.trim() ?? ''"
        )
        if focused == words:
            return
    raise AssertionError(f"{words!r} is not reached by Tab on {page.url}")


def follow(page: Page, words: str) -> None:
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_an_administrator_adds_a_user(page: Page, log_in, complaints, administrator):
    log_in(administrator)
    follow(page, "Användare")
    follow(page, "Lägg till en användare")
    tab_to(page, "Namn")
    page.keyboard.type("Ny Analytiker")
    tab_to(page, "E-postadress")
    page.keyboard.type("ny@example.org")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # from coordinator to analyst
    follow(page, "Lägg till användaren")

    expect(page.get_by_role("cell", name="ny@example.org")).to_be_visible()
    added = User.objects.get(email="ny@example.org")
    assert (added.role, added.region, added.has_usable_password()) == (Role.ANALYST, None, False)
    assert complaints == []


def test_an_analyst_reads_the_year_and_a_case_and_changes_nothing(page: Page, log_in, complaints, analyst):
    CaseFactory.create_batch(2, region_id="nord")
    case = CaseFactory(region_id="syd", reference="S-1")
    log_in(analyst)
    follow(page, "Årsstatistik")
    follow(page, "2023")
    expect(page.locator("#figure-persons .value")).to_have_text("3")
    follow(page, "Ärenden")
    follow(page, "S-1")

    expect(page.locator("dl.record")).to_contain_text("Thailand")
    assert page.get_by_role("link", name="Ändra").count() == 0
    assert AuditEvent.objects.filter(action="read", object=f"case {case.pk}", actor=analyst).exists()
    assert complaints == []
