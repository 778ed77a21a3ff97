"""Registering the persons of an incident in one go: all of them, or none. And undoing it right afterwards."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from casereg.access import cases_of
from casereg.actions.cases import CaseRefused
from casereg.actions.incident_histories import write_incident_history
from casereg.actions.references import next_references
from casereg.actions.remarks import NeedsConfirmation, count_registered, refresh_remarks, write_remarks
from casereg.actions.submissions import SentBefore, enter_submission, stored_before
from casereg.case_content import CaseContent
from casereg.codebook import CodeBook
from casereg.models import (
    AuditEvent,
    Case,
    CaseHistory,
    Incident,
    IncidentHistory,
    Offer,
    ReferenceCounter,
    Submission,
    User,
)
from casereg.months import this_month
from casereg.quality import Finding, case_findings, region_findings, text_findings
from casereg.remarks import Remark, incident_has_persons, persons_registered_already, unusual
from casereg.stored_codebook import load_codebook

PERSONS_MAX: Final = 200  # at once
TRIES: Final = 5  # while others store the same in the same moment


@dataclass(frozen=True, slots=True)
class PersonsAlike:
    """So many persons of whom the same is recorded."""

    number: int
    content: CaseContent


@dataclass(frozen=True, slots=True)
class RegisteredPersons:
    """What a form has stored, now or, where it was sent again, before."""

    incident: Incident
    submission: Submission
    persons: int
    is_new: bool


class RegisteringCannotBeUndone(Exception):
    """Somebody has amended, withdrawn or offered one of the persons since. Undo what is left one by one."""


class _StoredMeanwhile(Exception):
    """Somebody else created the incident, or the year's counter, in the same moment. Begin again."""


def register_incident(
    *,
    region_code: str,
    lines: Sequence[PersonsAlike],
    by: User,
    number: UUID,
    confirmed: Collection[str] = (),
    incident_id: UUID | None = None,
) -> RegisteredPersons:
    """Store every person of the lines, which share a month and an incident; that is created if it is new.

    `number` and `confirmed` as in `register_case`. `incident_id`: the incident that persons are meant to
    be added to; without it, one that has persons already is asked about.
    """
    contents = [line.content for line in lines]
    also = ["incident", region_code, *(str(line.number) for line in lines)]
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                return _register(
                    region_code=region_code,
                    lines=lines,
                    by=by,
                    number=number,
                    also=also,
                    confirmed=confirmed,
                    incident_id=incident_id,
                )
        except SentBefore:
            earlier = stored_before(by=by, number=number, contents=contents, also=also)
            assert earlier.incident is not None  # what was sent by this page has one
            return RegisteredPersons(earlier.incident, earlier, _persons(lines), is_new=False)
        except _StoredMeanwhile as meanwhile:
            # Somebody was first, once or twice. Refused each time, it is something else.
            if not left and meanwhile.__cause__ is not None:
                raise meanwhile.__cause__ from None
    raise AssertionError("unreachable: the last try returns or raises")


def remarks_before_registering(
    *, region_code: str, lines: Sequence[PersonsAlike], incident_id: UUID | None = None
) -> list[Remark]:
    """What `register_incident` will ask to confirm, for the page that shows the table before it is stored."""
    contents = _distinct(lines)
    found = _incident_of(region_code, contents[0].incident).values_list("id", "persons").first()
    stands = _Stands(0, set(), *(found or (None, 0)))
    codebook = load_codebook()
    asked = _asked(contents, region_code=region_code, codebook=codebook, stands=stands, meant=incident_id)
    return _each_once(asked)


def undo_registering(*, submission_id: object, incident_id: UUID, by: User) -> int:
    """Withdraw what a form has registered, where nothing has happened to it since: the number of persons.

    Where that form did not register persons of the incident, or is undone already: 0. Raises
    `RegisteringCannotBeUndone`.
    """
    with transaction.atomic():
        undoable = _undoable(submission_id, incident_id, by)
        submission = undoable.select_for_update(of=("self",), no_key=True).select_related("incident").first()
        if submission is None:
            return 0
        incident = submission.incident
        assert incident is not None
        registered = submission.persons.count()
        cases = list(
            cases_of(by)
            .standing()
            .filter(pk__in=submission.persons.values("pk"), incident=incident)
            .select_for_update(no_key=True, of=("self",))
            .order_by("pk")
        )
        offers = Offer.objects.filter(case__in=cases)
        if len(cases) != registered or _changes_since(cases).exists() or offers.exists():
            raise RegisteringCannotBeUndone
        now = timezone.now()
        Case.objects.filter(pk__in=[case.pk for case in cases]).update(withdrawn_at=now)
        for case in cases:
            case.withdrawn_at = now
        CaseHistory.objects.bulk_create(
            CaseHistory(
                case=case,
                region_id=case.region_id,
                at=now,
                by=by,
                action=CaseHistory.Action.WITHDRAW,
                changes={},
                reason=CaseHistory.Reason.UNDONE,
            )
            for case in cases
        )
        refresh_remarks(cases, codebook=load_codebook())
        references = sorted(case.reference for case in cases)
        write_incident_history(incident, IncidentHistory.Action.UNDO, by=by, references=references)
        submission.undone_at = now
        submission.save(update_fields=["undone_at"])
        AuditEvent.objects.append(
            by=by,
            action="incident_undo",
            object=f"incident {incident.pk}, {len(cases)} cases",
            region=incident.region_id,
        )
    return len(cases)


def count_undoable(*, submission_id: object, incident_id: UUID, by: User) -> int:
    """How many persons of the incident the form of this id registered; 0 where it cannot be undone."""
    of_submission = OuterRef(OuterRef("pk"))
    registered = Submission.persons.through.objects.filter(submission=of_submission).values("case")
    untouched = (
        _undoable(submission_id, incident_id, by)
        .exclude(Exists(_changes_since(registered)))
        .exclude(Exists(Offer.objects.filter(case__in=registered)))
    )
    return untouched.annotate(how_many=Count("persons")).values_list("how_many", flat=True).first() or 0


def _undoable(submission_id: object, incident_id: UUID, by: User) -> models.QuerySet[Submission]:
    """At most one: the session may hold no id at all."""
    if not isinstance(submission_id, int):
        return Submission.objects.none()
    return Submission.objects.filter(
        pk=submission_id, by=by, incident=incident_id, undone_at__isnull=True
    ).order_by()


def _changes_since(cases: Sequence[Case] | models.QuerySet) -> models.QuerySet[CaseHistory]:
    return CaseHistory.objects.filter(case__in=cases).exclude(action=CaseHistory.Action.REGISTER)


@dataclass(frozen=True, slots=True)
class _Stands:
    """What the region has: its last number of the year, references that are taken, and the incident."""

    last: int
    taken: set[str]
    incident_id: UUID | None
    persons: int  # of the incident


def _register(
    *,
    region_code: str,
    lines: Sequence[PersonsAlike],
    by: User,
    number: UUID,
    also: Sequence[str],
    confirmed: Collection[str],
    incident_id: UUID | None,
) -> RegisteredPersons:
    contents = _distinct(lines)
    codebook = load_codebook()
    findings = _findings(region_code, lines, codebook)
    if findings:
        raise CaseRefused(findings)
    reference, year, persons = contents[0].incident, int(contents[0].month[:4]), _persons(lines)
    stands = _draw_numbers(region_code, year, persons, reference)
    incident = Incident(region_id=region_code, reference=reference)
    if stands.incident_id is not None:
        incident.pk = stands.incident_id
    submission = enter_submission(
        by=by, number=number, incident=incident, contents=[line.content for line in lines], also=also
    )
    asked = _asked(contents, region_code=region_code, codebook=codebook, stands=stands, meant=incident_id)
    _refuse_unconfirmed(asked, confirmed)
    now = submission.at
    if stands.incident_id is None:
        _create(incident)
    cases = _cases(lines, _references(region_code, year, persons, stands), incident, by=by, at=now)
    # A batch is as many as a statement holds; on SQLite some 40 persons.
    Case.objects.bulk_create(cases)
    CaseHistory.objects.bulk_create([_history(case, asked[case.content]) for case in cases])
    write_remarks(
        cases,
        codebook=codebook,
        by=by,
        at=now,
        confirmed={remark.key for remark in _each_once(asked)},
    )
    IncidentHistory.objects.bulk_create(_incident_history(incident, cases, is_new=stands.incident_id is None))
    through = Submission.persons.through
    through.objects.bulk_create(through(submission_id=submission.pk, case_id=case.pk) for case in cases)
    AuditEvent.objects.append(
        by=by,
        action="incident_register",
        object=f"incident {incident.pk}, {persons} cases",
        region=region_code,
        fields={name for content in contents for name in content.recorded()},
    )
    return RegisteredPersons(incident, submission, persons, is_new=True)


def _distinct(lines: Sequence[PersonsAlike]) -> list[CaseContent]:
    contents = list(dict.fromkeys(line.content for line in lines))
    if len({(content.month, content.incident) for content in contents}) != 1:
        raise ValueError("the persons of an incident are registered with one month and one incident")
    return contents


def _persons(lines: Sequence[PersonsAlike]) -> int:
    return sum(line.number for line in lines)


def _findings(region_code: str, lines: Sequence[PersonsAlike], codebook: CodeBook) -> list[Finding]:
    """Everything that is wrong with the lines, each thing once."""
    contents, latest_month = _distinct(lines), this_month()
    found = [
        finding
        for content in contents
        for finding in case_findings(
            content, codebook=codebook, latest_month=latest_month, blanks_allowed=False
        )
    ]
    found += region_findings(region_code, contents[0].month, codebook=codebook)
    found += incident_findings(contents[0].incident)
    found += number_findings([line.number for line in lines])
    return list(dict.fromkeys(found))


def incident_findings(reference: str) -> list[Finding]:
    """What `case_findings` does not say of the incident: here it is needed, and typed."""
    if not reference:
        return [Finding("incident", "", _("Enter the incident’s reference."))]
    return text_findings("incident", reference)


def number_findings(numbers: Sequence[int]) -> list[Finding]:
    """How many persons may be registered in one go."""
    if any(number < 1 for number in numbers) or not numbers:
        return [Finding("persons", "", _("Enter at least one person."))]
    if sum(numbers) > PERSONS_MAX:
        problem = format_lazy(
            _("These are {persons} persons. Register at most {most} at once, and the others after them."),
            persons=sum(numbers),
            most=PERSONS_MAX,
        )
        return [Finding("persons", str(sum(numbers)), problem)]
    return []


def _incident_of(region_code: str, reference: str) -> models.QuerySet:
    standing = Count("cases", filter=Q(cases__withdrawn_at__isnull=True))
    incidents = Incident.objects.of_region(region_code).filter(reference=reference).order_by()
    return incidents.annotate(persons=standing)


def _draw_numbers(region_code: str, year: int, number: int, incident_reference: str) -> _Stands:
    """Hold the year's counter, moved on by `number`, and say what stands: two statements."""
    counters = ReferenceCounter.objects.filter(region=region_code, year=year)
    if not counters.update(last=F("last") + number):
        try:
            ReferenceCounter.objects.create(region_id=region_code, year=year, last=number)
        except IntegrityError as refused:
            raise _StoredMeanwhile from refused

    def rows(kind: str, queryset: models.QuerySet, text: str, persons: F | Value) -> models.QuerySet:
        said = queryset.order_by().annotate(
            kind=Value(kind), said=Cast(text, models.CharField()), how_many=persons
        )
        return said.values_list("kind", "said", "how_many")

    cases = Case.objects.of_region(region_code).filter(reference__startswith=f"{year}-")
    incident = _incident_of(region_code, incident_reference)
    stored = rows("last", counters, "last", Value(0)).union(
        rows("taken", cases, "reference", Value(0)), rows("incident", incident, "id", F("persons")), all=True
    )
    last, taken, incident_id, persons = number, set(), None, 0
    for kind, said, how_many in stored:
        if kind == "last":
            last = int(said)
        elif kind == "taken":
            taken.add(said)
        else:
            incident_id, persons = UUID(said), how_many
    return _Stands(last, taken, incident_id, persons)


def _references(region_code: str, year: int, number: int, stands: _Stands) -> list[str]:
    given, last = next_references(year=year, after=stands.last - number, number=number, taken=stands.taken)
    if last != stands.last:  # some were taken by cases that brought their own
        ReferenceCounter.objects.filter(region=region_code, year=year).update(last=last)
    return given


def _asked(
    contents: Sequence[CaseContent],
    *,
    region_code: str,
    codebook: CodeBook,
    stands: _Stands,
    meant: UUID | None,
) -> dict[CaseContent, list[Remark]]:
    """What is asked about the persons of each content."""
    registered = count_registered(region_code, contents)
    of_all: list[Remark] = []
    if stands.persons and stands.incident_id != meant:
        of_all = [incident_has_persons(contents[0].incident, stands.persons)]
    alike = persons_registered_already(sum(alike.number for alike in registered.values()))
    return {
        content: [*of_all, *unusual(content, codebook), *([alike] if content in registered else [])]
        for content in contents
    }


def _refuse_unconfirmed(asked: dict[CaseContent, list[Remark]], confirmed: Collection[str]) -> None:
    open_ones = [remark for remark in _each_once(asked) if remark.key not in confirmed]
    if open_ones:
        raise NeedsConfirmation(open_ones)


def _each_once(asked: dict[CaseContent, list[Remark]]) -> list[Remark]:
    return list({remark.key: remark for remarks in asked.values() for remark in remarks}.values())


def _create(incident: Incident) -> None:
    try:
        incident.save(force_insert=True)
    except IntegrityError as refused:
        raise _StoredMeanwhile from refused


def _cases(
    lines: Sequence[PersonsAlike], references: Iterable[str], incident: Incident, *, by: User, at: datetime
) -> list[Case]:
    given = iter(references)
    cases = []
    for line in lines:
        for _person in range(line.number):
            case = Case(
                region_id=incident.region_id, reference=next(given), registered_at=at, registered_by=by
            )
            case.record(line.content, incident=incident)
            cases.append(case)
    return cases


def _history(case: Case, asked: Sequence[Remark]) -> CaseHistory:
    return CaseHistory(
        case=case,
        region_id=case.region_id,
        at=case.registered_at,
        by=case.registered_by,
        action=CaseHistory.Action.REGISTER,
        changes=CaseContent().differences(case.content),
        confirmed=[remark.key for remark in asked] or None,
    )


def _incident_history(
    incident: Incident, cases: Sequence[Case], *, is_new: bool
) -> Iterable[IncidentHistory]:
    first = cases[0]
    if is_new:
        yield IncidentHistory(
            incident=incident,
            region_id=incident.region_id,
            at=first.registered_at,
            by=first.registered_by,
            action=IncidentHistory.Action.CREATE,
            changes={"reference": ["", incident.reference]},
        )
    yield IncidentHistory(
        incident=incident,
        region_id=incident.region_id,
        at=first.registered_at,
        by=first.registered_by,
        action=IncidentHistory.Action.REGISTER,
        references=[case.reference for case in cases],
    )
