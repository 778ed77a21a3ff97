"""Writes to users: add, change, deactivate, reactivate, send a link to choose a password."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casereg.access import Permission, has_permission
from casereg.actions.covers import end_covers_of
from casereg.actions.links import drop_link, kind_for, make_link
from casereg.actions.mails import queue_mail
from casereg.models import AccountLink, AuditEvent, OutgoingMail, Region, Role, User
from casereg.quality import Finding, Refused, text_findings
from casereg.sessions import end_all


class UserRefused(Refused):
    """Of a user."""


class OwnAccount(Exception):
    """Administrators neither deactivate themselves nor lay down their role, so that one is always left."""


class UserIsDeactivated(Exception):
    """Who cannot log in needs no password."""


class RegionIsRetired(Exception):
    """Nobody active registers cases for a retired region."""


class AdministratorExists(Exception):
    """The first administrator is made once. That one adds everybody else on the site."""


def users_managed_by(user: User) -> QuerySet[User]:
    """The users whom the user may change: an administrator all, nobody else any."""
    if not has_permission(user, Permission.MANAGE_USERS):
        return User.objects.none()
    return User.objects.all()


def role_findings(*, role: str, region_code: str) -> list[Finding]:
    """A region exactly for coordinators. A blank code: none."""
    if role == Role.COORDINATOR and not region_code:
        return [Finding("region", region_code, _("Choose the region whose cases the coordinator registers."))]
    if role != Role.COORDINATOR and region_code:
        problem = _("Only a regional coordinator has a region. Choose “No region”, or another role.")
        return [Finding("region", region_code, problem)]
    return []


def add_user(*, email: str, name: str, role: str, region_code: str, by: User) -> User:
    """Somebody who may log in once a password is chosen, by the link of the invitation that is mailed."""
    with transaction.atomic():
        _refuse(text_findings("name", name) + role_findings(role=role, region_code=region_code))
        if _is_retired(region_code):
            _refuse([Finding("region", region_code, _RETIRED)])
        user = User(email=email.lower(), name=name, role=role, region_id=region_code or None)
        user.set_unusable_password()
        _save_addressed(user)
        queue_mail(kind=OutgoingMail.Kind.INVITATION, to=user)
        _record(user, "user_add", by=by)
    return user


def add_first_administrator(*, email: str, name: str) -> str:
    """The administrator of a site that has none, and the address of the invitation: no mail is needed."""
    with transaction.atomic():
        AuditEvent.objects.hold_head()  # two that come at once come one after the other
        if User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists():
            raise AdministratorExists
        _refuse(text_findings("name", name))
        user = User(email=email.lower(), name=name, role=Role.ADMINISTRATOR)
        user.set_unusable_password()
        _save_addressed(user)
        link = make_link(user=user, kind=AccountLink.Kind.INVITATION)
        _record(user, "user_add", by=None)
    return link


def change_user(
    *,
    user_id: int,
    email: str,
    name: str,
    role: str,
    region_code: str,
    by: User,
    this: str | None = None,
) -> list[str]:
    """Store what has changed. It holds from the person's next request.

    Returns the regions whose covers ended with it: another role or region is not what they were given to.

    `this`: the key of the session in which it is done. Of one's own account it goes on, and needs the new
    mark (`stay_logged_in`).
    """
    with transaction.atomic():
        user = _hold(user_id, by=by)
        if user.pk == by.pk and role != user.role:
            raise OwnAccount
        _refuse(text_findings("name", name) + role_findings(role=role, region_code=region_code))
        # A deactivated coordinator may stay where nobody is active any longer.
        if (user.is_active or region_code != user.region_id) and _is_retired(region_code):
            _refuse([Finding("region", region_code, _RETIRED)])
        wanted = {"email": email.lower(), "name": name, "role": role, "region_id": region_code or None}
        changed = [field for field, value in wanted.items() if getattr(user, field) != value]
        if not changed:
            return []
        if {"email", "role", "region_id"} & set(changed):
            # Else those of before would live again with the role of before, or whoever has the address.
            end_all(user, but=this)
        if "email" in changed:
            drop_link(user)  # it lies in the mail of the address of before
            _tell_address_of_before(user)
        # Before the head: whoever ends a cover takes them in this order.
        covers = end_covers_of(user, by=by) if {"role", "region_id"} & set(changed) else []
        AuditEvent.objects.hold_head()  # an address is a key of its row
        region_before = user.region_id
        for field in changed:
            setattr(user, field, wanted[field])
        _save_addressed(user, fields=changed)
        fields = [field.removesuffix("_id") for field in changed]
        # Whoever leaves a region is told of there too.
        for region in sorted({region_before or "", user.region_id or ""} - {""}) or [""]:
            _record(user, "user_change", by=by, fields=fields, region=region)
    return [cover.region_id for cover in covers]


def deactivate_user(*, user_id: int, by: User) -> list[str]:
    """Log the person out everywhere and for good. What the person has done stays in every history.

    Returns the regions whose covers ended with it: reactivated, the person has none.
    """
    with transaction.atomic():
        user = _hold(user_id, by=by)
        if user.pk == by.pk:
            raise OwnAccount
        if not user.is_active:
            return []
        user.is_active = False
        user.save(update_fields=["is_active"])
        end_all(user)
        drop_link(user)
        covers = end_covers_of(user, by=by)
        _record(user, "user_deactivate", by=by)
    return [cover.region_id for cover in covers]


def reactivate_user(*, user_id: int, by: User) -> User:
    with transaction.atomic():
        user = _hold(user_id, by=by)
        if user.is_active:
            return user
        if _is_retired(user.region_id or ""):
            raise RegionIsRetired
        user.is_active = True
        user.save(update_fields=["is_active"])
        _record(user, "user_reactivate", by=by)
    return user


def send_link(*, user_id: int, by: User) -> None:
    """Mail the person a link to choose a password: an invitation, where there is none yet."""
    with transaction.atomic():
        user = _hold(user_id, by=by)
        if not user.is_active:
            raise UserIsDeactivated
        queue_mail(kind=kind_for(user), to=user)
        _record(user, "user_send_link", by=by)


_RETIRED = _("The region is retired. Choose one that is active.")


def _hold(user_id: int, *, by: User) -> User:
    """The user as he or she stands, until the transaction ends, and with them every administrator.

    Two administrators who would deactivate each other come one after the other, and the second is
    none any longer. Always in the same order, so nobody waits in a ring.
    """
    administrators = Q(role=Role.ADMINISTRATOR, is_active=True)
    wanted = users_managed_by(by).filter(administrators | Q(pk=user_id)).order_by("pk")
    held = {user.pk: user for user in wanted.select_for_update(no_key=True)}
    if by.pk not in held or not has_permission(held[by.pk], Permission.MANAGE_USERS):
        raise PermissionDenied
    if user_id not in held:
        raise User.DoesNotExist
    return held[user_id]


def _is_retired(region_code: str) -> bool:
    """Whether the region takes no coordinators; held, so that it is not retired meanwhile."""
    if not region_code:
        return False
    return Region.objects.select_for_update(no_key=True).get(pk=region_code).is_retired


def _save_addressed(user: User, *, fields: Sequence[str] | None = None) -> None:
    try:
        with transaction.atomic():
            user.save(update_fields=fields)
    except IntegrityError:
        if not User.objects.filter(email=user.email).exclude(pk=user.pk).exists():
            raise
        problem = _("Another user has this address. Look in the list: the user may be deactivated.")
        raise UserRefused([Finding("email", "", problem)]) from None


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise UserRefused(findings)


def _tell_address_of_before(user: User) -> None:
    """Who has never come is nobody whom the address of before would reach: it was a wrong one."""
    if user.last_login is not None or user.has_usable_password():
        queue_mail(kind=OutgoingMail.Kind.ADDRESS_CHANGED, to=user, address=user.email)


def _record(
    user: User, action: str, *, by: User | None, fields: Sequence[str] = (), region: str = ""
) -> None:
    """In the trail of the person's region, unless another is named."""
    AuditEvent.objects.append(
        by=by, action=action, object=f"user {user.pk}", region=region or user.region_id or "", fields=fields
    )
