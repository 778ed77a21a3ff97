"""Two walls, each of which holds alone: the access table is tried with one taken out, the other, and both.

The walls are the doors of `casereg.access`, and the database's policies.
"""

from collections.abc import Callable
from types import FunctionType

import pytest
from django.db import connection, transaction

from casereg import access
from casereg.models import Case, CaseRemark, Draft, Incident, Offer, Upload, Verdict
from tests.guards.access_world import World, build
from tests.guards.test_access_table import METHODS, ROWS, Row, parameters_of, try_it
from tests.walls import as_owner

pytestmark = pytest.mark.django_db

# The doors of a region's rows, and what each would be without its rule.
OPEN_DOORS: dict[Callable, Callable] = {
    access.cases_of: lambda user: Case.objects.all(),
    access.incidents_of: lambda user: Incident.objects.all(),
    access.offers_to: lambda user: Offer.objects.all(),
    access.offers_by: lambda user: Offer.objects.all(),
    access.drafts_of: lambda user: Draft.objects.all(),
    access.uploads_of: lambda user: Upload.objects.all(),
    access.remarks_of: lambda user: CaseRemark.objects.all(),
    access.verdicts_of: lambda user: Verdict.objects.all(),
    access.region_scope: lambda user: None,
}
# What leads to a region's rows.
BEHIND_DOORS = {"case_id", "incident_id", "offer_id", "upload_id"}
LISTS = {
    "start",
    "case_list",
    "case_download",
    "incident_list",
    "offer_list",
    "mend_list",
    "cell_read",
    "key_figure_cases",
}
# Logged in, and kept from what is Nord's.
KEPT_OUT = ("of another", "administrator")


def rows_behind_doors() -> list[Row]:
    return [row for row in ROWS if BEHIND_DOORS & set(parameters_of(row.page)) or row.page in LISTS]


@pytest.fixture
def world(monkeypatch) -> World:
    # Of the other tables the access table itself sees that they stay as they are.
    monkeypatch.setattr("tests.guards.test_access_table.fingerprint", rows_with_policies)
    return build()


def rows_with_policies() -> dict[str, list]:
    stored = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies GROUP BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT * FROM {table}")
            stored[table] = sorted(cursor.fetchall(), key=repr)
    return stored


def take_out_the_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever they were imported: the functions stay, and what they do is another."""
    for door, without_rule in OPEN_DOORS.items():
        assert isinstance(door, FunctionType)
        assert isinstance(without_rule, FunctionType)
        monkeypatch.setattr(door, "__code__", without_rule.__code__)


def take_out_the_policies() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table is altered while it waits for its checks
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def leaks(world: World) -> list[str]:
    """Each place where the answer is not the table's, or shows what is Nord's."""
    found = []
    for row in rows_behind_doors():
        for person in KEPT_OUT:
            for method in METHODS[row.methods]:
                if method not in ("GET", "POST"):
                    continue  # HEAD is GET without the body, and no page heeds the others
                world.clients[person].cookies.pop("messages", None)  # told of an answer that was taken back
                try:
                    with transaction.atomic():
                        answer = try_it(world, row, person, method)
                except AssertionError as told:
                    answer = str(told).splitlines()[0]
                if answer != row.answers[person]:
                    found.append(f"{method} {row}: {person} got {answer}")
    return found


def test_there_is_much_behind_the_doors():
    assert len(rows_behind_doors()) > 100
    assert {row.page for row in ROWS} >= LISTS


def test_without_the_doors_the_policies_hold(world, monkeypatch):
    take_out_the_doors(monkeypatch)
    assert leaks(world) == []


def test_without_the_policies_the_doors_hold(world):
    take_out_the_policies()
    assert leaks(world) == []


def test_without_both_nothing_holds(world, monkeypatch):
    """Else the two tests before would prove nothing."""
    take_out_the_doors(monkeypatch)
    take_out_the_policies()
    found = leaks(world)
    pages = {leak.split()[1].rstrip(",") for leak in found}
    assert {
        "case_read",
        "case_list",
        "case_download",
        "incident_read",
        "case_amend",
        "offer_take_back",
    } <= pages
    assert len(found) > 30, found
