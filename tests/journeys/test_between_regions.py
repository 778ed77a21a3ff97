"""Coordinators at work: amend, withdraw, restore, incidents, and a case that goes to another region."""

import pytest
from playwright.sync_api import Page, expect

from casereg.models import Case
from tests.factories import CaseFactory

pytestmark = pytest.mark.browser


def press(page: Page, role: str, name: str) -> None:
    """Reach a link or button by focus, use it by the keyboard, and wait for the page that it leads to."""
    page.get_by_role(role, name=name, exact=True).first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_case_is_amended_withdrawn_and_restored(page: Page, log_in, complaints, coordinator_nord):
    case = CaseFactory(reference="N-1", nationality_id="TH")
    log_in(coordinator_nord)
    page.goto(f"/cases/{case.pk}/")

    press(page, "link", "Ändra")
    page.get_by_label("Nationalitet").fill("Rumänien")
    press(page, "button", "Spara ändringarna")
    history = page.locator("section", has=page.get_by_role("heading", name="Historik"))
    expect(history).to_contain_text("Thailand")
    expect(history).to_contain_text("Rumänien")

    press(page, "link", "Makulera ärendet")
    page.get_by_label("Registrerat två gånger").focus()
    page.keyboard.press("Space")
    press(page, "button", "Makulera ärendet")
    expect(page.locator(".notice-warning")).to_contain_text("makulerat")
    assert not Case.objects.standing().exists()

    press(page, "link", "Återställ ärendet")
    page.get_by_label("Makulerat av misstag").focus()
    page.keyboard.press("Space")
    press(page, "button", "Återställ ärendet")
    expect(history).to_contain_text("registrerat två gånger")
    assert Case.objects.standing().get().nationality_id == "RO"
    assert complaints == []


def test_a_case_goes_to_another_region(page: Page, log_in, complaints, coordinator_nord, coordinator_syd):
    case = CaseFactory(reference="N-1", children_abroad=7)
    log_in(coordinator_nord)
    page.goto(f"/cases/{case.pk}/offer/")
    page.get_by_label("Till region").select_option("syd")
    page.get_by_label("Skäl").fill("bor numera i Skåne")
    press(page, "button", "Erbjud ärendet")
    expect(page.locator(".notice-warning")).to_contain_text("Syd")

    log_in(coordinator_syd)
    expect(page.get_by_text("1 ärende är erbjudet din region")).to_be_visible()
    page.goto(f"/cases/{case.pk}/")
    expect(page.get_by_role("heading", name="Sidan finns inte")).to_be_visible()
    page.goto("/offers/")
    press(page, "link", "Läs och svara")
    expect(page.locator("dl.record")).to_contain_text("Thailand")
    press(page, "button", "Ta över ärendet")
    expect(page.get_by_role("status")).to_contain_text("N-1")
    expect(page.locator("dl.record")).to_contain_text("Syd")
    expect(page.get_by_role("heading", name="Historik")).to_be_visible()

    log_in(coordinator_nord)
    page.goto("/offers/")
    expect(page.get_by_text("Övertaget")).to_be_visible()
    page.goto(f"/cases/{case.pk}/")
    expect(page.get_by_role("heading", name="Sidan finns inte")).to_be_visible()
    case.refresh_from_db()
    assert (case.region_id, case.reference, case.children_abroad) == ("syd", "N-1", 7)


def test_an_incident_is_made_and_given_its_persons(page: Page, log_in, coordinator_nord):
    CaseFactory(reference="N-1")
    CaseFactory(reference="N-2")
    log_in(coordinator_nord)
    page.goto("/incidents/")
    press(page, "link", "Skapa ett sammanhållet ärende")
    page.get_by_label("Sammanhållet ärende").fill("bär-2026")
    press(page, "button", "Skapa det sammanhållna ärendet")
    page.get_by_label("Ärendenas referenser").fill("N-1, N-2, N-9")
    press(page, "button", "Lägg till personerna")
    expect(page.locator("[data-error-summary]")).to_contain_text("N-9")
    assert not Case.objects.filter(incident__isnull=False).exists()

    page.get_by_label("Ärendenas referenser").fill("N-1 N-2")
    press(page, "button", "Lägg till personerna")
    expect(page.get_by_text("2 personer")).to_be_visible()
    press(page, "button", "Ta ut N-2")
    expect(page.get_by_text("1 person", exact=True)).to_be_visible()


def test_the_list_is_narrowed_sorted_and_taken_along(page: Page, log_in, coordinator_nord):
    CaseFactory(reference="N-1", nationality_id="RO", month=1)
    CaseFactory(reference="N-2", nationality_id="TH", month=2)
    CaseFactory(reference="N-3", nationality_id="TH", month=3)
    log_in(coordinator_nord)
    page.goto("/cases/")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Månad")
    press(page, "link", "Referens")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Referens")
    expect(page.locator("tbody th").first).to_contain_text("N-1")

    page.get_by_text("Avgränsa listan").click()
    page.get_by_label("Nationalitet").select_option("TH")
    press(page, "button", "Visa")
    expect(page.get_by_text("2 ärenden.")).to_be_visible()
    assert "nationality=TH" in page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="Hämta de här ärendena").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in lines] == ["reference", "N-2", "N-3"]
