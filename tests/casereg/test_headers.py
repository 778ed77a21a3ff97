"""Every answer wears the security headers, whatever its status, and no page brings anything inline."""

import re
from html.parser import HTMLParser

import pytest
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, CaseFactory
from tests.failing_page import SECRET
from tests.programs import python

pytestmark = pytest.mark.usefixtures("database")

EXPECTED = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=()",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


@pytest.fixture
def visitor(settings) -> Client:
    """A client of the site and of one page that always fails, which takes errors as answers."""
    settings.ROOT_URLCONF = "tests.failing_page"
    return Client(raise_request_exception=False)


def assert_headers(response: HttpResponse, status: int, *, cache: str | None = "no-store, private") -> None:
    assert response.status_code == status
    assert EXPECTED.items() <= dict(response.headers.items()).items()
    if cache:
        assert response.headers["Cache-Control"] == cache
    assert "Server" not in response.headers


def test_a_page_has_them(visitor, coordinator_nord):
    visitor.force_login(coordinator_nord)

    assert_headers(visitor.get("/cases/"), 200)


def test_the_log_in_page_has_them(visitor):
    response = visitor.get("/account/login/")

    assert_headers(response, 200, cache=None)
    assert "no-store" in response.headers["Cache-Control"]


def test_a_redirect_has_them(visitor):
    assert_headers(visitor.get("/cases/"), 302)


def test_a_refusal_has_them(visitor, administrator):
    visitor.force_login(administrator)

    assert_headers(visitor.get("/cases/"), 403)


def test_a_missing_page_has_them(visitor):
    assert_headers(visitor.get("/.git/HEAD"), 404)


def test_a_wrong_method_has_them(visitor, coordinator_nord):
    visitor.force_login(coordinator_nord)

    assert_headers(visitor.delete("/cases/"), 405)


def test_a_wrong_host_has_them_and_nothing_is_echoed(visitor):
    response = visitor.get("/cases/", headers={"host": "evil.example"})

    assert_headers(response, 400)
    assert "evil" not in response.text


def test_a_failure_has_them_and_tells_nothing_of_the_inside(visitor):
    response = visitor.get("/fail/")

    assert_headers(response, 500)
    assert not [word for word in (SECRET, "RuntimeError", "Traceback", ".py") if word in response.text]
    assert "<h1" in response.text


def test_a_forged_form_has_them_and_gets_the_sites_own_page(settings, coordinator_nord):
    visitor = Client(enforce_csrf_checks=True)
    visitor.force_login(coordinator_nord)

    response = visitor.post("/cases/register/", {"sex": "male"})

    assert_headers(response, 403, cache=None)
    assert "<style" not in response.text
    assert 'lang="sv"' in response.text


@pytest.mark.parametrize("file", ["bootstrap/css/bootstrap.min.css", "nothing/of/that/name.css"])
def test_a_static_file_has_them(visitor, file):
    response = visitor.get(f"/static/{file}")

    assert_headers(response, 200 if "bootstrap" in file else 404, cache=None)
    response.close()  # it streams the file


def test_ending_ones_own_session_in_the_list_of_them_is_a_log_out_too(coordinator_nord):
    browser, other = Client(), Client()
    for one in (browser, other):
        one.post(reverse("account_login"), {"login": coordinator_nord.email, "password": PASSWORD})
    own, others = (
        UserSession.objects.get(session_key=one.session.session_key).pk for one in (browser, other)
    )

    of_another = browser.post(reverse("session_end", args=[others]))
    of_this = browser.post(reverse("session_end", args=[own]))

    assert "Clear-Site-Data" not in of_another.headers
    assert of_this.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert browser.get("/").status_code == 302


def test_a_health_answer_binds_to_https_as_every_page_does(client, settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 63_072_000, True

    assert client.get("/healthz", secure=True).headers["Strict-Transport-Security"] == (
        "max-age=63072000; includeSubDomains"
    )
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


# --- Nothing inline, nothing from elsewhere ------------------------------------------------------


class Findings(HTMLParser):
    """What the policy would forbid: inline styles, handlers and scripts, and addresses of other hosts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            loads = tag in ("script", "link", "img", "iframe", "form") and name in ("src", "href", "action")
            elsewhere = loads and re.match(r"(\w+:)?//", value or "")
            if (
                name == "style"
                or name.startswith("on")
                or elsewhere
                or (value or "").startswith("javascript:")
            ):
                self.found.append(f"{tag} {name}={value}")


def test_the_parser_sees_what_it_looks_for():
    page = (
        '<p style="x"><a href="javascript:x" onclick="x"><style></style><script>x</script>'
        '<script src="//evil.example/x.js"></script><link href="https://evil.example/x.css">'
    )

    assert len(Findings(page).found) == 7


PAGES = ["/", "/cases/", "/cases/register/", "/statistics/", "/statistics/2023/", "/nowhere/"]


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("url", PAGES)
def test_no_page_brings_anything_inline_or_from_elsewhere(visitor, coordinator_nord, url, language):
    call_command("load_demo", verbosity=0) if url == "/statistics/2023/" else CaseFactory()
    visitor.force_login(coordinator_nord)
    visitor.cookies["django_language"] = language

    page = visitor.get(url).text

    assert f'lang="{language}"' in page
    assert Findings(page).found == []


@pytest.mark.parametrize("url", ["/account/login/", "/account/inactive/", "/fail/"])
def test_no_page_before_the_log_in_does_either(visitor, url):
    page = visitor.get(url).text

    assert "<h1" in page
    assert Findings(page).found == []


def test_a_refused_form_brings_nothing_inline(visitor, coordinator_nord):
    visitor.force_login(coordinator_nord)

    response = visitor.post(
        "/cases/register/", {"month": '"><svg/onload=1>', "incident": "<img src=x onerror=1>"}
    )

    assert response.status_code == 200
    assert Findings(response.text).found == []
    assert "<svg/onload" not in response.text


# --- In production -------------------------------------------------------------------------------

SHOWS_PRODUCTION = """
import django; django.setup()
from django.test import Client
client = Client(headers={"host": "register.example.se"})
plain, secure = client.get("/cases/"), client.get("/cases/", secure=True)
print(plain.status_code, plain.headers["Location"])
print(secure.headers["Strict-Transport-Security"])
from django.conf import settings as s
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME)
print(s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE)
"""


def test_production_answers_over_tls_only_with_host_cookies(tmp_path):
    done = python(
        "-c", SHOWS_PRODUCTION,
        DJANGO_SETTINGS_MODULE="casereg.settings", CASEREG_ENV="production", SECRET_KEY="k" * 60,
        ALLOWED_HOSTS="register.example.se", DATABASE_URL=f"sqlite:///{tmp_path}/none.sqlite3",
    )  # fmt: skip

    assert done.stdout.splitlines() == [
        "301 https://register.example.se/cases/",
        "max-age=63072000; includeSubDomains; preload",
        "__Host-sessionid __Host-csrftoken __Host-language",
        "True True Lax",
    ], done.stderr
