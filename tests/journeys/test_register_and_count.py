"""The main road: a coordinator registers a case by keyboard, and the national count rises by one."""

import re

import pytest
from playwright.sync_api import Page, expect

from casereg.models import AuditEvent, Case
from tests.factories import CaseFactory
from tests.journeys.conftest import assert_accessible
from tests.journeys.keyboard import Typist

pytestmark = pytest.mark.browser


def test_a_registered_case_is_counted(page: Page, log_in, complaints, coordinator_nord, analyst):
    CaseFactory.create_batch(3, region_id="syd", year=2026, month=3)
    log_in(analyst)
    assert persons(page) == 3

    log_in(coordinator_nord)
    page.goto("/cases/register/")
    fill_in_by_keyboard(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("2026-0001")
    expect(page.locator("dl.record")).to_contain_text("Rumänien")
    page.get_by_role("link", name="Ärenden", exact=True).first.click()
    expect(page.get_by_role("row")).to_have_count(2)  # the header, and the one case of the own region

    log_in(analyst)
    assert persons(page) == 4
    assert Case.objects.of_region("nord").get().registered_by == coordinator_nord
    assert AuditEvent.objects.filter(action="case_register").count() == 1
    assert complaints == []


def test_a_form_with_errors_gives_back_what_was_typed(page: Page, log_in, coordinator_nord):
    log_in(coordinator_nord)
    page.goto("/cases/register/")
    page.get_by_label("Sammanhållet ärende (valfritt)").fill("ring 070-123 45 67")
    page.get_by_label("Närstående barn i Sverige", exact=True).fill("99")
    page.get_by_role("button", name="Spara", exact=True).click()

    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Fel: "))
    assert_accessible(page)
    expect(page.get_by_label("Sammanhållet ärende (valfritt)")).to_have_value("ring 070-123 45 67")
    expect(page.get_by_label("Närstående barn i Sverige", exact=True)).to_have_value("99")
    summary.get_by_role("link", name="Kön").click()
    expect(page.locator("#id_sex_0")).to_be_focused()
    assert not Case.objects.exists()


def test_the_form_works_without_javascript(browser, site_url, coordinator_nord, client):
    client.force_login(coordinator_nord)
    context = browser.new_context(base_url=site_url, java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site_url}])
    page = context.new_page()
    page.goto("/cases/register/")
    fill_in_by_keyboard(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("2026-0001")
    context.close()


def persons(page: Page) -> int:
    page.goto("/statistics/2026/")
    return int(page.locator("#figure-persons .value").inner_text())


def fill_in_by_keyboard(page: Page) -> None:
    """One case without a mouse, from the assessment to the button. The month stands there already."""
    typist = Typist(page)
    typist.tab_to("Människohandel")
    typist.press("Space")
    typist.tab_to("Exploateringsform")
    typist.type("Sex")  # sexual purposes
    typist.tab_to("Kvinna")
    typist.press("Space")
    typist.tab_to("Vuxen")
    typist.press("Space")
    typist.tab_to("Nationalitet")
    typist.type("rumänien")
    typist.tab_to("Hänvisad från")
    typist.type("Poli")
    typist.tab_to("Identifierad i myndighetsgemensam samverkan")
    typist.type("Nej")
    typist.tab_to("Närstående barn i Sverige")
    typist.type("0")
    typist.tab_to("Närstående barn i annat land: okänt")
    typist.press("Space")
    typist.tab_to("Spara")
