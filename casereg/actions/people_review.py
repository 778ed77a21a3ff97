"""Once a year an administrator confirms who may log in: the list as it was shown is signed and kept."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from casereg.access import Permission, has_permission
from casereg.actions.users import users_managed_by
from casereg.keyed_hash import keyed_hash, keyed_hashes
from casereg.models import AuditEvent, Cover, PeopleReview, User

# Counted from the last confirmation: one that is given in December is not asked for again in January.
HOLDS_FOR: Final = timedelta(days=365)
_PURPOSE: Final = "people-review"

Listed = Sequence[Mapping[str, Any]]


class PeopleHaveChanged(Exception):
    """The list is not the one that was shown: somebody has changed it since."""


def people_to_confirm(by: User) -> QuerySet[User]:
    """Everybody who may log in, for an administrator."""
    return users_managed_by(by).filter(is_active=True).order_by("name", "pk")


def reviews_shown_to(user: User) -> QuerySet[PeopleReview]:
    """The confirmations so far, the newest first, for administrators."""
    if not has_permission(user, Permission.MANAGE_USERS):
        return PeopleReview.objects.none()
    return PeopleReview.objects.select_related("by").order_by("-at", "-pk")


def is_review_due(last: PeopleReview | None) -> bool:
    """Whether the list has to be confirmed: never done, or a year ago."""
    return last is None or last.at <= timezone.now() - HOLDS_FOR


def list_people(users: Iterable[User]) -> Listed:
    """The list as it is kept with its signature: with roles, regions and covers, and without names."""
    covers: dict[int, list[dict[str, str]]] = {user.pk: [] for user in users}
    for cover in Cover.objects.going_on().filter(user__in=covers).order_by("first_day", "region", "pk"):
        covers[cover.user_id].append(
            {
                "region": cover.region_id,
                "first_day": cover.first_day.isoformat(),
                "last_day": cover.last_day.isoformat(),
            }
        )
    return [
        {"user": user.pk, "role": user.role, "region": user.region_id, "covers": covers[user.pk]}
        for user in sorted(users, key=lambda user: user.pk)
    ]


def people_mark(users: Sequence[User], listed: Listed) -> str:
    """What the list says, as a mark that its page carries. Log-ins come and go, and are not in it."""
    return keyed_hash(_PURPOSE, _said(users, listed))


def confirm_people(*, mark: str, by: User) -> PeopleReview:
    """Sign the list that carries the mark. Raises `PeopleHaveChanged`."""
    with transaction.atomic():
        if not has_permission(by, Permission.MANAGE_USERS):
            raise PermissionDenied
        # Always in the same order, so nobody waits in a ring; whoever gives a cover holds its user too.
        users = list(people_to_confirm(by).order_by("pk").select_for_update(no_key=True))
        listed = list_people(users)
        if not any(constant_time_compare(mark, one) for one in keyed_hashes(_PURPOSE, _said(users, listed))):
            raise PeopleHaveChanged
        review = PeopleReview.objects.create(by=by, people=listed)
        AuditEvent.objects.append(
            by=by, action="people_confirm", object=f"list {review.pk} of {len(users)} people"
        )
    return review


def news_since(last: PeopleReview | None, listed: Listed) -> tuple[set[int], set[int]]:
    """By number of the user: who is new since the last confirmation, and who is otherwise than then."""
    if last is None:
        return set(), set()
    before = {person["user"]: person for person in last.people}
    new = {person["user"] for person in listed if person["user"] not in before}
    other = {person["user"] for person in listed if person != before.get(person["user"])}
    return new, other - new


def _said(users: Sequence[User], listed: Listed) -> str:
    """With names and addresses, which the kept list does without: whoever reads it knows people by them."""
    named = sorted((user.pk, user.name, user.email) for user in users)
    return json.dumps([named, listed])
