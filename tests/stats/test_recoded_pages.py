"""A series and a comparison after a list was changed: as recorded, and in the values of the later year."""

import csv
import io
import json
import re
import zipfile

import openpyxl
import pytest
from django.utils.html import strip_tags

from casereg.models import (
    AuditEvent,
    ExploitationForm,
    FormCorrespondence,
    Industry,
    IndustryCorrespondence,
)
from stats.counted_before import forget_figures
from stats.models import PublishedCount
from tests.factories import CaseFactory
from tests.stats.test_cell_pages import linked_numbers, listed_number, read
from tests.stats.test_comparison_pages import row_of
from tests.stats.test_figure_pages import facts_of

pytestmark = pytest.mark.django_db

SERIES = "/statistics/2025/figures/form-by-year/"
COMPARED = "/statistics/compare/?year=2025&with=2023"
LISTS = "lists=2025"


@pytest.fixture
def changed_list(database):
    """From 2024 on begging and criminality are one; household work was split in two."""
    ExploitationForm.objects.filter(code__in=["begging", "criminality", "household"]).update(last_year=2023)
    for position, code in enumerate(("forced_crime", "live_in", "day_work"), start=80):
        ExploitationForm.objects.create(
            code=code, label_sv=f"sv {code}", label_en=f"new {code}", position=position, first_year=2024
        )
    for source, target in [
        ("begging", "forced_crime"),
        ("criminality", "forced_crime"),
        ("household", "live_in"),
        ("household", "day_work"),
    ]:
        FormCorrespondence.objects.create(source_id=source, target_id=target, first_year=2024)
    form = {"industry_id": None}
    CaseFactory.create_batch(3, form_id="begging", **form)
    CaseFactory.create_batch(2, form_id="criminality", **form)
    CaseFactory.create_batch(4, form_id="household", **form)
    CaseFactory.create_batch(6, form_id="forced_crime", year=2025, **form)
    CaseFactory(form_id="live_in", year=2025, **form)


def row(page, label):
    table = page.split('class="statistics')[-1]
    for found in re.findall(r"<tr.*?</tr>", table, re.DOTALL):
        cells = [
            " ".join(strip_tags(cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", found, re.DOTALL)
        ]
        if cells[0] == label:
            return cells[1:]
    return None


def test_a_series_is_shown_as_recorded_until_it_is_asked_for_in_the_later_values(
    client, analyst, changed_list
):
    page = read(client, analyst, SERIES)

    # What was not on the year's list was not asked for: that is no 0.
    assert row(page, "Begging") == ["3", ".."]
    assert row(page, "New forced_crime") == ["..", "6"]
    assert f'href="?{LISTS}#numbers"' in page
    assert "is counted as" not in page


def test_recoded_what_was_merged_is_one_row_and_what_was_split_stands_apart(client, analyst, changed_list):
    page = read(client, analyst, f"{SERIES}?{LISTS}")

    assert row(page, "New forced_crime") == ["5", "6"]
    assert row(page, "Begging") is None
    assert "“begging” is counted as “new forced_crime”." in page
    label = ExploitationForm.objects.get(pk="household").label_en
    assert row(page, label[0].upper() + label[1:]) == ["4", ".."]
    assert f"“{label}” was split into “new live_in” and “new day_work”." in page
    assert row(page, "Total") == ["9", "7"]


def test_the_year_leads_to_its_series_in_the_values_of_its_lists(client, analyst, changed_list):
    page = read(client, analyst, "/statistics/2025/")

    changed = re.findall(r'href="/statistics/2025/figures/([\w-]+)/\?lists=2025#numbers"', page)
    assert changed == ["form-by-year"]
    assert "#numbers" not in read(client, analyst, "/statistics/2023/")  # its own lists are those recorded


def test_files_of_a_recoded_series_are_recoded_and_say_what_is_counted_as_what(client, analyst, changed_list):
    page = read(client, analyst, f"{SERIES}?{LISTS}")
    files = dict(re.findall(rf'href="(/statistics/2025/download/(\w+)/form-by-year/\?{LISTS})"', page))
    assert set(files.values()) == {"xlsx", "csv", "jsonstat"}
    said = "“begging” is counted as “new forced_crime”."
    content = {name: client.get(address).content for address, name in files.items()}

    data = json.loads(content["jsonstat"])
    places = [data["dimension"][name]["category"]["index"] for name in data["id"]]
    assert data["value"][places[1].index("forced_crime")] == 5
    assert "begging" not in places[1]
    assert said in data["note"]
    rows = list(csv.DictReader(io.StringIO(content["csv"].decode("utf-8-sig"))))
    of_2023 = {row["form"]: row for row in rows if row["year"] == "2023"}
    assert of_2023["forced_crime"]["value"] == "5"
    assert said in of_2023["forced_crime"]["note"]
    sheet = openpyxl.load_workbook(io.BytesIO(content["xlsx"]))["form-by-year"]
    texts = [cell.value for row in sheet.iter_rows() for cell in row]
    assert said in texts
    assert any(isinstance(text, str) and "was split into" in text for text in texts)
    latest = AuditEvent.objects.latest("sequence")
    assert latest.object in {f"form-by-year 2025 lists-2025 as {name}, exact" for name in files.values()}


def test_the_chart_of_a_recoded_series_and_its_file_are_recoded(client, analyst, changed_list):
    address = "/statistics/2025/figures/chart-forms-by-year/"
    drawn = read(client, analyst, f"{address}?{LISTS}").split("<svg")[1].split("</svg>")[0]

    assert "<title>New forced_crime, 2023: 5</title>" in drawn
    assert (
        "New forced_crime, 2023: 5" not in read(client, analyst, address).split("<svg")[1].split("</svg>")[0]
    )
    file = client.get(f"/statistics/2025/download/svg/chart-forms-by-year/?{LISTS}").content.decode()
    assert "<title>New forced_crime, 2023: 5</title>" in file
    assert "is counted as" in file


@pytest.mark.parametrize("file", ["csv/form-by-year/?lists=2024", "csv/persons-by-year/?lists=2025",
                                  "csv/persons/?lists=2025", "csv/nothing/?lists=2025"])  # fmt: skip
def test_a_file_in_other_lists_or_of_what_no_list_changes_is_not_there(client, analyst, changed_list, file):
    client.force_login(analyst)

    assert client.get(f"/statistics/2025/download/{file}").status_code == 404


def test_who_is_recorded_under_an_earlier_value_after_the_change_stays_there(client, analyst, changed_list):
    ExploitationForm.objects.filter(code="begging").update(last_year=None)
    CaseFactory(form_id="begging", industry_id=None, year=2025)

    page = read(client, analyst, f"{SERIES}?{LISTS}")

    assert row(page, "Begging") == ["0", "1"]
    assert row(page, "New forced_crime") == ["5", "6"]
    for year, code, persons in ((2025, "begging", 1), (2025, "forced_crime", 6), (2023, "forced_crime", 5)):
        cell = f"/statistics/{year}/form-by-year/cases/?form={code}&{LISTS}"
        assert listed_number(read(client, analyst, cell)) == persons


def test_every_number_of_a_recoded_series_and_comparison_leads_to_as_many_cases(
    client, analyst, changed_list
):
    numbers = [
        *linked_numbers(read(client, analyst, f"{SERIES}?{LISTS}")),
        *linked_numbers(read(client, analyst, f"{COMPARED}&{LISTS}")),
    ]

    assert any("form=forced_crime&lists=2025" in address and number == 5 for address, number in numbers)
    for address, number in numbers:
        if "/children/" in address or "unit=incidents" in address:
            continue
        assert listed_number(read(client, analyst, address)) == number, address


def test_the_list_behind_a_recoded_number_says_so(client, analyst, changed_list):
    page = read(client, analyst, "/statistics/2023/form-by-year/cases/?form=forced_crime&lists=2025")

    assert "Those of the lists of 2025" in page
    assert listed_number(page) == 5


@pytest.mark.parametrize("lists", ["2024", "nonsense", "20250", "²⁰²⁵"])
def test_lists_of_another_year_than_the_page_s_are_not_there(client, analyst, changed_list, lists):
    client.force_login(analyst)

    assert client.get(SERIES, {"lists": lists}).status_code == 404
    assert client.get(f"{COMPARED}&lists={lists}").status_code == 404


def test_where_no_list_was_changed_nothing_is_offered_and_nothing_is_there(client, analyst):
    CaseFactory(year=2025)

    assert "lists=" not in read(client, analyst, SERIES)
    assert client.get(f"{SERIES}?{LISTS}").status_code == 404


def test_a_comparison_marks_what_was_changed_and_recoded_only_what_cannot_be_mapped(
    client, analyst, changed_list
):
    recorded = read(client, analyst, COMPARED)
    recoded = read(client, analyst, f"{COMPARED}&{LISTS}")

    assert row_of(recorded, "form-by-person", "Begging")[1:] == ["3", "..", "–", "–"]
    assert "is on the list up to and including 2023" in row_of(recorded, "form-by-person", "Begging")[0]
    assert row_of(recoded, "form-by-person", "New forced_crime") == [
        "New forced_crime", "5", "6", "+1", "+20%",
    ]  # fmt: skip
    label = ExploitationForm.objects.get(pk="household").label_en
    apart = row_of(recoded, "form-by-person", label[0].upper() + label[1:])
    assert "is on the list up to and including 2023" in apart[0]
    assert "From 2024 on" in apart[0]
    assert "is on the list from 2024 on" in row_of(recoded, "form-by-person", "New live_in")[0]
    assert "was split into" in recoded


def test_a_value_that_took_another_in_is_marked_until_it_is_recoded(client, analyst):
    ExploitationForm.objects.filter(code="begging").update(last_year=2023)
    FormCorrespondence.objects.create(source_id="begging", target_id="criminality", first_year=2024)
    CaseFactory(form_id="begging", industry_id=None)
    CaseFactory.create_batch(2, form_id="criminality", industry_id=None, year=2025)

    recorded = row_of(read(client, analyst, COMPARED), "form-by-person", "Criminality")
    recoded = row_of(read(client, analyst, f"{COMPARED}&{LISTS}"), "form-by-person", "Criminality")

    assert "2024: “criminality” stands for cases that before were “begging”, too." in recorded[0]
    assert recorded[1:] == ["0", "2", "+2", "–"]
    assert recoded == ["Criminality", "1", "2", "+1", "+100%"]


def test_of_a_year_that_was_published_only_a_part_that_is_missing_is_not_added_up(
    client, analyst, changed_list
):
    said = {"basis_sv": "av en källa", "basis_en": "of a source", "source": "a source"}
    for code, number in {"_T": 9, "begging": 4}.items():
        PublishedCount.objects.create(table="form-by-year", year=2018, code=code, count=number, **said)

    page = read(client, analyst, f"{SERIES}?{LISTS}")

    assert row(page, "Begging") == ["4", "0", ".."]
    assert row(page, "New forced_crime") == [":", "5", "6"]


def test_what_became_of_values_is_said_beside_a_published_year_too(client, analyst, changed_list):
    said = {"basis_sv": "av en källa", "basis_en": "of a source", "source": "a source"}
    for table, code in (
        ("persons-by-year", "_T"),
        ("form-by-year", "begging"),
        ("form-by-year", "criminality"),
    ):
        PublishedCount.objects.create(table=table, year=2018, code=code, count=4, **said)

    page = read(client, analyst, f"/statistics/compare/?year=2025&with=2018&{LISTS}")

    assert row_of(page, "form-by-year", "New forced_crime")[1:3] == ["8", "6"]
    assert page.count("“begging” is counted as “new forced_crime”.") == 1


def test_behind_a_value_that_became_another_one_there_is_no_case(client, analyst, changed_list):
    said = {"basis_sv": "av en källa", "basis_en": "of a source", "source": "a source"}
    PublishedCount.objects.create(table="form-by-year", year=2018, code="begging", count=4, **said)
    cell = "/statistics/2023/form-by-year/cases/?form=begging"

    assert listed_number(read(client, analyst, cell)) == 3
    assert client.get(f"{cell}&{LISTS}").status_code == 404


def test_a_published_year_is_recoded_by_the_values_that_were_on_its_list(client, analyst, changed_list):
    """Of begging and criminality only begging was on the list of 2018."""
    ExploitationForm.objects.filter(code="criminality").update(first_year=2019)
    said = {"basis_sv": "av en källa", "basis_en": "of a source", "source": "a source"}
    for code, number in {"_T": 9, "begging": 4}.items():
        PublishedCount.objects.create(table="form-by-year", year=2018, code=code, count=number, **said)

    page = read(client, analyst, f"{SERIES}?{LISTS}")

    assert row(page, "Begging") is None
    assert row(page, "New forced_crime") == ["4", "5", "6"]


def test_a_value_that_came_back_to_itself_is_not_said_to_have_become_one(client, analyst):
    ExploitationForm.objects.filter(code="begging").update(first_year=2020, last_year=2021)
    for source, target, year in (("criminality", "begging", 2020), ("begging", "criminality", 2022)):
        FormCorrespondence.objects.create(source_id=source, target_id=target, first_year=year)
    CaseFactory(form_id="criminality", industry_id=None, year=2025)
    not_asked = dict.fromkeys(
        ["referral_source_id", "joint_inspection", "children_in_sweden", "children_abroad"]
    )
    CaseFactory(form_id="begging", industry_id=None, year=2021, **not_asked)

    page = read(client, analyst, f"{SERIES}?{LISTS}")

    assert row(page, "Criminality") == ["1", "1"]
    assert "“begging” is counted as “criminality”." in page
    assert "“criminality” is counted as" not in page


def test_a_coordinator_s_recoded_series_is_of_the_own_region(client, coordinator_syd, changed_list):
    CaseFactory(region_id="syd", form_id="begging", industry_id=None)
    CaseFactory(region_id="syd", year=2025)

    page = read(client, coordinator_syd, f"{SERIES}?{LISTS}")

    assert row(page, "New forced_crime") == ["1", "0"]
    assert row(page, "Total") == ["1", "1"]


WIDENED = "2024: “criminality” stands for cases that before were “begging”, too."


@pytest.fixture
def widened_value(database):
    """From 2024 on criminality stands for begging, too."""
    ExploitationForm.objects.filter(code="begging").update(last_year=2023)
    FormCorrespondence.objects.create(source_id="begging", target_id="criminality", first_year=2024)
    CaseFactory(form_id="begging", industry_id=None)
    CaseFactory.create_batch(2, form_id="criminality", industry_id=None, year=2025)


def notes_of(page, table_id):
    return page.split(f'id="{table_id}">')[1].split('<div class="table-notes">')[1].split("</div>")[0]


def test_a_series_as_recorded_says_that_a_value_was_widened(client, analyst, widened_value):
    assert WIDENED in notes_of(read(client, analyst, "/statistics/2025/"), "form-by-year")
    page = read(client, analyst, SERIES)
    assert WIDENED in facts_of(page)["Breaks"]
    assert WIDENED in notes_of(page, "form-by-year")
    assert "stands for cases" not in notes_of(read(client, analyst, f"{SERIES}?{LISTS}"), "form-by-year")
    client.force_login(analyst)
    assert WIDENED in client.get("/statistics/2025/download/csv/form-by-year/").content.decode("utf-8-sig")
    whole_year = zipfile.ZipFile(io.BytesIO(client.get("/statistics/2025/download/jsonstat/").content))
    assert WIDENED in json.loads(whole_year.read("form-by-year.json"))["note"]
    charts = "/statistics/2025/download/svg/chart-"
    assert "stands for" in client.get(f"{charts}forms-by-year/").content.decode()
    assert "stands for" not in client.get(f"{charts}persons-by-year/").content.decode()


@pytest.mark.parametrize("figure", ["industry", "chart-industries"])
def test_of_an_industry_s_breaks_those_are_said_that_are_of_industries(
    client, analyst, widened_value, figure
):
    """Construction is split from 2027 on: that year has not begun."""
    Industry.objects.filter(code="construction").update(last_year=2026)
    for position, code in enumerate(("houses", "roads"), start=80):
        Industry.objects.create(
            code=code, label_sv=f"sv {code}", label_en=f"new {code}", position=position, first_year=2027
        )
        IndustryCorrespondence.objects.create(source_id="construction", target_id=code, first_year=2027)

    breaks = facts_of(read(client, analyst, f"/statistics/2025/figures/{figure}/"))["Breaks"]

    assert "begging" not in breaks
    assert "From 2027 on “construction” is split into “new houses” and “new roads”." in breaks
    assert "“construction” is on the list up to and including 2026." in breaks
    assert "“new houses” is on the list from 2027 on." in breaks
    assert "was" not in breaks


def test_an_industry_s_comparison_speaks_of_no_form_that_does_not_ask_for_it(client, analyst, widened_value):
    def notes():
        page = read(client, analyst, COMPARED)
        return page.split('id="industry">')[1].split('<div class="statistics-table"')[0]

    assert "begging" not in notes()
    ExploitationForm.objects.filter(code="begging").update(asks_for_industry=True)
    forget_figures()
    assert "“begging” is on the list up to and including 2023." in notes()
