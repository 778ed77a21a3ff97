"""Pages that a browser may keep and ask about: as long as nothing has changed, the answer is 304.

They are for one person: nothing between may keep them, and the browser shows none without asking first.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

from casereg.access import Permission, UserRequest, has_permission

_CACHE_CONTROL = "private, no-cache"
_CODE = ("casereg", "stats", "templates", "locale")


def kept_by_browser(
    request: UserRequest, counts_version: str, make_page: Callable[[], HttpResponse]
) -> HttpResponse:
    """The page, or 304 where the browser has it. A page with a message is not kept: it is shown once."""
    if len(get_messages(request)):
        return make_page()
    etag = _etag(request, counts_version)
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged if unchanged is not None else make_page()
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = _CACHE_CONTROL
    return response


def _etag(request: UserRequest, counts_version: str) -> str:
    """Of everything that the page is made from. A new log-in has a new key for its forms, so a new page."""
    user = request.user
    get_token(request)  # makes the key where there is none
    made_from = (
        counts_version,
        request.get_full_path(),
        user.pk,
        user.role,
        user.working_region_id,
        sorted(permission for permission in Permission if has_permission(user, permission)),
        get_language(),
        timezone.localdate().isoformat(),
        request.META["CSRF_COOKIE"],
        _read_code_version() if settings.DEBUG else _code_version(),
    )
    return f'"{hashlib.sha256(repr(made_from).encode()).hexdigest()[:32]}"'


@lru_cache(maxsize=1)
def _code_version() -> str:
    """Of the files that pages are made by: another one after each deployment."""
    return _read_code_version()


def _read_code_version() -> str:
    found = hashlib.sha256()
    for folder in _CODE:
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob("*.*")):
            if path.suffix != ".pyc" and path.is_file():
                status = path.stat()
                found.update(f"{path}:{status.st_size}:{status.st_mtime_ns}\n".encode())
    return found.hexdigest()
