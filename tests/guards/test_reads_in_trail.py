"""Whoever sees what is recorded of persons is in the trail. Where the trail takes nothing, nobody sees it."""

import pytest
from django.db import transaction
from django.http.cookie import SimpleCookie
from django.test import Client

from casereg.models import AuditEvent, AuditHead
from tests.databases import Stored, everything_stored
from tests.guards.access_world import MARKER, SENT, World, build
from tests.guards.test_access_table import METHODS, NOT_COMPARED, ROWS, Row, ask

READERS = ("of the region", "of another", "analyst")
LOGGED_IN = (*READERS, "administrator")

# Pages that show a text of somebody's records and leave no event, and why that is enough.
NOT_IN_TRAIL = {
    "incident_list": "a list of references",
    "offer_list": "a list of references and reasons: what is opened from it leaves an event",
    "case_withdraw": "the case's reference alone; the withdrawal leaves an event",
    "case_restore": "the case's reference alone; the restoring leaves an event",
    "case_offer": "the case's reference alone; the offer leaves an event",
    "incident_rename": "the incident's reference alone; the renaming leaves an event",
    "incident_add_persons": "the incident's reference alone; adding leaves an event",
    "upload_create": "names of the reader's own files",
    "upload_columns": "headings of the reader's own file",
    "upload_words": "words of the reader's own file",
    "year_narrow": "the references of the largest incidents, to choose from",
}
# The same of one kind of object only.
NOT_IN_TRAIL_OF = {("upload_check", "imported"): "how many rows came in, and the name of the reader's file"}


@pytest.fixture
def world(db) -> World:
    return build()


def test_each_page_that_shows_a_record_leaves_exactly_one_event(world):
    shown = set()
    for row, person in opened_pages():
        address = world.address(row.page, row.kind)
        expected = 0 if is_excepted(row) else 1
        seen, added = opened(world, person, "GET", address)
        if MARKER not in seen:
            continue
        shown.add((row.page, row.kind))
        assert added == expected, f"GET {row.page} ({row.kind}) by {person}: {added} events"
        _nothing, added = opened(world, person, "HEAD", address)
        assert added == expected, f"HEAD {row.page} ({row.kind}) by {person}: {added} events"

    # The exceptions are pages that are, and show something.
    assert set(NOT_IN_TRAIL) <= {page for page, _kind in shown}
    assert set(NOT_IN_TRAIL_OF) <= shown
    assert {("case_read", "standing"), ("cell_read", "–"), ("case_download", "–")} <= shown


def is_excepted(row: Row) -> bool:
    return row.page in NOT_IN_TRAIL or (row.page, row.kind) in NOT_IN_TRAIL_OF


def opened_pages() -> list[tuple[Row, str]]:
    return [
        (row, person)
        for row in ROWS
        for person in READERS
        if row.methods == "read" and row.answers[person] == "200"
    ]


def opened(world: World, person: str, method: str, address: str) -> tuple[str, int]:
    """What the page shows but for its own address, and how many events it leaves. Taken back."""
    with transaction.atomic():
        before = AuditEvent.objects.count()
        response = ask(world.clients[person], method, address, {})
        added = AuditEvent.objects.count() - before
        transaction.set_rollback(True)
    return response.content.decode(errors="replace").replace(address, ""), added


# --- Where the trail takes nothing ---------------------------------------------------------------


def test_where_an_event_cannot_be_stored_the_request_fails_and_nothing_is(committed_db):
    world = build()
    done = [cell for cell in done_cells() if leaves_an_event(world, *cell)]
    refused = refused_cells()
    assert min(len(done), len(refused)) > 30
    take_the_next_number()

    before = stored()
    for row, person, method in done + refused:
        response = asked(world, row, person, method)
        told = f"{method} {row.page} ({row.kind}) by {person}"
        assert response.status_code == 500, told
        assert MARKER not in response.content.decode(), told
    assert stored() == before


def done_cells() -> list[tuple[Row, str, str]]:
    """Of each page, object and method the first person who is let in."""
    return [
        (row, person, METHODS[row.methods][0])
        for row in ROWS
        for person in LOGGED_IN
        if row.answers[person] in ("200", "302")
        and not any(row.answers[other] in ("200", "302") for other in LOGGED_IN[: LOGGED_IN.index(person)])
    ]


def refused_cells() -> list[tuple[Row, str, str]]:
    """Opening what is not there, of each page: an event too."""
    return [
        (row, person, "GET")
        for row in ROWS
        for person in LOGGED_IN[:1]
        if row.kind == "absent" and row.methods == "read" and row.answers[person] in ("403", "404")
    ]


def asked(world: World, row: Row, person: str, method: str):
    client = Client(raise_request_exception=False)
    client.cookies = SimpleCookie(world.clients[person].cookies)  # a copy: some pages take them away
    return ask(client, method, world.address(row.page, row.kind), SENT.get(row.page, {}))


def leaves_an_event(world: World, row: Row, person: str, method: str) -> bool:
    with transaction.atomic():
        before = AuditEvent.objects.count()
        asked(world, row, person, method)
        added = AuditEvent.objects.count() - before
        transaction.set_rollback(True)
    return added > 0


def take_the_next_number() -> None:
    """An event of the number that the next one would have: the table refuses the next one."""
    event = AuditEvent.objects.latest("sequence")
    event.sequence = AuditHead.objects.get().sequence + 1
    event.save(force_insert=True)


def stored() -> Stored:
    beside = NOT_COMPARED - {"casereg_auditevent", "casereg_audithead"}
    return {table: rows for table, rows in everything_stored().items() if table not in beside}
