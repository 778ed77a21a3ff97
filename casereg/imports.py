"""The case file, in: what a file would do, all that is wrong with it, and doing it, whole or not at all.

By command from a file; in the browser from an upload, whose rows are the own region's.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import astuple, dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from casereg.actions.cases import NewCase, register_from_file, registering_from_file
from casereg.actions.imported_files import imported_before
from casereg.actions.references import lock_counters
from casereg.case_content import CONTENT_VARIABLES, CaseContent
from casereg.case_files import CaseFileRefused, FileFinding, FileRow, as_table, case_rows, read_case_file
from casereg.codebook import CodeBook
from casereg.models import Case, Upload, User
from casereg.months import this_month
from casereg.quality import Finding, case_findings, reference_findings, region_findings, text_findings
from casereg.stored_codebook import load_codebook

PROGRESS_EVERY = 10_000  # rows
UPLOAD_BATCH = 500  # rows of an upload between two steps
_LOOKUP = 500  # references asked for in one query

Progress = Callable[[str, int], None]


class ImportedBefore(Exception):
    """The rows have no references, and were imported at `at`: their cases would stand twice."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"{at:%Y-%m-%d}")
        self.at = at


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How many cases a file brought, and how many rows were stored already and left alone."""

    registered: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class UploadCheck:
    """What the import of an upload would do, or why it would not. Nothing is stored."""

    rows: int
    registered: int
    unchanged: int
    findings: list[FileFinding]
    imported_before: datetime | None


@dataclass(slots=True)
class _CheckedFile:
    rows: list[tuple[int, NewCase]] = field(default_factory=list)  # with their lines
    findings: list[FileFinding] = field(default_factory=list)
    has_blank_references: bool = False
    content_hash: str = ""


def import_case_file(
    path: Path,
    *,
    by: User | None,
    again: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _stage, _rows: None,
) -> ImportResult:
    """Import a case file, all or nothing; raise `CaseFileRefused` with every problem found.

    `again`: a file without references may come a second time. `dry_run`: check, and change nothing.
    `progress` is called with "checked" or "stored" and the number of rows so far.
    """
    file = _CheckedFile()
    _check(_readable_rows(path, file.findings), file, progress=progress)
    with transaction.atomic():
        if not dry_run and not file.findings:
            _wait_for_others(file)
        new = list(_not_stored_yet(file))
        if file.has_blank_references and not again and not file.findings:
            file.findings += _imported_before(file.content_hash)
        _refuse(file)
        if new and not dry_run:
            register_from_file(
                rows=new,
                content_hash=file.content_hash,
                by=by,
                progress=lambda stored: progress("stored", stored),
            )
    return ImportResult(registered=len(new), unchanged=len(file.rows) - len(new))


def check_upload(upload: Upload) -> UploadCheck:
    """What is wrong with an upload that is read as a case file, and what its import would do."""
    file = _checked_upload(upload)
    rows = len(file.rows)
    new = list(_not_stored_yet(file))
    earlier = imported_before(file.content_hash) if file.has_blank_references and not file.findings else None
    return UploadCheck(
        rows=rows,
        registered=len(new),
        unchanged=rows - len(new),
        findings=_in_order(file),
        imported_before=earlier.at if earlier else None,
    )


def import_upload(
    *, upload_id: UUID, by: User, again: bool = False
) -> Generator[tuple[int, int], None, None]:
    """Import an upload, all or nothing, and yield (rows stored, rows to store) on the way.

    One that is imported already is left as it is. Whoever stops asking before the end takes all back. Raises
    `CaseFileRefused`, or `ImportedBefore` unless `again`.
    """
    with transaction.atomic():
        # Sent twice at once, the second waits here, and then finds it imported.
        upload = Upload.objects.select_for_update().get(pk=upload_id)
        if upload.imported_at is not None:
            return
        file = _checked_upload(upload)
        if not file.findings:
            _wait_for_others(file)
        new = list(_not_stored_yet(file))
        _refuse(file)
        if file.has_blank_references and not again and (earlier := imported_before(file.content_hash)):
            raise ImportedBefore(earlier.at)
        if new:
            yield 0, len(new)
            for stored in registering_from_file(
                rows=new, content_hash=file.content_hash, by=by, batch=UPLOAD_BATCH
            ):
                yield stored, len(new)
        upload.imported_at, upload.content = timezone.now(), b""
        upload.registered, upload.unchanged = len(new), len(file.rows) - len(new)
        upload.save(update_fields=["imported_at", "content", "registered", "unchanged"])


def _checked_upload(upload: Upload) -> _CheckedFile:
    file = _CheckedFile()
    _check(case_rows(as_table(bytes(upload.content))), file, own_region=upload.region_id)
    return file


def _wait_for_others(file: _CheckedFile) -> None:
    """Whoever imports at the same time waits here, and then sees what this file stored."""
    lock_counters((row.region_code, row.year) for _line, row in file.rows)


def _refuse(file: _CheckedFile) -> None:
    if file.findings:
        raise CaseFileRefused(_in_order(file))


def _in_order(file: _CheckedFile) -> list[FileFinding]:
    return sorted(file.findings, key=lambda finding: finding.line)


def _check(
    rows: Iterable[FileRow],
    checked: _CheckedFile,
    *,
    own_region: str = "",
    progress: Progress = lambda _stage, _rows: None,
) -> None:
    """Read the rows once and hold each against the rules. Keeps about 400 bytes a row.

    `own_region`: where a row names no region it is this one, and no row may name another.
    """
    codebook, latest_month = load_codebook(), this_month()
    digest = hashlib.sha256()
    first_line_of: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows, start=1):
        # The same few hundred codes stand in every row: keep one copy of each.
        values = {name: sys.intern(value) for name, value in row.values.items()}
        content = CaseContent(**{name: values[name] for name in CONTENT_VARIABLES})
        reference, region_code = values["reference"], values["region"] or own_region
        findings = [*row.findings, *_row_findings(row, region_code, content, codebook, latest_month)]
        if own_region:
            findings += _own_region_findings(row, region_code, own_region)
        if reference and not any(found.column in ("reference", "region") for found in findings):
            first_line = first_line_of.setdefault((region_code, reference), row.line)
            if first_line != row.line:
                problem = format_lazy(
                    _("The region's reference stands on line {line} already."), line=first_line
                )
                findings.append(FileFinding(row.line, "reference", reference, problem))
        checked.findings += findings
        if not findings:
            checked.rows.append((row.line, NewCase(region_code, reference, content)))
            checked.has_blank_references |= not reference
            digest.update(json.dumps([region_code, reference, *astuple(content)]).encode())
        if number % PROGRESS_EVERY == 0:
            progress("checked", number)
    checked.content_hash = digest.hexdigest()


def _readable_rows(path: Path, findings: list[FileFinding]) -> Iterator[FileRow]:
    """The rows up to where the file breaks off, if it does: what is wrong before that is told too."""
    try:
        yield from read_case_file(path)
    except CaseFileRefused as refused:
        findings += refused.findings


def _row_findings(
    row: FileRow, region_code: str, content: CaseContent, codebook: CodeBook, latest_month: str
) -> Iterator[FileFinding]:
    named_already = {finding.column for finding in row.findings}
    found: list[Finding] = []
    reference = row.values["reference"]
    found += region_findings(region_code, content.month, codebook=codebook)
    if reference:
        found += reference_findings("reference", reference)
    found += case_findings(content, codebook=codebook, latest_month=latest_month, blanks_allowed=True)
    for finding in found:
        if finding.variable not in named_already:
            yield FileFinding(row.line, finding.variable, finding.value, finding.problem, finding.accepted)


def _own_region_findings(row: FileRow, region_code: str, own_region: str) -> Iterator[FileFinding]:
    """What a person brings, not a command: of the own region, and with nothing that points to somebody."""
    if region_code != own_region:
        problem = _("You import the cases of your own region only.")
        yield FileFinding(row.line, "region", region_code, problem, (own_region,))
    for variable in ("reference", "incident"):
        for found in text_findings(variable, row.values[variable]):
            yield FileFinding(row.line, variable, found.value, found.problem)


def _imported_before(content_hash: str) -> Iterator[FileFinding]:
    earlier = imported_before(content_hash)
    if earlier:
        problem = format_lazy(
            _(
                "The file was imported on {date}, and its rows have no references: its cases would "
                "stand twice. If that is meant, import it with --again."
            ),
            date=f"{earlier.at:%Y-%m-%d}",
        )
        yield FileFinding(0, "", "", problem)


def _not_stored_yet(file: _CheckedFile) -> Iterator[NewCase]:
    """The rows to register. Rows stored with other content become findings of the file."""
    for start in range(0, len(file.rows), _LOOKUP):
        part = file.rows[start : start + _LOOKUP]
        references = {row.reference for _line, row in part if row.reference}
        stored = {
            (case.region_id, case.reference): case
            for case in Case.objects.filter(reference__in=references).select_related("incident")
        }
        for line, row in part:
            case = stored.get((row.region_code, row.reference))
            if case is None:
                yield row
            elif case.is_withdrawn:
                problem = _("The case with this reference is withdrawn.")
                file.findings.append(FileFinding(line, "reference", row.reference, problem))
            else:
                file.findings += _content_findings(line, row, case)


def _content_findings(line: int, row: NewCase, case: Case) -> Iterator[FileFinding]:
    for variable, (before, after) in case.content.differences(row.content).items():
        problem = format_lazy(
            _("The case {reference} is stored already, with other content."),
            reference=row.reference,
        )
        yield FileFinding(line, variable, after, problem, (before or _("blank"),))
