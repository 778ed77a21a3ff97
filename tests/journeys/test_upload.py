"""An old Swedish spreadsheet on its way in, at a browser: by keyboard, without JavaScript, narrow."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Browser, Page, expect

from casereg.models import Case, Upload
from tests.factories import CaseFactory
from tests.journeys.conftest import assert_accessible
from tests.records import csv_file, person

pytestmark = pytest.mark.browser

HEADINGS = [
    "Månad", "Bedömning", "Form", "Kön", "Ålder", "Land", "Hänvisad av", "Bransch", "Barn i Sverige", "Namn",
]  # fmt: skip
ROWS = [
    ["2023-07-14", "MH", "Prostitution", "Kvinna", "Vuxen", "Rumänien", "Polisen", "", "Inga", "Anna"],
    ["14/8 2023", "ME", "Arbete", "Man", "34", "Thailand", "Soc", "Bärplockning", "2", "Bo"],
    ["juli 2023", "ME", "Arbete", "Man", "17", "Okänd", "-", "Bygg", "okänt", "Cia"],
]  # fmt: skip
NARROW = {"width": 320, "height": 800}


def spreadsheet_csv(folder: Path) -> Path:
    path = folder / "gammal.csv"
    path.write_text("\n".join(";".join(row) for row in [HEADINGS, *ROWS]), encoding="utf-8-sig")
    return path


def spreadsheet_xlsx(folder: Path) -> Path:
    path = folder / "gammal.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet, as_date = workbook.add_worksheet("2023"), workbook.add_format({"num_format": "d mmm yyyy"})
        sheet.write_row(0, 0, ["Ärenden 2023"])
        sheet.write_row(2, 0, HEADINGS)
        for line, row in enumerate(ROWS, start=3):
            sheet.write_row(line, 0, row)
            sheet.write_datetime(line, 0, date(2023, 9, line), as_date)
            if row[8] == "2":
                sheet.write_number(line, 8, 2)
    return path


@pytest.fixture
def choose_file(page: Page) -> Callable[[Path], None]:
    """The file by the browser's own dialogue, everything else by keyboard."""

    def of(path: Path) -> None:
        page.goto("/cases/upload/")
        page.locator("input[type=file]").set_input_files(path)
        page.locator("input[type=file]").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

    return of


def press_main_button(page: Page) -> None:
    """From where the page begins, by Tab alone."""
    button = page.locator("main .btn-primary")
    for _tab in range(200):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the button of {page.url} is not reached by keyboard")


def looked_at(page: Page) -> None:
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_an_old_spreadsheet_comes_in_and_the_next_one_is_read_the_same_way(
    page: Page, log_in, choose_file, complaints, coordinator_nord, tmp_path
):
    page.set_viewport_size(NARROW)
    log_in(coordinator_nord)
    complaints.clear()
    choose_file(spreadsheet_csv(tmp_path))
    page.wait_for_url("**/columns/")
    looked_at(page)
    assert page.get_by_label("Namn").input_value() == ""
    page.get_by_label("Ålder", exact=True).focus()
    assert page.get_by_label("Ålder", exact=True).input_value() == "age_group"
    press_main_button(page)
    page.wait_for_url("**/words/")
    looked_at(page)
    # One word is chosen otherwise than it is proposed.
    assert page.get_by_label("Prostitution").input_value() == "sexual"
    page.get_by_label("Prostitution").select_option("multiple")
    press_main_button(page)
    page.wait_for_selector("form[action$='/import/']")
    looked_at(page)
    assert Case.objects.count() == 0
    press_main_button(page)
    page.wait_for_selector("form[action$='/import/']", state="detached")
    looked_at(page)
    assert sorted(Case.objects.values_list("month", "form", "nationality", "age_group")) == [
        (7, "labour", "unknown", "minor"),
        (7, "multiple", "RO", "adult"),
        (8, "labour", "TH", "adult"),
    ]
    assert bytes(Upload.objects.get().content) == b""

    choose_file(spreadsheet_xlsx(tmp_path))
    page.wait_for_url("**/columns/")
    press_main_button(page)
    page.wait_for_url("**/words/")
    assert page.get_by_label("Prostitution").input_value() == "multiple"
    press_main_button(page)
    page.wait_for_selector("form[action$='/import/']")
    press_main_button(page)
    page.wait_for_selector("form[action$='/import/']", state="detached")
    assert Case.objects.filter(month=9).count() == 3
    assert complaints == []


def test_what_is_wrong_with_a_file_is_announced_and_told_line_by_line(
    page: Page, log_in, choose_file, coordinator_nord, tmp_path
):
    page.set_viewport_size(NARROW)
    log_in(coordinator_nord)
    page.goto("/cases/upload/")
    looked_at(page)
    press_main_button(page)
    page.wait_for_selector("[data-error-summary]:focus")
    looked_at(page)
    uneven = tmp_path / "uneven.csv"
    uneven.write_text("a,b\nc\nd\n")
    choose_file(uneven)
    page.wait_for_selector(".findings")
    looked_at(page)
    choose_file(csv_file(tmp_path, *[person(reference=f"A-{n}", month="2030-01") for n in range(101)]))
    page.wait_for_selector("nav.page-links")
    looked_at(page)
    page.locator("nav.page-links a[rel=next]").press("Enter")
    page.wait_for_url("**?page=2")
    expect(page.locator(".findings tbody tr")).to_have_count(1)
    looked_at(page)


def test_a_file_without_references_asks_before_it_stands_twice(
    page: Page, log_in, choose_file, coordinator_nord, tmp_path
):
    page.set_viewport_size(NARROW)
    log_in(coordinator_nord)
    path = csv_file(tmp_path, person(reference=""))
    for _time in range(2):
        choose_file(path)
        page.wait_for_selector("form[action$='/import/']")
        looked_at(page)
        page.locator("form[action$='/import/'] button").press("Enter")
        page.wait_for_load_state()
    page.wait_for_selector("[data-error-summary]:focus")
    looked_at(page)
    page.get_by_role("checkbox").press("Space")
    page.locator("form[action$='/import/'] button").press("Enter")
    page.wait_for_selector("form[action$='/import/']", state="detached")
    assert Case.objects.count() == 2


def test_a_long_file_shows_how_far_its_import_is_without_javascript(
    browser: Browser, site_url, client, coordinator_nord, tmp_path
):
    client.force_login(coordinator_nord)
    context = browser.new_context(base_url=site_url, java_script_enabled=False, viewport=NARROW)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site_url}])
    page = context.new_page()
    path = csv_file(tmp_path, *[person(reference=f"A-{number}") for number in range(1500)])
    page.goto("/cases/upload/")
    page.locator("input[type=file]").set_input_files(path)
    page.locator("main .btn-primary").click()

    page.locator("form[action$='/import/'] button").click()

    # The latest step alone is seen: in the end, the outcome.
    expect(page.locator(".steps > :visible")).to_have_count(1)
    expect(page.locator(".steps h2")).to_be_visible()
    assert page.locator(".steps progress").count() == 4
    assert page.locator(".steps progress:visible").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert Case.objects.count() == 1500
    page.go_back()
    page.reload()
    assert page.locator("form[action$='/import/']").count() == 0
    context.close()


def test_the_page_of_a_long_import_is_accessible(page: Page, log_in, choose_file, coordinator_nord, tmp_path):
    CaseFactory(reference="A-1")
    log_in(coordinator_nord)
    choose_file(csv_file(tmp_path, *[person(reference=f"B-{number}") for number in range(400)]))
    page.wait_for_selector("form[action$='/import/']")
    press_main_button(page)
    page.wait_for_selector(".steps h2")
    looked_at(page)
