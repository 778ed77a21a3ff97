"""A database role that could set the rules aside is refused, and a server that could lose what it stored."""

import os
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.test import Client

from casereg import database_power
from casereg.database_power import (
    UnsafeDatabase,
    refuse_powerful_role,
    refuse_powerful_role_once,
    weaknesses,
)
from tests.databases import owner_database_url
from tests.programs import python
from tests.served_site import SECRET
from tests.walls import connect_as

ROLE, GROUP = f"power_test_{os.getpid()}", f"power_group_{os.getpid()}"
PRODUCTION = {"CASEREG_ENV": "production", "SECRET_KEY": SECRET, "ALLOWED_HOSTS": "register.example.se"}
SERVES = "import casereg.wsgi; print('serves')"


@pytest.fixture
def on_postgresql(db) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL only")


@pytest.fixture
def role(on_postgresql) -> Iterator[str]:
    """A role as the site's is to be, and a group that it is no member of."""
    as_superuser(
        f"CREATE ROLE {ROLE} LOGIN",
        f"CREATE ROLE {GROUP}",
        f"GRANT USAGE ON SCHEMA public TO {ROLE}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {ROLE}",
    )
    yield ROLE
    as_superuser(*(f"DROP OWNED BY {name}" for name in (ROLE, GROUP)), f"DROP ROLE {ROLE}, {GROUP}")


def as_superuser(*statements: str) -> None:
    with connect_as() as superuser:
        for statement in statements:
            superuser.execute(statement)


@pytest.fixture
def of_role(role) -> Iterator[BaseDatabaseWrapper]:
    """A connection as the role, to the test database."""
    its = connection.copy()
    its.settings_dict["USER"] = role
    its.settings_dict["OPTIONS"].pop("options", None)
    yield its
    its.close()


@pytest.fixture
def durable(monkeypatch) -> None:
    """The tests' server may lose everything: not asked for here."""
    monkeypatch.setattr(database_power, "_DURABILITY", ())


# --- Power -------------------------------------------------------------------------------------------


def test_a_role_without_power_is_not_complained_of(of_role, durable):
    assert weaknesses(of_role) == []
    refuse_powerful_role(of_role)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("ALTER ROLE {role} SUPERUSER", "is a superuser"),
        ("ALTER ROLE {role} BYPASSRLS", "BYPASSRLS"),
        ("ALTER ROLE {role} CREATEROLE", "CREATEROLE"),
        ("ALTER ROLE {role} CREATEDB", "CREATEDB"),
        ("ALTER ROLE {role} REPLICATION", "REPLICATION"),
        ("GRANT CREATE ON SCHEMA public TO {role}", "may CREATE in the schema public"),
        ("GRANT CREATE ON DATABASE {database} TO {role}", "may make schemas in the database"),
        ("GRANT TRUNCATE ON casereg_case TO {role}", "may TRUNCATE casereg_case"),
        ("GRANT TRIGGER ON casereg_case TO {role}", "may TRIGGER casereg_case"),
        ("GRANT REFERENCES ON casereg_case TO {role}", "may REFERENCES casereg_case"),
        ("CREATE TABLE power_test(); ALTER TABLE power_test OWNER TO {role}", "owns power_test"),
        ("CREATE VIEW power_test AS SELECT 1; ALTER VIEW power_test OWNER TO {role}", "owns power_test"),
        ("CREATE SCHEMA power_test_schema AUTHORIZATION {role}", "owns the schema power_test_schema"),
        ("CREATE FUNCTION power_test() RETURNS int LANGUAGE sql AS 'SELECT 1';"
         "ALTER FUNCTION power_test() OWNER TO {role}", "owns the function power_test"),
        ("GRANT pg_write_all_data TO {role}", "is a member of pg_write_all_data"),
        ("ALTER ROLE {group} BYPASSRLS; GRANT {group} TO {role}", "as a member of {group}, may pass by"),
        ("ALTER ROLE {group} SUPERUSER; GRANT {group} TO {role}", "as a member of {group}, is a superuser"),
        ("ALTER ROLE {role} NOINHERIT; GRANT TRUNCATE ON casereg_case TO {group}; GRANT {group} TO {role}",
         "as a member of {group}, may TRUNCATE casereg_case"),
        ("CREATE TABLE power_test(); ALTER TABLE power_test OWNER TO {group}; GRANT {group} TO {role}",
         "as a member of {group}, owns power_test"),
    ],
)  # fmt: skip
def test_every_power_is_named(of_role, durable, given, words):
    names = {"role": ROLE, "group": GROUP, "database": connection.settings_dict["NAME"]}
    as_superuser(*given.format(**names).split(";"))

    found = weaknesses(of_role)

    assert any(words.format(**names) in line and ROLE in line for line in found), found
    with pytest.raises(UnsafeDatabase, match=ROLE):
        refuse_powerful_role(of_role)


def test_who_may_set_triggers_aside_is_named(of_role, durable):
    if of_role.pg_version < 150000:
        pytest.skip("PostgreSQL 15 and later can grant it")
    as_superuser(f"GRANT SET ON PARAMETER session_replication_role TO {ROLE}")

    found = weaknesses(of_role)
    as_superuser(f"REVOKE SET ON PARAMETER session_replication_role FROM {ROLE}")

    assert found == [f"Its role {ROLE} may set triggers aside (session_replication_role)."]


def test_setting_the_role_does_not_hide_who_is_connected(on_postgresql, durable):
    """The suite is connected as a superuser that plays the site's role, and could be itself again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user <> session_user")
        assert cursor.fetchone()[0]

    assert [line for line in weaknesses(connection) if "is a superuser" in line]


# --- What is stored stays stored -------------------------------------------------------------------------


def test_a_server_that_could_lose_what_it_confirmed_is_named(of_role):
    lost = "is off: what was confirmed could be lost when the server loses its power."

    assert weaknesses(of_role) == [
        f"{name} {lost}" for name in ("fsync", "full_page_writes", "synchronous_commit")
    ]
    of_role.close()
    of_role.settings_dict["OPTIONS"]["options"] = "-c synchronous_commit=on"
    assert weaknesses(of_role) == [f"{name} {lost}" for name in ("fsync", "full_page_writes")]


def test_sqlite_has_no_roles(db):
    if connection.vendor == "sqlite":
        assert weaknesses(connection) == []


# --- Once a process --------------------------------------------------------------------------------------


@pytest.fixture
def looked_at(monkeypatch) -> Iterator[None]:
    """As in a process that serves: every connection is looked at, until one has passed."""
    monkeypatch.setattr(database_power, "_passed", set())
    connection_created.connect(refuse_powerful_role_once, dispatch_uid="casereg.database_power")
    yield
    connection_created.disconnect(dispatch_uid="casereg.database_power")


def test_a_refused_connection_is_closed_and_so_is_the_next(of_role, durable, looked_at):
    as_superuser(f"ALTER ROLE {ROLE} BYPASSRLS")

    for _request in range(2):
        with pytest.raises(UnsafeDatabase, match="BYPASSRLS"):
            of_role.cursor()
        assert of_role.connection is None


def test_once_the_power_is_taken_the_same_process_serves_and_asks_no_more(of_role, durable, looked_at):
    as_superuser(f"ALTER ROLE {ROLE} BYPASSRLS")
    with pytest.raises(UnsafeDatabase):
        of_role.cursor()

    as_superuser(f"ALTER ROLE {ROLE} NOBYPASSRLS")
    of_role.cursor().close()
    of_role.close()
    as_superuser(f"ALTER ROLE {ROLE} BYPASSRLS")
    of_role.cursor().close()  # it was looked at once: that is not undone

    assert database_power._passed == {"default"}


def test_the_site_is_not_ready_where_its_database_is_refused(on_postgresql, looked_at):
    assert Client().get("/readyz").status_code == 503


# --- At the start ----------------------------------------------------------------------------------------


def test_production_does_not_serve_as_the_owner_and_the_owner_migrates(on_postgresql):
    owner = {**PRODUCTION, "DATABASE_URL": owner_database_url()}

    served = python("-c", SERVES, **owner)
    migrates = python("manage.py", "migrate", "--check", **owner)
    tried = python("-c", SERVES, CASEREG_ENV="development", DATABASE_URL=owner_database_url())

    said = served.stderr.splitlines()
    assert served.returncode != 0
    assert said[-4].startswith("Its role")
    assert said[-4].endswith("is a superuser.")
    assert [line.split()[0] for line in said[-3:]] == ["fsync", "full_page_writes", "synchronous_commit"]
    assert migrates.returncode == 0, migrates.stderr
    assert tried.stdout == "serves\n", tried.stderr


def test_production_starts_while_its_database_is_down_and_looks_at_it_later():
    later = (
        f"{SERVES}; from django.db.backends.signals import connection_created as c; print(len(c.receivers))"
    )

    done = python("-c", later, **PRODUCTION, DATABASE_URL="postgres://casereg_site@127.0.0.1:1/casereg")

    assert done.stdout == "serves\n1\n", done.stderr
    assert "The database does not answer yet" in done.stderr
