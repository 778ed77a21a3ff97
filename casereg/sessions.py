"""When a session ends: after minutes without activity, and after hours in all. Judged at each request.

The times stand in the session itself: one that has none is at its end.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY, update_session_auth_hash
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.models import Session
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from casereg.models import User

LOGGED_IN_AT: Final = "logged_in_at"  # seconds since 1970
LAST_ACTIVE_AT: Final = "last_active_at"
AGE_WARNING_READ: Final = "age_warning_read"  # then it comes again in the last minute only
# The time of the last activity is not stored with each request: SQLite has one writer. So a session may
# live these seconds longer than promised, and never shorter.
STORED_EVERY: Final = 10  # seconds
# How long before its end a session is warned of.
IDLE_WARNING: Final = 2  # minutes
AGE_WARNING: Final = 10  # minutes: it cannot be prolonged, so something has to be brought to its end


class EndedBy(StrEnum):
    IDLENESS = "idleness"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class EndedSession:
    """What is known of a session that has just been ended by its time."""

    by: EndedBy
    user_id: int
    began_at: float


@dataclass(frozen=True, slots=True)
class SessionTimes:
    """What a page tells its script, in seconds from now; and what it says to people, in minutes and hours."""

    mark: str  # the same on each page of one log-in, and tells nothing of it
    idle_warning_after: int
    idle_ends_after: int  # as promised
    idle_over_after: int  # as the server holds it, at the latest
    age_warning_after: int
    age_over_after: int
    idle_minutes: int
    hours: int
    idle_warnings: tuple[int, ...]  # minutes that are left, one text each
    age_warnings: tuple[int, ...]


# --- The times -----------------------------------------------------------------------------------


def idle_limit() -> int:
    return settings.SESSION_IDLE_MINUTES * 60


def age_limit() -> int:
    return settings.SESSION_HOURS * 60 * 60


def ended_by(session: Mapping[str, Any], *, now: float) -> EndedBy | None:
    """What has ended the session; None while it lives."""
    if now - session.get(LOGGED_IN_AT, 0) >= age_limit():
        return EndedBy.AGE
    if now - session.get(LAST_ACTIVE_AT, 0) >= idle_limit() + STORED_EVERY:
        return EndedBy.IDLENESS
    return None


def times_of(session: Mapping[str, Any], *, now: float) -> SessionTimes:
    """Counted from a request that is answered now, which was activity."""
    left = max(0, int(session.get(LOGGED_IN_AT, 0) + age_limit() - now))
    warned_before = 1 if session.get(AGE_WARNING_READ) else AGE_WARNING
    of_log_in = f"{session.get(SESSION_KEY)} {session.get(LOGGED_IN_AT)}"
    return SessionTimes(
        mark=salted_hmac("casereg.sessions", of_log_in, algorithm="sha256").hexdigest()[:16],
        idle_warning_after=idle_limit() - IDLE_WARNING * 60,
        idle_ends_after=idle_limit(),
        idle_over_after=idle_limit() + STORED_EVERY,
        age_warning_after=max(0, left - warned_before * 60),
        age_over_after=left,
        idle_minutes=settings.SESSION_IDLE_MINUTES,
        hours=settings.SESSION_HOURS,
        idle_warnings=tuple(range(IDLE_WARNING, 0, -1)),
        age_warnings=tuple(range(AGE_WARNING, 0, -1)),
    )


# --- What happens to a session -------------------------------------------------------------------


def begin_times(*, request: HttpRequest, **_signal: Any) -> None:
    """Heard at every log-in, whichever way it came: a way that forgot the times would make no session."""
    request.session[LOGGED_IN_AT] = request.session[LAST_ACTIVE_AT] = time.time()


def end(session: SessionBase) -> None:
    """Delete it from the database, and what is told of it."""
    key = session.session_key
    session.flush()
    UserSession.objects.filter(session_key=key).delete()


def end_by_key(*keys: str) -> None:
    """The same for sessions of other browsers: their cookies open nothing any more."""
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()


def end_all(user: User, *, but: str | None = None) -> None:
    """Every session of the person is dead at its next request, and none lives again with a later change.

    `but`: the key of one that is to go on; it needs the new mark (`stay_logged_in`).
    """
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    # The mark is what ends them. Deleted they are besides, as far as they are told of.
    told_of = UserSession.objects.filter(user=user).exclude(session_key=but or "")
    end_by_key(*told_of.values_list("session_key", flat=True))


def stay_logged_in(request: HttpRequest, user: User) -> None:
    """After something that ends all of the user's sessions: this one goes on, under a new key."""
    before = request.session.session_key
    update_session_auth_hash(request, user)
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


# --- At each request -----------------------------------------------------------------------------


def ended_session(request: HttpRequest) -> EndedSession | None:
    """The session that came with the request and was at its end."""
    return getattr(request, "ended_session", None)


class SessionLimits:
    """Ends what has reached its time, and keeps the time of what has not.

    Stands before what asks who is logged in: an ended session is nobody's, so a form that is sent with it
    is kept as a draft like any that comes without a log-in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session:
            self._judge(request)
        return self.get_response(request)

    def _judge(self, request: HttpRequest) -> None:
        session, now = request.session, time.time()
        by = ended_by(session, now=now)
        if by:
            began_at = session.get(LOGGED_IN_AT, 0)
            request.ended_session = EndedSession(by, int(session[SESSION_KEY]), began_at)  # type: ignore[attr-defined]
            end(session)
        elif now - session[LAST_ACTIVE_AT] >= STORED_EVERY:
            session[LAST_ACTIVE_AT] = now
            try:
                # At once: at the end of a long request it would undo what others have stored meanwhile.
                session.save()
            except UpdateError:
                end(session)  # somebody ended it between reading and writing
            else:
                session.modified = False
