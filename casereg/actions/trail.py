"""What reading the trail leaves in it: a page read, a file taken along, a month signed."""

import csv
import io
from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.utils.timezone import localtime

from casereg.inert_text import inert
from casereg.models import AuditEvent, Case, TrailReview, User
from casereg.trail import TrailFilter, events_of, matching, newest_first
from casereg.trail_review import Month, events_of_month, month_under_review

EVENTS_IN_A_FILE: Final = 100_000
COLUMNS: Final = ("number", "at", "user", "name", "role", "region", "action", "object", "fields", "outcome")
_CHUNK: Final = 2000  # events held in memory at a time
_OBJECT_MAX: Final = 120  # characters


class TooManyEvents(Exception):
    """More than a file takes: it has to be narrowed."""


class MonthIsNotOver(Exception):
    """What is still going on cannot be signed."""


class MonthIsSigned(Exception):
    """A month is signed once."""


class EventsCameMeanwhile(Exception):
    """The month is not the one that was read."""


def record_trail_read(wanted: Sequence[str], *, by: User) -> None:
    """Whoever reads the trail is in it. `wanted` says of what, in ids and codes."""
    _record("trail_read", ", ".join(["trail", *wanted]), by=by)


def record_case_trail_read(case: Case, *, by: User) -> None:
    _record("trail_read", f"case {case.pk}", by=by)


def record_review_read(region_code: str, month: Month, *, by: User) -> None:
    _record("trail_read", _review(region_code, month), by=by)


def export_trail(wanted: TrailFilter, *, by: User) -> bytes:
    """The events that are asked for, newest first, as CSV like the other files. Raises `TooManyEvents`."""
    events = matching(events_of(by), wanted)
    # No farther than the limit: nobody waits for a count of everything.
    if events.order_by()[: EVENTS_IN_A_FILE + 1].count() > EVENTS_IN_A_FILE:
        raise TooManyEvents
    # Without a transaction: the others' writes do not wait until the file is made.
    content, written = _file(newest_first(events)[:EVENTS_IN_A_FILE])
    _record("trail_export", ", ".join(["trail", f"{written} events", *wanted.in_short]), by=by)
    return content


def sign_month(*, region_code: str, month: Month, last_sequence: int, by: User) -> TrailReview:
    """Say that the month was read, as far as the event of that number (0: there was none).

    Raises `NoSuchMonth` where the region's trail begins later, or ended before.
    """
    with transaction.atomic():
        # Behind the head nobody adds an event, and nobody else signs.
        AuditEvent.objects.hold_head()
        _month, review = month_under_review(by, region_code, month.year, month.number)
        if not month.is_over:
            raise MonthIsNotOver
        if review is not None:
            raise MonthIsSigned
        events = events_of_month(by, region_code, month)
        stands = events.order_by().aggregate(number=Count("sequence"), last=Max("sequence"))
        if (stands["last"] or 0) != last_sequence:
            raise EventsCameMeanwhile
        review = TrailReview.objects.create(
            region=region_code,
            year=month.year,
            month=month.number,
            events=stands["number"],
            last_sequence=last_sequence,
            by=by,
        )
        signed = f"{_review(region_code, month)}, {review.events} events"
        _record("trail_review_sign", signed, by=by, region=region_code)
    return review


def _review(region_code: str, month: Month) -> str:
    return f"trail review, {f'region {region_code}' if region_code else 'no region'}, {month}"


def _record(action: str, object: str, *, by: User, region: str = "") -> None:
    AuditEvent.objects.append(by=by, action=action, object=object[:_OBJECT_MAX], region=region)


# --- The file ------------------------------------------------------------------------------------


def _file(events: QuerySet[AuditEvent]) -> tuple[bytes, int]:
    """The file, and how many events it holds."""
    # Bytes from the start: text in memory would take four for each character.
    content, written = io.BytesIO(), 0
    text = io.TextIOWrapper(content, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for event in events.iterator(chunk_size=_CHUNK):
        writer.writerow(_cells(event))
        written += 1
    text.flush()
    return content.getvalue(), written


def _cells(event: AuditEvent) -> list[str]:
    """Numbers and moments as they are; every text so that no program takes it for a formula."""
    return [
        str(event.sequence),
        localtime(event.at).isoformat(timespec="seconds"),
        str(event.actor_id or ""),
        *(
            inert(text)
            for text in (
                event.actor.name if event.actor else "",
                event.role,
                event.region,
                event.action,
                event.object,
                " ".join(event.fields),
                event.outcome,
            )
        ),
    ]
