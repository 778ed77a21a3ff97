"""Whatever is sent to whichever address: no failure, no foreign row, and nothing changed by a refusal."""

import ast
import re
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from casereg.access import routes
from tests.factories import PASSWORD
from tests.guards.access_world import MARKER, SENT, build, prove_password
from tests.guards.test_access_table import ROWS, fingerprint, is_open_offer
from tests.records import csv_text
from tests.strategies import LONG, hostile_forms, hostile_values, random_rows

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
FORM = "application/x-www-form-urlencoded"
EXAMPLES = 5  # of each page and role
# Everybody may send here, and something may be stored though the same page comes back: a mail to be sent.
ANSWERED_BY_A_PAGE = {"password_forgotten"}

# What an address may ask, as the code names it. A name that the code learns has to be added here.
ASKED = {
    "'after'": ["after"], "'before'": ["before"], "'by'": ["by"], "'draft'": ["draft"], "'from'": ["from"],
    "'incident'": ["incident"], "'like'": ["like"], "'next'": ["next"], "'page'": ["page"],
    "'part'": ["part"], "'per_cent'": ["per_cent"], "'region'": ["region"], "'sort'": ["sort"],
    "'table'": ["table"], "'with'": ["with"], "'without_incident'": ["without_incident"],
    "'year'": ["year"], "LISTS": ["lists"], "f'{WITHIN}-without_incident'": ["within-without_incident"],
    "name": ["kind", "year", "page", "before", "after", "form", "sex", "nationality"],
}  # fmt: skip
# Forms that are filled from an address, with their fields.
FORMS = {
    "UserFilterForm": ["role", "region", "state", "name"],
    "ToMendForm": ["kind", "year"],
    "TrailFilterForm": ["person", "region", "kind", "outcome", "first_day", "last_day"],
    "PairFilterForm": ["year", "regions", "region"],
    "CaseFilterForm": [
        "year",
        "month",
        "region",
        "form",
        "sex",
        "age_group",
        "nationality",
        "incident",
        "reference",
        "state",
    ],
    "NarrowingForm": [
        "region",
        "form",
        "sex",
        "age_group",
        "assessment",
        "month",
        "within-form",
        "within-month",
    ],
}


def asked_in_code() -> Iterator[tuple[str, str]]:
    """What is taken from `request.GET`: names, and forms that it fills."""
    for folder in ("casereg", "stats"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and any(_is_asked(each) for each in node.args):
                    yield "form", ast.unparse(node.func)
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and _is_asked(node.func.value)
                ):
                    yield ("name", ast.unparse(node.args[0])) if node.args else ("whole", node.func.attr)
                if isinstance(node, ast.Subscript) and _is_asked(node.value):
                    yield "name", ast.unparse(node.slice)
                if isinstance(node, ast.Compare) and any(_is_asked(each) for each in node.comparators):
                    yield "name", ast.unparse(node.left)


def _is_asked(node: ast.expr) -> bool:
    return ast.unparse(node) == "request.GET"


def test_every_name_that_the_code_asks_an_address_for_is_tried():
    found = set(asked_in_code())

    assert {name for kind, name in found if kind == "name"} == ASKED.keys()
    assert {name for kind, name in found if kind == "form"} == FORMS.keys()
    assert {name for kind, name in found if kind == "whole"} <= {"urlencode"}


# --- Forms ---------------------------------------------------------------------------------------


def senders():
    """Each page that takes a form, with an object and each role that may send it."""
    for row in ROWS:
        if row.methods == "send":
            for who, answer in row.answers.items():
                if answer in ("200", "302") and who != "deactivated":
                    yield row, who


def base_of(page: str) -> dict[str, str]:
    return {name: value for name, value in SENT.get(page, {}).items() if isinstance(value, str)}


EXTRA = [
    "credential", "code", "login", "password", "next", "draft_key", "number", "language", "confirmed",
    "edit", "preview", "save", "mark", "lines-0-persons", "lines-9999-sex", "lines-0-add", "reference",
    "note", "month", "region", "reason", "drawn_from", "adding_to",
]  # fmt: skip


def test_no_form_is_a_failure_and_none_shows_what_is_another_region_s():
    world = build()
    before = fingerprint()
    for row, who in one_of_each(senders()):
        base, address = base_of(row.page), world.address(row.page, row.kind)
        each_of(hostile_forms(base, sorted({*base, *EXTRA})), partial(send, world, row, who, address, before))
    assert fingerprint() == before


def send(world, row, who, address, before, body):
    note(f"POST {address} by {who}: {body[:300]}")
    # What was done in another example, and undone, is still told on the next page.
    world.clients[who].cookies.pop("messages", None)
    with transaction.atomic():
        response = world.clients[who].post(address, body, content_type=FORM)
        check(response, row, who, address)
        if response.status_code != 302 and row.page not in ANSWERED_BY_A_PAGE:
            assert fingerprint() == before
        transaction.set_rollback(True)


def each_of(strategy, tried, *, examples=EXAMPLES) -> None:
    """The same examples every time, and the first failure as it came: an example here is short enough."""

    @settings(max_examples=examples, derandomize=True, database=None, phases=[Phase.generate])
    @given(strategy)
    def example(drawn):
        tried(drawn)

    example()


def one_of_each(found):
    """Each page once, if it may be by the person from whom there is most to keep: of another region."""
    of_page: dict = {}
    for row, who in found:
        if row.page not in of_page or (who == "of another" and of_page[row.page][1] != who):
            of_page[row.page] = row, who
    return list(of_page.values())


def check(response, row, who, address):
    assert response.status_code < 500
    if who not in ("of the region", "analyst") and not is_open_offer(row, who):
        seen = content_of(response) + repr(response.headers)
        for sent in (address, f"{MARKER}-standing"):
            seen = seen.replace(sent, "")
        assert MARKER not in seen


def content_of(response) -> str:
    content = b"".join(response) if response.streaming else response.content
    return content.decode("utf-8", "replace")


# --- Addresses -----------------------------------------------------------------------------------

NAMES = sorted({name for names in (*ASKED.values(), *FORMS.values()) for name in names})
questions = st.lists(st.tuples(st.sampled_from(NAMES), hostile_values), min_size=1, max_size=4).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)


def readers():
    for row in ROWS:
        if row.methods == "read":
            for who, answer in row.answers.items():
                if answer == "200" and who not in ("deactivated", "anonymous"):
                    yield row, who


def test_no_question_is_a_failure_and_none_shows_what_is_another_region_s():
    world = build()
    before = fingerprint()
    for row, who in one_of_each(readers()):
        each_of(questions, partial(ask_for, world, row, who, world.address(row.page, row.kind)))
    assert fingerprint() == before


def ask_for(world, row, who, address, question):
    note(f"GET {address}?{question[:300]} by {who}")
    response = world.clients[who].get(f"{address}?{question}")
    check(response, row, who, address)


# --- The address itself, and what comes with it --------------------------------------------------

ODD_PARTS = {
    "uuid": ["00000000-0000-0000-0000-000000000000", "0"],
    "int": ["0", "9" * 19, "9" * 30, "9" * 5000],
    "slug": ["-", "_T", "key-", "a" * LONG],
    "str": [
        "%00",
        "%ED%A0%80",
        "%FF",
        "%0d%0aA: b",
        "%F0%9F%92%A9",
        "..%2f..",
        "%3Csvg%2Fonload%3D1%3E",
        "a" * LONG,
        "%EF%BC%97",
        "{0}",
        "%25s",
        "nord'--",
        "%7B%7B7%7D%7D",
    ],
}


def test_no_address_that_somebody_makes_up_is_a_failure():
    world = build()
    before = fingerprint()
    for path, pattern in routes():
        readers_of = [row for row in ROWS if row.page == pattern.name and row.methods == "read"]
        who = next(w for w in ("of another", "administrator", "analyst") if readers_of[0].answers[w] != "403")
        for kind, parameter in re.findall(r"<(\w+):(\w+)>", path):
            for odd in ODD_PARTS[kind]:
                made_up = path.replace(f"<{kind}:{parameter}>", odd)
                address = "/" + re.sub(r"<(\w+):(\w+)>", partial(common_value, world), made_up)
                response = world.clients[who].get(address)
                assert response.status_code in (200, 302, 404, 405), address[:200]
                check(response, readers_of[0], who, address)
    assert fingerprint() == before


def common_value(world, found) -> str:
    return str(world.objects["standing"].get(found[2], world.objects["absent"][found[2]]))


HEADERS = {
    "User-Agent": [
        "a\x00b",
        "\x1b[2J",
        "x" * LONG,
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "=1+1",
    ],
    "X-Forwarded-For": ["x" * LONG, "1.1.1.1, " * 5000, "a\x00b", "999.999.999.999", "::" * 500],
    "X-Forwarded-Proto": ["https", "javascript", "\x00"],
    "Referer": ["javascript:alert(1)", "https://evil.example/", "x" * LONG, "//evil.example", "http://["],
    "Cookie": [
        "sessionid=" + "x" * LONG,
        "sessionid=\x00",
        "django_language=\x00; csrftoken=\x00",
        "a" * LONG,
        "=;=;=",
        "messages=[]; messages=x:y",
        "browser=" + "9" * LONG,
        "sessionid=../../etc/passwd",
    ],
    "Accept-Language": ["x" * LONG, "sv;q=1e999", "\x00"],
    "Accept": ["x" * LONG, "\x00"],
    "Range": ["bytes=0-18446744073709551615", "x" * LONG],
    "If-Modified-Since": ["x" * LONG, "Thu, 01 Jan 99999 00:00:00 GMT"],
    "If-None-Match": ["\x00", "x" * LONG],
    "Content-Type": [
        "x" * LONG,
        "multipart/form-data",
        "multipart/form-data; boundary=" + "x" * 300,
        "application/x-www-form-urlencoded; charset=no-such",
        "application/json",
        "text/\x00",
    ],
    "Content-Length": ["-1", "x", "9" * 30],
    "X-Request-Id": ["a\nb", "x" * LONG],
}


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_is_a_failure(coordinator_nord, header):
    for value in HEADERS[header]:
        browser = Client()
        for address, sent in (
            ("/account/login/", {"login": "nord@example.org", "password": PASSWORD}),
            ("/cases/", None),
        ):
            key = header.upper().replace("-", "_")
            extra = {key if key.startswith("CONTENT") else f"HTTP_{key}": value}
            if header == "Content-Type":
                response = browser.generic("POST", address, b"a=b", content_type=value)
            elif sent:
                response = browser.post(address, sent, **extra)
            else:
                response = browser.get(address, **extra)
            assert response.status_code < 500, value[:60]


@pytest.mark.parametrize(
    "content_type", [FORM, "multipart/form-data; boundary=b", "application/json", "text/plain"]
)
@pytest.mark.parametrize("name", ["account_login", "case_register", "draft_save", "language_choose"])
def test_ten_megabytes_are_refused_at_once_and_not_kept(coordinator_nord, name, content_type):
    browser = Client()
    browser.force_login(coordinator_nord)
    # As one field, and as fields without end.
    head, tail = b"", b""
    if "boundary" in content_type:
        head, tail = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n', b"\r\n--b--\r\n"
    for fields in (b"a=" + b"x" * 10_000_000, b"a=b&" * 2_500_000):
        body = head + fields + tail
        with nothing_changes_but_the_trail():
            began = time.monotonic()
            tracemalloc.start()
            response = browser.post(reverse(name), body, content_type=content_type)
            _now, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert response.status_code in (200, 302, 400, 404, 413)
        if content_type in (FORM, "multipart/form-data; boundary=b"):
            assert response.status_code in (400, 413)
        assert time.monotonic() - began < 5  # far more than it takes: the machine may be loaded
        assert most < 20_000_000


@contextmanager
def nothing_changes_but_the_trail() -> Iterator[None]:
    before = fingerprint()
    yield
    assert fingerprint() == before


DEEP = [
    "[" * LONG, '{"a":' * LONG, "[" * LONG + "]" * LONG, '"' + "\\ud800" * 100 + '"', "1" * LONG, "1e400",
    "null", "{}",
    '{"id":"\\ud800","rawId":"\\ud800","type":"public-key","response":{"clientDataJSON":"\\ud800"}}',
    '{"id":"","rawId":[],"type":1,"response":[],"clientExtensionResults":0}', "\x00", "x" * LONG,
]  # fmt: skip


@pytest.mark.parametrize("name", ["passkey_add", "mfa_reauthenticate", "account_login"])
def test_no_answer_of_a_passkey_is_a_failure(coordinator_nord, name):
    browser = Client()
    browser.force_login(coordinator_nord)
    prove_password(browser, coordinator_nord)
    Authenticator.objects.create(user=coordinator_nord, type="totp", data={"secret": "x"})
    for deep in DEEP:
        browser.get(reverse(name))  # begins the ceremony
        response = browser.post(reverse(name), {"name": "key", "credential": deep})
        assert response.status_code in (200, 302, 429), deep[:40]


# --- Case files from a browser -------------------------------------------------------------------

FILE_NAMES = [
    "cases.csv", "cases.xlsx", "CASES.CSV", "../../etc/passwd.csv", "a\x00.csv", "a\r\nX: b.csv",
    "å" * 300 + ".csv", "x" * LONG + ".xlsx", ".csv", "", "<svg onload=1>.csv", "=1+1.csv",
    "19121212-1212.csv", "\ud800.csv",
]  # fmt: skip
tables = st.lists(random_rows, max_size=3).map(lambda rows: csv_text(rows).encode())
ODD_TABLES = [
    b"a,b\n" + b"x" * LONG + b",y\n", b'"' * LONG, b"," * LONG, b"a,b\n" * 20_001, b'a,b\n"x"y,z\n',
    b"a,a,a\n1,2,3\n", "a,b\n\u202e\ufeff\u2028,\x85\n".encode(), b"\xff\xfea\x00,\x00b\x00",
    b"PK\x03\x04" + b"\x00" * 100,
]  # fmt: skip


def test_no_file_is_a_failure_and_what_is_refused_is_not_kept():
    world = build()
    upload = partial(upload_file, world.clients["of another"], fingerprint())
    for content in ODD_TABLES:
        for name in ("cases.csv", "cases.xlsx"):
            upload((name, content))
    drawn = st.tuples(st.sampled_from(FILE_NAMES), tables | st.binary(max_size=300))
    each_of(drawn, upload, examples=25)


def upload_file(client, before, file):
    name, content = file
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode("utf-8", "surrogatepass") + content + b"\r\n--b--\r\n"
    client.cookies.pop("messages", None)
    with transaction.atomic():
        response = client.post(
            "/cases/upload/", body, content_type="multipart/form-data; boundary=b", follow=True
        )
        assert response.status_code < 500
        assert MARKER not in response.content.decode()
        if not response.redirect_chain:
            assert fingerprint() == before
        transaction.set_rollback(True)
