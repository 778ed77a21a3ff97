"""A form is stored once, however often it is sent: by double click, retry, back button, or from two tabs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from casereg.case_content import CaseContent
from casereg.keyed_hash import keyed_hash, keyed_hashes
from casereg.models import Draft, Incident, Submission, User
from casereg.row_security import EVERYTHING, within

_PURPOSE = "submission"


class SentWithOtherContent(Exception):
    """A form of the same number was stored, and it said something else."""

    def __init__(self, stored: Submission) -> None:
        super().__init__(str(stored))
        self.stored = stored


class SentBefore(Exception):
    """A form of the same number was stored. `stored_before` says what, once the transaction is left."""


def claim_submission(
    *, by: User, number: UUID, contents: Sequence[CaseContent], also: Sequence[str] = ()
) -> tuple[Submission, bool]:
    """The form's place among what was sent, and whether it is new. Call it first in the transaction.

    Whoever sends the same form at the same moment waits here until this transaction ends. `also` is what
    else the form says. The author's draft of the form is deleted. Raises `SentWithOtherContent`.
    """
    said = _said(contents, also)
    try:
        with transaction.atomic():
            submission = Submission.objects.create(
                by=by, number=number, content_hash=keyed_hash(_PURPOSE, said), at=timezone.now()
            )
    except IntegrityError:
        earlier = _earlier(by=by, number=number)
        if earlier.content_hash not in keyed_hashes(_PURPOSE, said):
            raise SentWithOtherContent(earlier) from None
        return earlier, False
    forget_draft(by=by, number=number)
    return submission, True


def enter_submission(
    *, by: User, number: UUID, incident: Incident, contents: Sequence[CaseContent], also: Sequence[str] = ()
) -> Submission:
    """The place of a form that registers persons of an incident, which need not be stored yet.

    As `claim_submission`, in fewer statements: where the form was stored before, the transaction is spent
    and `SentBefore` leads out of it.
    """
    try:
        submission = Submission.objects.create(
            by=by,
            number=number,
            content_hash=keyed_hash(_PURPOSE, _said(contents, also)),
            at=timezone.now(),
            incident=incident,
            region_id=incident.region_id,
        )
    except IntegrityError:
        raise SentBefore from None
    forget_draft(by=by, number=number)
    return submission


def stored_before(
    *, by: User, number: UUID, contents: Sequence[CaseContent], also: Sequence[str] = ()
) -> Submission:
    """What the form of this number stored. Raises `SentWithOtherContent`."""
    earlier = _earlier(by=by, number=number)
    if earlier.content_hash not in keyed_hashes(_PURPOSE, _said(contents, also)):
        raise SentWithOtherContent(earlier)
    return earlier


def _earlier(*, by: User, number: UUID) -> Submission:
    """With what it stored, wherever that is by now: the page looks itself whether it may be shown."""
    with within(EVERYTHING):
        return Submission.objects.select_related("case", "incident").get(by=by, number=number)


def note_amendment(*, by: User, number: UUID) -> None:
    """The form of an amendment is stored: it is in draft no longer, and a late draft of it is not taken."""
    Submission.objects.get_or_create(by=by, number=number, defaults={"at": timezone.now()})
    forget_draft(by=by, number=number)


def forget_draft(*, by: User, number: UUID) -> None:
    """What is stored, or thrown away, is a draft no longer."""
    Draft.objects.filter(author=by, number=number).delete()


def _said(contents: Sequence[CaseContent], also: Sequence[str]) -> str:
    return json.dumps([[asdict(content) for content in contents], list(also)])
