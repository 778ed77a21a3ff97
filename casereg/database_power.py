"""Whether the site's role on PostgreSQL could set its rules aside, and whether what is stored stays stored.

Row-level security, triggers and the append-only trail bind a role only as long as it has none of this power.
"""

import logging
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.backends.utils import CursorWrapper

logger = logging.getLogger(__name__)


class UnsafeDatabase(OperationalError):
    """Pages then answer as where no database is there, and /readyz with 503."""


def weaknesses(connection: BaseDatabaseWrapper) -> list[str]:
    """What is wrong, in words, of the role that is connected and of the server; nothing on SQLite."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        return [*_of_role(cursor), *_of_durability(cursor)]


def refuse_powerful_role(connection: BaseDatabaseWrapper) -> None:
    if wrong := weaknesses(connection):
        raise UnsafeDatabase("\n".join(["The site does not use this database:", *wrong]))


# --- Once a process ------------------------------------------------------------------------------

_passed: Final[set[str]] = set()  # aliases of databases


def refuse_powerful_role_once(*, connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Heard at each new connection, until one has passed. One that does not is closed again."""
    if connection.alias in _passed:
        return
    try:
        refuse_powerful_role(connection)
    except BaseException as refused:
        connection.close()
        if isinstance(refused, UnsafeDatabase):
            # A message of an exception is not logged. This one names roles and tables, and no row.
            for line in str(refused).splitlines():
                logger.error("%s", line)
        raise
    _passed.add(connection.alias)


def guard_connections(connection: BaseDatabaseWrapper) -> bool:
    """From now on this process serves from no database that it would refuse; whether one answered yet.

    For the WSGI application. A command is not bound by it: `migrate` is run by the owner of the tables.
    """
    connection_created.connect(refuse_powerful_role_once, dispatch_uid="casereg.database_power")
    if connection.vendor != "postgresql":
        return True
    try:
        connection.ensure_connection()
    except UnsafeDatabase as unsafe:
        raise ImproperlyConfigured(str(unsafe)) from None
    except OperationalError:
        return False  # it is down: the first connection that is made will be looked at
    finally:
        connection.close()
    return True


# --- What is asked -------------------------------------------------------------------------------

_ROLE_WORDS: Final = (
    "is a superuser",
    "may pass by row-level security (BYPASSRLS)",
    "may make roles (CREATEROLE)",
    "may make databases (CREATEDB)",
    "may replicate (REPLICATION)",
)
# Of every role that the session is or could become.
_ROLES: Final = """
    SELECT oid::int8, rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
    FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER')
    ORDER BY rolname <> session_user, rolname
"""
_PREDEFINED: Final = ("pg_database_owner",)  # is nobody's but the owner's, who is found by what is owned
_POWERS: Final = """
    WITH mine AS (SELECT unnest(%s::int8[])::oid AS role),
    schemas AS (
        SELECT oid, nspname, nspowner FROM pg_namespace
        WHERE nspname NOT LIKE 'pg\\_%%' AND nspname <> 'information_schema'
    ),
    tables AS (
        SELECT pg_class.oid, relname, relkind, relowner
        FROM pg_class JOIN schemas ON relnamespace = schemas.oid
        WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    ),
    functions AS (
        SELECT proname, proowner FROM pg_proc JOIN schemas ON pronamespace = schemas.oid
    )
    SELECT role::regrole::text, text FROM (
        SELECT role, 'owns the database' AS text
            FROM mine JOIN pg_database ON datdba = role WHERE datname = current_database()
        UNION ALL SELECT role, 'may make schemas in the database' FROM mine
            WHERE has_database_privilege(role, current_database(), 'CREATE')
        UNION ALL SELECT role, 'owns the schema ' || nspname FROM mine JOIN schemas ON nspowner = role
        UNION ALL SELECT role, 'may CREATE in the schema ' || nspname FROM mine, schemas
            WHERE has_schema_privilege(role, oid, 'CREATE')
        UNION ALL SELECT role, 'owns ' || string_agg(relname, ', ' ORDER BY relname)
            FROM mine JOIN tables ON relowner = role GROUP BY role
        UNION ALL SELECT role, 'owns the function ' || string_agg(proname, ', ' ORDER BY proname)
            FROM mine JOIN functions ON proowner = role GROUP BY role
        UNION ALL SELECT role, 'may ' || privilege || ' ' || string_agg(relname, ', ' ORDER BY relname)
            FROM mine, tables, unnest(ARRAY['TRUNCATE', 'TRIGGER', 'REFERENCES']) AS privilege
            WHERE relkind <> 'S' AND relowner <> role AND has_table_privilege(role, tables.oid, privilege)
            GROUP BY role, privilege
    ) AS powers ORDER BY 1, 2
"""
# Whoever sets it has no triggers and no foreign keys any more. It can be granted since PostgreSQL 15.
_REPLICA: Final = "SELECT has_parameter_privilege(session_user, 'session_replication_role', 'SET')"
_DURABILITY: Final = ("fsync", "full_page_writes", "synchronous_commit")


def _of_role(cursor: CursorWrapper) -> list[str]:
    cursor.execute(_ROLES)
    roles = cursor.fetchall()
    own, (_own_oid, own_name, is_superuser, *_rest) = [], roles[0]
    if is_superuser:
        return [f"Its role {own_name} {_ROLE_WORDS[0]}."]  # and so has all the rest
    for _oid, name, *powers in roles:
        own += [
            f"{_whose(name, own_name)} {words}."
            for has, words in zip(powers, _ROLE_WORDS, strict=True)
            if has
        ]
        if name.startswith("pg_") and name not in _PREDEFINED:
            own.append(f"Its role {own_name} is a member of {name}.")
    cursor.execute(_POWERS, [[oid for oid, *_rest in roles]])
    own += [f"{_whose(name, own_name)} {text}." for name, text in cursor.fetchall()]
    if cursor.connection.info.server_version >= 150000:
        cursor.execute(_REPLICA)
        if cursor.fetchone()[0]:
            own.append(f"Its role {own_name} may set triggers aside (session_replication_role).")
    return own


def _whose(name: str, own: str) -> str:
    return f"Its role {own}" if name == own else f"Its role {own}, as a member of {name},"


def _of_durability(cursor: CursorWrapper) -> list[str]:
    cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(_DURABILITY)])
    found = dict(cursor.fetchall())
    return [
        f"{name} is off: what was confirmed could be lost when the server loses its power."
        for name in _DURABILITY
        if found[name] == "off"
    ]
