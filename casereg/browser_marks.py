"""The mark that a browser keeps in which a person has logged in, with both factors, within ninety days.

Strangers who fail at the same address, or at the person's account, do not close the log-in to the person
there: what fails in such a browser is counted by itself. The mark is good for nothing else, and dies with the
password.
"""

import secrets
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from casereg.models import User

_SALT: Final = "casereg.browser_marks"
_AGE: Final = 90 * 24 * 60 * 60  # seconds


def known_browser(request: HttpRequest, *, email: str) -> str:
    """Its number, where whoever has the address has logged in there; none otherwise.

    Whatever the address is, it takes the same queries.
    """
    mark = _read(request)
    user = User.objects.filter(pk=mark["user"], is_active=True).first() if mark else None
    if user is None or user.email != email.strip().lower():
        return ""
    return _number(mark, user)


def is_known_to(request: HttpRequest, user: User) -> bool:
    return bool(_number(_read(request), user))


def leave_mark(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """After a log-in. Whoever has logged in there before gets no new tries by it."""
    number = _number(_read(request), user) or secrets.token_urlsafe(16)
    mark = {"user": user.pk, "password": _of_password(user), "browser": number}
    response.set_cookie(
        settings.BROWSER_MARK_COOKIE_NAME,
        signing.dumps(mark, salt=_SALT),
        max_age=_AGE,
        secure=settings.BROWSER_MARK_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    sent = request.COOKIES.get(settings.BROWSER_MARK_COOKIE_NAME, "")
    try:
        mark = signing.loads(sent, salt=_SALT, max_age=_AGE)
    except signing.BadSignature:
        return {}
    is_whole = isinstance(mark, dict) and {"user", "password", "browser"} <= mark.keys()
    return mark if is_whole else {}


def _number(mark: dict[str, Any], user: User) -> str:
    if not mark or mark["user"] != user.pk:
        return ""
    return mark["browser"] if constant_time_compare(mark["password"], _of_password(user)) else ""


def _of_password(user: User) -> str:
    return salted_hmac(_SALT, user.password, algorithm="sha256").hexdigest()[:32]
