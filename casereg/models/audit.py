"""The audit trail: who did what, when, to which object, with what outcome. Never what a case says."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

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
        content = [
            self.previous_hash,
            self.sequence,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.actor_id,
            self.role,
            self.region,
            self.action,
            self.object,
            self.fields,
            str(self.outcome),
        ]
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the trail is not what was written."""

    sequence: int
    what: str


def chain_breaks() -> Iterator[Break]:
    """Walk the whole trail in order and yield each place where it does not hold, in constant memory.

    Others may write meanwhile: the trail reaches as far as the head did before the walk, and no farther
    than the head does after it.
    """
    before = AuditHead.objects.filter(id=1).first()
    expected, previous, hash_at_head = 1, FIRST_HASH, FIRST_HASH
    for event in AuditEvent.objects.order_by("sequence").iterator(chunk_size=2000):
        if event.sequence != expected:
            yield Break(expected, f"events {expected} to {event.sequence - 1} are missing")
        elif event.previous_hash != previous:
            yield Break(event.sequence, "it does not follow the event before it")
        if event.computed_hash() != event.hash:
            yield Break(event.sequence, "its content does not match its hash")
        expected, previous = event.sequence + 1, event.hash
        if before and event.sequence <= before.sequence:
            hash_at_head = event.hash
    after = AuditHead.objects.filter(id=1).first()
    if before is None or after is None:
        yield Break(expected, "the head is missing")
    elif not before.sequence < expected <= after.sequence + 1 or hash_at_head != before.hash:
        yield Break(expected, f"the head says that {before.sequence} events were written")
