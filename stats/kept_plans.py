"""Long statements that PostgreSQL parses and plans once a connection, not each time they are asked."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import connection

# By connection, the names of what it has prepared. A connection that is closed takes them with it.
_prepared: WeakKeyDictionary[object, set[str]] = WeakKeyDictionary()


def fetch_planned(text: str, parameters: Sequence[int | str | UUID]) -> list[tuple]:
    """The rows of a statement with `%s` for each parameter. On SQLite it is simply executed."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            text = _call_of(_prepare(text), len(parameters))
        cursor.execute(text, parameters)
        return cursor.fetchall()


def _prepare(text: str) -> str:
    """The name under which the connection knows the statement: it stays through rollbacks."""
    name, statement = _named(text)
    names = _prepared.setdefault(connection.connection, set())
    if name not in names:
        with connection.wrap_database_errors:
            connection.connection.execute(statement)
        names.add(name)
    return name


@lru_cache(maxsize=64)
def _named(text: str) -> tuple[str, str]:
    name = f"casereg_{hashlib.sha256(text.encode()).hexdigest()[:24]}"
    first, *others = text.split("%s")
    numbers = count(1)
    return name, f"PREPARE {name} AS {first}" + "".join(f"${next(numbers)}{part}" for part in others)


def _call_of(name: str, parameters: int) -> str:
    return f"EXECUTE {name}({', '.join(['%s'] * parameters)})" if parameters else f"EXECUTE {name}"
