"""How a line of the log is written: what happened and where in the code, nothing of what is stored or sent.

So no message of an exception is written: it may quote a row, or what somebody typed. Its class, the
database's codes and the stack take its place.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from casereg.request_ids import current_request_id

OURS: Final = ("casereg", "stats")  # their messages are written by us, and name no case
TEXT_MAX: Final = 2000  # characters
FRAMES_MAX: Final = 60
CHAIN_MAX: Final = 5  # exceptions that led to one another

_ROOT: Final = Path(__file__).resolve().parent.parent
_SQLITE_CONSTRAINT: Final = re.compile(r"constraint failed: ([\w., ']{1,200})\Z")
# What our triggers say: the rule's name and nothing else.
_RULE: Final = re.compile(r"(?:CHECK )?rule broken: (\w{1,100})")
_NAME: Final = re.compile(r"[\w$. ]{1,200}")
_LEFT_OUT: Final = "…"


class RequestIdFilter(logging.Filter):
    """Gives each record the id of the request in which it was made, whoever writes it later."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id()
        return True


class ReadableLines(logging.Formatter):
    """For development, where cases are fictional: everything is told, and tracebacks have many lines."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {request_id} {message}", style="{")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        return moment(record.created)


class JsonLines(logging.Formatter):
    """For production: one object a line, in ASCII, so that nothing in it can begin another line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": moment(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record)[:TEXT_MAX],
        }
        if request_id := getattr(record, "request_id", ""):
            line["request_id"] = request_id
        if route := _route(record):
            line["route"] = route
        if isinstance(status := getattr(record, "status_code", None), int):
            line["status"] = status
        if record.exc_info and record.exc_info[1]:
            line["errors"] = [described(error) for error in _chain(record.exc_info[1])]
        return json.dumps(line)


def moment(seconds: float) -> str:
    """UTC with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# --- The message -----------------------------------------------------------------------------------


def message_of(record: logging.LogRecord) -> str:
    """What may be told of it: our own messages as they are, of others' the words without what is put in."""
    if hasattr(record, "request"):
        return _of_request(record)
    if not isinstance(record.msg, str):  # an exception, logged as if it were words
        return type(record.msg).__name__
    if record.name.partition(".")[0] in OURS or _is_of_the_servers_own_life(record):
        return _complete(record)
    if not record.args:
        return record.msg.partition(" from ip=")[0]  # gunicorn's words on a request that cannot be read
    return _without_arguments(record)


def _is_of_the_servers_own_life(record: logging.LogRecord) -> bool:
    """Starting, listening, stopping: gunicorn tells of requests only at other levels."""
    return record.name == "gunicorn.error" and record.levelno == logging.INFO


def _of_request(record: logging.LogRecord) -> str:
    """Django's own message names the address, and with it a case, or what was sent."""
    status = getattr(record, "status_code", None)
    words = HTTPStatus(status).phrase if status in set(HTTPStatus) else "A request"
    if record.name == "django.security.csrf" and isinstance(record.args, tuple) and record.args:
        # "Origin checking failed - https://… does not match": the first half is Django's alone.
        words += f": {str(record.args[0]).partition(' - ')[0]}"
    return words


def _complete(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a slip in a call of the logger must not make logging print all that it was given
        return str(record.msg)


def _without_arguments(record: logging.LogRecord) -> str:
    def kept(argument: object) -> object:
        return argument if isinstance(argument, (int, float)) else _LEFT_OUT

    arguments: Any = record.args
    try:
        if isinstance(arguments, dict):
            return str(record.msg % {name: kept(argument) for name, argument in arguments.items()})
        return str(record.msg % tuple(map(kept, arguments)))
    except (TypeError, ValueError, KeyError):
        return str(record.msg)


def _route(record: logging.LogRecord) -> str:
    """The name of the address's pattern: the address itself may name a case."""
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return match.view_name if match else ""


# --- Exceptions ------------------------------------------------------------------------------------


def described(error: BaseException) -> dict[str, Any]:
    """An exception without its message: class, the database's codes, and where it was raised."""
    kind = type(error)
    found: dict[str, Any] = {"class": f"{kind.__module__}.{kind.__qualname__}"}
    found |= _of_postgresql(error) if kind.__module__.startswith("psycopg") else _of_sqlite(error)
    return found | {"stack": stack(error.__traceback__)}


def _of_postgresql(error: BaseException) -> dict[str, str]:
    """SQLSTATE and constraint. The server's message and DETAIL quote values."""
    state, diag = getattr(error, "sqlstate", None), getattr(error, "diag", None)
    if not state:
        # Nothing came from the server: these are the client library's words on connecting to it.
        connecting = type(error).__name__ == "OperationalError"
        return {"says": str(error)[:TEXT_MAX]} if connecting else {}
    constraint = getattr(diag, "constraint_name", None)
    named = constraint and _NAME.fullmatch(constraint)
    return {"sqlstate": state} | ({"constraint": constraint} if named else _broken_rule(error))


def _of_sqlite(error: BaseException) -> dict[str, str]:
    code = getattr(error, "sqlite_errorname", None)
    if not isinstance(code, str):
        return {}
    constraint = _SQLITE_CONSTRAINT.search(str(error))
    return {"sqlite": code} | ({"constraint": constraint[1]} if constraint else _broken_rule(error))


def _broken_rule(error: BaseException) -> dict[str, str]:
    rule = _RULE.fullmatch(str(error).partition("\n")[0])
    return {"rule": rule[1]} if rule else {}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what led to it, as Python's own traceback has them, the last first."""
    following: BaseException | None = error
    for _ in range(CHAIN_MAX):
        if following is None:
            return
        yield following
        cause, context = following.__cause__, following.__context__
        following = context if cause is None and not following.__suppress_context__ else cause


def stack(trace: TracebackType | None) -> list[str]:
    """`file:line function` of each frame, outermost first, without values or source lines."""
    frames = [
        f"{_place(frame.f_code.co_filename)}:{line} {frame.f_code.co_qualname}"
        for frame, line in traceback.walk_tb(trace)
    ]
    if len(frames) <= FRAMES_MAX:
        return frames
    half = FRAMES_MAX // 2
    return [*frames[:half], f"{len(frames) - 2 * half} more", *frames[-half:]]


def _place(filename: str) -> str:
    _, is_package, inside = filename.rpartition("/site-packages/")
    return inside if is_package else filename.removeprefix(f"{_ROOT}/")
