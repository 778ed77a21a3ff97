"""Case files as files: CSV and XLSX bytes to rows of text. What the words mean is checked in imports.

A `Table` is a file with any headings, as old spreadsheets have them (casereg.file_mapping).
"""

import csv
import io
import unicodedata
import warnings
import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

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

XLSX_LINES_MAX: Final = 1_048_576  # of any sheet
FORMULA: Final = "=…"  # what a cell that holds a formula is read as
CELL_MAX: Final = 200  # characters of a table's cell that are kept: nothing that is recorded is as long
TABLE_MAX: Final = 3_000_000  # characters in all of a table's cells
_ZIP_START: Final = b"PK\x03\x04"
_CELL_SHOWN_MAX: Final = 60  # characters of a wrong value that a message repeats
_BLOCK: Final = 1_000_000  # bytes
_LINES_LOOKED_AT: Final = 10  # for the delimiter of a table, whose first line may be a title


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How large a file may be: what comes by command is trusted with more than what comes by browser."""

    csv_bytes: int
    xlsx_bytes: int
    unpacked_bytes: int  # of all members of a workbook
    members: int
    # Of a workbook's XML, counted before it is parsed; None: not counted. A cell has four.
    sheet_tags: int | None
    other_tags: int | None
    columns: int
    rows: int
    lines: int  # blank ones too
    # What Swedish Excel calls CSV is Windows-1252: who uploads it sees the words before anything is stored.
    windows_1252: bool = False


BY_COMMAND: Final = FileLimits(
    csv_bytes=50_000_000,
    xlsx_bytes=10_000_000,
    unpacked_bytes=100_000_000,
    members=200,
    sheet_tags=None,
    other_tags=None,
    # A few columns more than there are: too many are seen, and never all 16,384.
    columns=len(COLUMNS) + 10,
    rows=100_000,
    lines=50_000_000,
)
IN_BROWSER: Final = FileLimits(
    csv_bytes=2_000_000,
    xlsx_bytes=2_000_000,
    unpacked_bytes=30_000_000,
    members=200,
    sheet_tags=1_500_000,
    other_tags=300_000,
    columns=50,
    rows=5_000,
    lines=20_000,
    windows_1252=True,
)

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
        place += [printable(self.column)] if self.column else []
        if self.line and self.column:
            place += [gettext("found “{value}”").format(value=printable(self.value))]
        sentence = ", ".join(place) + ": " if place else ""
        sentence += str(self.problem)
        if self.accepted:
            sentence += " " + gettext("Accepted: {accepted}.").format(
                accepted=", ".join(map(str, self.accepted))
            )
        return sentence


def printable(text: str) -> str:
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


@dataclass(frozen=True, slots=True)
class Table:
    """A file with any headings: `rows` are (line, cells), each with as many cells as there are headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    header_line: int = 1


def read_case_file(path: Path, *, limits: FileLimits = BY_COMMAND) -> Iterator[FileRow]:
    """The rows of a case file one by one. Raises `CaseFileRefused` where it is not one."""
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise _refused(_("The file's name ends neither in .csv nor in .xlsx."))
    # Opened here: what the parser fails in, it does not close.
    try:
        file = path.open("rb")
        file.read(1)
    except OSError as error:
        raise _refused(_why_not_read(path, error)) from None
    with file, closing(_cells(file, path.name, limits)) as cells:
        yield from _rows(cells, limits)


def read_table(file: BinaryIO, *, name: str, limits: FileLimits) -> Table:
    """A file with any headings, as a whole. Raises `CaseFileRefused` with all that is wrong with its form.

    Its header is the first line with two cells filled: a title may stand above it.
    """
    headings: tuple[str, ...] = ()
    rows: list[tuple[int, tuple[str, ...]]] = []
    findings: list[FileFinding] = []
    header_line = characters = 0
    is_csv = name.lower().endswith(".csv")  # a workbook's rows end with their last filled cell
    with closing(_cells(file, name, limits, lines_looked_at=_LINES_LOOKED_AT)) as numbered:
        for line, raw_cells in numbered:
            cells = [_plain(cell) for cell in raw_cells]
            while cells and not cells[-1]:
                cells.pop()
            if not headings:
                if len([cell for cell in cells if cell]) > 1:
                    headings, header_line = tuple(cells), line
                    if len(headings) > limits.columns:
                        problem = _("The file has more than {columns} columns.")
                        raise _refused(format_lazy(problem, columns=limits.columns))
                continue
            if not cells:
                continue
            if len(rows) == limits.rows:
                raise _refused(_too_many_rows(limits))
            if len(cells) > len(headings) or (is_csv and len(raw_cells) < len(headings)):
                findings.append(_uneven(line, len(cells), len(headings)))
            characters += sum(map(len, cells))
            if characters > TABLE_MAX:
                raise _refused(_("The file holds too much text. Take out what the register does not ask."))
            rows.append((line, (*cells, *[""] * (len(headings) - len(cells)))))
    if findings:
        raise CaseFileRefused(findings)
    if not rows:
        raise _refused(_("The file is empty."), (_("a header row, then one row a person"),))
    return Table(headings, tuple(rows), header_line)


def case_rows(table: Table) -> Iterator[FileRow]:
    """The rows of a table whose headings are those of the case file."""
    for line, cells in table.rows:
        yield _row(line, table.headings, cells)


def written(table: Table, *, delimiter: str = ",") -> bytes:
    """A table as CSV. Blank lines keep each row on the line on which it stood in its file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    line = 0
    for number, cells in ((table.header_line, table.headings), *table.rows):
        text.write("\n" * (number - line - 1))
        writer.writerow(cells)
        line = number
    return text.getvalue().encode()


def as_table(content: bytes) -> Table:
    """What `written` wrote."""
    reader = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    lines = [(number, tuple(cells)) for number, cells in enumerate(reader, start=1) if any(cells)]
    (header_line, headings), *rows = lines
    return Table(headings, tuple(rows), header_line)


def _why_not_read(path: Path, error: OSError) -> Words:
    if isinstance(error, FileNotFoundError):
        return format_lazy(_("The file does not exist: {path}."), path=path)
    if isinstance(error, IsADirectoryError):
        return format_lazy(_("It is a folder, not a file: {path}."), path=path)
    return format_lazy(
        _("The file {path} cannot be read: {reason}."), path=path, reason=error.strerror or str(error)
    )


def _cells(
    file: BinaryIO, name: str, limits: FileLimits, *, lines_looked_at: int = 1
) -> Generator[tuple[int, Sequence[Any]], None, None]:
    """Line number and cells of each row, by what the file is called, which must be what it is."""
    ending = Path(name).suffix.lower()
    if ending not in (".csv", ".xlsx"):
        raise _refused(_("The file's name ends neither in .csv nor in .xlsx."))
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if not start:
        raise _refused(_("The file is empty."), (_("a header row, then one row a person"),))
    is_zip = start.startswith(_ZIP_START)
    if ending == ".xlsx":
        if not is_zip:
            raise _refused(_("The file is called .xlsx, but it is not an Excel workbook."))
        _check_size(size, limits.xlsx_bytes)
        numbered = _xlsx_cells(file, limits)
    else:
        if is_zip:
            raise _refused(_("The file is called .csv, but it is an Excel workbook or an archive."))
        _check_size(size, limits.csv_bytes)
        numbered = _csv_cells(file, lines_looked_at, _encoding(file) if limits.windows_1252 else "utf-8-sig")
    with closing(numbered):
        for line, cells in numbered:
            if line > limits.lines:
                problem = _("The file has more than {lines} lines.")
                raise _refused(format_lazy(problem, lines=f"{limits.lines:,}"))
            yield line, cells


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise _refused(
            format_lazy(_("The file is larger than {megabytes} megabytes."), megabytes=limit // 1_000_000)
        )


def _encoding(file: BinaryIO) -> str:
    """UTF-8 where it is; else what Excel writes on a Swedish Windows. Reads the whole file."""
    try:
        file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8-sig"


def _csv_cells(
    file: BinaryIO, lines_looked_at: int, encoding: str
) -> Generator[tuple[int, list[Any]], None, None]:
    """Line number and cells of each row. Reads the file as a stream."""
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        start = "".join(text.readline() for _number in range(lines_looked_at))
        delimiter = ";" if start.count(";") > start.count(",") else ","
        text.seek(0)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        line = 1
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except UnicodeDecodeError:
        raise _refused(
            format_lazy(
                _("Line {line} is not UTF-8 text. Save the file as CSV UTF-8."),
                line=_undecodable_line(file),
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
    finally:
        text.detach()  # the file is its opener's to close


def _undecodable_line(file: BinaryIO) -> int:
    file.seek(0)
    for number, line in enumerate(file, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return number
    return number


def _xlsx_cells(file: BinaryIO, limits: FileLimits) -> Generator[tuple[int, list[Any]], None, None]:
    """Row number and cells of each row of the workbook's first sheet, read as a stream."""
    not_a_workbook = _("The file is called .xlsx, but it is not an Excel workbook.")
    try:
        with zipfile.ZipFile(file) as archive:
            if _is_too_large(archive, limits):
                raise _refused(_("The workbook is too large when it is unpacked."))
        sheet = openpyxl.load_workbook(file, read_only=True, data_only=False).worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size may be wrong
        # One column more than there may be: too many are seen.
        rows = sheet.iter_rows(max_col=limits.columns + 1)
        for number, row in enumerate(rows, start=1):
            cells = [_Formula() if cell.data_type == "f" else cell.value for cell in row]
            while len(cells) > len(COLUMNS) and cells[-1] is None:
                cells.pop()
            if number > XLSX_LINES_MAX:  # a row may give itself any number: those before it are made up
                raise _refused(not_a_workbook)
            yield number, cells
    except (CaseFileRefused, GeneratorExit):
        raise
    except Exception:  # openpyxl lets through whatever its parser met
        raise _refused(not_a_workbook) from None


def _is_too_large(archive: zipfile.ZipFile, limits: FileLimits) -> bool:
    members = archive.infolist()
    if len(members) > limits.members or sum(member.file_size for member in members) > limits.unpacked_bytes:
        return True
    if limits.sheet_tags is None or limits.other_tags is None:
        return False
    # Ten bytes of XML may take openpyxl a microsecond or a hundred, and a kilobyte: its tags tell which.
    tags = {True: 0, False: 0}
    for member in members:
        with archive.open(member) as part:
            while block := part.read(_BLOCK):
                tags[member.filename.startswith("xl/worksheets/")] += block.count(b"<")
    return tags[True] > limits.sheet_tags or tags[False] > limits.other_tags


class _Formula:
    """A cell that holds a formula: nothing that a person recorded."""


def _rows(numbered_cells: Iterable[tuple[int, Sequence[Any]]], limits: FileLimits) -> Iterator[FileRow]:
    header: list[str] | None = None
    number = 0
    for line, cells in numbered_cells:
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells):
            continue
        if header is None:
            header = _header(line, cells)
            continue
        number += 1
        if number > limits.rows:
            raise _refused(_too_many_rows(limits))
        yield _row(line, header, cells)
    if header is None:
        raise _refused(_("The file is empty."), (_("a header row, then one row a person"),))


def _too_many_rows(limits: FileLimits) -> Words:
    return format_lazy(_("The file has more than {rows} rows."), rows=f"{limits.rows:,}")


def _uneven(line: int, cells: int, columns: int) -> FileFinding:
    problem = format_lazy(
        ngettext(
            "The line has {count} cell, the header {columns}.",
            "The line has {count} cells, the header {columns}.",
            cells,
        ),
        count=cells,
        columns=columns,
    )
    return FileFinding(line, "", "", problem)


def _header(line: int, cells: Sequence[Any]) -> list[str]:
    """The column names in the file's order; all that is wrong with them in one go."""
    names = [FORMULA if isinstance(cell, _Formula) else _text(cell).lower() for cell in cells]
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


def _row(line: int, header: Sequence[str], cells: Sequence[Any]) -> FileRow:
    findings = []
    if len(cells) < len(header) or any(cell not in (None, "") for cell in cells[len(header) :]):
        findings.append(_uneven(line, len(cells), len(header)))
    values = dict.fromkeys(COLUMNS, "")
    for column, cell in zip(header, cells, strict=False):
        if isinstance(cell, _Formula) or cell == FORMULA:
            problem = _("The cell holds a formula. Save the file with values only.")
            findings.append(FileFinding(line, column, FORMULA, problem))
            continue
        values[column] = _text(cell)
        if "\x00" in values[column]:
            problem = _("The cell holds a NUL character.")
            findings.append(FileFinding(line, column, values[column], problem))
            values[column] = ""
    return FileRow(line, values, tuple(findings))


def _plain(cell: Any) -> str:
    """A cell of a table: one line, cut short, and nothing in it that a database or a page would choke on."""
    if isinstance(cell, _Formula):
        return FORMULA
    text = " ".join(_text(cell).split())
    if not text.isprintable():
        text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return text if len(text) <= CELL_MAX else text[:CELL_MAX] + "…"


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
