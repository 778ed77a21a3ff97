"""A database beside the test database, brought to an earlier state, filled, and brought to a later one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.utils import ConnectionHandler

from tests.databases import owner_database_url
from tests.programs import python

NAME = f"casereg_migrated_{os.getpid()}"  # several processes share a server


@dataclass(frozen=True)
class OtherDatabase:
    url: str
    settings: dict[str, Any]

    def migrate(self, number: str) -> subprocess.CompletedProcess[str]:
        done = python("manage.py", "migrate", "casereg", number, DATABASE_URL=self.url)
        assert done.returncode == 0, done.stderr
        return done

    def run(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """A statement, committed; the rows that it gave."""
        other = ConnectionHandler({"default": self.settings})["default"]
        try:
            with other.cursor() as cursor:
                cursor.execute(sql, values or None)
                return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        finally:
            other.close()


@contextmanager
def other_database(folder: Path) -> Iterator[OtherDatabase]:
    """Empty. On PostgreSQL a second one of the same server."""
    own = connection.settings_dict | {"OPTIONS": connection.settings_dict["OPTIONS"].copy()}
    own["OPTIONS"].pop("options", None)  # as the owner
    if connection.vendor == "sqlite":
        name = str(folder / "migrated.sqlite3")
        yield OtherDatabase(f"sqlite:///{name}", own | {"NAME": name})
        return
    here = OtherDatabase(
        owner_database_url(), own
    )  # on a connection of its own: no transaction makes a database
    here.run(f"DROP DATABASE IF EXISTS {NAME}")
    here.run(f"CREATE DATABASE {NAME}")
    try:
        yield OtherDatabase(owner_database_url().rpartition("/")[0] + f"/{NAME}", own | {"NAME": NAME})
    finally:
        here.run(f"DROP DATABASE {NAME}")
