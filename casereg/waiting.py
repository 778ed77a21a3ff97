"""What waits for somebody: the start page's list. Counts only, and only of what the person may see."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import ngettext

from casereg.access import Permission, has_permission, offers_by, offers_to
from casereg.models import User


@dataclass(frozen=True, slots=True)
class Waiting:
    text: str
    link: str


def waiting_for(user: User) -> list[Waiting]:
    return [*_offers(user), *_people(user)]


def _offers(user: User) -> Iterator[Waiting]:
    if not has_permission(user, Permission.WRITE_CASES):
        return
    incoming, outgoing = offers_to(user).open().count(), offers_by(user).open().count()
    if incoming:
        text = ngettext(
            "{count} case is offered to your region. Take it over or decline.",
            "{count} cases are offered to your region. Take them over or decline.",
            incoming,
        )
        yield Waiting(text.format(count=incoming), reverse("offer_list"))
    if outgoing:
        text = ngettext(
            "{count} case that your region has offered waits for an answer.",
            "{count} cases that your region has offered wait for an answer.",
            outgoing,
        )
        yield Waiting(text.format(count=outgoing), reverse("offer_list"))


def _people(user: User) -> Iterator[Waiting]:
    if not has_permission(user, Permission.MANAGE_USERS):
        return
    never = User.objects.filter(is_active=True, last_login__isnull=True).count()
    if never:
        text = ngettext("{count} user has never logged in.", "{count} users have never logged in.", never)
        yield Waiting(text.format(count=never), reverse("user_list"))
