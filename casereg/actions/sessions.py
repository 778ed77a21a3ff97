"""Sessions as people see them: which of a user's are open, and ending them. Times: `casereg.sessions`."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from casereg.access import drafts_of
from casereg.actions.users import users_managed_by
from casereg.browser_names import browser_in_words
from casereg.models import AuditEvent, User
from casereg.row_security import reach_of, within
from casereg.sessions import (
    LAST_ACTIVE_AT,
    LOGGED_IN_AT,
    STORED_EVERY,
    EndedSession,
    end_all,
    end_by_key,
    ended_by,
    idle_limit,
)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """`ip` is for the user's own eyes: blank on the pages of others."""

    number: int
    began_at: datetime
    last_active_at: datetime
    browser: str
    ip: str
    is_this: bool


def sessions_of(user: User) -> list[OpenSession]:
    """The open sessions of a user, for an administrator: the last active first."""
    return _open_sessions(user, this="", with_address=False)


def own_sessions(user: User, *, this: str) -> list[OpenSession]:
    """The user's own; `this` is the key of the one that asks."""
    return _open_sessions(user, this=this, with_address=True)


def _open_sessions(user: User, *, this: str, with_address: bool) -> list[OpenSession]:
    told = {row.session_key: row for row in UserSession.objects.filter(user=user)}
    stored = Session.objects.filter(session_key__in=[*told, this], expire_date__gt=timezone.now())
    opened = []
    for session in stored:
        content = session.get_decoded()
        if not _lives(content, user):
            continue
        row = told.get(session.session_key)
        opened.append(
            OpenSession(
                number=row.pk if row else 0,
                began_at=_moment(content[LOGGED_IN_AT]),
                last_active_at=_moment(content[LAST_ACTIVE_AT]),
                browser=browser_in_words(row.user_agent if row else ""),
                ip=row.ip if row and with_address else "",
                is_this=session.session_key == this,
            )
        )
    return sorted(opened, key=lambda session: (session.is_this, session.last_active_at), reverse=True)


def _lives(content: dict[str, Any], user: User) -> bool:
    """As the next request with it would be judged."""
    is_of_user = content.get(SESSION_KEY) == str(user.pk)
    mark = content.get(HASH_SESSION_KEY, "")
    is_marked = user.is_active and constant_time_compare(mark, user.get_session_auth_hash())
    return is_of_user and is_marked and ended_by(content, now=time.time()) is None


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def has_drafted_in(session: EndedSession) -> bool:
    """Whether something that was typed in the session is kept as a draft, and is still to be sent."""
    user = User.objects.get(pk=session.user_id)
    with within(reach_of(user)):  # nobody is logged in now
        return drafts_of(user).filter(saved_at__gte=_moment(session.began_at)).exists()


def end_own_session(*, number: int, by: User) -> str:
    """Log the user out in one browser. The key of the session that was ended.

    Raises `UserSession.DoesNotExist` where the user has none of this number.
    """
    with transaction.atomic():
        told = UserSession.objects.select_for_update().get(pk=number, user=by)
        end_by_key(told.session_key)
        _record(by, by=by)
    key: str = told.session_key
    return key


def end_other_sessions(*, this: str | None, by: User) -> None:
    """Log the user out everywhere else. The session of the key `this` needs its new mark afterwards."""
    with transaction.atomic():
        end_all(by, but=this)
        _record(by, by=by)


def end_sessions(*, user_id: int, by: User) -> User:
    """Log a person out everywhere: for administrators. Raises `User.DoesNotExist`."""
    with transaction.atomic():
        user = users_managed_by(by).select_for_update(no_key=True).get(pk=user_id)
        end_all(user)
        _record(user, by=by)
    return user


def purge_sessions() -> int:
    """Delete the sessions that have ended, and what is told of those that are gone; how many had ended."""
    # A session's row expires so long after it was last stored, which every activity does.
    life = timedelta(seconds=settings.SESSION_COOKIE_AGE - idle_limit() - STORED_EVERY)
    sessions, _of_each = Session.objects.filter(expire_date__lt=timezone.now() + life).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return sessions


def _record(user: User, *, by: User) -> None:
    AuditEvent.objects.append(
        by=by, action="session_end", object=f"user {user.pk}", region=user.region_id or ""
    )
