"""People as administrators see them: rights in words, cover, second factor, invitation, what stands out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from allauth.mfa.models import Authenticator
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casereg.access import ROLES, Permission
from casereg.codebook import CodeBook
from casereg.models import AccountLink, Cover, OutgoingMail, Role, User
from casereg.second_factor import FACTORS

# Whoever has not logged in for so long may not need to any more.
LONG_AGO: Final = timedelta(days=182)

_RIGHTS: Final[dict[Permission, str | Promise]] = {
    Permission.READ_CASES: _(
        "Reads the cases of all regions, and downloads them; each reading is in the trail."
    ),
    Permission.WRITE_CASES: _(
        "Registers, amends, withdraws and restores cases of that region, uploads case files, offers cases to "
        "other regions and answers their offers."
    ),
    Permission.READ_STATISTICS: _("Reads the yearbook of the whole country, and takes its files along."),
    Permission.JUDGE_PAIRS: _("Judges which cases of two regions are one person."),
    Permission.MANAGE_REGIONS: _("Manages the regions."),
    Permission.MANAGE_USERS: _(
        "Manages the users: invites, gives cover, resets second factors, deactivates. Sees no case."
    ),
    Permission.MANAGE_LISTS: _(
        "Manages the code lists, and sees how often the whole country uses each value."
    ),
    Permission.READ_TRAIL: _("Reads the audit trail."),
}
# What reaches one region only.
_IN_REGION: Final[dict[Permission, str | Promise]] = {
    Permission.READ_CASES: _(
        "Reads the cases of the own region, and of one that is covered; downloads them."
    ),
    Permission.READ_STATISTICS: _("Reads the yearbook of that region, and takes its files along."),
}


@dataclass(frozen=True, slots=True)
class CoverShown:
    id: int
    region_code: str
    region: str  # as it is called
    first_day: date
    last_day: date
    ended_at: datetime | None
    is_in_force: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class Person:
    """A user, with what stands in other tables. `covers`: those in force and to come."""

    user: User
    region: str  # as it is called; blank where there is none
    covers: tuple[CoverShown, ...]
    has_second_factor: bool
    invitation_ends: datetime | None
    mail_waits: bool  # one with a link: it is not sent yet, and the link is made with it

    @property
    def address(self) -> tuple[str, str]:
        """The e-mail address in two, so that a narrow column breaks it where it can be read."""
        before, at, behind = self.user.email.partition("@")
        return before + at, behind

    @property
    def is_invited(self) -> bool:
        """And has not come yet."""
        return self.user.last_login is None and not self.user.has_usable_password()

    @property
    def invitation_holds(self) -> bool:
        return self.invitation_ends is not None and self.invitation_ends > timezone.now()

    @property
    def has_never_logged_in(self) -> bool:
        return self.user.last_login is None

    @property
    def was_here_long_ago(self) -> bool:
        return self.user.last_login is not None and self.user.last_login < timezone.now() - LONG_AGO


def people(users: Iterable[User], codebook: CodeBook) -> list[Person]:
    """In the order of the users, with four queries however many they are."""
    users = list(users)
    ids = [user.pk for user in users]
    covers: dict[int, list[CoverShown]] = defaultdict(list)
    for cover in Cover.objects.going_on().filter(user__in=ids):
        covers[cover.user_id].append(_shown(cover, codebook))
    with_factor = set(
        Authenticator.objects.filter(user__in=ids, type__in=FACTORS).values_list("user_id", flat=True)
    )
    invitations = dict(
        AccountLink.objects.filter(user__in=ids, kind=AccountLink.Kind.INVITATION).values_list(
            "user_id", "expires_at"
        )
    )
    written_to = set(
        OutgoingMail.objects.filter(to__in=ids, kind__in=AccountLink.Kind.values).values_list(
            "to_id", flat=True
        )
    )
    return [
        Person(
            user=user,
            region=codebook.label("region", user.region_id) if user.region_id else "",
            covers=tuple(covers[user.pk]),
            has_second_factor=user.pk in with_factor,
            invitation_ends=invitations.get(user.pk),
            mail_waits=user.pk in written_to,
        )
        for user in users
    ]


def every_cover_of(user: User, codebook: CodeBook) -> list[CoverShown]:
    """Past, present and to come; the latest first."""
    covers = Cover.objects.filter(user=user).order_by("-first_day", "-pk")
    return [_shown(cover, codebook) for cover in covers]


def rights_of(role: str) -> Sequence[str | Promise]:
    """What the role may do, in words, from the table of roles itself. Everybody's start page is no right."""
    words = _RIGHTS | _IN_REGION if role == Role.COORDINATOR else _RIGHTS
    return [words[permission] for permission in words if permission in ROLES[role]]


def _shown(cover: Cover, codebook: CodeBook) -> CoverShown:
    return CoverShown(
        id=cover.pk,
        region_code=cover.region_id,
        region=codebook.label("region", cover.region_id),
        first_day=cover.first_day,
        last_day=cover.last_day,
        ended_at=cover.ended_at,
        is_in_force=cover.is_in_force,
        is_over=cover.is_over,
    )
