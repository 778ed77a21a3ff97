"""A case file on its way in through the browser: its steps, what is refused, and that it comes in once."""

import io
import re
import tracemalloc
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from casereg.actions.uploads import table_of
from casereg.case_files import COLUMNS, IN_BROWSER, read_table
from casereg.codebook import CodeBook
from casereg.forms import uploads as forms
from casereg.imports import ImportedBefore, import_upload
from casereg.models import AuditEvent, Case, CaseHistory, FileMapping, ImportedFile, Upload
from casereg.quality import text_findings
from casereg.request_bodies import BODY_MAX
from casereg.stored_codebook import load_codebook
from tests.casereg.test_case_files import A_BOMB, A_WORKBOOK, LAUGHS, SHEET, with_a_small_size_told, zipped
from tests.databases import nothing_changes, rolled_back
from tests.factories import UserFactory
from tests.records import csv_text, import_file, person, raw_file
from tests.strategies import valid_rows
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

OLD_HEADINGS = (
    "Månad",
    "Bedömning",
    "Form",
    "Kön",
    "Ålder",
    "Land",
    "Hänvisad av",
    "Bransch",
    "Barn i Sverige",
    "Namn",
)
OLD_ROWS = (
    (
        "2023-07-14",
        "Människohandel",
        "Sexuella ändamål",
        "Kvinna",
        "Vuxen",
        "Rumänien",
        "Polisen",
        "",
        "Inga",
        "Anna",
    ),
    ("14/8 2023", "ME", "arbete", "man", "17", "Thailand", "-", "Bärplockning", "okänt", "Bo 070-123 45 67"),
)


@pytest.fixture
def nora(client, coordinator_nord) -> Client:
    client.force_login(coordinator_nord)
    return client


def old_spreadsheet(*rows: tuple[str, ...]) -> bytes:
    return "\n".join(";".join(row) for row in (OLD_HEADINGS, *(rows or OLD_ROWS))).encode("utf-8-sig")


def own_file(*rows: dict[str, Any], **options: Any) -> bytes:
    return csv_text(rows, **options).encode()


def send(client: Client, content: bytes, name: str = "cases.csv"):
    return client.post("/cases/upload/", {"file": SimpleUploadedFile(name, content)})


def uploaded(client: Client, content: bytes, name: str = "cases.csv") -> str:
    """Upload a file; the address of its next page."""
    response = send(client, content, name)
    assert response.status_code == 302, refusal(response)
    return response.headers["Location"]


def refusal(response) -> str:
    """What the page says is wrong with the file itself."""
    return " ".join(map(str, response.context["form"].errors.get("file", ["not refused"])))


def go_on(client: Client, address: str) -> str:
    """Follow to the page that has to be answered."""
    response = client.get(address, follow=True)
    assert response.status_code == 200
    return response.redirect_chain[-1][0] if response.redirect_chain else address


def as_proposed(client: Client, address: str, **changes: str) -> str:
    """Send a page's form as it is drawn, with the changes; the page that comes next."""
    form = client.get(address).context["form"]
    fields = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    response = client.post(address, fields | changes)
    assert response.status_code == 302, response.context["form"].errors
    return go_on(client, response.headers["Location"])


def places(response) -> list[tuple[int, str, str]]:
    return [(found.line, found.column, found.found) for found in response.context["findings"]]


# --- A case file with the register's own headings --------------------------------------------------


def test_a_case_file_is_checked_at_once_and_nothing_is_registered(nora):
    address = uploaded(nora, own_file(person(), person(reference="A-2")))

    check = nora.get(address).context["check"]

    assert (check.registered, check.unchanged, check.findings) == (2, 0, [])
    assert not Case.objects.exists()


def test_a_confirmed_file_is_imported_by_its_author(nora, coordinator_nord):
    address = uploaded(nora, own_file(person(), person(reference="A-2", region="")))

    response = nora.post(f"{address}import/", follow=True)

    assert response.status_code == 200
    assert response.templates[0].name == "casereg/upload_imported.html"
    assert sorted(Case.objects.values_list("region_id", "reference", "registered_by__name")) == [
        ("nord", "A-1", "Nora Nord"),
        ("nord", "A-2", "Nora Nord"),
    ]
    assert set(CaseHistory.objects.values_list("action", "by__name")) == {("import", "Nora Nord")}
    event = AuditEvent.objects.get(action="cases_import")
    assert (event.actor, event.role, event.region) == (coordinator_nord, "coordinator", "nord")
    assert event.object == f"file {ImportedFile.objects.get().pk}, 2 cases"
    upload = Upload.objects.get()
    assert (bytes(upload.content), upload.registered, upload.unchanged) == (b"", 2, 0)


def test_a_file_without_a_region_is_of_the_own_one(nora):
    columns = [column for column in COLUMNS if column != "region"]
    address = uploaded(nora, own_file(person(), columns=columns))

    nora.post(f"{address}import/")

    assert Case.objects.get().region_id == "nord"


def test_rows_of_another_region_are_told_line_by_line(nora):
    address = uploaded(nora, own_file(person(), person(reference="A-2", region="syd")))

    response = nora.get(address)

    assert places(response) == [(3, "region", "syd")]
    assert not Case.objects.exists()


def test_the_findings_are_those_of_the_command_and_no_import_is_offered(nora, tmp_path):
    rows = [
        person(sex="x"),
        person(reference="a b", month="2030-01"),
        person(reference="A-2", children_abroad="99"),
    ]
    with pytest.raises(Exception) as refused:  # noqa: PT011 - any: its findings are compared
        import_file(raw_file(tmp_path, own_file(*rows)))
    address = go_on(nora, uploaded(nora, own_file(*rows)))
    address = as_proposed(nora, address) if "words" in address else address

    response = nora.get(address)

    told = [(found.line, found.column) for found in refused.value.findings]
    assert [(found.line, found.column) for found in response.context["check"].findings] == told
    assert b"/import/" not in response.content
    assert nora.post(f"{address}import/").status_code == 200
    assert not Case.objects.exists()


def test_findings_are_told_a_hundred_a_page(nora):
    rows = [person(reference=f"A-{number}", month="2030-01") for number in range(250)]
    address = uploaded(nora, own_file(*rows))

    pages = [nora.get(f"{address}?page={number}") for number in (1, 2, 3)]

    assert [len(places(page)) for page in pages] == [100, 100, 50]
    assert places(pages[2])[-1] == (251, "month", "2030-01")


def test_what_looks_like_a_person_in_a_reference_is_refused(nora):
    rows = [person(reference="19870714-1234"), person(incident="070-1234567")]
    address = uploaded(nora, own_file(*rows))

    assert places(nora.get(address)) == [
        (2, "reference", "19870714-1234"),
        (3, "incident", "070-1234567"),
    ]


def test_a_workbook_comes_in_like_a_csv_file(nora):
    address = uploaded(nora, zipped(A_WORKBOOK), "cases.xlsx")

    nora.post(f"{address}import/")

    assert Case.objects.get().reference == "A-1"


# --- Once ------------------------------------------------------------------------------------------


def test_an_import_sent_again_imports_nothing(nora):
    address = uploaded(nora, own_file(person(reference="")))
    for _time in range(3):
        assert nora.post(f"{address}import/", follow=True).status_code == 200

    assert Case.objects.count() == 1


def test_the_same_rows_without_references_ask_before_they_stand_twice(nora):
    nora.post(f"{uploaded(nora, own_file(person(reference='')))}import/")
    address = uploaded(nora, own_file(person(reference="")))

    refused = nora.post(f"{address}import/")
    assert "again" in refused.context["form"].errors
    assert Case.objects.count() == 1

    nora.post(f"{address}import/", {"again": "on"})
    assert Case.objects.count() == 2


def test_rows_with_references_are_left_alone_the_second_time(nora):
    nora.post(f"{uploaded(nora, own_file(person()))}import/")

    response = nora.get(uploaded(nora, own_file(person())))

    check = response.context["check"]
    assert (check.registered, check.unchanged) == (0, 1)
    assert b"/import/" not in response.content


def test_a_file_that_was_imported_by_command_is_recognised(nora, tmp_path):
    import_file(raw_file(tmp_path, own_file(person(reference=""))))
    address = uploaded(nora, own_file(person(reference="")))

    assert nora.get(address).context["check"].imported_before is not None


@pytest.mark.parametrize("attempt", range(2))
def test_of_two_imports_of_one_upload_at_once_one_imports(committed_db, coordinator_nord, attempt):
    client = Client()
    client.force_login(coordinator_nord)
    uploaded(client, own_file(*[person(reference="") for _ in range(50)]))
    run = partial(import_all, Upload.objects.get(), by=coordinator_nord)

    outcomes = at_once(run, run)

    assert sorted(outcomes) == [0, 50]
    assert (Case.objects.count(), ImportedFile.objects.count()) == (50, 1)


def import_all(upload: Upload, **options: Any) -> int:
    """How many rows this call stored."""
    return max([stored for stored, _rows in import_upload(upload_id=upload.pk, **options)], default=0)


def test_what_was_imported_meanwhile_in_another_way_is_asked_about(nora, coordinator_nord, tmp_path):
    uploaded(nora, own_file(person(reference="")))
    import_file(raw_file(tmp_path, own_file(person(reference=""))))

    with pytest.raises(ImportedBefore):
        import_all(Upload.objects.get(), by=coordinator_nord)


# --- A long file -----------------------------------------------------------------------------------


def a_long_file() -> bytes:
    return own_file(*[person(reference=f"A-{number}") for number in range(1200)])


def test_a_long_import_tells_how_far_it_is_and_then_what_it_did(nora):
    address = uploaded(nora, a_long_file())

    response = nora.post(f"{address}import/")
    page = b"".join(response.streaming_content).decode()

    assert re.findall(r'<progress value="(\d+)" max="1200"', page) == ["0", "500", "1000", "1200"]
    assert page.index("</title>") < page.index("<progress") < page.rindex("/cases/") < page.index("</html>")
    assert Case.objects.count() == 1200
    assert Upload.objects.get().registered == 1200


def test_whoever_goes_away_in_the_middle_of_a_long_import_leaves_nothing_behind(committed_db, nora):
    address = uploaded(nora, a_long_file())

    with nothing_changes():
        response = nora.post(f"{address}import/")
        pieces = iter(response.streaming_content)
        while 'value="500"' not in next(pieces).decode():
            pass
        assert Case.objects.count() == 500
        response.close()


def test_a_long_import_that_fails_says_so_and_leaves_nothing_behind(nora, monkeypatch):
    address = uploaded(nora, a_long_file())
    monkeypatch.setattr("casereg.actions.imported_files.ImportedFile.objects", None)

    page = b"".join(nora.post(f"{address}import/").streaming_content).decode()

    assert address in page[page.rindex("<h2>") :]
    assert not Case.objects.exists()
    assert Upload.objects.get().imported_at is None


def test_a_long_import_speaks_the_language_of_the_reader(nora):
    nora.cookies["django_language"] = "en"
    address = uploaded(nora, a_long_file())

    page = b"".join(nora.post(f"{address}import/").streaming_content).decode()

    assert "1,200 of 1,200 cases" in page
    assert "1,200 cases are registered" in page


# --- An old spreadsheet ----------------------------------------------------------------------------


def test_an_old_spreadsheet_comes_in_by_the_way_of_its_columns_and_words(nora):
    columns = go_on(nora, uploaded(nora, old_spreadsheet()))
    assert columns.endswith("/columns/")
    words = as_proposed(nora, columns)
    assert words.endswith("/words/")
    check = as_proposed(nora, words)

    assert nora.get(check).context["check"].registered == 2
    nora.post(f"{check}import/")

    said = [case.content.recorded() for case in Case.objects.select_related("incident").order_by("month")]
    assert said == [
        {"month": "2023-07", "assessment": "trafficking", "form": "sexual", "sex": "female",
         "age_group": "adult",
         "nationality": "RO", "referral_source": "police", "children_in_sweden": "0"},
        {"month": "2023-08", "assessment": "exploitation", "form": "labour", "sex": "male",
         "age_group": "minor",
         "nationality": "TH", "industry": "green", "children_in_sweden": "unknown"},
    ]  # fmt: skip


def test_a_column_that_is_left_out_leaves_the_server(nora):
    address = go_on(nora, uploaded(nora, old_spreadsheet()))
    assert b"Anna" in bytes(Upload.objects.get().content)

    as_proposed(nora, address)

    assert b"Anna" not in bytes(Upload.objects.get().content)
    assert "Anna" not in str(FileMapping.objects.values()) + str(Upload.objects.values("columns", "words"))


def test_the_next_file_of_the_region_is_read_as_the_last(nora, client):
    rows = (("2023-07", "MH", "X1", "Y2", "Z3", "TH", "", "", "0", "Anna"),)
    address = go_on(nora, uploaded(nora, old_spreadsheet(*rows)))
    address = as_proposed(nora, address, column_8="children_abroad")
    as_proposed(nora, address, form_0="begging", sex_0="other", age_group_0="unknown")

    colleague = Client()
    colleague.force_login(UserFactory(region_id="nord"))
    columns = go_on(colleague, uploaded(colleague, old_spreadsheet(*rows)))
    words = as_proposed(colleague, columns)
    check = as_proposed(colleague, words)
    colleague.post(f"{check}import/")

    recorded = Case.objects.get().content.recorded()
    assert recorded == {
        "month": "2023-07", "assessment": "trafficking", "form": "begging", "sex": "other",
        "age_group": "unknown", "nationality": "TH", "children_abroad": "0",
    }  # fmt: skip


def test_another_region_s_file_is_not_read_by_what_this_one_said(nora, coordinator_syd):
    address = go_on(nora, uploaded(nora, old_spreadsheet()))
    as_proposed(nora, address, column_9="reference")

    other = Client()
    other.force_login(coordinator_syd)
    form = other.get(go_on(other, uploaded(other, old_spreadsheet()))).context["form"]

    assert form.fields["column_9"].initial == ""


def test_lines_are_those_of_the_file_although_it_is_rewritten(nora):
    title = "Ärenden 2023".encode()
    content = (
        title
        + b"\n\n"
        + old_spreadsheet(OLD_ROWS[0], ("",) * 10, ("juli", *OLD_ROWS[1][1:])).lstrip(b"\xef\xbb\xbf")
    )
    address = as_proposed(nora, go_on(nora, uploaded(nora, content)))

    response = nora.get(as_proposed(nora, address))

    assert places(response) == [(6, "Månad", "juli")]


def test_a_word_that_is_left_as_it_is_is_told_line_by_line(nora):
    address = as_proposed(nora, go_on(nora, uploaded(nora, old_spreadsheet())))

    response = nora.get(as_proposed(nora, address, sex_0=""))

    assert places(response) == [(2, "Kön", "Kvinna")]
    [found] = response.context["findings"]
    assert "kvinna, man" in found.accepted


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"column_3": ""}, "__all__"),
        ({"column_0": ""}, "__all__"),
        ({"column_0": "year"}, "__all__"),
        ({"column_9": "sex"}, "column_9"),
        ({"column_9": "year"}, "column_0"),
        ({"column_9": "password"}, "column_9"),
    ],
)
def test_columns_that_do_not_make_a_record_are_refused_and_nothing_is_kept(nora, changes, field):
    address = go_on(nora, uploaded(nora, old_spreadsheet()))
    form = nora.get(address).context["form"]
    fields = {name: form.get_initial_for_field(known, name) for name, known in form.fields.items()}

    with nothing_changes():
        response = nora.post(address, fields | changes)

    assert list(response.context["form"].errors) == [field]


def test_a_column_of_too_many_words_is_another_one(nora):
    names = [
        (*OLD_ROWS[0][:3], f"person {number}", *OLD_ROWS[0][4:]) for number in range(forms.WORDS_MAX + 1)
    ]
    address = go_on(nora, uploaded(nora, old_spreadsheet(*names)))
    form = nora.get(address).context["form"]
    fields = {name: form.get_initial_for_field(known, name) for name, known in form.fields.items()}

    response = nora.post(address, fields)

    assert list(response.context["form"].errors) == ["column_3"]


def test_the_steps_are_taken_in_their_order(nora):
    address = uploaded(nora, old_spreadsheet())

    assert go_on(nora, f"{address}words/") == f"{address}columns/"
    assert nora.post(f"{address}import/").headers["Location"] == address
    done = as_proposed(nora, f"{address}columns/")
    assert done == go_on(nora, f"{address}columns/") == f"{address}words/"


@settings(max_examples=8)
@given(rows=st.lists(valid_rows(), min_size=1, max_size=6))
def test_a_spreadsheet_of_swedish_labels_says_what_the_case_file_says(nora, coordinator_nord, rows):
    rows = [
        row | {"region": "nord", "reference": ""} for row in rows if not text_findings("", row["incident"])
    ]
    if not rows:
        return
    codebook = load_codebook()
    with rolled_back():
        nora.post(f"{uploaded(nora, own_file(*rows))}import/")
        canonical = contents()
    with rolled_back():
        address = go_on(nora, uploaded(nora, in_swedish(rows, codebook), "gammal.xlsx"))
        while not address.endswith(f"{Upload.objects.get().pk}/"):
            address = as_proposed(nora, address)
        nora.post(f"{address}import/")
        assert contents() == canonical
        assert len(canonical) == len(rows)


def contents() -> list[str]:
    return sorted(str(case.content) for case in Case.objects.select_related("incident"))


def in_swedish(rows: list[dict[str, str]], codebook: CodeBook) -> bytes:
    """A workbook with the code book's Swedish labels for headings and words, and with months as dates."""
    content = io.BytesIO()
    columns = COLUMNS[2:]
    with xlsxwriter.Workbook(content) as workbook:
        sheet, as_date = workbook.add_worksheet(), workbook.add_format({"num_format": "d/m yyyy"})
        sheet.write_row(0, 0, ["Namn", *(codebook.variables[column].label_sv for column in columns)])
        for line, row in enumerate(rows, start=1):
            sheet.write_string(line, 0, f"Person {line}")
            for place, column in enumerate(columns, start=1):
                value = row[column]
                if column == "month":
                    year, month = value.split("-")
                    sheet.write_datetime(line, place, date(int(year), int(month), 17), as_date)
                elif column in codebook.terms and value:
                    sheet.write_string(line, place, codebook.terms[column][value].label_sv)
                elif value.isascii() and value.isdecimal() and column.startswith("children"):
                    sheet.write_number(line, place, int(value))
                elif value == "unknown" and column.startswith("children"):
                    sheet.write_string(line, place, "Okänt")
                else:
                    sheet.write_string(line, place, value)
    return content.getvalue()


# --- What is refused at the door ---------------------------------------------------------------------


def too_many_columns() -> bytes:
    return own_file(
        person() | {f"more {n}": "x" for n in range(186)},
        columns=[*COLUMNS, *[f"more {n}" for n in range(186)]],
    )


def with_sheet(rows: bytes) -> bytes:
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return zipped(A_WORKBOOK | {SHEET: start + rows + b"</sheetData></worksheet>"})


def a_workbook_of_long_texts() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        sheet = workbook.add_worksheet()
        for line in range(4_000):
            sheet.write_row(line, 0, ["long " * 40] * 5)
    return content.getvalue()


REFUSED = {
    "a workbook that unpacks to 101 MB": ("cases.xlsx", zipped(A_BOMB)),
    "a bomb that denies it": ("cases.xlsx", with_a_small_size_told(zipped(A_BOMB))),
    "a workbook that unpacks to 31 MB": (
        "cases.xlsx",
        zipped(A_WORKBOOK | {SHEET: A_WORKBOOK[SHEET] + b" " * 31_000_000}),
    ),
    "too many members": ("cases.xlsx", zipped(A_WORKBOOK | {f"more/{n}": b"" for n in range(200)})),
    "four million blank rows": ("cases.xlsx", with_sheet(b"<row/>" * 4_000_000)),
    "rows of 16,000 cells": (
        "cases.xlsx",
        with_sheet((b"<row>" + b"<c><v>1</v></c>" * 16_000 + b"</row>") * 80),
    ),
    "a row beyond the sheet": ("cases.xlsx", with_sheet(b'<row r="2000000"><c><v>1</v></c></row>')),
    "a million styles": ("cases.xlsx", zipped(A_WORKBOOK | {"xl/styles.xml": b"<xf/>" * 1_000_000})),
    "a million texts": (
        "cases.xlsx",
        zipped(A_WORKBOOK | {"xl/sharedStrings.xml": b"<si><t>a</t></si>" * 1_000_000}),
    ),
    "entities": ("cases.xlsx", zipped(A_WORKBOOK | {SHEET: LAUGHS})),
    "2.1 MB": ("cases.csv", own_file(person()) + b"\n" * 2_100_000),
    "5,001 rows": ("cases.csv", own_file(*[person()] * (IN_BROWSER.rows + 1))),
    "20,001 lines": ("cases.csv", own_file(person()) + b"\n" * 20_000 + b"x,y"),
    "200 columns": ("cases.csv", too_many_columns()),
    "UTF-16": ("cases.csv", own_file(person()).decode().encode("utf-16")),
    "a picture": ("cases.csv", b"\x89PNG\r\n\x1a\n" + bytes(100)),
    "an old workbook": ("cases.xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)),
    "nothing": ("cases.csv", b""),
    "a header alone": ("cases.csv", own_file()),
    "one column": ("cases.csv", b"a\nb\nc"),
    "a broken quote": ("cases.csv", b'a,b\n"c,d\n'),
    "uneven lines": ("cases.csv", b"a,b\nc\nd,e,f\n"),
    "too much text": ("cases.xlsx", a_workbook_of_long_texts()),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_is_none_is_refused_in_words_and_nothing_is_kept(nora, kind):
    name, content = REFUSED[kind]

    tracemalloc.start()
    with nothing_changes():
        response = send(nora, content, name)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert response.status_code == 200
    assert refusal(response) != "not refused"
    assert peak < 40_000_000


def test_a_body_beyond_any_form_is_refused_before_it_is_read(nora):
    def said_to_be(size: int) -> int:
        kind = "multipart/form-data; boundary=x"
        return nora.post("/cases/upload/", b"x", content_type=kind, CONTENT_LENGTH=str(size)).status_code

    with nothing_changes():
        assert said_to_be(BODY_MAX + 1) == 413


def test_a_form_without_a_file_says_so(nora):
    response = nora.post("/cases/upload/")

    assert refusal(response) != "not refused"


def test_only_as_much_of_a_file_is_kept_in_memory_as_may_be_sent(nora):
    content = own_file(person()) + b"\n" * 15_000_000

    tracemalloc.start()
    response = send(nora, content)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert refusal(response) != "not refused"
    # The test's own client holds the body twice.
    assert peak < 2 * len(content) + 10_000_000


@pytest.mark.parametrize("cell", ["=1+1", "a\x00b", "\u202eabc", "x" * 500, "a\nb", "\ufeffz"])
def test_a_cell_that_holds_no_word_is_told_or_left_out(nora, cell):
    """Nothing in a cell breaks a page or the database."""
    row = ["2023-07", "MH", "sex", cell, "vuxen", "TH", "polis", "", "0", cell]
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"strings_to_formulas": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, OLD_HEADINGS)
        sheet.write_row(1, 0, row)
    address = go_on(nora, uploaded(nora, content.getvalue(), "gammal.xlsx"))
    address = as_proposed(nora, as_proposed(nora, address))

    assert [line for line, _column, _value in places(nora.get(address))] == [2]


@pytest.mark.parametrize(
    "cell", ["a\x00b", "\u202eabc", "a\u200bb", "a\x1b[31m", '"a\nb"', "\ue000", "x" * 500]
)
def test_a_table_s_cell_is_one_short_printable_line(cell):
    table = read_table(io.BytesIO(f"a,b\n{cell},c".encode()), name="x.csv", limits=IN_BROWSER)

    [(_line, (read, _c))] = table.rows
    assert read.isprintable()
    assert 0 < len(read) <= 201


@pytest.mark.parametrize("escaped", ["_x0000_", "_xD800_", "_x001B_"])
def test_what_a_workbook_hides_in_an_escape_breaks_nothing(nora, escaped):
    content = zipped(
        A_WORKBOOK
        | {
            "xl/sharedStrings.xml": A_WORKBOOK["xl/sharedStrings.xml"].replace(
                b">male<", f">{escaped}<".encode()
            )
        }
    )

    address = go_on(nora, uploaded(nora, content, "cases.xlsx"))
    address = as_proposed(nora, address)

    assert [column for _line, column, _value in places(nora.get(address))] == ["Kön"]


# --- Who keeps what, how long --------------------------------------------------------------------------


def test_an_upload_is_its_author_s_alone(nora):
    address = uploaded(nora, own_file(person()))
    colleague = Client()
    colleague.force_login(UserFactory(region_id="nord"))

    assert colleague.get(address).status_code == 404
    assert b"cases.csv" not in colleague.get("/cases/upload/").content
    assert b"cases.csv" in nora.get("/cases/upload/").content


def test_an_author_who_has_moved_to_another_region_no_longer_finds_it(nora, coordinator_nord):
    address = uploaded(nora, own_file(person()))
    coordinator_nord.region_id = "syd"
    coordinator_nord.save()
    nora.force_login(coordinator_nord)  # the move ended the session

    assert nora.get(address).status_code == 404


def test_an_upload_is_gone_after_a_day(nora):
    address = uploaded(nora, own_file(person()))
    Upload.objects.update(uploaded_at=timezone.now() - timedelta(days=1))

    assert nora.get(address).status_code == 404
    assert nora.post(f"{address}import/").status_code == 404


def test_an_upload_is_deleted_when_its_author_says_so(nora):
    address = uploaded(nora, own_file(person()))

    nora.post(f"{address}discard/")

    assert not Upload.objects.exists()
    assert nora.get(address).status_code == 404
    events = AuditEvent.objects.values_list("action", flat=True)
    assert list(events[:2]) == ["case_file_upload", "case_file_discard"]


def test_no_more_than_a_few_uploads_of_one_person_are_kept(nora):
    addresses = [uploaded(nora, own_file(person())) for _time in range(7)]

    assert [nora.get(address).status_code for address in addresses] == [404] * 2 + [200] * 5


@pytest.mark.parametrize(("query", "codes"), [("", True), ("?with=words", False)])
def test_the_example_goes_all_the_way_in(nora, query, codes):
    example = nora.get(f"/cases/upload/example/{query}")
    assert example.headers["Content-Disposition"].startswith("attachment")

    address = go_on(nora, uploaded(nora, example.content))
    steps = []
    while "/columns/" in address or "/words/" in address:
        steps.append(address.rsplit("/", 2)[1])
        address = as_proposed(nora, address)
    nora.post(f"{address}import/")

    assert steps == ([] if codes else ["columns", "words"])
    assert Case.objects.of_region("nord").count() == 2


def test_what_swedish_excel_saves_as_csv_is_read(nora):
    rows = "Månad;Kön;Hänvisad från\n2023-07;man;Polismyndigheten\n"

    response = send(nora, rows.encode("cp1252"), "cases.csv")

    assert response.status_code == 302
    assert table_of(Upload.objects.get()).headings == ("Månad", "Kön", "Hänvisad från")
