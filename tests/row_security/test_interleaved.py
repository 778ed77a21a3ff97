"""Two workers with persistent connections, and requests of two regions in between each other."""

import http.client
import os
import random
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from django.test import Client

from casereg.models import AuditEvent, Case
from tests.databases import database_url
from tests.factories import CaseFactory, UserFactory
from tests.listening import free_port, listening
from tests.row_security.interleaved import LEFT

pytestmark = pytest.mark.real_time

REQUESTS, AT_ONCE, PATIENCE = 500, 8, 60  # seconds
REGIONS = ("nord", "syd")


@dataclass(frozen=True)
class Visitor:
    region: str
    cookie: str
    own: str  # a case's id
    foreign: str
    markers: tuple[str, ...]  # of the other region


@dataclass(frozen=True)
class Answer:
    visitor: Visitor
    kind: str
    status: int
    body: str
    left: str


@pytest.fixture
def visitors(committed_db) -> list[Visitor]:
    cases = {region: CaseFactory.create_batch(20, region_id=region) for region in REGIONS}
    for region, of_region in cases.items():
        for number, case in enumerate(of_region):
            Case.objects.filter(pk=case.pk).update(reference=f"of-{region}-{number}")
    found = []
    for region, other in (REGIONS, REGIONS[::-1]):
        client = Client()
        client.force_login(UserFactory(region_id=region))
        cookie = client.cookies["sessionid"].value
        ids = tuple(str(case.pk) for case in cases[other])
        found.append(Visitor(region, cookie, str(cases[region][0].pk), ids[0], (f"of-{other}-", *ids)))
    return found


@pytest.fixture
def port(visitors, tmp_path) -> Iterator[int]:
    number = free_port()
    command = ["gunicorn", "casereg.wsgi", f"--bind=127.0.0.1:{number}", "--workers=2", "--threads=2",
               "--worker-class=gthread", "--no-control-socket"]  # fmt: skip
    env = os.environ | {
        "CASEREG_ENV": "development",
        "DJANGO_SETTINGS_MODULE": "tests.row_security.interleaved_settings",
        "DATABASE_URL": database_url(),
    }
    with listening(command, number, log=tmp_path / "log", env=env):
        yield number


def ask(port: int, visitor: Visitor, kind: str) -> Answer | None:
    paths = {
        "list": "/cases/",
        "own": f"/cases/{visitor.own}/",
        "foreign": f"/cases/{visitor.foreign}/",
        "failing": "/cases/?fail=1",
        "download": "/cases/download/",
        "aborted": "/cases/",
        "stranger": "/cases/",
        "year": "/statistics/2023/",
    }
    cookie = "" if kind == "stranger" else f"sessionid={visitor.cookie}"
    if kind == "aborted":
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
            head = f"GET {paths[kind]} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n"
            line.sendall(head.encode())
        return None  # gone before the answer
    site = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        site.request("GET", paths[kind], headers={"Cookie": cookie, "Host": "127.0.0.1"})
        answer = site.getresponse()
        return Answer(visitor, kind, answer.status, answer.read().decode(), answer.headers.get(LEFT, ""))
    finally:
        site.close()


EXPECTED = {
    "list": 200, "own": 200, "foreign": 404, "failing": 500, "download": 200, "stranger": 302, "year": 200,
}  # fmt: skip


def test_no_request_sees_a_row_or_leaves_a_reach_of_another(port, visitors):
    chance = random.Random(2018)
    kinds = [*EXPECTED, "aborted"]
    asked = [(visitors[number % 2], chance.choice(kinds)) for number in range(REQUESTS)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = [answer for answer in threads.map(lambda one: ask(port, *one), asked) if answer]

    assert len(answers) > REQUESTS * 0.8
    assert {kind: {a.status for a in answers if a.kind == kind} for kind in EXPECTED} == {
        kind: {status} for kind, status in EXPECTED.items()
    }
    for answer in answers:
        seen = [marker for marker in answer.visitor.markers if marker in answer.body]
        assert seen == [], (answer.kind, answer.visitor.region)
        assert answer.left.split(";")[0] == "", (answer.kind, answer.left)
    assert any("of-nord-" in answer.body for answer in answers)
    # Connections are kept: a few served them all, each of them both regions.
    served = Counter((a.left.split(";")[1], a.visitor.region) for a in answers)
    by_both = {
        backend for backend, _region in served if all((backend, region) in served for region in REGIONS)
    }
    assert len({backend for backend, _region in served}) < REQUESTS / 10
    assert len(by_both) >= 2
    # What failed left no event, and what was seen or refused left one each, whoever went away meanwhile.
    shown = Counter(answer.kind for answer in answers)
    events = AuditEvent.objects.filter(action__in=("read", "access_denied", "cases_download"))
    aborted = REQUESTS - len(answers)
    counted = shown["list"] + shown["own"] + shown["foreign"] + shown["download"]
    assert counted <= events.count() <= counted + aborted
