"""Writes to covers: a coordinator is given a second region for a stated time, and it is ended early."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casereg.access import Permission, has_permission
from casereg.models import AuditEvent, Cover, Region, Role, User
from casereg.quality import Finding, Refused


class CoverRefused(Refused):
    """Of a cover."""


class CoverIsOver(Exception):
    """It was ended before, or its last day is past."""


def covers_managed_by(user: User) -> QuerySet[Cover]:
    """The covers that the user may end: an administrator all, nobody else any."""
    if not has_permission(user, Permission.MANAGE_USERS):
        return Cover.objects.none()
    return Cover.objects.all()


def give_cover(*, user_id: int, region_code: str, first_day: date, last_day: date, by: User) -> Cover:
    """Let a coordinator work in another region from the first day to the last, both included.

    Raises `CoverRefused`, `User.DoesNotExist`.
    """
    with transaction.atomic():
        if not has_permission(by, Permission.MANAGE_USERS):
            raise PermissionDenied
        # Held: of two covers given at once, the second sees the first.
        user = User.objects.select_for_update(no_key=True).get(pk=user_id)
        region = Region.objects.select_for_update(no_key=True).get(pk=region_code)
        findings = _findings_on_person(user, region) + _findings_on_days(first_day, last_day)
        findings = findings or _findings_on_others(user, region, first_day, last_day)
        if findings:
            raise CoverRefused(findings)
        cover = Cover.objects.create(
            user=user,
            region=region,
            first_day=first_day,
            last_day=last_day,
            given_at=timezone.now(),
            given_by=by,
        )
        _record(cover, "cover_give", by=by, fields=["first_day", "last_day", "region"])
    return cover


def end_cover(*, cover_id: int, by: User) -> Cover:
    """End it before its time: from the person's next request. Raises `CoverIsOver`."""
    with transaction.atomic():
        cover = covers_managed_by(by).select_for_update(no_key=True).get(pk=cover_id)
        if cover.is_over:
            raise CoverIsOver
        cover.ended_at, cover.ended_by = timezone.now(), by
        cover.save(update_fields=["ended_at", "ended_by"])
        _record(cover, "cover_end", by=by)
    return cover


def end_covers_of(user: User, *, by: User) -> list[Cover]:
    """End those in force and to come, with an event each, in the transaction of what makes them needless.

    The person is held, so none is given meanwhile. Call it before the head of the trail is held.
    """
    own = Cover.objects.going_on().filter(user=user).order_by("pk")
    covers = list(own.select_for_update(no_key=True))
    now = timezone.now()
    for cover in covers:
        cover.ended_at, cover.ended_by = now, by
        cover.save(update_fields=["ended_at", "ended_by"])
    for cover in covers:
        _record(cover, "cover_end", by=by)
    return covers


def may_cover(user: User) -> bool:
    """Whether the person is somebody who registers cases."""
    return user.role == Role.COORDINATOR and user.is_active


def _findings_on_person(user: User, region: Region) -> list[Finding]:
    if not may_cover(user):
        return [Finding("", "", _("Only an active coordinator covers for another one."))]
    if region.pk == user.region_id:
        return [Finding("region", region.pk, _("It is the coordinator’s own region. Choose another one."))]
    if region.is_retired:
        return [Finding("region", region.pk, _("The region is retired. Choose one that is active."))]
    return []


def _findings_on_days(first_day: date, last_day: date) -> list[Finding]:
    today = timezone.localdate()
    if last_day < today:
        return [Finding("last_day", str(last_day), _("The day is past. Enter today or a later day."))]
    if last_day < first_day:
        return [
            Finding("last_day", str(last_day), _("The last day is before the first. Change one of them."))
        ]
    if first_day < today:
        problem = _("The day is past, and nobody covers for days that are past. Enter today or a later day.")
        return [Finding("first_day", str(first_day), problem)]
    if first_day > _a_year_after(today):
        problem = _("That is more than a year from now. Enter an earlier day.")
        return [Finding("first_day", str(first_day), problem)]
    if last_day >= _a_year_after(first_day):
        problem = _("That is longer than a year. Enter an earlier day; the cover can be given again then.")
        return [Finding("last_day", str(last_day), problem)]
    return []


def _findings_on_others(user: User, region: Region, first_day: date, last_day: date) -> list[Finding]:
    others = Cover.objects.filter(
        user=user, region=region, ended_at=None, first_day__lte=last_day, last_day__gte=first_day
    )
    other = others.first()
    if other is None:
        return []
    problem = _("The coordinator covers the region from {first} to {last} already. End that cover first.")
    return [Finding("region", region.pk, str(problem).format(first=other.first_day, last=other.last_day))]


def _a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # the 29th of February
        return date(day.year + 1, 3, 1)


def _record(cover: Cover, action: str, *, by: User, fields: Sequence[str] = ()) -> None:
    AuditEvent.objects.append(
        by=by,
        action=action,
        object=f"cover {cover.pk} of user {cover.user_id}",
        region=cover.region_id,
        fields=fields,
    )
