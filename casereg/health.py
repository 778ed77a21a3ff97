"""Whether the site lives (/healthz) and whether it can serve (/readyz): for machines, without a body."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from casereg.access import public

DEADLINE_SECONDS = 1
RETRY_AFTER_SECONDS = 5

# A thread of its own, since no driver gives up connecting within a second. One thread: however many
# ask and however long the database hangs, a process spends one connection on the question.
_asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readyz")


@public(because="whoever watches the process has no account")
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


@public(because="whoever directs traffic has no account")
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    answer = _asker.submit(_is_ready)
    try:
        ready = answer.result(timeout=DEADLINE_SECONDS)
    except (Error, TimeoutError):
        answer.cancel()
        ready = False
    if ready:
        return HttpResponse(status=204)
    return HttpResponse(status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


class HealthMiddleware:
    """Gives the two answers before the rest of the site asks for host, https, session or user.

    Without it a cookie would make /healthz read its session from the database.
    """

    answers = {"/healthz": healthz, "/readyz": readyz}

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.answers.get(request.path_info, self.get_response)(request)


def _is_ready() -> bool:
    """Whether the database answers and has every migration of this code."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return MigrationRecorder(connection).applied_migrations().keys() >= _migrations()
    finally:
        connection.close()


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)
