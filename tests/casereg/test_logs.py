"""The log: one object a line, with the request's id, and nothing that a case, a form or an address holds."""

import json
import logging
import os
import re
import socket
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import psycopg
import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

from casereg.access import public
from casereg.logs import FRAMES_MAX, JsonLines, stack
from casereg.models import Case
from casereg.request_ids import HEADER, current_request_id
from casereg.views import errors
from tests.factories import CaseFactory
from tests.guards.access_world import MARKER, SENT, build
from tests.guards.test_access_table import ROWS, names
from tests.listening import command_of_the_image, free_port, listening
from tests.logged import MARKERS, all_that_is_logged
from tests.walls import as_owner

# --- One line --------------------------------------------------------------------------------------


def line_of(message, *arguments, logger="casereg.tests", level=logging.WARNING, **extra) -> str:
    record = logging.LogRecord(logger, level, "here.py", 1, message, arguments, None)
    vars(record).update(extra)
    return JsonLines().format(record)


def test_a_line_says_when_in_utc_how_bad_from_where_and_what(clock):
    clock.move_to("2026-07-01T12:00:00.123456+02:00")

    assert json.loads(line_of("Of %d mails %s waits", 2, "one")) == {
        "time": "2026-07-01T10:00:00.123Z",
        "level": "WARNING",
        "logger": "casereg.tests",
        "message": "Of 2 mails one waits",
    }


@pytest.mark.parametrize(
    "sent", ["\n{}", "\r\n", "\x1b[2J", "\0", "\x85", "\u2028\u2029", "\ud800", '"}\n{"level']
)
@pytest.mark.parametrize("place", ["message", "argument", "request id"])
def test_nothing_begins_a_second_line(sent, place):
    where = {"message": f"before {sent} after", "argument": "%s", "request id": "x"}[place]
    arguments = (f"before {sent} after",) if place == "argument" else ()

    line = line_of(where, *arguments, request_id=sent if place == "request id" else "")

    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert line.isprintable()
    assert sent in json.loads(line)["request_id" if place == "request id" else "message"]


def test_a_line_has_an_end():
    assert len(line_of("x" * 1_000_000)) < 3_000


def test_of_a_library_s_message_only_its_words_are_written_and_its_numbers():
    line = line_of("error ignored in rollback of %s after %d tries: %s", MARKER, 3, MARKER, logger="psycopg")
    named = line_of("%(who)s did %(what)d", {"who": MARKER, "what": 7}, logger="a.library")
    raised = line_of(ValueError(MARKER), logger="a.library")

    assert json.loads(line)["message"] == "error ignored in rollback of … after 3 tries: …"
    assert json.loads(named)["message"] == "… did 7"
    assert json.loads(raised)["message"] == "ValueError"


def test_a_slip_in_a_call_of_the_logger_does_not_print_what_it_was_given():
    # Where a formatter fails, logging prints the record with all its arguments.
    ours = line_of("no place for it", MARKER)
    of_a_library = line_of("%d wants a number", MARKER, logger="a.library")

    assert json.loads(ours)["message"] == "no place for it"
    assert json.loads(of_a_library)["message"] == "%d wants a number"


# --- Exceptions ------------------------------------------------------------------------------------


def written_of(fails) -> tuple[dict, str]:
    """What is logged where this is called, read and as it stands."""
    with all_that_is_logged() as lines:
        try:
            fails()
        except Exception:
            logging.getLogger("casereg.tests").exception("It failed")
    [line] = [line for line in lines if "It failed" in line]
    return json.loads(line), line


def test_an_exception_is_its_class_and_its_stack_and_so_is_what_led_to_it():
    def fails():
        try:
            int(MARKER)
        except ValueError as error:
            raise LookupError(MARKER) from error

    logged, line = written_of(fails)

    assert [error["class"] for error in logged["errors"]] == ["builtins.LookupError", "builtins.ValueError"]
    assert re.fullmatch(r"tests/casereg/test_logs\.py:\d+ .*fails", logged["errors"][0]["stack"][-1])
    assert MARKER not in line


def test_exceptions_that_lead_to_each_other_and_deep_stacks_come_to_an_end():
    def deeper(left):
        if left:
            deeper(left - 1)
        raise ValueError(MARKER)

    def in_a_circle():
        first, second = ValueError(1), ValueError(2)
        first.__cause__, second.__cause__ = second, first
        raise first

    logged, _line = written_of(lambda: deeper(500))
    circle, _line = written_of(in_a_circle)

    assert len(logged["errors"][0]["stack"]) == FRAMES_MAX + 1
    assert len(circle["errors"]) == 5
    assert stack(None) == []


def refused_by_the_database(kind: str) -> None:
    case = CaseFactory(reference=MARKER)
    # As somebody whom no policy holds back: to others PostgreSQL itself does not quote the row.
    with transaction.atomic(), as_owner():
        if kind == "unique":
            CaseFactory(reference=MARKER)
        elif kind == "check":
            Case.objects.filter(pk=case.pk).update(sex=MARKER[:10])
        elif kind == "trigger":
            Case.objects.filter(pk=case.pk).update(year=2016)
        else:
            Case.objects.filter(pk=case.pk).update(sex=None)


@pytest.mark.parametrize("kind", ["unique", "check", "null", "trigger"])
def test_what_the_database_refuses_is_told_by_code_and_constraint_without_a_value(database, kind):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        refused_by_the_database(kind)
    if connection.vendor == "postgresql" and kind != "trigger":  # that there was something to leave out
        assert MARKER[:10] in str(refused.value)

    logged, line = written_of(lambda: refused_by_the_database(kind))

    assert MARKER[:10] not in line
    outer, inner = logged["errors"][:2]
    assert outer["class"] == "django.db.utils.IntegrityError"
    if connection.vendor == "postgresql":
        states = {"unique": "23505", "check": "23514", "null": "23502", "trigger": "23514"}
        assert inner["sqlstate"] == states[kind]
        assert ("constraint" in inner) == (kind in ("unique", "check"))
    else:
        codes = {"unique": "UNIQUE", "check": "CHECK", "null": "NOTNULL", "trigger": "TRIGGER"}
        assert inner["sqlite"] == f"SQLITE_CONSTRAINT_{codes[kind]}"
        assert ("constraint" in inner) == (kind != "trigger")
    assert ("rule" in inner) == (kind == "trigger")


def test_a_server_that_is_not_there_is_told_in_the_client_s_words():
    port = free_port()

    logged, _line = written_of(
        lambda: psycopg.connect(f"host=127.0.0.1 port={port} user=someone dbname=casereg connect_timeout=2")
    )

    assert "refused" in logged["errors"][0]["says"]


# --- Requests --------------------------------------------------------------------------------------


@public(because="a test needs a page that fails")
def fail(_request, **_of_address):
    raise RuntimeError(MARKER)


@public(because="a test needs a page that tells its id")
def tell_id(_request):
    return HttpResponse(current_request_id())


urlpatterns = [
    path("fail/<str:typed>/", fail, name="a_page_that_fails"),
    path("id/", tell_id),
    path("", include("casereg.urls")),
]
handler400, handler403 = errors.bad_request, errors.permission_denied
handler404, handler500 = errors.page_not_found, errors.server_error


@pytest.fixture
def visitor(settings) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


def test_a_failure_is_logged_by_its_route_with_the_id_that_the_page_and_the_answer_show(visitor):
    with all_that_is_logged() as lines:
        response = visitor.get(f"/fail/{MARKER}/?q={MARKER}", headers={"user-agent": MARKER})

    [logged] = [found for found in map(json.loads, lines) if found["level"] == "ERROR"]
    assert (logged["logger"], logged["message"]) == ("django.request", "Internal Server Error")
    assert (logged["route"], logged["status"]) == ("a_page_that_fails", 500)
    assert logged["errors"][0]["class"] == "builtins.RuntimeError"
    assert logged["errors"][0]["stack"][-1].endswith("fail")
    request_id = response.headers[HEADER]
    assert re.fullmatch("[0-9a-f]{16}", request_id)
    assert logged["request_id"] == request_id
    assert request_id in response.text
    assert MARKER not in "".join(lines)


def test_failures_are_the_same_page_but_for_the_id(visitor):
    first, second = (visitor.get(f"/fail/{number}/") for number in (1, 2))

    assert first.headers[HEADER] != second.headers[HEADER]
    assert first.text.replace(first.headers[HEADER], "") == second.text.replace(second.headers[HEADER], "")


def test_a_failure_of_the_page_of_failures_still_tells_the_id(visitor, settings):
    settings.STORAGES = {}  # no address of a static file can be written

    response = visitor.get("/fail/x/")

    assert (response.status_code, response.headers["Content-Type"]) == (500, "text/plain; charset=utf-8")
    assert response.text.count(response.headers[HEADER]) == 2


@pytest.mark.parametrize("sent", ["0123456789abcdef", "x\ny", "x" * 5000])
def test_an_id_that_the_client_sends_is_not_taken(visitor, sent):
    response = visitor.get("/id/", headers={"x-request-id": sent})

    assert response.text == response.headers[HEADER] != sent
    assert current_request_id() == ""


@pytest.mark.parametrize("address", ["/healthz", "/static/casereg/site.css", "/nowhere/", "/cases/"])
def test_every_answer_has_an_id(visitor, database, address):
    response = visitor.get(address)

    assert response.headers[HEADER]
    response.close()


def test_requests_at_once_have_each_their_own(visitor, monkeypatch):
    both_run = Barrier(2, timeout=10)

    @public(because="a test needs two requests at once")
    def tell_twice(_request):
        before = current_request_id()
        both_run.wait()
        return HttpResponse(f"{before} {current_request_id()}")

    monkeypatch.setattr(urlpatterns[1], "callback", tell_twice)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: Client().get("/id/"), range(2)))

    for answer in answers:
        assert answer.text == f"{answer.headers[HEADER]} {answer.headers[HEADER]}"
    assert len({answer.text for answer in answers}) == 2


def test_a_forged_form_is_logged_with_the_reason_and_no_address(visitor, coordinator_nord):
    client = Client(enforce_csrf_checks=True)

    with all_that_is_logged() as lines:
        client.post(f"/fail/{MARKER}/", headers={"origin": f"https://{MARKER}.example"})
        client.post(f"/fail/{MARKER}/")
        client.post(
            f"/fail/{MARKER}/", secure=True, headers={"referer": f"https://x.example/cases/{MARKER}/"}
        )

    logged = [found for found in map(json.loads, lines) if found["logger"] == "django.security.csrf"]
    assert [found["message"] for found in logged] == [
        "Forbidden: Origin checking failed",
        "Forbidden: CSRF cookie not set.",
        "Forbidden: Referer checking failed",
    ]
    assert MARKER not in "".join(lines)


def test_a_wrong_host_is_logged_without_it(visitor):
    with all_that_is_logged() as lines:
        visitor.get("/cases/", headers={"host": f"{MARKER}.example"})

    assert [found for found in map(json.loads, lines) if found["logger"] == "django.security.DisallowedHost"]
    assert MARKER.lower() not in "".join(lines).lower()


# --- A mark in everything that is sent ---------------------------------------------------------------

SEARCHED = {name for row in SENT.values() for name in row} | {
    "q", "page", "year", "sort", "form", "sex", "region", "reference", "incident", "first_day", "last_day",
    "who", "action", "outcome", "object", "county", "compare", "variable", "language", "next", "state",
}  # fmt: skip


class MarkedFile:
    """A file whose name, headings and cells are the mark."""

    name, content_type = f"{MARKER}.csv", f"text/{MARKER}"

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self) -> bytes:
        return self.content


TABLE = f"reference,{MARKER}\n{MARKER},{MARKER}\n".encode()
FILES = [TABLE, b"PK\x03\x04" + TABLE, b"\xff\xfe" + TABLE, b""]


@contextmanager
def database_that_fails(statement: str):
    """In PostgreSQL's words, with the row; an IntegrityError would be taken for a race and be tried again."""

    def fail_at(execute, sql, parameters, many, context):
        if sql.startswith(statement) and ("casereg_" in sql or statement == "SELECT"):
            raise DataError(f"DETAIL: Failing row contains ({MARKER}, {parameters}).")
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(fail_at):
        yield


def people_let_in(methods: str) -> list[tuple[str, str, str]]:
    """Page, kind of object and somebody who may: one for each page."""
    found = {}
    for row in ROWS:
        for who, answer in row.answers.items():
            if row.methods == methods and answer in ("200", "302") and who != "deactivated":
                found.setdefault(row.page, (row.page, row.kind, who))
    return list(found.values())


def ask(client: Client, address: str, sent: dict | None) -> int:
    """Ask once and undo it."""
    with transaction.atomic():
        if sent is None:
            response = client.get(address, dict.fromkeys(SEARCHED, MARKER))
        else:
            response = client.post(address, sent)
        transaction.set_rollback(True)
    return response.status_code


def marked(page: str) -> dict:
    """The page's fields with the mark in each; a file stays one."""
    fields = SENT.get(page, {})
    return {name: MarkedFile(TABLE) if name == "file" else MARKER for name in {"reference", "note", *fields}}


def test_nothing_that_is_sent_or_stored_is_logged_at_any_level_whatever_fails(db):
    world = build()
    for client in world.clients.values():
        client.raise_request_exception = False
    connection.force_debug_cursor = True  # Django logs each query then
    statuses = []
    try:
        with all_that_is_logged() as lines:
            for page, kind, who in people_let_in("send"):
                client, address = world.clients[who], world.address(page, kind)
                right = SENT.get(page, {}) | {"note": MARKER}
                statuses += [ask(client, address, sent) for sent in (right, marked(page))]
                with database_that_fails("INSERT INTO"):
                    statuses.append(ask(client, address, right))
            author = world.clients["of the region"]
            statuses += [ask(author, "/cases/upload/", {"file": MarkedFile(content)}) for content in FILES]
            for page, kind, who in people_let_in("read"):
                client, address = world.clients[who], world.address(page, kind)
                statuses.append(ask(client, address, None))
                with database_that_fails("SELECT"):
                    statuses.append(ask(client, address, None))
    finally:
        connection.force_debug_cursor = False

    told = [line for line in lines if MARKER.lower() in line.lower() or MARKERS.search(line)]
    assert told == []
    assert statuses.count(500) > 40
    assert sum(1 for line in lines if '"status": 500' in line) == statuses.count(500)
    assert any("django.db.backends" in line for line in lines)


def test_the_marked_pages_are_all_there_are():
    assert {page for page, *_ in people_let_in("send")} >= SENT.keys() - {"draft_save"}
    assert len(people_let_in("read")) > len(names()) / 2


# --- Gunicorn ----------------------------------------------------------------------------------------


def test_the_server_writes_nothing_but_such_lines_and_no_address(tmp_path):
    port, log = free_port(), tmp_path / "log"
    env = {
        "PATH": os.environ["PATH"], "CASEREG_ENV": "production", "SECRET_KEY": "k9#" * 20 + MARKER,
        "ALLOWED_HOSTS": "127.0.0.1", "SECURE_SSL_REDIRECT": "0", "STATIC_ROOT": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/without-tables.sqlite3",
    }  # fmt: skip
    with listening(command_of_the_image(port), port, log=log, env=env):
        status = status_of(f"http://127.0.0.1:{port}/account/login/?q={MARKER}")
        with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
            client.sendall(f"GET /cases/{MARKER}\x01 x HTTP/1.1\r\nBroken {MARKER}\r\n\r\n".encode())
            answer = client.recv(1000)

    lines = log.read_text().splitlines()
    logged = [json.loads(line) for line in lines]
    assert status >= 500
    assert b" 400 " in answer.splitlines()[0]
    assert {"gunicorn.error", "django.request"} <= {found["logger"] for found in logged}
    assert "Invalid request" in [found["message"] for found in logged]
    assert any(found["message"].startswith("Listening at: http://127.0.0.1") for found in logged)
    assert all(found["time"].endswith("Z") for found in logged)
    assert [line for line in lines if MARKER in line] == []


def status_of(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own, on the loopback
            return answer.status
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
