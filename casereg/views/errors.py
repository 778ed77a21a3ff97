"""The pages of errors: in the site's look and the reader's language, and nothing of the inside."""

import sys
from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from casereg.access import covers_of
from casereg.request_ids import current_request_id
from casereg.views import drafts

RETRY_AFTER = "30"  # seconds, where the database does not answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return _without_request("errors/413.html", status=413)
    return _without_request("errors/400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    # The same whatever was asked for: nobody learns of what a region has.
    user = getattr(request, "user", None)
    covers = user is not None and covers_of(user).exists()
    return render(request, "errors/404.html", {"covers": covers}, status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What was typed is not lost: the form's own key says whose draft it is."""
    saved = drafts.keep_typed(request)
    if saved and drafts.is_autosave(request):
        return drafts.autosave_answer(request, saved)
    context = {"is_kept": saved is not None, "way_back": drafts.way_back(request, saved)}
    return render(request, "errors/csrf.html", context, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exc_info()[1], _DATABASE_IS_DOWN):
        return _without_request("errors/503.html", status=503, headers={"Retry-After": RETRY_AFTER})
    try:
        return _without_request("errors/500.html", status=500)
    except Exception:  # what failed may be what every page needs: then without the site's look
        words = _LAST_WORDS.format(request_id=current_request_id())
        return HttpResponse(words, status=500, content_type="text/plain; charset=utf-8")


_LAST_WORDS = """Något gick fel. Felet är vårt, inte ditt. Ange den här koden om du ber om hjälp: {request_id}

Something went wrong. The fault is ours, not yours. If you ask for help, give this code: {request_id}
"""
_DATABASE_IS_DOWN = (OperationalError, InterfaceError)


def _without_request(page: str, *, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """For requests that cannot be read, and for failures of what the page's frame would ask."""
    # By the id whoever has the log finds what happened.
    text = render_to_string(page, {"request_id": current_request_id()})
    return HttpResponse(text, status=status, headers=headers)


class MethodNotAllowedPage:
    """Django answers a wrong method with an empty page: give it words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            page = render(request, "errors/405.html", status=405)
            page.headers["Allow"] = response.headers["Allow"]
            return page
        return response
