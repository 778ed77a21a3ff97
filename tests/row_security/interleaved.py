"""Middleware for the site under many requests: one piece fails inside, one tells what is left after it."""

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse

LEFT = "X-Left"
_ASK = "SELECT concat_ws('|', nullif(current_setting('casereg.user_id', true), ''), " + ", ".join(
    f"nullif(current_setting('casereg.{name}', true), '')" for name in ("role", "reads", "writes")
)


class FailsWhenTold:
    """After the page is made, so that the failure has something to take back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "fail" in request.GET:
            raise RuntimeError("as it was told to")
        return response


class LeftOnConnection:
    """What is in reach on the thread's connection after the answer: the next request's, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        with connection.cursor() as cursor:
            cursor.execute(_ASK + "), pg_backend_pid()")
            left, backend = cursor.fetchone()
        response.headers[LEFT] = f"{left};{backend}"
        return response
