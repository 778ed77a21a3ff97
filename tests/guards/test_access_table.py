"""Who gets what at every address: `docs/access.md` is the documentation and the test at once.

Every URL × method × person × object has one expected answer. What is refused changes nothing, shows nothing
of the other region, and leaves one event in the trail.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client

from casereg.access import routes
from casereg.models import AuditEvent
from tests.guards.access_world import MARKER, PEOPLE, SENT, World, build

TABLE = Path(__file__).resolve().parent.parent.parent / "docs" / "access.md"
METHODS = {
    "read": ("GET", "HEAD"),
    "send": ("POST",),
    "other": ("PUT", "PATCH", "DELETE", "OPTIONS"),
}
# Answered by a program or by everybody; nothing of the register is behind them.
REFUSED = (403, 404)
NOT_COMPARED = {"django_session", "casereg_auditevent", "casereg_audithead", "casereg_cache"}


@dataclass(frozen=True)
class Row:
    page: str
    kind: str
    methods: str
    answers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.page}, {self.kind}, {self.methods}"


def rows() -> Iterator[Row]:
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 3 + len(PEOPLE):
            yield Row(cells[0].strip("`"), cells[1], cells[2], dict(zip(PEOPLE, cells[3:], strict=True)))


ROWS = list(rows())


def names() -> dict[str, tuple[str, ...]]:
    """Every URL name with its parameters."""
    return {pattern.name or path: tuple(re.findall(r"<(?:\w+:)?(\w+)>", path)) for path, pattern in routes()}


def parameters_of(name: str) -> tuple[str, ...]:
    return names()[name]


def test_every_address_has_a_name():
    assert all(pattern.name for _path, pattern in routes())
    assert len(names()) == len(list(routes()))


def test_every_address_stands_in_the_table_and_the_table_has_no_other():
    assert {row.page for row in ROWS} == set(names())


def test_every_page_is_tried_with_every_kind_of_method_once_for_each_object():
    tried = [(row.page, row.kind, row.methods) for row in ROWS]
    assert len(tried) == len(set(tried))
    for page in names():
        kinds = {kind for name, kind, _methods in tried if name == page}
        for kind in kinds:
            assert {m for n, k, m in tried if (n, k) == (page, kind)} == set(METHODS), (page, kind)


def test_an_object_page_is_tried_with_an_absent_object():
    for page, parameters in names().items():
        if parameters:
            assert "absent" in {row.kind for row in ROWS if row.page == page}, page


@pytest.fixture
def world(db) -> World:
    return build()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_answer_is_the_one_in_the_table(row, world):
    for person, expected in row.answers.items():
        for method in METHODS[row.methods]:
            answer = try_it(world, row, person, method)
            assert answer == expected, f"{method} {row.page} ({row.kind}) by {person}"


def try_it(world: World, row: Row, person: str, method: str) -> str:
    """Ask once, undo it, and check what holds for every refusal on the way."""
    address = world.address(row.page, row.kind)
    with transaction.atomic():
        before, events = fingerprint(), AuditEvent.objects.count()
        response = ask(world.clients[person], method, address, SENT.get(row.page, {}))
        after, added = fingerprint(), AuditEvent.objects.count() - events
        transaction.set_rollback(True)
    answer = as_in_table(response)
    refused = response.status_code in REFUSED or answer in ("log in", "405")
    if refused or method in ("GET", "HEAD", "OPTIONS", "TRACE"):
        assert after == before, f"{method} {address} by {person} changed something"
    if response.status_code in REFUSED and person not in ("anonymous", "deactivated"):
        assert added == 1, f"{method} {address} by {person}: {added} events"
    if person not in ("of the region", "analyst") and not is_open_offer(row, person):
        seen = response.content.decode() + repr(response.headers)
        assert MARKER not in seen.replace(address, ""), f"{method} {address} shows Nord's to {person}"
    return answer


def is_open_offer(row: Row, person: str) -> bool:
    """The region that is offered a case sees its fields, and the offers made to it."""
    return person == "of another" and row.page in ("offer_read", "offer_list")


def ask(client: Client, method: str, address: str, sent: dict[str, str]):
    if method == "POST":
        return client.post(address, sent)
    return client.generic(method, address)


def as_in_table(response) -> str:
    if response.status_code != 302:
        return str(response.status_code)
    return "log in" if response.headers["Location"].startswith("/account/login/") else "302"


def fingerprint() -> dict[str, list]:
    """Every row of every table but sessions, throttling and the trail itself."""
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - NOT_COMPARED)
        stored = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            stored[table] = sorted(cursor.fetchall(), key=repr)
    return stored


OBJECT_PAGES = sorted({row.page for row in ROWS if row.kind == "absent"} & set(names()))


@pytest.mark.parametrize("page", OBJECT_PAGES)
def test_a_foreign_object_and_one_that_never_was_get_the_same_answer(page, world):
    kinds = {row.kind for row in ROWS if row.page == page} - {"absent"}
    client = world.clients["of another"]
    for methods in METHODS.values():
        for method in methods:
            absent = ask(client, method, world.address(page, "absent"), SENT.get(page, {}))
            for kind in kinds:
                expected = next(
                    r.answers["of another"]
                    for r in ROWS
                    if (r.page, r.kind) == (page, kind) and method in METHODS[r.methods]
                )
                if expected != "404":
                    continue
                foreign = ask(client, method, world.address(page, kind), SENT.get(page, {}))
                assert (foreign.status_code, foreign.content) == (absent.status_code, absent.content)
                assert own_headers(foreign) == own_headers(absent)


def own_headers(response) -> dict[str, str]:
    by_chance = ("X-Request-ID", "Expires")  # one for each request; the moment of the answer
    return {name: value for name, value in response.headers.items() if name not in by_chance}


def test_trace_is_no_method_of_any_page_whoever_asks(world):
    before = fingerprint()
    for page, kind in {(row.page, row.kind) for row in ROWS}:
        for client in world.clients.values():
            answer = client.trace(world.address(page, kind), headers={"x-echo": "not-to-be-echoed"})
            assert (answer.status_code, answer.content) == (405, b""), page
    assert fingerprint() == before


def test_a_change_needs_the_form_s_token(world):
    for row in ROWS:
        if row.methods == "send" and "302" in row.answers.values():
            person = next(name for name, answer in row.answers.items() if answer == "302")
            client = Client(enforce_csrf_checks=True)
            if person != "anonymous":
                client.force_login(world.users[person])
            response = client.post(world.address(row.page, row.kind), SENT.get(row.page, {}))
            assert response.status_code == 403, row
