"""Writes to passwords: ask for a link, set one behind it, change the own one."""

from django.db import transaction

from casereg.actions.links import drop_link
from casereg.actions.mails import queue_mail
from casereg.models import AccountLink, AuditEvent, Outcome, OutgoingMail, User
from casereg.sessions import end_all
from casereg.throttling import forget_wrong_factors_once_a_day


class LinkIsSpent(Exception):
    """The link was used, replaced or left too long, or its user is deactivated."""


def ask_for_link(*, email: str) -> None:
    """Mail a link to whoever has this address. Nobody having it takes the same steps and as long."""
    with transaction.atomic():
        user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
        # Also to who was invited and never came: only an administrator invites, and for a day.
        queue_mail(kind=OutgoingMail.Kind.RESET, to=user)
        # The address is not kept where it is nobody's: people type passwords into the wrong field.
        who = f"user {user.pk}" if user else "an address that nobody has"
        AuditEvent.objects.append(
            by=None, action="link_ask", object=who, region=user.region_id or "" if user else ""
        )


def set_password_by_link(*, key_hash: str, password: str) -> User:
    """Set the password of whoever was sent the link, if it still holds, and log that person out everywhere.

    Nobody is logged in by it: the mail alone is no second factor.
    """
    with transaction.atomic():
        link = AccountLink.objects.filter(key_hash=key_hash).first()
        if link is None:
            raise LinkIsSpent
        # Whoever makes or drops a link holds its user: so the link stays as it is now.
        user = User.objects.select_for_update(no_key=True).get(pk=link.user_id)
        used_up, _rows = AccountLink.objects.holding().filter(user=user, key_hash=key_hash).delete()
        if not used_up:
            raise LinkIsSpent
        user.set_password(password)
        user.save(update_fields=["password"])
        end_all(user)
        drop_link(user)  # one that waits for its mail, too
        # They were counted after the password of before.
        forget_wrong_factors_once_a_day(user.pk)
        queue_mail(kind=OutgoingMail.Kind.PASSWORD_CHANGED, to=user)
        _record(user, "password_set")
    return user


def change_own_password(*, user: User, password: str) -> None:
    """The form has asked for the present one. Sessions elsewhere end, since they carry its mark."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        user.set_password(password)
        user.save(update_fields=["password"])
        drop_link(user)
        queue_mail(kind=OutgoingMail.Kind.PASSWORD_CHANGED, to=user)
        _record(user, "password_change")


def record_wrong_password(user: User, *, action: str) -> None:
    """Of somebody who is logged in: where a new one is chosen, and where one proves again who one is."""
    AuditEvent.objects.append(
        by=user,
        action=action,
        object=f"user {user.pk}",
        region=user.region_id or "",
        outcome=Outcome.DENIED,
    )


def _record(user: User, action: str) -> None:
    AuditEvent.objects.append(by=user, action=action, object=f"user {user.pk}", region=user.region_id or "")
