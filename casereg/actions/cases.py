"""Writes to cases. Each is one transaction: the cases, their history and one event in the audit trail."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casereg.actions.imported_files import note_imported_file
from casereg.actions.incident_histories import write_created, write_registered
from casereg.actions.references import give_references, lock_counters
from casereg.actions.remarks import ask_about, count_registered, write_remarks
from casereg.actions.submissions import claim_submission
from casereg.case_content import CaseContent
from casereg.codebook import CodeBook
from casereg.models import (
    AuditEvent,
    Case,
    CaseHistory,
    Incident,
    Submission,
    User,
)
from casereg.months import this_month
from casereg.quality import Finding, Refused, case_findings, reference_findings, region_findings
from casereg.stored_codebook import load_codebook

BATCH = 1000  # rows in one statement


class CaseRefused(Refused):
    """Of a case, or an incident."""


@dataclass(frozen=True, slots=True)
class NewCase:
    """A checked record on its way in. A blank reference: one is given."""

    region_code: str
    reference: str
    content: CaseContent

    @property
    def year(self) -> int:
        return int(self.content.month[:4])


def hold_cases() -> None:
    """Until the transaction ends nobody stores a case, and whoever was about to has done so.

    The table comes before the head of the trail: a case takes them in the same order. Whoever had read the
    lists as they were before is then stopped by the database's own rule, which reads them anew.
    """
    if connection.vendor == "postgresql":  # on SQLite one transaction writes at a time
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE casereg_case IN SHARE MODE")
    AuditEvent.objects.hold_head()


def register_case(
    *,
    region_code: str,
    content: CaseContent,
    by: User | None,
    reference: str = "",
    number: UUID | None = None,
    confirmed: Collection[str] | None = None,
) -> Case:
    """Store one person's case. Every variable collected that year must be filled in.

    `number` is that of the form it was sent by: sent again, the case that it stored is returned, and with
    other content `SentWithOtherContent` raised. `confirmed` are the keys of remarks that the person has
    confirmed: for others `NeedsConfirmation` is raised; None where there is nobody to ask.
    """
    with transaction.atomic():
        submission: Submission | None = None
        if number is not None and by is not None:
            submission, is_new = claim_submission(
                by=by, number=number, contents=[content], also=[region_code, reference]
            )
            if not is_new and submission.case is not None:
                return submission.case
        codebook = load_codebook()
        findings = case_findings(content, codebook=codebook, latest_month=this_month(), blanks_allowed=False)
        findings += region_findings(region_code, content.month, codebook=codebook)
        if reference:
            findings = reference_findings("reference", reference) + findings
        if findings:
            raise CaseRefused(findings)
        new = NewCase(region_code, reference, content)
        lock_counters([(region_code, new.year)])
        asked = _asked_about(new, codebook, confirmed)
        if not reference:
            [reference] = give_references(region_code=region_code, year=new.year, number=1)
        now = timezone.now()
        case = _case(replace(new, reference=reference), _incidents([new], by=by, at=now), by=by, at=now)
        try:
            with transaction.atomic():
                case.save(force_insert=True)
        except IntegrityError:
            if not Case.objects.filter(region=region_code, reference=reference).exists():
                raise
            raise CaseRefused([_taken(reference)]) from None
        _history(case, CaseHistory.Action.REGISTER, confirmed=asked).save()
        write_remarks([case], codebook=codebook, by=by, at=now, confirmed=asked)
        if case.incident is not None:
            write_registered({case.incident: [case.reference]}, by=by, at=now)
        if submission is not None:
            submission.case, submission.region_id = case, region_code
            submission.save(update_fields=["case", "region"])
        AuditEvent.objects.append(
            by=by,
            action="case_register",
            object=f"case {case.pk}",
            region=region_code,
            fields=content.recorded(),
        )
    return case


def register_from_file(
    *,
    rows: Sequence[NewCase],
    content_hash: str,
    by: User | None,
    progress: Callable[[int], None] = lambda _stored: None,
) -> None:
    """Store the rows of a case file, all or none. The caller has checked them and locked their counters.

    `progress` is called with the number of rows stored so far.
    """
    for stored in registering_from_file(rows=rows, content_hash=content_hash, by=by):
        progress(stored)


def registering_from_file(
    *, rows: Sequence[NewCase], content_hash: str, by: User | None, batch: int = BATCH
) -> Iterator[int]:
    """`register_from_file` in steps: the number of rows stored so far. Left half-way, it stores none."""
    with transaction.atomic():
        rows = _with_references(rows)
        now, codebook = timezone.now(), load_codebook()
        incidents = _incidents(rows, by=by, at=now)
        in_incidents: dict[Incident, list[str]] = defaultdict(list)
        for start in range(0, len(rows), batch):
            cases = [_case(row, incidents, by=by, at=now) for row in rows[start : start + batch]]
            Case.objects.bulk_create(cases)
            CaseHistory.objects.bulk_create([_history(case, CaseHistory.Action.IMPORT) for case in cases])
            write_remarks(cases, codebook=codebook, by=by, at=now)
            for case in cases:
                if case.incident is not None:
                    in_incidents[case.incident].append(case.reference)
            yield start + len(cases)
        write_registered(in_incidents, by=by, at=now)
        file = note_imported_file(content_hash=content_hash, rows=len(rows), by=by, at=now)
        AuditEvent.objects.append(by=by, action="cases_import", object=f"file {file.pk}, {len(rows)} cases")


def _taken(reference: str) -> Finding:
    return Finding("reference", reference, _("Another case of the region has this reference."), ())


def _with_references(rows: Sequence[NewCase]) -> list[NewCase]:
    """The rows in the same order, each blank reference replaced by a new one."""
    blank: dict[tuple[str, int], int] = defaultdict(int)
    reserved: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.reference:
            reserved[row.region_code].add(row.reference)
        else:
            blank[row.region_code, row.year] += 1
    given = {
        (region_code, year): iter(
            give_references(region_code=region_code, year=year, number=number, reserved=reserved[region_code])
        )
        for (region_code, year), number in sorted(blank.items())
    }
    return [
        row if row.reference else replace(row, reference=next(given[row.region_code, row.year]))
        for row in rows
    ]


def _asked_about(new: NewCase, codebook: CodeBook, confirmed: Collection[str] | None) -> list[str]:
    if confirmed is None:
        return []
    registered = count_registered(new.region_code, [new.content]).get(new.content)
    return ask_about(new.content, codebook=codebook, registered=registered, confirmed=confirmed)


def _incidents(rows: Sequence[NewCase], *, by: User | None, at: datetime) -> dict[tuple[str, str], Incident]:
    return incidents_named(((row.region_code, row.content.incident) for row in rows), by=by, at=at)


def incidents_named(
    names: Iterable[tuple[str, str]], *, by: User | None, at: datetime
) -> dict[tuple[str, str], Incident]:
    """The incidents by region and reference; those that are missing are created. A blank names none."""
    named: dict[str, set[str]] = defaultdict(set)
    for region_code, reference in names:
        if reference:
            named[region_code].add(reference)
    incidents: dict[tuple[str, str], Incident] = {}
    for region_code, references in sorted(named.items()):
        wanted = sorted(references)
        for start in range(0, len(wanted), BATCH):
            part = wanted[start : start + BATCH]
            found = _incidents_of(region_code, part)
            missing = [
                Incident(region_id=region_code, reference=reference)
                for reference in part
                if (region_code, reference) not in found
            ]
            if missing:
                # Another transaction may create the same incident: the constraint decides, both then read it.
                Incident.objects.bulk_create(missing, ignore_conflicts=True)
                found = _incidents_of(region_code, part)
                ours = [new for new in missing if found[region_code, new.reference].pk == new.pk]
                write_created(ours, by=by, at=at)
            incidents |= found
    return incidents


def _incidents_of(region_code: str, references: Sequence[str]) -> dict[tuple[str, str], Incident]:
    found = Incident.objects.of_region(region_code).filter(reference__in=references)
    return {(region_code, incident.reference): incident for incident in found}


def _case(
    new: NewCase,
    incidents: dict[tuple[str, str], Incident],
    *,
    by: User | None,
    at: datetime,
) -> Case:
    case = Case(region_id=new.region_code, reference=new.reference, registered_at=at, registered_by=by)
    case.record(new.content, incident=incidents.get((new.region_code, new.content.incident)))
    return case


def _history(case: Case, action: CaseHistory.Action, *, confirmed: Sequence[str] = ()) -> CaseHistory:
    return CaseHistory(
        case=case,
        region_id=case.region_id,
        at=case.registered_at,
        by=case.registered_by,
        action=action,
        changes=CaseContent().differences(case.content),
        confirmed=list(confirmed) or None,
    )
