"""Several things at the same moment, each with a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

PATIENCE = 60  # seconds


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned or raised, in their order. Needs `committed_db`."""
    start = Barrier(len(calls))

    def outcome(call: Callable[[], Any]) -> Any:
        try:
            start.wait(PATIENCE)
            return call()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(outcome, calls, timeout=PATIENCE))
