"""Writes to second factors: add, remove, new recovery codes, and an administrator's reset.

Each ends the person's sessions but the one of the key `this`, which needs its new mark afterwards
(`sessions.stay_logged_in`). Whether the person proved who it is has been asked before (`proving`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from casereg.access import Permission, has_permission
from casereg.actions.mails import queue_mail
from casereg.actions.users import OwnAccount, users_managed_by
from casereg.models import AuditEvent, Outcome, OutgoingMail, User
from casereg.second_factor import FACTORS
from casereg.sessions import end_all
from casereg.throttling import forget_wrong_factors

CODES, APP, PASSKEY = (
    Authenticator.Type.RECOVERY_CODES,
    Authenticator.Type.TOTP,
    Authenticator.Type.WEBAUTHN,
)
_IN_TRAIL = {CODES: "recovery_codes", APP: "app", PASSKEY: "passkey"}


class LastFactor(Exception):
    """Where a second factor is required, one is left."""


class AppExists(Exception):
    """One app a person: the old one is removed first."""


class NoFactor(Exception):
    """Recovery codes stand in for a factor. Without one there is nothing to stand in for."""


@dataclass(frozen=True, slots=True)
class Factor:
    id: int
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person logs in with besides the password. `codes_left` is None where there are no codes."""

    passkeys: tuple[Factor, ...]
    app: Factor | None
    codes_left: int | None

    @property
    def is_last(self) -> bool:
        return len(self.passkeys) + (self.app is not None) == 1

    @property
    def may_be_removed(self) -> bool:
        return not (settings.SECOND_FACTOR_REQUIRED and self.is_last)


def factors_of(user: User) -> Factors:
    stored = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    codes = next((row for row in stored if row.type == CODES), None)
    return Factors(
        passkeys=tuple(_shown(row, row.data["name"]) for row in stored if row.type == PASSKEY),
        app=next((_shown(row, "") for row in stored if row.type == APP), None),
        codes_left=None if codes is None else settings.MFA_RECOVERY_CODE_COUNT - _used(codes),
    )


def passkey_of(user: User, factor_id: int) -> Factor:
    """Raises `Authenticator.DoesNotExist` where it is none of the person's."""
    row = Authenticator.objects.get(pk=factor_id, user=user, type=PASSKEY)
    return _shown(row, row.data["name"])


def has_unkept_codes(user: User) -> bool:
    row = Authenticator.objects.filter(user=user, type=CODES).first()
    return row is not None and not RecoveryCodes(row).did_view


def unkept_codes(user: User) -> list[str]:
    """The recovery codes that are shown, until the person says that they are kept; then never again.

    Raises `SealIsForeign` where they were made under a secret that the site has no longer.
    """
    row = Authenticator.objects.filter(user=user, type=CODES).first()
    if row is None or RecoveryCodes(row).did_view:
        return []
    codes: list[str] = RecoveryCodes(row).get_unused_codes()
    return codes


def add_app(*, user: User, secret: str, this: str | None) -> bool:
    """An authenticator app, whose first code was right. True: there are recovery codes now, to be kept."""
    with transaction.atomic():
        held = _hold(user.pk)
        if Authenticator.objects.filter(user=held, type=APP).exists():
            raise AppExists
        TOTP.activate(held, secret)
        return _added(held, APP, this=this)


def add_passkey(*, user: User, name: str, credential: dict[str, Any], this: str | None) -> bool:
    """A passkey, as the browser made it. True: there are recovery codes now, to be kept."""
    with transaction.atomic():
        held = _hold(user.pk)
        WebAuthn.add(held, name, credential)
        return _added(held, PASSKEY, this=this)


def remove_factor(*, user: User, factor_id: int, this: str | None) -> None:
    """Raises `Authenticator.DoesNotExist` where it is none of the person's. The last takes the codes."""
    with transaction.atomic():
        held = _hold(user.pk)
        row = Authenticator.objects.filter(type__in=FACTORS).get(pk=factor_id, user=held)
        others = Authenticator.objects.filter(user=held, type__in=FACTORS).exclude(pk=row.pk)
        if not others.exists():
            if settings.SECOND_FACTOR_REQUIRED:
                raise LastFactor
            Authenticator.objects.filter(user=held, type=CODES).delete()
        kind = row.type
        row.delete()
        end_all(held, but=this)
        _tell(held, "factor_remove", by=held, fields=[_IN_TRAIL[kind]])


def make_recovery_codes(*, user: User, this: str | None) -> None:
    """New ones, to be kept. The old ones no longer work."""
    with transaction.atomic():
        held = _hold(user.pk)
        if not Authenticator.objects.filter(user=held, type__in=FACTORS).exists():
            raise NoFactor
        Authenticator.objects.filter(user=held, type=CODES).delete()
        RecoveryCodes.activate(held)
        end_all(held, but=this)
        _tell(held, "recovery_codes_make", by=held)


def keep_recovery_codes(*, user: User) -> None:
    """The person says that they are kept: they are not shown again."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update(no_key=True).get(user=user, type=CODES)
        if RecoveryCodes(row).did_view:
            return
        RecoveryCodes(row).mark_as_viewed()
        AuditEvent.objects.append(by=user, action="recovery_codes_keep", object=f"user {user.pk}")


def reset_factors(*, user_id: int, by: User | None) -> None:
    """Take every second factor and recovery code from somebody who has lost them.

    For administrators, and with `by=None` for whoever has the server. The person's sessions end, wrong codes
    of before count no longer, a mail tells of it, and where a second factor is required the next log-in asks
    for the password alone and then for a new factor: nothing else opens before. Whoever resets should know
    whom they talk to. Raises `OwnAccount` for the administrator's own, which are changed on the own account's
    page; `User.DoesNotExist` where there is none.
    """
    with transaction.atomic():
        user = _hold_managed(user_id, by=by) if by else _hold(user_id)
        Authenticator.objects.filter(user=user).delete()
        end_all(user)
        forget_wrong_factors(user.pk)
        _tell(user, "factors_reset", by=by, mail=OutgoingMail.Kind.FACTORS_RESET)


def record_wrong_factor(user: User, *, is_logged_in: bool) -> None:
    """Whoever it was had the person's password, or a session of the person's."""
    AuditEvent.objects.append(
        by=user,
        action="identity_prove" if is_logged_in else "log_in",
        object=f"user {user.pk}, second factor",
        outcome=Outcome.DENIED,
    )


def _hold(user_id: int) -> User:
    """The person as he or she stands, until the transaction ends: factors change one after the other."""
    return User.objects.select_for_update(no_key=True).get(pk=user_id, is_active=True)


def _hold_managed(user_id: int, *, by: User) -> User:
    """The same, and with the person the administrator who changes them."""
    administrators = users_managed_by(by).filter(pk__in={user_id, by.pk}).order_by("pk")
    held = {user.pk: user for user in administrators.select_for_update(no_key=True)}
    if by.pk not in held or not has_permission(held[by.pk], Permission.MANAGE_USERS):
        raise PermissionDenied
    if user_id not in held:
        raise User.DoesNotExist
    if user_id == by.pk:
        raise OwnAccount
    return held[user_id]


def _added(held: User, kind: str, *, this: str | None) -> bool:
    has_codes = Authenticator.objects.filter(user=held, type=CODES).exists()
    if not has_codes:
        RecoveryCodes.activate(held)
    end_all(held, but=this)
    _tell(held, "factor_add", by=held, fields=[_IN_TRAIL[kind]])
    return not has_codes


def _tell(
    held: User,
    action: str,
    *,
    by: User | None,
    fields: list[str] | None = None,
    mail: str = OutgoingMail.Kind.FACTORS_CHANGED,
) -> None:
    queue_mail(kind=mail, to=held)
    AuditEvent.objects.append(
        by=by, action=action, object=f"user {held.pk}", region=held.region_id or "", fields=fields or ()
    )


def _shown(row: Authenticator, name: str) -> Factor:
    return Factor(row.pk, name, row.created_at, row.last_used_at)


def _used(codes: Authenticator) -> int:
    mask: int = codes.data["used_mask"]
    return mask.bit_count()
