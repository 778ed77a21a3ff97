"""Whatever a file holds: it is imported or refused with its problems, and what came in comes out."""

import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from casereg.case_files import COLUMNS, CaseFileRefused
from casereg.exports import export_case_file
from tests.databases import nothing_changes, rolled_back
from tests.records import csv_text, import_file, person
from tests.strategies import case_files, random_rows

pytestmark = pytest.mark.usefixtures("database")


def import_or_refuse(path) -> None:
    """Any other exception than the refusal is the failure that these tests look for."""
    with rolled_back():
        try:
            import_file(path)
        except CaseFileRefused as refused:
            lines = [str(found) for found in refused.findings]
        else:
            return
    assert lines
    assert all(line.isprintable() for line in lines)


@given(rows=st.lists(random_rows, max_size=3), delimiter=st.sampled_from(",;"))
def test_any_text_in_any_cell_is_imported_or_refused(tmp_path, rows, delimiter):
    path = tmp_path / "cases.csv"
    path.write_bytes(csv_text(rows, delimiter=delimiter).encode())

    import_or_refuse(path)


@given(start=st.sampled_from([b"", (",".join(COLUMNS) + "\n").encode()]), rest=st.binary(max_size=300))
def test_any_bytes_called_csv_are_imported_or_refused(tmp_path, start, rest):
    path = tmp_path / "cases.csv"
    path.write_bytes(start + rest)

    import_or_refuse(path)


def a_workbook() -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, COLUMNS)
        sheet.write_row(1, 0, person(children_abroad=2).values())
    return written.getvalue()


WORKBOOK = a_workbook()


@given(data=st.binary(max_size=200), magic=st.booleans())
def test_any_bytes_called_xlsx_are_refused(tmp_path, data, magic):
    path = tmp_path / "cases.xlsx"
    path.write_bytes(b"PK\x03\x04" * magic + data)

    import_or_refuse(path)


def overwritten(data: bytes, changes: list[tuple[int, bytes]]) -> bytes:
    changed = bytearray(data)
    for place, new in changes:
        at = place % len(data)
        changed[at : at + len(new)] = new
    return bytes(changed)


changes = st.lists(st.tuples(st.integers(0, 2**16), st.binary(min_size=1, max_size=4)), max_size=4)


@given(changes=changes)
def test_a_damaged_workbook_is_imported_or_refused(tmp_path, changes):
    path = tmp_path / "cases.xlsx"
    path.write_bytes(overwritten(WORKBOOK, changes))

    import_or_refuse(path)


MEMBERS = ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")  # as casereg.case_files has it
@pytest.mark.parametrize("member", MEMBERS)
@settings(max_examples=50)
@given(changes=changes | st.just([]), cut=st.none() | st.integers(0, 3000))
def test_a_workbook_with_a_damaged_part_is_imported_or_refused(tmp_path, member, changes, cut):
    path = tmp_path / "cases.xlsx"
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as whole, zipfile.ZipFile(path, "w") as damaged:
        for name in whole.namelist():
            data = whole.read(name)
            damaged.writestr(name, overwritten(data, changes)[:cut] if name == member else data)

    import_or_refuse(path)


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
@settings(max_examples=40)
@given(rows=case_files)
def test_importing_an_export_of_any_cases_changes_nothing(tmp_path, name, rows):
    path, out = tmp_path / "cases.csv", tmp_path / name
    path.write_bytes(csv_text(rows).encode())

    with rolled_back():
        assert import_file(path) == (len(rows), 0)
        assert export_case_file(out, by=None) == len(rows)
        with nothing_changes():
            assert import_file(out) == (0, len(rows))
