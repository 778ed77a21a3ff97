"""The case file, out: what `imports` takes back without a change."""

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

import xlsxwriter
from django.db import connection, transaction
from django.db.models.functions import Collate

from casereg.case_files import COLUMNS
from casereg.models import AuditEvent, Case, User
from casereg.models.case import CaseQuerySet

_CHUNK = 2000  # cases held in memory at a time


def export_case_file(path: Path, *, by: User | None, year: int | None = None) -> int:
    """Write the standing cases, all or one year's, as CSV or XLSX by the file's name. Returns their number.

    The file appears whole or not at all. Raises `OSError` where it cannot be written.
    """
    cases = Case.objects.standing()
    if year is not None:
        cases = cases.of_year(year)
    write = _write_xlsx if path.suffix.lower() == ".xlsx" else _write_csv
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    unfinished = Path(name)
    try:
        with transaction.atomic():
            written = write(unfinished, _rows(cases))
            AuditEvent.objects.append(
                by=by, action="cases_export", object=f"{year or 'all years'}, {written} cases"
            )
            unfinished.chmod(0o600)
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return written


def case_file(cases: CaseQuerySet, *, by: User, narrowed_by: Sequence[str] = ()) -> bytes:
    """The cases as a CSV case file, for a download. `narrowed_by`: the filters' names, for the trail."""
    text = io.StringIO(newline="")
    with transaction.atomic():
        written = _write_csv_rows(text, _rows(cases))
        AuditEvent.objects.append(
            by=by, action="cases_download", object=f"{written} cases", fields=narrowed_by
        )
    return text.getvalue().encode()


def _rows(cases: CaseQuerySet) -> Iterator[list[str]]:
    # By code point on both databases, whatever collation the server was set up with.
    code_points = "C" if connection.vendor == "postgresql" else "BINARY"
    ordered = cases.order_by(Collate("region_id", code_points), Collate("reference", code_points))
    for case in ordered.select_related("incident").iterator(chunk_size=_CHUNK):
        content = case.content
        yield [
            case.reference,
            case.region_id,
            *(getattr(content, column) for column in COLUMNS[2:]),
        ]


def _write_csv(path: Path, rows: Iterable[list[str]]) -> int:
    with path.open("w", encoding="utf-8", newline="") as file:
        return _write_csv_rows(file, rows)


def _write_csv_rows(file: TextIO, rows: Iterable[list[str]]) -> int:
    written = 0
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(row)
        written += 1
    return written


def _write_xlsx(path: Path, rows: Iterable[list[str]]) -> int:
    # Every cell is text, so that no spreadsheet reads 2023-07 as a date or a reference as a formula.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    written = 0
    with xlsxwriter.Workbook(path, options) as workbook:
        sheet = workbook.add_worksheet("cases")
        sheet.write_row(0, 0, COLUMNS)
        for row in rows:
            written += 1
            for column, value in enumerate(row):
                sheet.write_string(written, column, value)
    return written
