"""The suite on PostgreSQL runs as a role without power, so that the second wall stands in every test.

A test's own rows have to be made and looked at by somebody: outside requests its connections have everything
in reach. A request finds nothing lent, and has what it sets itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import zip_longest
from typing import Any, Final

import psycopg
from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from casereg.database_roles import grant_site_role
from casereg.row_security import EVERYTHING, NOTHING, set_for_session

SITE_ROLE: Final = "casereg_site"
_LENT = "-c casereg.role=system -c casereg.reads=* -c casereg.writes=*"
_AS_SITE = f"-c role={SITE_ROLE} {_LENT}"


def make_site_role() -> None:
    """In the whole server, once: it may log in, and nothing else."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(20180101)")  # several processes of the suite begin at once
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [SITE_ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {SITE_ROLE} LOGIN")


def become_site() -> None:
    """From the next connection on, in every thread."""
    connection.close()
    connection.settings_dict["OPTIONS"]["options"] = _AS_SITE


def go_on_as_site() -> None:
    """For a database that was filled by its owner, such as the benchmark's."""
    if connection.vendor == "postgresql":
        make_site_role()
        grant_site_role(SITE_ROLE)
        become_site()


def become_owner() -> None:
    connection.close()
    connection.settings_dict["OPTIONS"].pop("options", None)


@contextmanager
def as_owner() -> Iterator[None]:
    """Inside a transaction, with the power of whoever made the test database: a superuser."""
    assert connection.in_atomic_block
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f'SET LOCAL ROLE "{connection.settings_dict["USER"]}"')
        yield
        cursor.execute(f"SET LOCAL ROLE {SITE_ROLE}")


def connect_as(user: str | None = None, **options: Any) -> psycopg.Connection:
    """A connection of its own to the test database, without Django: by default as its owner."""
    its = connection.settings_dict
    return psycopg.connect(
        host=its["HOST"],
        port=its["PORT"],
        dbname=its["NAME"],
        user=user or its["USER"],
        autocommit=True,
        **options,
    )


def without_the_wall(queries: list[dict[str, str]]) -> list[dict[str, str]]:
    """What a page asks for itself: on PostgreSQL the wall and its transaction come on top, alike for all."""
    own, savepoints = [], set()
    for query, following in zip_longest(queries, queries[1:], fillvalue={"sql": ""}):
        sql = query["sql"]
        if "set_config(" in sql or "current_setting(" in sql:
            continue
        begins_reach = "set_config(" in following["sql"]
        if sql == "BEGIN" and begins_reach:
            savepoints.add("COMMIT")
        elif sql in savepoints:
            savepoints.discard(sql)
        elif sql.startswith("SAVEPOINT") and begins_reach:
            savepoints.add(sql.split()[-1])
        elif sql.startswith("RELEASE SAVEPOINT") and sql.split()[-1] in savepoints:
            savepoints.discard(sql.split()[-1])
        else:
            own.append(query)
    return own


class NothingLent:
    """The site's outermost middleware in tests: what the test has in reach, a request has not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if connection.vendor != "postgresql" or "options" not in connection.settings_dict["OPTIONS"]:
            return self.get_response(request)
        if request.path_info in ("/healthz", "/readyz"):  # the database may be away
            return self.get_response(request)
        set_for_session(NOTHING)
        response = None
        try:
            response = self.get_response(request)
        finally:
            if response is not None and response.streaming:
                # What is streamed is made after this; its reach is its own, too.
                response._resource_closers.append(_lend_again)
            else:
                _lend_again()
        return response


def _lend_again() -> None:
    with suppress(DatabaseError):  # a transaction that is broken: the test sees why
        set_for_session(EVERYTHING)
