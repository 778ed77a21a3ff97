"""Case files as files: delimiters, line numbers, encodings, workbooks, and what is not what its name says."""

import io
import re
import tracemalloc
import zipfile
from collections import deque
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from django.utils import translation

from casereg.case_files import COLUMNS, CaseFileRefused, FileFinding, read_case_file
from casereg.models import Case
from tests.databases import nothing_changes
from tests.programs import manage
from tests.records import (
    content,
    csv_file,
    csv_text,
    findings_of,
    import_file,
    person,
    places_refused,
    raw_file,
    xlsx_file,
)

pytestmark = pytest.mark.usefixtures("database")

WHOLE_FILE = [(0, "", "")]


# --- CSV -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("byte_order_mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_csv_file_may_be_written_in_any_usual_way(tmp_path, delimiter, byte_order_mark, line_end):
    text = csv_text([person(reference="Å-1"), person(reference="A-2")], delimiter=delimiter)
    path = raw_file(tmp_path, byte_order_mark + text.replace("\n", line_end).encode())

    assert import_file(path) == (2, 0)
    assert {case.content for case in Case.objects.select_related("incident")} == {content()}


def test_every_cell_may_be_quoted(tmp_path):
    lines = [COLUMNS, person().values()]
    quoted = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines)

    assert import_file(raw_file(tmp_path, quoted.encode())) == (1, 0)


def test_the_columns_may_stand_in_any_order_and_in_capitals(tmp_path):
    text = csv_text([person()], columns=sorted(COLUMNS, reverse=True))
    header, row = text.splitlines()

    assert import_file(raw_file(tmp_path, f"{header.upper()}\n{row}".encode())) == (1, 0)
    assert Case.objects.get().content == content()


def test_a_name_in_capital_letters_ends_as_well(tmp_path):
    path = raw_file(tmp_path, csv_text([person()]).encode(), name="CASES.CSV")

    assert import_file(path) == (1, 0)


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
def test_a_header_alone_is_a_file_of_no_rows(tmp_path, end):
    with nothing_changes():
        assert import_file(raw_file(tmp_path, (",".join(COLUMNS) + end).encode())) == (0, 0)


def test_a_line_number_is_that_of_the_file_although_cells_and_lines_before_it_are_broken(tmp_path):
    text = csv_text(
        [person(reference="A-1", incident="a\n\nb"), person(reference="A-2", sex="x")]
    )  # the first row begins on line 2 and ends on line 4
    path = raw_file(tmp_path, ("\n" + text.replace("\nA-2", "\n\n\nA-2")).encode())

    assert places_refused(path) == [(3, "incident", "a\n\nb"), (8, "sex", "x")]


def test_what_is_no_utf8_is_told_with_its_line(tmp_path):
    text = csv_text([person(reference="A-1"), person(reference="Åmål")])

    [found] = findings_of(raw_file(tmp_path, text.encode("cp1252")))

    assert "3" in re.findall(r"\d+", str(found))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "cp1252", "cp865"])
def test_another_encoding_is_refused(tmp_path, encoding):
    path = raw_file(tmp_path, csv_text([person(reference="Åmål")]).encode(encoding))

    with nothing_changes():
        assert places_refused(path) == WHOLE_FILE


def test_what_stands_before_an_unreadable_line_is_told_too(tmp_path):
    rows = [person(reference=f"A-{n}", sex="x" if n == 0 else "male") for n in range(1000)]
    text = csv_text([*rows, person(reference="Åmål")])

    places = places_refused(raw_file(tmp_path, text.encode("cp1252")))

    assert places == [(0, "", ""), (2, "sex", "x")]


def test_a_nul_is_told_where_it_stands(tmp_path):
    path = csv_file(tmp_path, person(), person(reference="A-2", sex="ma\x00le"))

    assert places_refused(path) == [(3, "sex", "ma\x00le")]


@pytest.mark.parametrize(("formula", "column"), [("=1+1", "children_abroad"), ("=A1", "reference"),
                                                 ("@SUM(1)", "sex"), ("+46", "children_abroad")])  # fmt: skip
def test_a_formula_in_a_csv_file_is_no_value(tmp_path, formula, column):
    assert places_refused(csv_file(tmp_path, person(**{column: formula}))) == [(2, column, formula)]


@pytest.mark.parametrize("quotes", ['"nord', 'nord"x"y"', '"nord"x'])
def test_quotes_that_do_not_match_are_told_with_their_line(tmp_path, quotes):
    header, row = csv_text([person()]).splitlines()
    path = raw_file(tmp_path, f"{header}\n{row}\n{row.replace('nord', quotes)}\n".encode())

    with nothing_changes():
        lines = {line for line, _column, _value in places_refused(path)}

    assert lines == {3}


def test_a_cell_without_end_is_refused(tmp_path):
    path = csv_file(tmp_path, person(incident="x" * 200_000))

    assert [place[0] for place in places_refused(path)] == [2]


@pytest.mark.parametrize("line", ["A-1", "A-1,nord", ",".join(["x"] * 13), ",".join(["x"] * 15)])
def test_a_line_with_fewer_or_more_cells_than_the_header_is_told(tmp_path, line):
    path = raw_file(tmp_path, (csv_text([person()]) + line + "\n").encode())

    assert (3, "", "") in places_refused(path)


def test_blank_cells_beyond_the_header_are_nothing(tmp_path):
    header, row = csv_text([person()]).splitlines()

    assert import_file(raw_file(tmp_path, f"{header},,\n{row},,,\n".encode())) == (1, 0)


# --- The header ----------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", COLUMNS)
def test_a_missing_column_is_told(tmp_path, missing):
    columns = [column for column in COLUMNS if column != missing]

    with nothing_changes():
        assert places_refused(csv_file(tmp_path, person(), columns=columns)) == [(1, missing, "")]


def test_unknown_missing_and_double_columns_are_told_in_one_go(tmp_path):
    columns = ["region", "sex", "sex", "name", *COLUMNS[4:], ""]
    path = csv_file(tmp_path, person(), columns=[*columns, "comment"])

    with translation.override("en"):
        places = places_refused(path)

    assert sorted(places) == [
        (1, "(column 15)", ""),
        (1, "assessment", ""),
        (1, "comment", "comment"),
        (1, "month", ""),
        (1, "name", "name"),
        (1, "reference", ""),
        (1, "sex", "sex"),
        (1, "sex", "sex"),
    ]


def test_an_unknown_column_is_told_with_what_is_accepted(tmp_path):
    [found] = findings_of(csv_file(tmp_path, person(), columns=[*COLUMNS, "name"]))

    assert found.accepted == COLUMNS


@pytest.mark.parametrize("text", ["", "\n", "\n\r\n  \n", ";;;\n", "\ufeff", "\ufeff\n"])
def test_an_empty_file_is_refused(tmp_path, text):
    with nothing_changes():
        assert places_refused(raw_file(tmp_path, text.encode())) == WHOLE_FILE


def test_a_hundred_thousand_rows_are_the_most(tmp_path):
    lines = [",".join(COLUMNS), *["x"] * 100_000]
    most = raw_file(tmp_path, "\n".join(lines).encode(), name="most.csv")
    more = raw_file(tmp_path, "\n".join([*lines, "x"]).encode(), name="more.csv")

    assert sum(1 for _row in read_case_file(most)) == 100_000
    with pytest.raises(CaseFileRefused):
        deque(read_case_file(more), maxlen=0)


@pytest.mark.parametrize("name", ["cases.txt", "cases", "cases.xls", "cases.csv.gz", ".csv"])
def test_a_name_that_promises_no_case_file_is_refused(tmp_path, name):
    path = raw_file(tmp_path, csv_text([person()]).encode(), name=name)

    assert places_refused(path) == WHOLE_FILE


def test_a_folder_is_no_case_file(tmp_path):
    folder = tmp_path / "cases.csv"
    folder.mkdir()

    assert places_refused(folder) == WHOLE_FILE


# --- What a problem looks like -------------------------------------------------------------------


@pytest.mark.parametrize("column_or_value", ["column", "value"])
@pytest.mark.parametrize("nasty", ["a\nb", "\x1b[31mred", "x" * 10_000, "\u202eabc", "\ud800", "\x00"])
def test_a_problem_is_one_short_printable_line_whatever_the_file_holds(column_or_value, nasty):
    place = {"column": "sex", "value": "x"} | {column_or_value: nasty}

    line = str(FileFinding(2, **place, problem="It is wrong."))

    assert line.isprintable()
    assert len(line) < 200


# --- Workbooks -----------------------------------------------------------------------------------


def test_a_workbook_keeps_months_as_dates_and_numbers_as_floats(tmp_path):
    typed = {
        "reference": 42, "month": date(2023, 7, 1), "children_in_sweden": 0,
        "children_abroad": 2.0, "incident": 7,
    }  # fmt: skip

    assert import_file(xlsx_file(tmp_path, person(**typed))) == (1, 0)

    case = Case.objects.select_related("incident").get()
    assert (case.reference, case.content) == ("42", content(incident="7"))


def test_a_row_of_a_workbook_may_end_in_blank_cells(tmp_path):
    rows = [
        person(reference="A-1", incident=""),
        person(reference="A-2", incident="", children_abroad=""),
        person(reference="A-3", incident="", children_abroad="", children_in_sweden="", industry=""),
    ]

    assert import_file(xlsx_file(tmp_path, *rows)) == (3, 0)


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("month", date(2023, 7, 2), "2023-07-02 00:00:00"),
        ("month", datetime(2023, 7, 1, 12, 0), "2023-07-01 12:00:00"),  # noqa: DTZ001
        ("month", 2023, "2023"),
        ("children_abroad", 1.5, "1.5"),
        ("children_abroad", -1, "-1"),
        ("children_abroad", 1e300, None),
        ("joint_inspection", True, "True"),
        ("children_in_sweden", False, "False"),
        ("sex", "=1+1", "=…"),
        ("reference", '="A-1"', "=…"),
        ("nationality", "=HYPERLINK(A1)", "=…"),
    ],
)
def test_a_wrong_cell_of_a_workbook_is_told_with_row_and_column(tmp_path, column, cell, told):
    path = xlsx_file(tmp_path, person(reference="A-0"), person(**{column: cell}))

    with nothing_changes():
        [(line, named, value)] = places_refused(path)

    assert (line, named) == (3, column)
    assert told is None or value == told


def test_empty_rows_of_a_workbook_count_as_lines_and_are_no_records(tmp_path):
    blank = dict.fromkeys(COLUMNS, "")
    path = xlsx_file(tmp_path, person(), blank, blank, person(reference="A-2", sex="x"))

    assert places_refused(path) == [(5, "sex", "x")]


def test_a_formula_beside_the_table_is_told(tmp_path):
    path = xlsx_file(tmp_path, person())
    workbook = openpyxl.load_workbook(path)
    workbook.active["P2"] = "=SUM(L2:M2)"
    workbook.save(path)

    assert places_refused(path) == [(2, "", "")]


def test_only_the_first_sheet_is_read(tmp_path):
    path = xlsx_file(tmp_path, person())
    workbook = openpyxl.load_workbook(path)
    workbook.create_sheet("Notes")["A1"] = "anything"
    workbook.save(path)

    assert import_file(path) == (1, 0)


def test_the_header_of_a_workbook_is_told_like_that_of_a_csv_file(tmp_path):
    path = xlsx_file(tmp_path, person(), columns=[*COLUMNS[:-1], "name"])

    assert sorted(places_refused(path)) == [(1, "incident", ""), (1, "name", "name")]


def test_a_number_or_a_formula_in_the_header_is_an_unknown_column(tmp_path):
    path = xlsx_file(tmp_path, person(), columns=[*COLUMNS, 2023, "=A1"])

    assert sorted(places_refused(path)) == [(1, "2023", "2023"), (1, "=…", "=…")]


def test_what_a_drop_down_leaves_in_a_workbook_is_no_matter(committed_db, tmp_path):
    """Excel writes lists that stand on another sheet as an extension, of which the reader warns."""
    extension = (
        b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
        b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
        b'<x14:dataValidations count="0"/></ext></extLst></worksheet>'
    )
    path = xlsx_file(tmp_path, person())
    rewrite(path, SHEET, lambda xml: xml.replace(b"</worksheet>", extension))

    done = manage("import_cases", path)

    assert (done.returncode, done.stderr) == (0, "")


# --- Not what its name says ----------------------------------------------------------------------


def rewrite(path: Path, member: str, change: Callable[[bytes], bytes]) -> None:
    """Change one member of a workbook."""
    members = members_of(path.read_bytes())
    path.write_bytes(zipped(members | {member: change(members[member])}))


def zipped(members: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return written.getvalue()


def with_a_small_size_told(archive: bytes) -> bytes:
    """The same archive, whose directory says that its members hold 100 bytes each."""
    changed = bytearray(archive)
    for at in [match.start() for match in re.finditer(b"PK\x01\x02", archive)]:
        changed[at + 24 : at + 28] = (100).to_bytes(4, "little")
    return bytes(changed)


def members_of(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def a_workbook() -> dict[str, bytes]:
    """The members of a workbook that would be imported."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, COLUMNS)
        sheet.write_row(1, 0, person().values())
    return members_of(written.getvalue())


SHEET = "xl/worksheets/sheet1.xml"
A_WORKBOOK = a_workbook()
A_BOMB = A_WORKBOOK | {SHEET: A_WORKBOOK[SHEET] + b" " * 101_000_000}
NO_WORKBOOKS = {
    "text": csv_text([person()]).encode(),
    "an older Excel": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "the start of an archive": b"PK\x03\x04",
    "half a workbook": zipped(A_WORKBOOK)[:2000],
    "an archive of something else": zipped({"word/document.xml": b"<document/>"}),
    "an archive of nothing": b"PK\x05\x06" + bytes(18),
    "too many members": zipped(A_WORKBOOK | {f"more/{number}": b"" for number in range(200)}),
    "a bomb": zipped(A_BOMB),
    "a bomb that denies it": with_a_small_size_told(zipped(A_BOMB)),
}


def test_the_workbook_that_the_others_are_made_of_is_one(tmp_path):
    few_more = A_WORKBOOK | {f"more/{number}": b"" for number in range(100)}

    assert import_file(raw_file(tmp_path, zipped(few_more), name="cases.xlsx")) == (1, 0)


@pytest.mark.parametrize("kind", NO_WORKBOOKS)
def test_what_is_called_xlsx_and_is_none_is_refused_without_unpacking_it(tmp_path, kind):
    path = raw_file(tmp_path, NO_WORKBOOKS[kind], name="cases.xlsx")

    tracemalloc.start()
    with nothing_changes():
        assert places_refused(path) == WHOLE_FILE
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_workbook_that_is_called_csv_is_refused(tmp_path):
    path = xlsx_file(tmp_path, person()).rename(tmp_path / "cases.csv")

    [found] = findings_of(path)
    with translation.override("en"):
        assert str(found) == "The file is called .csv, but it is an Excel workbook or an archive."


LAUGHS = (
    b'<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>&c;</t></is></c></row></sheetData></worksheet>'
)
FETCHES = LAUGHS.replace(b'<!ENTITY c "&b;&b;&b;&b;">', b'<!ENTITY c SYSTEM "file:///etc/passwd">')


@pytest.mark.parametrize("sheet", [LAUGHS, FETCHES, b"<worksheet>", b"", b"<a/>" * 2])
def test_a_sheet_that_is_no_sheet_is_refused(tmp_path, sheet):
    path = xlsx_file(tmp_path, person())
    rewrite(path, SHEET, lambda _xml: sheet)

    with nothing_changes():
        assert places_refused(path) == WHOLE_FILE


def test_a_sheet_that_says_it_has_a_billion_rows_is_refused(tmp_path):
    path = xlsx_file(tmp_path, person())
    rewrite(path, SHEET, lambda xml: xml.replace(b'<row r="2"', b'<row r="1000000000"'))

    assert places_refused(path) == WHOLE_FILE


@pytest.mark.parametrize(("name", "size"), [("cases.csv", 50_000_001), ("cases.xlsx", 10_000_001)])
def test_a_file_that_is_too_large_is_not_read(tmp_path, name, size):
    path = raw_file(tmp_path, b"PK\x03\x04" if name.endswith("xlsx") else b"a", name=name)
    with path.open("r+b") as file:
        file.truncate(size)

    assert places_refused(path) == WHOLE_FILE
