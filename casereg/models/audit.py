"""The audit trail: who did what, when, to which object, with what outcome. Never what a case says."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from casereg.audit_anchors import Anchor

FIRST_HASH = "0" * 64  # what the first event's hash is chained to


# What only reads, and whoever comes and goes: figures are the same after it. Everything else is a change.
READINGS = frozenset(
    {
        "read",
        "access_denied",
        "log_in",
        "identity_prove",
        "session_end",
        "user_send_link",
        "link_ask",
        "password_set",
        "password_change",
        "provider_link",
        "provider_unlink",
        "cover_give",
        "cover_end",
        "people_confirm",
        "factor_add",
        "factor_remove",
        "factors_reset",
        "recovery_codes_make",
        "recovery_codes_keep",
        "cases_download",
        "cases_export",
        "year_export",
        "year_download",
        "trail_read",
        "trail_export",
        "trail_review_sign",
    }
)


class Outcome(models.TextChoices):
    DONE = "done"
    DENIED = "denied"


class AuditHead(models.Model):
    """One row: the last event's number and hash. Locked while an event is added, so that no number is
    drawn twice, none is skipped, and a rollback leaves no gap."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=FIRST_HASH)
    # The number of the last event that changed something: what was counted under it may be shown again.
    last_change = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_head_is_one_row")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.hash[:8]}"


class AuditEventManager(models.Manager["AuditEvent"]):
    def hold_head(self) -> None:
        """Wait for the head before the event is added: for a write that changes a key of its row.

        On PostgreSQL whoever refers to the row asks for its key only at commit, with the head in hand: who
        changes the key first and then waits for the head would wait in a ring.
        """
        AuditHead.objects.select_for_update().get(id=1)

    def append(
        self,
        *,
        by: Any,
        action: str,
        object: str,
        fields: Iterable[str] = (),
        region: str = "",
        outcome: Outcome = Outcome.DONE,
    ) -> "AuditEvent":
        """Add one event to the chain. Call it last in the transaction: it holds the head until commit."""
        # Without a savepoint: nothing is stored whose event is not.
        with transaction.atomic(savepoint=False):
            head = AuditHead.objects.select_for_update().get(id=1)
            event = AuditEvent(
                sequence=head.sequence + 1,
                at=timezone.now(),
                actor=by,
                role=by.role if by else "system",
                region=region or (by.working_region_id if by else None) or "",
                action=action,
                object=object,
                fields=sorted(fields),
                outcome=outcome,
                previous_hash=head.hash,
            )
            event.hash = event.computed_hash()
            event.save(force_insert=True)
            head.sequence, head.hash = event.sequence, event.hash
            if action not in READINGS:
                head.last_change = event.sequence
            head.save(update_fields=["sequence", "hash", "last_change"])
        return event


class AuditEvent(models.Model):
    sequence = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20)
    region = models.CharField(max_length=40, blank=True)
    action = models.CharField(max_length=40)
    object = models.CharField(max_length=120)
    fields = models.JSONField(default=list)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = AuditEventManager()

    class Meta:
        ordering = ["sequence"]
        # Each way in which a page of the trail is narrowed is read off an index, newest first.
        indexes = [
            models.Index(fields=["at", "sequence"], name="events_by_time"),
            models.Index(fields=["actor", "at", "sequence"], name="events_of_person"),
            models.Index(fields=["region", "at", "sequence"], name="events_of_region"),
            models.Index(fields=["action", "at", "sequence"], name="events_of_action"),
            models.Index(fields=["outcome", "at", "sequence"], name="events_of_outcome"),
            models.Index(fields=["object", "at", "sequence"], name="events_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.object}"

    def computed_hash(self) -> str:
        """SHA-256 over every column and the previous event's hash."""
        return hash_of(*(getattr(self, column) for column in HASHED))


# In the order in which they are hashed.
HASHED = (
    "previous_hash", "sequence", "at", "actor_id", "role", "region", "action", "object", "fields", "outcome",
)  # fmt: skip
_AS_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def hash_of(previous_hash: str, sequence: int, at: datetime, *others: Any) -> str:
    """The hash of an event, from its columns in the order of `HASHED`."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(_AS_JSON([previous_hash, sequence, moment, *others]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the trail is not what was written."""

    sequence: int
    what: str


EVENTS_AT_A_TIME = 2000


def chain_breaks(*, since: Anchor | None = None, anchors: Iterable[Anchor] = ()) -> Iterator[Break]:
    """Walk the trail once, in order, and yield each place where it does not hold, in constant memory.

    What was anchored outside the database has to be there, under the hash it had. With `since`, the walk
    begins at that anchor.

    Others may write meanwhile: the trail reaches as far as the head did before the walk, and no farther
    than the head does after it.
    """
    before = AuditHead.objects.filter(id=1).first()
    expected = since.sequence if since else 1
    # None: not known, so nothing is compared with it.
    previous, hash_at_head = (None, None) if since else (FIRST_HASH, FIRST_HASH)
    awaited = sorted([*anchors, *([since] if since else [])], key=lambda anchor: -anchor.sequence)
    for event in _links(since.sequence if since else 0):
        while awaited and awaited[-1].sequence <= event.sequence:
            yield from _breaks_of_anchor(awaited.pop(), event)
        if event.sequence < expected:
            yield Break(event.sequence, "it stands before the first event")
            continue
        if event.sequence != expected:
            yield Break(expected, f"events {expected} to {event.sequence - 1} are missing")
        elif event.previous_hash != previous and None not in (event.previous_hash, previous):
            yield Break(event.sequence, "it does not follow the event before it")
        if event.computed_hash is None:
            yield Break(event.sequence, "its content cannot be read")
        elif event.computed_hash != event.hash:
            yield Break(event.sequence, "its content does not match its hash")
        expected, previous = event.sequence + 1, event.hash
        if before and event.sequence <= before.sequence:
            hash_at_head = event.hash
    for anchor in reversed(awaited):
        yield from _breaks_of_anchor(anchor, None)
    after = AuditHead.objects.filter(id=1).first()
    if before is None or after is None:
        yield Break(expected, "the head is missing")
    elif not before.sequence < expected <= after.sequence + 1 or hash_at_head != before.hash:
        yield Break(expected, f"the head says that {before.sequence} events were written")


@dataclass(slots=True)
class _Link:
    """Of one event: what it is chained by, as it is stored, and its hash as it should be."""

    sequence: int
    previous_hash: str | None = None
    hash: str | None = None
    computed_hash: str | None = None


def _breaks_of_anchor(anchor: Anchor, event: _Link | None) -> Iterator[Break]:
    if event is None or event.sequence != anchor.sequence:
        yield Break(anchor.sequence, f"it was anchored on {anchor.moment}, and is missing")
    elif event.hash != anchor.hash:
        yield Break(anchor.sequence, f"it is another event than the one anchored on {anchor.moment}")


def _links(first: int) -> Iterator[_Link]:
    """Every event from that number on. In pages: no cursor is held open while others write."""
    at_least = first
    while True:
        page = AuditEvent.objects.filter(sequence__gte=at_least).order_by("sequence")[:EVENTS_AT_A_TIME]
        try:
            links = [_link(row) for row in page.values_list("hash", *HASHED)]
        except (DatabaseError, ValueError):
            # Something in the page cannot be read, such as text that is none. One by one, to tell which.
            links = [_link_alone(sequence) for sequence in page.values_list("sequence", flat=True)]
        yield from links
        if len(links) < EVENTS_AT_A_TIME:
            return
        at_least = links[-1].sequence + 1


def _link(row: tuple[Any, ...]) -> _Link:
    its_hash, previous_hash, sequence, *others = row
    try:
        computed = hash_of(previous_hash, sequence, *others)
    except (AttributeError, OverflowError, TypeError):  # such as a moment that is none
        computed = None
    return _Link(sequence, previous_hash, its_hash, computed)


def _link_alone(sequence: int) -> _Link:
    try:
        return _link(AuditEvent.objects.values_list("hash", *HASHED).get(sequence=sequence))
    except (DatabaseError, ValueError):
        return _Link(sequence)
