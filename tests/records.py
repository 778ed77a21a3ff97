"""Records as the register takes them, and case files made of them."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import xlsxwriter

from casereg.case_content import CaseContent
from casereg.case_files import COLUMNS, CaseFileRefused
from casereg.imports import import_case_file

# A man exploited for his labour in 2023, when every variable was collected: nothing is blank.
PERSON = {
    "reference": "A-1",
    "region": "nord",
    "month": "2023-07",
    "assessment": "exploitation",
    "form": "labour",
    "sex": "male",
    "age_group": "adult",
    "nationality": "TH",
    "referral_source": "police",
    "joint_inspection": "yes",
    "industry": "green",
    "children_in_sweden": "0",
    "children_abroad": "2",
    "incident": "berries",
}
# What a record of 2018 leaves blank: none of it was collected.
NOT_COLLECTED_2018 = dict.fromkeys(
    ["referral_source", "joint_inspection", "industry", "children_in_sweden", "children_abroad"], ""
)


def person(**changes: Any) -> dict[str, Any]:
    """A valid row of a case file, with the changes asked for."""
    return PERSON | changes


def content(**changes: str) -> CaseContent:
    """The valid content of a record, with the changes asked for."""
    values = PERSON | changes
    return CaseContent(**{name: values[name] for name in COLUMNS[2:]})


def changed(case: Any, **changes: str) -> CaseContent:
    """What a stored case says now, with the changes asked for."""
    case.refresh_from_db()
    return replace(case.content, **changes)


def fields_of(page: Any) -> dict[str, str]:
    """What a browser would send of the page's form, if nobody touched it."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "on" if value is True else str(value) for name, value in values.items() if value}


def csv_text(
    rows: Iterable[dict[str, Any]], *, columns: Sequence[str] = COLUMNS, delimiter: str = ","
) -> str:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return written.getvalue()


def csv_file(folder: Path, *rows: dict[str, Any], **options: Any) -> Path:
    """A file of the rows. Options: `columns`, `delimiter`."""
    return raw_file(folder, csv_text(rows, **options).encode())


def raw_file(folder: Path, content: bytes, *, name: str = "cases.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def xlsx_file(folder: Path, *rows: dict[str, Any], columns: Sequence[str] = COLUMNS) -> Path:
    """A workbook of the rows, each cell in the type of its value; what begins with = is a formula."""
    path = folder / "cases.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        as_month = workbook.add_format({"num_format": "yyyy-mm"})
        sheet.write_row(0, 0, columns)
        for line, row in enumerate(rows, start=1):
            for position, column in enumerate(columns):
                value = row.get(column, "")
                if hasattr(value, "isoformat"):
                    sheet.write_datetime(line, position, value, as_month)
                else:
                    sheet.write(line, position, value)
    return path


Place = tuple[int, str, str]


def import_file(path: Path, **options: Any) -> tuple[int, int]:
    """Import by nobody in particular: (registered, left alone)."""
    result = import_case_file(path, by=None, **options)
    return result.registered, result.unchanged


def places_refused(path: Path, **options: Any) -> list[Place]:
    """Where the file is wrong: (line, column, value) of each problem."""
    return [(found.line, found.column, found.value) for found in findings_of(path, **options)]


def findings_of(path: Path, **options: Any) -> list[Any]:
    try:
        import_case_file(path, by=None, **options)
    except CaseFileRefused as refused:
        return list(refused.findings)
    raise AssertionError("the file was imported")
