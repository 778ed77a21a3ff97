"""What the site's database role may do, said by the owner after each migration; and the owner's own reach."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection, transaction
from psycopg import sql

from casereg.row_security import EVERYTHING, NOTHING, set_for_session

# Where the role may do less than read, add, change and delete rows.
FEWER_RIGHTS: Final = {
    "casereg_auditevent": ("SELECT", "INSERT"),
    "casereg_audithead": ("SELECT", "UPDATE"),
    "casereg_casehistory": ("SELECT", "INSERT"),
    "casereg_incidenthistory": ("SELECT", "INSERT"),
    "casereg_termhistory": ("SELECT", "INSERT"),
    "casereg_trailreview": ("SELECT", "INSERT"),
    "django_migrations": ("SELECT",),
}


def grant_site_role(role: str) -> None:
    """Give it exactly its rights, on the tables that stand now. PostgreSQL; as their owner."""
    name = sql.Identifier(role)
    statements = [
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
        sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(name),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(name),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name),
    ]
    for table, rights in FEWER_RIGHTS.items():
        fewer = sql.SQL(", ").join(map(sql.SQL, rights))
        statements += [
            sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(table), name),
            sql.SQL("GRANT {} ON {} TO {}").format(fewer, sql.Identifier(table), name),
        ]
    # In one go: the site goes on answering meanwhile, and has never more rights, nor fewer.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = %s", ["casereg_case"]
        )
        if cursor.fetchone() is None:
            return  # migrated back to before there was anything
        for statement in statements:
            cursor.execute(statement.as_string(cursor.connection))


@contextmanager
def in_reach_of_session() -> Iterator[None]:
    """Everything, for as long as the connection lasts or this does. PostgreSQL; for the owner only."""
    set_for_session(EVERYTHING)
    try:
        yield
    finally:
        set_for_session(NOTHING)
