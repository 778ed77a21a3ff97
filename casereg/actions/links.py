"""The link by which a person chooses a password: made, found and dropped. What it does: actions.passwords."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from casereg.models import AccountLink, OutgoingMail, User

LINK_KINDS: Final = frozenset(AccountLink.Kind.values)
HOLDS_FOR: Final = {
    AccountLink.Kind.INVITATION: timedelta(hours=24),
    AccountLink.Kind.RESET: timedelta(hours=1),
}


def make_link(*, user: User, kind: str) -> str:
    """The whole address of a new link, which takes the place of the person's earlier one.

    It goes into one mail, or on the screen of whoever starts the site, and nowhere else: who knows it, may.
    """
    key = secrets.token_urlsafe(32)
    now = timezone.now()
    AccountLink.objects.update_or_create(
        user=user,
        defaults={
            "kind": kind,
            "key_hash": hash_of(key),
            "made_at": now,
            "expires_at": now + HOLDS_FOR[AccountLink.Kind(kind)],
        },
    )
    # Not from a request, which says what its sender likes.
    return settings.SITE_ADDRESS.rstrip("/") + reverse("account_link", args=[key])


def kind_for(user: User) -> str:
    """An invitation for whoever has no password yet, and holds so long; else a link for a new password."""
    return AccountLink.Kind.RESET if user.has_usable_password() else AccountLink.Kind.INVITATION


def find_link(key_hash: str) -> AccountLink | None:
    """The link of a key of this hash, if it still holds."""
    return AccountLink.objects.holding().filter(key_hash=key_hash).select_related("user__region").first()


def drop_link(user: User) -> None:
    """Whatever link the person was sent is dead, and none that waits for its mail is made: for what makes it
    needless, or its mail somebody else's."""
    with transaction.atomic():
        # First the person, then what is theirs, as whoever sends the mail.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        AccountLink.objects.filter(user=user).delete()
        OutgoingMail.objects.filter(to=user, kind__in=LINK_KINDS).delete()


def hash_of(key: str) -> str:
    # Plain: a key of 32 random bytes is not guessed by trying.
    return hashlib.sha256(key.encode()).hexdigest()
