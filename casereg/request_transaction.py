"""On PostgreSQL a request is one transaction, in which only its user's rows are in reach.

On SQLite there is none around the request: it would have every page wait for the one that writes.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from casereg.row_security import reach_of, within

_SERVER_ERROR: Final = 500
_READING: Final = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class _Present:
    """The request's transaction. `at_the_end` is written before its commit."""

    is_reading: bool  # by its method, and in no other transaction
    reads: str  # the regions whose rows are in reach
    at_the_end: list[Callable[[], object]] = field(default_factory=list)


_present: ContextVar[_Present | None] = ContextVar("casereg_request_transaction", default=None)


class RequestTransaction:
    """What a request wrote stays together with its events; after a failure nothing of it stays."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if connection.vendor != "postgresql" or not request.user.is_authenticated:
            # Without a log-in nothing is in reach, and nothing needs to be.
            return self.get_response(request)
        reach = reach_of(request.user)
        is_reading = request.method in _READING and not connection.in_atomic_block
        present = _Present(is_reading, reach.reads)
        token = _present.set(present)
        try:
            with within(reach):
                response = self.get_response(request)
                if response.status_code >= _SERVER_ERROR:
                    transaction.set_rollback(True)
                elif connection.needs_rollback:
                    # Somebody caught an error of the database, and an answer says that something is stored.
                    raise TransactionManagementError(
                        "the request's transaction is broken and was not given up"
                    )
                else:
                    for write in present.at_the_end:
                        write()
        finally:
            _present.reset(token)
        return response


def at_the_end(write: Callable[[], object]) -> None:
    """Call it last in the request's transaction, before its answer is given; where there is none, now.

    For events of what was read: the head of the trail is held from the first event on, and a page may still
    have much to do.
    """
    present = _present.get()
    if present is None:
        write()
    else:
        present.at_the_end.append(write)


def sees_what_is_committed() -> bool:
    """Whether nothing is seen now but what others see too: outside transactions, or in one that reads."""
    if not connection.in_atomic_block:
        return True
    present = _present.get()
    return present is not None and present.is_reading and not connection.savepoint_ids


def regions_read() -> str:
    """What the request has in reach, for what is kept of its figures; blank where there is no such wall."""
    present = _present.get()
    return present.reads if present else ""
