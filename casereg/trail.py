"""The trail as it is read: who may, what it is narrowed to, one page of it. Nothing here counts all of it.

A page is reached from the event it follows, so the last one is as near as the first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils import timezone

from casereg.access import Permission, has_permission
from casereg.models import AuditEvent, Case, User
from casereg.trail_wording import KNOWN_ACTIONS, Kind, actions_of

NONE: Final = "-"  # in place of a person or a region: events of none
EVENTS_ON_A_PAGE: Final = 50

Events = QuerySet[AuditEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFilter:
    """Blank: not narrowed by it. `person` is a user's id; both days belong to the span."""

    person: str = ""
    region: str = ""
    kind: str = ""
    outcome: str = ""
    first_day: date | None = None
    last_day: date | None = None

    @property
    def in_short(self) -> list[str]:
        """For the trail itself, in the words of its objects: ids and codes alone."""
        days = (self.first_day, self.last_day)
        span = "–".join(day.isoformat() if day else "" for day in days) if any(days) else ""
        person = "not logged in" if self.person == NONE else self.person and f"user {self.person}"
        region = "no region" if self.region == NONE else self.region and f"region {self.region}"
        return [
            word for word in (span, person, self.kind and f"kind {self.kind}", self.outcome, region) if word
        ]


def events_of(user: User) -> Events:
    """The events that the user may see as such: an administrator all, nobody else any.

    Who works with cases sees those of a case: `events_of_case`.
    """
    if not has_permission(user, Permission.READ_TRAIL):
        return AuditEvent.objects.none()
    return AuditEvent.objects.all()


def events_of_case(user: User, case: Case) -> Events:
    """What was done with one case that the user may see, and with the offers of it to other regions.

    Not the judgements of pairs, which name a case of another region, nor the lists and files it stood in.
    """
    if not has_permission(user, Permission.READ_CASES):
        raise PermissionDenied
    offers = [f"offer {pk} of case {case.pk}" for pk in case.offers.values_list("pk", flat=True)]
    return AuditEvent.objects.filter(object__in=[f"case {case.pk}", *offers])


def matching(events: Events, wanted: TrailFilter) -> Events:
    """The events that the filter asks for."""
    if wanted.person == NONE:
        events = events.filter(actor=None)
    elif wanted.person:
        events = events.filter(actor=int(wanted.person))
    if wanted.region:
        events = events.filter(region="" if wanted.region == NONE else wanted.region)
    if wanted.kind == Kind.OTHER:
        events = events.exclude(action__in=KNOWN_ACTIONS)
    elif wanted.kind:
        events = events.filter(action__in=actions_of(wanted.kind))
    if wanted.outcome:
        events = events.filter(outcome=wanted.outcome)
    if wanted.first_day:
        events = events.filter(at__gte=midnight(wanted.first_day))
    if wanted.last_day:
        events = events.filter(at__lt=midnight(wanted.last_day + timedelta(days=1)))
    return events


def newest_first(events: Events) -> Events:
    """By time, and at the same moment by number. They differ only where the clock was set back."""
    return events.order_by("-at", "-sequence").select_related("actor")


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, newest first. `older`, `newer`: the event beyond which there are more, by number, or None."""

    events: list[AuditEvent]
    older: int | None
    newer: int | None


def in_parts(events: Events, wanted: TrailFilter) -> list[Events]:
    """What `matching` finds, as parts of which each is in order in one index.

    A kind is many actions. Asked for all of them at once, SQLite goes through the whole trail for one that
    is rare, and sorts half of it for one that is not. Of one person or region it goes by that.
    """
    found = matching(events, wanted)
    if not wanted.kind or wanted.kind == Kind.OTHER or wanted.person or wanted.region:
        return [found]
    return [found.filter(action=action) for action in actions_of(wanted.kind)]


def page_of(
    parts: Sequence[Events],
    *,
    before: int | None = None,
    after: int | None = None,
    size: int = EVENTS_ON_A_PAGE,
) -> EventPage:
    """The page that follows event `before`, or that leads up to `after`; else the first."""
    if before is not None and (anchor := AuditEvent.objects.filter(pk=before).first()):
        found = _newest(_older_than(part, anchor)[: size + 1] for part in parts)
        shown = found[:size]
        return EventPage(shown, _more(found, shown), shown[0].sequence if shown else None)
    if after is not None and (anchor := AuditEvent.objects.filter(pk=after).first()):
        found = _newest(_newer_than(part, anchor)[: size + 1] for part in parts)
        if len(found) > size:
            shown = found[-size:]  # the nearest to where one comes from
            return EventPage(shown, shown[-1].sequence, shown[0].sequence)
        # Too few for a page of their own: the first page holds them all.
    found = _newest(newest_first(part)[: size + 1] for part in parts)
    shown = found[:size]
    return EventPage(shown, _more(found, shown), None)


def _newest(parts: Iterable[Iterable[AuditEvent]]) -> list[AuditEvent]:
    return sorted(chain.from_iterable(parts), key=lambda event: (event.at, event.sequence), reverse=True)


def _more(found: list[AuditEvent], shown: list[AuditEvent]) -> int | None:
    return shown[-1].sequence if len(found) > len(shown) else None


# The bound by time alone is what an index is entered by; the rest decides at the same moment.
def _older_than(events: Events, event: AuditEvent) -> Events:
    earlier = Q(at__lt=event.at) | Q(at=event.at, sequence__lt=event.sequence)
    return newest_first(events.filter(at__lte=event.at).filter(earlier))


def _newer_than(events: Events, event: AuditEvent) -> Events:
    """The nearest first."""
    later = Q(at__gt=event.at) | Q(at=event.at, sequence__gt=event.sequence)
    return newest_first(events.filter(at__gte=event.at).filter(later)).reverse()


def midnight(day: date) -> datetime:
    """When the day begins in Sweden."""
    return timezone.make_aware(datetime.combine(day, time.min))


def people_in_trail(user: User) -> list[tuple[int, str]]:
    """Whom an administrator may ask for, by id: everybody who can ever have logged in."""
    if not has_permission(user, Permission.READ_TRAIL):
        return []
    people = User.objects.order_by("name", "pk").values_list("pk", "name", "email")
    return [(pk, f"{name} ({email})") for pk, name, email in people]
