"""Crosses on a page, against a naive count of the records, and the way from them to cases."""

import csv
import html
import io
import json
import re
from collections import Counter

import openpyxl
import pytest
from django.utils.html import strip_tags

from casereg.models import AuditEvent, Case
from tests.factories import CaseFactory
from tests.stats.test_cell_pages import linked_numbers, listed_number, read

pytestmark = pytest.mark.django_db


def mixed():
    for sex, form, age, number in (
        ("female", "sexual", "adult", 3),
        ("male", "labour", "adult", 4),
        ("male", "labour", "minor", 1),
        ("female", "labour", "unknown", 2),
        ("unknown", "begging", "minor", 1),
    ):
        industry = "green" if form == "labour" else None
        CaseFactory.create_batch(number, sex=sex, form_id=form, age_group=age, industry_id=industry)
    CaseFactory(region_id="syd", reference="southern", nationality_id="UA")


def cells(page, table_id="cross"):
    """{(group, row, column): text} of a cross in English."""
    table = page.split(f'id="{table_id}">')[1].split("</table>")[0]
    columns, found, group = [], {}, ""
    for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL):
        words = [
            " ".join(strip_tags(cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        if 'scope="col"' in row:
            columns = words[1:]
        elif 'scope="rowgroup"' in row:
            [group] = words
        else:
            found |= {
                (group, words[0], column): text for column, text in zip(columns, words[1:], strict=True)
            }
    return found


def test_a_cross_of_three_agrees_with_a_naive_count(client, analyst):
    mixed()
    page = read(client, analyst, "/statistics/2023/cross/?by=form&by=sex&by=age_group")

    naive = Counter()
    for case in Case.objects.select_related("form"):
        form = case.form.label_en[:1].upper() + case.form.label_en[1:]
        sex, age = english_labels(case)
        for key in ((f, s, a) for f in (form, "Total") for s in (sex, "Total") for a in (age, "Total")):
            naive[key] += 1
    shown = cells(page)
    assert {key: int(text) for key, text in shown.items() if text != "0"} == dict(naive)


def english_labels(case):
    return (
        {"female": "Woman", "male": "Man", "unknown": "Sex unknown"}[case.sex],
        {"adult": "Adult", "minor": "Minor", "unknown": "Age unknown"}[case.age_group],
    )


def test_its_numbers_lead_to_as_many_cases(client, coordinator_nord):
    mixed()
    page = read(client, coordinator_nord, "/statistics/2023/cross/?by=form&by=sex&by=age_group")

    numbers = linked_numbers(page)
    assert len(numbers) > 20
    for address, number in numbers:
        listed = read(client, coordinator_nord, address)
        assert listed_number(listed) == number
        assert "southern" not in listed


@pytest.mark.parametrize("along", ["row", "column"])
def test_per_cent_stand_under_the_numbers(client, coordinator_nord, along):
    """Of 8 exploited for labour 3 are women; of 6 women 3 are exploited for labour, of 12 persons 8."""
    mixed()
    CaseFactory(sex="female")
    page = read(client, coordinator_nord, f"/statistics/2023/cross/?by=form&by=sex&per_cent={along}")

    shown = cells(page, "cross-per-cent")
    labour = next(row for _group, row, _column in shown if row.startswith("Labour"))
    assert shown["", labour, "Woman"] == {"row": "38%", "column": "50%"}[along]
    assert shown["", labour, "Total"] == {"row": "100%", "column": "67%"}[along]
    assert shown["", "Organ removal", "Woman"] == {"row": "–", "column": "0%"}[along]


def test_the_four_kinds_of_emptiness_are_told_apart(client, analyst):
    CaseFactory(referral_source_id="unknown")
    CaseFactory(referral_source_id=None)
    CaseFactory(year=2022, referral_source_id=None, joint_inspection=None)

    now = cells(read(client, analyst, "/statistics/2023/cross/?by=referral_source&by=sex"))
    page = read(client, analyst, "/statistics/2022/cross/?by=referral_source&by=sex&per_cent=row")

    assert now["", "Unknown", "Man"] == "1"
    assert now["", "Not recorded", "Man"] == "1"
    assert now["", "Total", "Woman"] == "0"
    assert set(cells(page).values()) == {".."} == set(cells(page, "cross-per-cent").values())
    assert "is collected since 2023." in page
    assert "not collected that year" in page


@pytest.mark.parametrize("query", ["by=form", "by=form&by=form", "by=form&by=colour", "by=&by="])
def test_what_is_no_cross_is_said(client, analyst, query):
    mixed()
    page = read(client, analyst, f"/statistics/2023/cross/?{query}")

    assert "Choose two or three different breakdowns." in page
    assert 'class="statistics-table"' not in page


def test_without_a_choice_form_and_sex_are_crossed_and_the_form_says_so(client, analyst):
    mixed()
    page = html.unescape(read(client, analyst, "/statistics/2023/cross/"))

    assert "Persons: Form of exploitation × Sex, 2023" in page
    assert page.count(" selected>") >= 2


def test_a_coordinator_crosses_no_other_region(client, coordinator_nord):
    mixed()
    page = read(client, coordinator_nord, "/statistics/2023/cross/?by=region&by=nationality")

    assert {row for _group, row, _column in cells(page)} == {"Nord", "Total"}
    assert "Ukrain" not in page


def test_a_cross_is_taken_along_as_its_page_prints_it(client, analyst):
    mixed()
    page = read(client, analyst, "/statistics/2023/cross/?by=form&by=sex&by=age_group&per_cent=row")
    addresses = dict(re.findall(r'href="(/statistics/2023/cross/download/(\w+)/\?[^"]+)"', page))
    files = {name: client.get(html.unescape(address)) for address, name in addresses.items()}
    assert set(files) == {"xlsx", "csv", "jsonstat"}
    assert {file.status_code for file in files.values()} == {200}
    printed = [int(text) for text in cells(page).values()]

    sheet = openpyxl.load_workbook(io.BytesIO(files["xlsx"].content))["cross"]
    written = [cell.value for row in sheet.iter_rows(min_row=6, min_col=2) for cell in row]
    assert [number for number in written if number is not None] == printed
    rows = list(csv.DictReader(io.StringIO(files["csv"].content.decode("utf-8-sig"))))
    assert [int(row["value"]) for row in rows] == printed
    assert json.loads(files["jsonstat"].content)["value"] == printed
    assert "year-2023-cross-form-sex-age_group.csv" in files["csv"].headers["Content-Disposition"]
    latest = AuditEvent.objects.latest("sequence")
    assert (latest.action, latest.actor) == ("year_download", analyst)
    assert latest.object == "cross.form.sex.age_group 2023 as jsonstat, exact"


@pytest.mark.parametrize("along", ["row", "column"])
def test_the_workbook_of_a_cross_has_its_per_cent_as_numbers_on_a_second_sheet(client, analyst, along):
    mixed()
    page = read(client, analyst, f"/statistics/2023/cross/?by=form&by=sex&per_cent={along}")
    [address] = re.findall(r'href="(/statistics/2023/cross/download/xlsx/\?[^"]+)"', page)
    workbook = openpyxl.load_workbook(io.BytesIO(client.get(html.unescape(address)).content))

    assert workbook.sheetnames == ["cross", "cross-per-cent"]
    written = [
        cell.value for row in workbook["cross-per-cent"].iter_rows(min_row=6, min_col=2) for cell in row
    ]
    printed = [text if text == "–" else int(text[:-1]) for text in cells(page, "cross-per-cent").values()]
    assert [value for value in written if value is not None] == printed
    assert workbook["cross-per-cent"]["A2"].value == f"Per cent of the {along}"
    assert "CSV and JSON-stat hold the counts." in page


def test_without_per_cent_the_workbook_of_a_cross_has_one_sheet(client, analyst):
    mixed()
    client.force_login(analyst)

    for query in ("", "&per_cent=", "&per_cent=nonsense"):
        file = client.get(f"/statistics/2023/cross/download/xlsx/?by=form&by=sex{query}")
        assert openpyxl.load_workbook(io.BytesIO(file.content)).sheetnames == ["cross"]
    assert "JSON-stat hold" not in read(client, analyst, "/statistics/2023/cross/?by=form&by=sex")


@pytest.mark.parametrize("address", ["xlsx/?by=form", "xlsx/?by=form&by=colour", "svg/?by=form&by=sex",
                                     "pdf/?by=form&by=sex"])  # fmt: skip
def test_a_file_of_what_is_no_cross_is_not_there(client, analyst, address):
    mixed()
    client.force_login(analyst)
    assert client.get(f"/statistics/2023/cross/download/{address}").status_code == 404
    assert not AuditEvent.objects.filter(action="year_download").exists()


def test_a_coordinators_file_of_a_cross_holds_the_own_region(client, coordinator_nord):
    CaseFactory(region_id="nord")
    CaseFactory(region_id="syd")
    client.force_login(coordinator_nord)
    file = client.get("/statistics/2023/cross/download/csv/?by=region&by=sex").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(file)))
    assert {row["region"] for row in rows} == {"nord", "_T"}
    assert [row["value"] for row in rows if (row["region"], row["sex"]) == ("_T", "_T")] == ["1"]
