"""Wherever an address says where to go next: to this site, or nowhere."""

import ast
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD
from tests.guards.access_world import prove_password

pytestmark = pytest.mark.usefixtures("database")

ROOT = Path(__file__).resolve().parent.parent.parent
ELSEWHERE = [
    "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "\t//evil.example",
    " //evil.example", "https:evil.example", "https:/evil.example", "javascript:alert(1)",
    "JavaScript:alert(1)", "///evil.example", "http://testserver@evil.example",
    "//testserver:x@evil.example", "/\t/evil.example", "data:text/html,x", "\x00//evil.example",
    "https://testserver.evil.example", "//evil%E3%80%82example", "ftp://testserver/", "x" * 50_000, "on",
    "start", "/%0d%0aLocation:%20//evil.example",
]  # fmt: skip
# Where a place is asked for: the page, and what makes it lead there.
ASKED = {
    "account_login": {"login": "nord@example.org", "password": PASSWORD},
    "account_logout": {},
    "account_reauthenticate": {"password": PASSWORD},
    "mfa_reauthenticate": {},
    "language_choose": {"language": "en"},
    "working_region_choose": {"region": "nord"},
}


@pytest.mark.parametrize("name", ASKED)
def test_no_place_elsewhere_is_led_to(coordinator_nord, name):
    for elsewhere in ELSEWHERE:
        for asks in (in_the_form, in_the_address):
            browser = Client(headers={"referer": elsewhere} if name == "language_choose" else None)
            if name != "account_login":
                browser.force_login(coordinator_nord)
                prove_password(browser, coordinator_nord)
            response = asks(browser, reverse(name), ASKED[name], elsewhere)
            place = response.headers.get("Location", "/")
            assert is_here(place), f"{elsewhere!r} leads to {place!r}"
            assert response.status_code < 500


def in_the_form(browser, address, sent, place):
    return browser.post(address, sent | {"next": place})


def in_the_address(browser, address, sent, place):
    return browser.post(f"{address}?{urlencode({'next': place})}", sent)


def is_here(place: str) -> bool:
    """As a browser reads it, which drops tabs and line ends and takes a backslash for a slash."""
    read = place.strip("\x00\x1f ").replace("\\", "/")
    for dropped in "\t\r\n":
        read = read.replace(dropped, "")
    parts = urlsplit(urljoin("http://testserver/x/", read))
    return (parts.scheme, parts.netloc) == ("http", "testserver")


@pytest.mark.parametrize(
    "name", ["account_login", "language_choose", "working_region_choose", "mfa_reauthenticate"]
)
def test_a_place_on_this_site_is_led_to(coordinator_nord, name):
    """Or the test above would say nothing."""
    browser = Client()
    if name != "account_login":
        browser.force_login(coordinator_nord)

    response = browser.post(reverse(name), ASKED[name] | {"next": "/incidents/?page=1"})

    assert response.headers["Location"] == "/incidents/?page=1"


@pytest.mark.parametrize(
    "place", ["//evil.example", "/\\evil.example", "https:evil.example", "/\t/evil.example", "javascript:x"]
)
def test_a_place_elsewhere_is_seen(place):
    assert not is_here(place)


# What is led to by more than a name of the site's own: a place of the request, all tried above, or one that
# the site made. A new one is to be looked at here.
LOOKED_AT = {
    "next_page", "next_page or 'start'", "asked_for(request)",
    "page", "_back(request, case.pk)", "_next_page(request, case.pk)", "_place_in_list(request, case_id)",
    "address_of(draft.page, draft.about) if draft else 'start'", "_list_of(pair)", "request",
}  # fmt: skip
_OWN = ("'", "f'upload_", "f'{reverse(", 'f"{reverse(', "reverse(")


def test_nothing_else_leads_where_a_request_says():
    found = set()
    for path in [*ROOT.glob("casereg/**/*.py"), *ROOT.glob("stats/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("redirect", "Redirect")):
                found.add(ast.unparse(node.args[0]))
    assert {place for place in found if not place.startswith(_OWN)} <= LOOKED_AT
    assert {"next_page", "asked_for(request)"} <= found
