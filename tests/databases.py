"""The test database as a whole: everything it holds, its triggers set aside, and putting it back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from tests.walls import SITE_ROLE, as_owner

Stored = dict[str, list[tuple[Any, ...]]]


def everything_stored() -> Stored:
    """Every row of every table. Two that are equal mean that nothing was changed between them."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        stored = {}
        for table in sorted(tables):
            cursor.execute(f'SELECT * FROM "{table}"')
            stored[table] = sorted(cursor.fetchall(), key=repr)
    return stored


@contextmanager
def triggers_disabled() -> Iterator[None]:
    """Let a test do what the database refuses. Inside a transaction; on PostgreSQL as a superuser.

    Nothing is restored after an exception: the transaction around it takes all back.
    """
    assert connection.in_atomic_block
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with as_owner():
                cursor.execute("SET LOCAL session_replication_role = replica")
                yield
                cursor.execute("SET LOCAL session_replication_role = DEFAULT")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _name, sql in triggers:
            cursor.execute(sql)


def put_back(before: Stored) -> None:
    """Make every table what it was. Django's own flush cannot: the triggers refuse it."""
    changed = {table: before[table] for table, rows in everything_stored().items() if rows != before[table]}
    with transaction.atomic(), triggers_disabled(), connection.cursor() as cursor:
        for table in changed:
            cursor.execute(f'DELETE FROM "{table}"')
        for table, rows in changed.items():
            for row in rows:
                marks = ", ".join(["%s"] * len(row))
                cursor.execute(f'INSERT INTO "{table}" VALUES ({marks})', row)


def database_url() -> str:
    """The test database, for a program that the test starts. It sees what is committed."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{connection.settings_dict['NAME']}"
    return _address(SITE_ROLE)


def owner_database_url() -> str:
    """The same as its owner, who may migrate it."""
    if connection.vendor == "sqlite":
        return database_url()
    return _address(connection.settings_dict["USER"])


def _address(user: str) -> str:
    its = connection.settings_dict
    return f"postgres://{user}:{its['PASSWORD']}@{its['HOST']}:{its['PORT']}/{its['NAME']}"


@contextmanager
def nothing_changes() -> Iterator[None]:
    """What happens inside leaves every row of every table as it was, the audit trail's too."""
    before = everything_stored()
    yield
    assert everything_stored() == before


@contextmanager
def rolled_back() -> Iterator[None]:
    """For the examples of one property test, which share its database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
