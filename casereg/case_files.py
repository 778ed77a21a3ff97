"""Case files as files: CSV and XLSX bytes to rows of text. What the words mean is checked in imports."""

import csv
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import openpyxl
from django.utils.text import format_lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from casereg.case_content import CONTENT_VARIABLES
from casereg.quality import Words

COLUMNS: Final = (
    "reference",
    "region",
    "month",
    "assessment",
    "form",
    "sex",
    "age_group",
    "nationality",
    "referral_source",
    "joint_inspection",
    "industry",
    "children_in_sweden",
    "children_abroad",
    "incident",
)
assert set(COLUMNS) == {"reference", "region", *CONTENT_VARIABLES}

ROWS_MAX: Final = 100_000
CSV_BYTES_MAX: Final = 50_000_000
XLSX_BYTES_MAX: Final = 10_000_000
XLSX_UNPACKED_BYTES_MAX: Final = 100_000_000
XLSX_MEMBERS_MAX: Final = 200
XLSX_LINES_MAX: Final = 1_048_576  # of any sheet
_ZIP_START: Final = b"PK\x03\x04"
_CELL_SHOWN_MAX: Final = 60  # characters of a wrong value that a message repeats

# Installed, defusedxml reads openpyxl's XML: no entity of a workbook is expanded or fetched.
assert openpyxl.DEFUSEDXML
# It warns of drop-downs and styles that it leaves out: nothing that whoever imports a file could mend.
warnings.filterwarnings("ignore", module="openpyxl")


@dataclass(frozen=True, slots=True)
class FileFinding:
    """One problem of a file. `line` 0: the file as a whole; a blank column: the line as a whole."""

    line: int
    column: str
    value: str
    problem: Words
    accepted: tuple[Words, ...] = ()

    def __str__(self) -> str:
        place = [gettext("line {line}").format(line=self.line)] if self.line else []
        place += [_printable(self.column)] if self.column else []
        if self.line and self.column:
            place += [gettext("found “{value}”").format(value=_printable(self.value))]
        sentence = ", ".join(place) + ": " if place else ""
        sentence += str(self.problem)
        if self.accepted:
            sentence += " " + gettext("Accepted: {accepted}.").format(
                accepted=", ".join(map(str, self.accepted))
            )
        return sentence


def _printable(text: str) -> str:
    """What a file holds, on one line of a message: cut short, and nothing that a terminal obeys."""
    shown = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[: _CELL_SHOWN_MAX + 1]
    )
    return shown if len(shown) <= _CELL_SHOWN_MAX else shown[:-1] + "…"


class CaseFileRefused(Exception):
    """The file cannot be imported; `findings` say why, all of them."""

    def __init__(self, findings: Sequence[FileFinding]) -> None:
        super().__init__(findings)
        self.findings = findings

    def __str__(self) -> str:
        return "; ".join(map(str, self.findings))


def _refused(problem: Words, accepted: tuple[Words, ...] = ()) -> CaseFileRefused:
    return CaseFileRefused([FileFinding(0, "", "", problem, accepted)])


@dataclass(frozen=True, slots=True)
class FileRow:
    """One person's row: `values` by column, as text without surrounding blanks."""

    line: int
    values: dict[str, str]
    findings: tuple[FileFinding, ...] = ()


def read_case_file(path: Path) -> Iterator[FileRow]:
    """The rows of a case file one by one. Raises `CaseFileRefused` where it is not one."""
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise _refused(_("The file's name ends neither in .csv nor in .xlsx."))
    try:
        with path.open("rb") as file:
            start = file.read(8)
            size = path.stat().st_size
    except OSError as error:
        raise _refused(
            format_lazy(_("The file cannot be read: {reason}."), reason=error.strerror or str(error))
        ) from None
    if not start:
        raise _refused(_("The file is empty."), (_("a header row, then one row a person"),))
    is_zip = start.startswith(_ZIP_START)
    if path.suffix.lower() == ".xlsx":
        if not is_zip:
            raise _refused(_("The file is called .xlsx, but it is not an Excel workbook."))
        _check_size(size, XLSX_BYTES_MAX)
        cells = _xlsx_cells(path)
    else:
        if is_zip:
            raise _refused(_("The file is called .csv, but it is an Excel workbook or an archive."))
        _check_size(size, CSV_BYTES_MAX)
        cells = _csv_cells(path)
    return _rows(cells)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise _refused(
            format_lazy(_("The file is larger than {megabytes} megabytes."), megabytes=limit // 1_000_000)
        )


def _csv_cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row. Reads the file as a stream."""
    with path.open("r", encoding="utf-8-sig", newline="") as file:
        try:
            header = file.readline()
            delimiter = ";" if header.count(";") > header.count(",") else ","
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            line = 1
            for cells in reader:
                yield line, cells
                line = reader.line_num + 1
        except UnicodeDecodeError:
            raise _refused(
                format_lazy(
                    _("Line {line} is not UTF-8 text. Save the file as CSV UTF-8."),
                    line=_undecodable_line(path),
                )
            ) from None
        except csv.Error as error:
            raise CaseFileRefused(
                [
                    FileFinding(
                        reader.line_num,
                        "",
                        "",
                        format_lazy(_("The line cannot be read as CSV ({reason})."), reason=str(error)),
                    )
                ]
            ) from None


def _undecodable_line(path: Path) -> int:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return number


def _xlsx_cells(path: Path) -> Iterator[tuple[int, list[Any]]]:
    """Row number and cells of each row of the workbook's first sheet, read as a stream."""
    not_a_workbook = _("The file is called .xlsx, but it is not an Excel workbook.")
    try:
        # Opened here: what the parser fails in, it does not close.
        with path.open("rb") as file:
            with zipfile.ZipFile(file) as archive:
                sizes = [member.file_size for member in archive.infolist()]
            if len(sizes) > XLSX_MEMBERS_MAX or sum(sizes) > XLSX_UNPACKED_BYTES_MAX:
                raise _refused(_("The workbook is too large when it is unpacked."))
            sheet = openpyxl.load_workbook(file, read_only=True, data_only=False).worksheets[0]
            sheet.reset_dimensions()  # what the file says of its own size may be wrong
            # A few columns more than there are: too many are seen, and never all 16,384.
            rows = sheet.iter_rows(max_col=len(COLUMNS) + 10)
            for number, row in enumerate(rows, start=1):
                cells = [_Formula() if cell.data_type == "f" else cell.value for cell in row]
                while len(cells) > len(COLUMNS) and cells[-1] is None:
                    cells.pop()
                if number > XLSX_LINES_MAX:  # a row may give itself any number: those before it are made up
                    raise _refused(not_a_workbook)
                yield number, cells
    except CaseFileRefused:
        raise
    except Exception:  # openpyxl lets through whatever its parser met
        raise _refused(not_a_workbook) from None


class _Formula:
    """A cell that holds a formula: nothing that a person recorded."""


def _rows(numbered_cells: Iterator[tuple[int, list[Any]]]) -> Iterator[FileRow]:
    header: list[str] | None = None
    number = 0
    for line, cells in numbered_cells:
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells):
            continue
        if header is None:
            header = _header(line, cells)
            continue
        number += 1
        if number > ROWS_MAX:
            raise _refused(format_lazy(_("The file has more than {rows} rows."), rows=f"{ROWS_MAX:,}"))
        yield _row(line, header, cells)
    if header is None:
        raise _refused(_("The file is empty."), (_("a header row, then one row a person"),))


def _header(line: int, cells: list[Any]) -> list[str]:
    """The column names in the file's order; all that is wrong with them in one go."""
    names = ["=…" if isinstance(cell, _Formula) else _text(cell).lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    findings = []
    for position, name in enumerate(names):
        if name not in COLUMNS:
            shown = name or gettext("(column {number})").format(number=position + 1)
            findings.append(FileFinding(line, shown, name, _("There is no such column."), COLUMNS))
        elif name in names[:position]:
            findings.append(FileFinding(line, name, name, _("The column stands twice.")))
    findings += [
        FileFinding(line, name, "", _("The column is missing.")) for name in COLUMNS if name not in names
    ]
    if findings:
        raise CaseFileRefused(findings)
    return names


def _row(line: int, header: list[str], cells: list[Any]) -> FileRow:
    findings = []
    if len(cells) < len(header) or any(cell not in (None, "") for cell in cells[len(header) :]):
        problem = format_lazy(
            ngettext(
                "The line has {count} cell, the header {columns}.",
                "The line has {count} cells, the header {columns}.",
                len(cells),
            ),
            count=len(cells),
            columns=len(header),
        )
        findings.append(FileFinding(line, "", "", problem))
    values = dict.fromkeys(COLUMNS, "")
    for column, cell in zip(header, cells, strict=False):
        if isinstance(cell, _Formula):
            problem = _("The cell holds a formula. Save the file with values only.")
            findings.append(FileFinding(line, column, "=…", problem))
            continue
        values[column] = _text(cell)
        if "\x00" in values[column]:
            problem = _("The cell holds a NUL character.")
            findings.append(FileFinding(line, column, values[column], problem))
            values[column] = ""
    return FileRow(line, values, tuple(findings))


def _text(cell: Any) -> str:
    """A cell as the case file writes it: workbooks keep months as dates and numbers as floats."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return unicodedata.normalize("NFC", cell.strip())
    if isinstance(cell, date):  # a datetime is one too
        at_midnight = not isinstance(cell, datetime) or cell.time() == cell.time().min
        return cell.strftime("%Y-%m") if cell.day == 1 and at_midnight else str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
