"""What production would log while a test runs: the test fails where that names a case or a person."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from casereg.logs import JsonLines, RequestIdFilter

# What tests call their cases, incidents and people (tests/factories.py, tests/cast.py, the access table's
# world), what their exceptions say, and an id of a case. No line of the log has a reason to say one of them.
MARKERS = re.compile(
    r"made-\d|event-\d|Xnordmarkx|secret-detail|what only the inside knows|berries"
    r"|@example\.org|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-"
)


class Written(logging.Handler):
    """Keeps each line as production writes it."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.lines: list[str] = []
        self.addFilter(RequestIdFilter())
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


_of_the_suite = Written(logging.WARNING)


def pytest_sessionstart() -> None:
    # After Django's setup, which gives the root its handlers anew.
    logging.getLogger().addHandler(_of_the_suite)


@pytest.fixture(autouse=True)
def _log_tells_nothing_of_a_case() -> Iterator[None]:
    """In each worker, test by test: what a thread wrote after its test counts against the next one."""
    yield
    lines, _of_the_suite.lines = _of_the_suite.lines, []
    assert [line for line in lines if MARKERS.search(line)] == []


@contextmanager
def all_that_is_logged() -> Iterator[list[str]]:
    """The lines of every logger at every level, far more than production writes."""
    handler, root = Written(logging.NOTSET), logging.getLogger()
    loggers = [root, *map(logging.getLogger, root.manager.loggerDict)]
    before = [logger.level for logger in loggers]
    handlers, root.handlers = root.handlers, [handler]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        root.handlers = handlers
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
