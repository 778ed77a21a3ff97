"""Files of a year, from the pages and by command: read back as a spreadsheet program or a browser would."""

import csv
import io
import json
import zipfile

import openpyxl
import pytest
import time_machine
from django.core.management import call_command

from casereg.models import AuditEvent, AuditHead, ExploitationForm
from stats.models import PublishedCount
from stats.tables import TABLES
from tests.factories import CaseFactory
from tests.stats.drawings import parsed

pytestmark = pytest.mark.django_db
TABLE_IDS = [table.id for table in TABLES]


def download(client, user, address: str) -> bytes:
    client.force_login(user)
    response = client.get(f"/statistics/2023/download/{address}/")
    assert response.status_code == 200
    assert "attachment" in response.headers["Content-Disposition"]
    return response.content


def workbook(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells(sheet) -> list[tuple]:
    return [tuple(cell for cell in row if cell is not None) for row in sheet.iter_rows(values_only=True)]


def test_a_workbook_has_a_contents_sheet_and_a_sheet_a_table(client, analyst):
    CaseFactory()

    book = workbook(download(client, analyst, "xlsx"))

    assert book.sheetnames == ["contents", "key-figures", *TABLE_IDS]
    links = {
        cell.hyperlink.location for (cell, *_rest) in book["contents"].iter_rows(min_row=5) if cell.hyperlink
    }
    assert links == {f"'{name}'!A1" for name in book.sheetnames[1:]}


def test_a_sheet_says_what_it_counts_and_numbers_are_numbers(client, analyst):
    CaseFactory.create_batch(2, sex="male", age_group="adult")

    rows = cells(workbook(download(client, analyst, "xlsx"))["persons"])

    assert rows[0] == ("Personer efter kön och åldersgrupp, 2023",)
    assert rows[1] == ("Antal, alla personer",)
    assert "Intern" in rows[2][0]
    assert ("Man", 2, 0, 0, 2) in rows
    assert ("Totalt", 2, 0, 0, 2) in rows


def test_a_sheet_that_stays_internal_says_so_in_the_language_of_the_rest(client, analyst):
    CaseFactory()

    book = workbook(download(client, analyst, "xlsx"))

    assert cells(book["months"])[1] == ("Antal, alla personer (intern)",)


def test_signs_and_notes_go_with_a_table(client, analyst):
    CaseFactory(year=2023)
    CaseFactory(year=2021, referral_source_id=None, joint_inspection=None, industry_id=None,
                children_in_sweden=None, children_abroad=None)  # fmt: skip
    client.force_login(analyst)

    content = client.get("/statistics/2021/download/xlsx/referral/").content

    text = "\n".join(str(cell) for row in cells(workbook(content)["referral"]) for cell in row)
    assert "..  " in text
    assert "samlas in från och med 2023" in text


def test_a_share_is_its_whole_per_cent_with_what_it_is_made_of(client, analyst):
    CaseFactory.create_batch(2, sex="male", age_group="adult")
    CaseFactory(sex="female", age_group="adult")

    rows = cells(workbook(download(client, analyst, "xlsx"))["key-figures"])

    [share] = [row for row in rows if row and row[0] == "Män, av vuxna kvinnor och män"]
    assert (share[1], *share[3:5]) == (67, 2, 3)


@pytest.mark.parametrize(
    "label", ['=cmd|"/c calc"!A1', "+1+1", "-2", "@SUM(A1)", "http://example.org", "1234"]
)
def test_a_hostile_label_stays_text(client, analyst, label):
    ExploitationForm.objects.filter(code="labour").update(label_sv=label)
    CaseFactory(form_id="labour")

    sheet = workbook(download(client, analyst, "xlsx"))["form-by-person"]

    [cell] = [cell for (cell, *_rest) in sheet.iter_rows() if str(cell.value).lower() == label.lower()]
    assert (cell.data_type, cell.hyperlink) == ("s", None)
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize(
    "label",
    ['=cmd|"/c calc"!A1', "+1+1", "-2", "@SUM(A1)", "|cmd", "%0A", "\t=1+1", "\n=1", "\ufeff=1",
     "\u00a0=1", "\x01=1", "\u200b=1", "＝1+1", "＋1", "－1", "＠x"],
)  # fmt: skip
def test_a_hostile_label_is_no_formula_to_a_spreadsheet_that_opens_the_csv(client, analyst, label):
    ExploitationForm.objects.filter(code="labour").update(label_sv=label)
    CaseFactory(form_id="labour")

    text = download(client, analyst, "csv/region-by-form").decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["form_label"] for row in rows if row["form"] == "labour"} == {f"'{label}"}
    assert {row["region_label"] for row in rows if row["region"] == "nord"} == {"Nord"}


@pytest.mark.parametrize("label", ["\r=1+1", "a\r=1+1", "a\r\n=1+1", "\r\r=1+1"])
def test_a_label_of_several_lines_begins_no_line_of_the_csv(client, analyst, label):
    ExploitationForm.objects.filter(code="labour").update(label_sv=label)
    CaseFactory(form_id="labour")

    text = download(client, analyst, "csv/region-by-form").decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert "Nord" in {row["region_label"] for row in rows if row["form"] == "labour"}
    assert all(None not in row and None not in row.values() for row in rows)


@pytest.mark.parametrize(
    ("format", "names"),
    [
        ("csv", {f"{name}.csv" for name in TABLE_IDS}),
        ("jsonstat", {f"{name}.json" for name in TABLE_IDS} | {"key-figures.json"}),
        ("svg", {f"{name}.svg" for name in TABLE_IDS}),
    ],
)
def test_the_other_formats_of_a_year_come_packed_in_one_file(client, analyst, format, names):
    CaseFactory()

    archive = zipfile.ZipFile(io.BytesIO(download(client, analyst, format)))

    assert set(archive.namelist()) == names
    assert archive.testzip() is None


def test_one_table_comes_in_each_format_and_a_chart_as_svg(client, analyst):
    CaseFactory(sex="male", age_group="adult")

    assert workbook(download(client, analyst, "xlsx/persons")).sheetnames == ["persons"]
    assert b"2023,male," in download(client, analyst, "csv/persons")
    assert json.loads(download(client, analyst, "jsonstat/persons"))["class"] == "dataset"
    assert parsed(download(client, analyst, "svg/persons").decode()) is not None
    assert parsed(download(client, analyst, "svg/chart-nationality-map").decode()) is not None


def test_a_csv_file_says_what_was_published_and_of_whom_a_number_of_children_is_missing(client, analyst):
    CaseFactory(children_in_sweden=None, children_in_sweden_unknown=True)
    CaseFactory(children_abroad=None)
    PublishedCount.objects.create(
        year=2019,
        table="persons-by-year",
        code="_T",
        count=14,
        basis_sv="Underlaget.",
        basis_en="x",
        source="x",
    )

    def rows(table_id):
        text = download(client, analyst, f"csv/{table_id}").decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    series = {(row["year"], row["source"]): row["note"] for row in rows("persons-by-year")}
    assert series == {("2019", "published"): "Underlaget.", ("2023", "counted"): ""}
    assert {row["source"] for row in rows("persons")} == {"counted"}
    for row in rows("children"):
        assert row["note"].count("1 person") == 2


def test_a_csv_file_begins_with_the_mark_by_which_spreadsheets_know_its_letters(client, analyst):
    CaseFactory()

    assert download(client, analyst, "csv/persons").startswith(b"\xef\xbb\xbfyear,")


@pytest.mark.parametrize(
    "address", ["paper", "xlsx/chart-persons", "svg/key-persons", "csv/nothing", "paper/persons"]
)
def test_there_is_no_other_file(client, analyst, address):
    CaseFactory()
    client.force_login(analyst)

    assert client.get(f"/statistics/2023/download/{address}/").status_code == 404


def test_a_coordinator_takes_along_the_own_region_and_no_other(client, coordinator_nord):
    CaseFactory.create_batch(2, region_id="nord")
    CaseFactory.create_batch(5, region_id="syd", nationality_id="UA")
    client.force_login(coordinator_nord)

    book = workbook(client.get("/statistics/2023/download/xlsx/").content)

    assert [row[0] for row in cells(book["region-by-form"]) if len(row) > 2] == ["Region", "Nord", "Totalt"]
    everything = " ".join(str(cell) for sheet in book for row in cells(sheet) for cell in row)
    assert "Nord" in cells(book["contents"])[0][0]
    assert "Syd" not in everything
    assert "Ukraina" not in everything
    assert client.get("/statistics/2023/download/svg/chart-regions/").status_code == 404


def test_a_download_is_in_the_trail_and_changes_no_figure(client, coordinator_nord):
    CaseFactory(region_id="nord")
    client.force_login(coordinator_nord)
    before = AuditHead.objects.get().last_change

    client.get("/statistics/2023/download/xlsx/")
    client.get("/statistics/2023/download/svg/chart-persons/")

    events = AuditEvent.objects.filter(action="year_download")
    assert [(e.object, e.region, e.actor) for e in events] == [
        ("2023 as xlsx, exact", "nord", coordinator_nord),
        ("chart-persons 2023 as svg, exact", "nord", coordinator_nord),
    ]
    assert AuditHead.objects.get().last_change == before


@pytest.mark.parametrize(
    ("format", "names"),
    [("xlsx", {"tables.xlsx"}), ("svg", {f"{name}.svg" for name in TABLE_IDS})],
)
def test_the_command_writes_the_same_bytes_at_another_time_of_the_day(tmp_path, clock, format, names):
    CaseFactory.create_batch(3)
    first, second = tmp_path / "first", tmp_path / "second"

    call_command("export_year", 2023, format=format, out=first)
    with time_machine.travel("2026-11-20T20:15:07Z"):
        call_command("export_year", 2023, format=format, out=second)

    assert {path.name for path in first.iterdir()} == names | {"manifest.json"}
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()
