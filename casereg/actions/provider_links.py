"""Whom the agency's log-in stands for: the link between a person and the provider's name of that person.

Imported only where OIDC_ISSUER is set: without it the table of links is none of the site's.
"""

from typing import Final

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from casereg.models import AuditEvent, User

# In the link: the person's address when it was made.
_ADDRESS: Final = "address"


class NobodyHere(Exception):
    """No active user has this identity, nor can be given it."""


def linked_person(*, issuer: str, subject: str, email: str) -> User:
    """The person of this `sub`; at the first time whoever has this address, which the provider has verified.

    Later the address does not matter: one that changes at the provider moves nobody. Where an administrator
    has changed the person's address here the link is void, and the next log-in makes it anew: so the account
    of whoever left is not opened by its former owner when somebody else is given it.
    """
    with transaction.atomic():
        link = SocialAccount.objects.filter(provider=issuer, uid=subject).select_related("user").first()
        if link and link.extra_data.get(_ADDRESS) == link.user.email:
            if not link.user.is_active:
                raise NobodyHere
            return link.user
        # Held, so that two identities that come at once are not both linked.
        user = (
            User.objects.select_for_update(no_key=True)
            .filter(email=email.strip().lower(), is_active=True)
            .first()
        )
        if user is None:
            raise NobodyHere
        others = SocialAccount.objects.filter(provider=issuer, user=user).exclude(uid=subject)
        if any(other.extra_data.get(_ADDRESS) == user.email for other in others):
            raise NobodyHere
        others.delete()
        SocialAccount.objects.update_or_create(
            provider=issuer, uid=subject, defaults={"user": user, "extra_data": {_ADDRESS: user.email}}
        )
        _record(user, "provider_link", by=user)
    return user


def what_is_kept(user: User) -> dict[str, str]:
    """All that the link holds besides the two names. Nothing of what the provider told of the person."""
    return {_ADDRESS: user.email}


def unlink_person(*, email: str) -> bool:
    """Forget which identity is the person's, for one who got another there. Whether there was one."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(email=email.strip().lower())
        deleted, _rows = SocialAccount.objects.filter(user=user).delete()
        if deleted:
            _record(user, "provider_unlink", by=None)
    return bool(deleted)


def _record(user: User, action: str, *, by: User | None) -> None:
    AuditEvent.objects.append(by=by, action=action, object=f"user {user.pk}", region=user.region_id or "")
