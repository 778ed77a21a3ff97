"""The site as it is served: the headers of all its answers, its cookies, whom it believes, and its score."""

import re
import shutil
import sqlite3
from collections.abc import Iterator

import pytest

from tests.casereg.test_headers import EXPECTED
from tests.failing_page import SECRET
from tests.observatory import points_of, score
from tests.served_site import Answer, ServedSite, Visitor, make_site, served

HSTS = "max-age=63072000; includeSubDomains; preload"
LANGUAGE = {"language": "en", "next": "/account/login/"}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[ServedSite]:
    folder = tmp_path_factory.mktemp("production")
    with served(folder, make_site(folder), BEHIND_TLS_PROXY="1") as site:
        yield site


@pytest.fixture(scope="module")
def inside(site) -> Visitor:
    return site.visitor().log_in("nord@example.org")


# --- Headers ---------------------------------------------------------------------------------------


def assert_headers(answer: Answer, *statuses: int, cache: str = "no-store") -> None:
    assert answer.status in statuses
    for name, value in {**EXPECTED, "Strict-Transport-Security": HSTS}.items():
        assert answer.headers.get_all(name) == [value], name
    assert cache in answer.headers["Cache-Control"]
    assert answer.headers["Server"] == "gunicorn"  # and no version of it
    assert "X-Powered-By" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/account/login/", 200),
        ("GET", "/about/", 200),
        ("GET", "/cases/", 302),
        ("POST", "/cases/", 403),
        ("GET", "/.env", 404),
        ("GET", "/static/nothing.css", 404),
        ("TRACE", "/account/login/", 405),
        ("TRACE", "/cases/", 405),
        ("TRACE", "/nowhere/", 405),
        ("TRACE", "/healthz", 405),
        ("DELETE", "/language/", 403),
        ("GET", "/fail/", 500),
        ("GET", "/healthz", 204),
        ("GET", "/readyz", 204),
        ("HEAD", "/account/login/", 200),
    ],
)
def test_every_answer_to_a_stranger_has_the_headers(site, method, path, status):
    assert_headers(site.visitor().ask(method, path), status)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/cases/", 200),
        ("GET", "/cases/download/", 200),
        ("GET", "/cases/00000000-0000-0000-0000-000000000000/", 404),
        ("GET", "/users/", 403),
        ("TRACE", "/cases/", 405),
        ("OPTIONS", "/cases/", 405),
    ],
)
def test_every_answer_to_who_is_logged_in_has_the_headers(inside, method, path, status):
    answer = inside.ask(method, path)

    assert_headers(answer, status)
    assert answer.headers["Cache-Control"] == "no-store, private"


def test_what_is_too_large_has_the_headers(inside):
    answer = inside.post("/cases/register/", {"incident": "x" * 3_000_000})

    assert_headers(answer, 413)


def test_who_asks_too_often_is_answered_with_the_headers(site):
    visitor = site.visitor()
    answers = [
        visitor.post("/account/password/forgotten/", {"email": "nord@example.org"}) for _time in range(4)
    ]

    assert_headers(answers[-1], 429)


def test_a_static_file_has_the_headers_and_is_kept(site):
    path = style_sheet(site)

    assert_headers(site.visitor().get(path), 200, cache="max-age=315360000, public, immutable")
    assert_headers(site.visitor().ask("TRACE", path), 405)
    assert_headers(site.visitor().get(path, Range="bytes=0-9"), 206, cache="public")
    modified = site.visitor().get(path).headers["Last-Modified"]
    assert_headers(site.visitor().get(path, If_Modified_Since=modified), 304, cache="public")


def style_sheet(site: ServedSite) -> str:
    return re.search(r'"(/static/casereg/site\.\w+\.css)"', site.visitor().get("/account/login/").text)[1]


def test_a_failure_tells_nothing_of_the_inside(site):
    page = site.visitor().get("/fail/").text

    assert not [word for word in (SECRET, "RuntimeError", "Traceback", ".py", "sqlite") if word in page]
    assert "<h1" in page


def test_a_download_is_a_file_and_nothing_that_a_browser_shows(inside):
    answer = inside.get("/cases/download/")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_it_says_with_the_headers_that_its_database_is_away(site, tmp_path_factory):
    kept = tmp_path_factory.mktemp("kept") / "site.sqlite3"
    shutil.move(site.database, kept)
    try:
        site.database.mkdir()  # so that nothing makes a new one there
        is_ready = site.visitor().get("/readyz")
        page = Visitor(site.port, cookies={"__Host-sessionid": "a" * 32}).get("/cases/")
    finally:
        site.database.rmdir()
        shutil.move(kept, site.database)

    assert_headers(is_ready, 503)
    assert_headers(page, 503)
    assert site.visitor().get("/readyz").status == 204


# --- Cookies ---------------------------------------------------------------------------------------


def test_every_cookie_is_of_this_host_alone_and_kept_from_scripts_and_other_sites(site):
    visitor = site.visitor()
    visitor.post("/language/", LANGUAGE)
    visitor.log_in("norrut@example.org")
    visitor.post(f"/cases/{site.case}/withdraw/", {"reason": "registered_twice"})
    visitor.get("/")
    visitor.post("/account/sessions/end-others/", {})
    visitor.get("/account/sessions/")
    visitor.post("/account/logout/", {})

    assert {cookie.key for cookie in visitor.set_cookies} == {
        "__Host-sessionid", "__Host-csrftoken", "__Host-language", "__Host-browser", "__Host-messages"
    }  # fmt: skip
    for cookie in visitor.set_cookies:
        assert cookie["secure"], cookie
        assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "Lax"), cookie
        assert cookie["httponly"] or not cookie.value, cookie  # one that is taken back has nothing to keep


def test_log_out_takes_the_session_back_and_what_the_browser_has_kept(site):
    visitor = site.visitor().log_in("nord@example.org")
    before = visitor.cookies.copy()

    answer = visitor.post("/account/logout/", {})

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "__Host-sessionid" not in visitor.cookies
    assert visitor.cookies["__Host-browser"] == before["__Host-browser"]
    assert Visitor(site.port, cookies=before).get("/cases/").status == 302


# --- Whom it believes --------------------------------------------------------------------------------


def test_another_host_is_refused_and_nothing_of_it_is_told_or_mailed(site):
    visitor = site.visitor(host="evil.example")
    token = {"csrfmiddlewaretoken": "a" * 64}
    body = "&".join(f"{k}={v}" for k, v in {**token, "email": "admin@example.org"}.items()).encode()
    visitor.cookies["__Host-csrftoken"] = "a" * 64

    answers = [visitor.get("/account/login/"), visitor.get("/.env")]
    answers.append(
        visitor.ask(
            "POST", "/account/password/forgotten/", body, Content_Type="application/x-www-form-urlencoded"
        )
    )

    for answer in answers:
        assert_headers(answer, 400)
        assert "evil" not in answer.text + str(answer.headers)
    assert mails_waiting(site) == 0


def mails_waiting(site: ServedSite) -> int:
    with sqlite3.connect(site.database) as database:
        return database.execute(
            "SELECT count(*) FROM casereg_outgoingmail JOIN casereg_user ON to_id = casereg_user.id"
            " WHERE email = 'admin@example.org'"
        ).fetchone()[0]


@pytest.mark.parametrize(
    "host", ["register.example.se.evil.example", "a.register.example.se", "127.0.0.1", ""]
)
def test_only_the_exact_name_is_the_host(site, host):
    assert site.visitor(host=host).get("/account/login/").status == 400


def test_a_client_cannot_say_which_host_or_way_it_took(site):
    claims = {
        "X_Forwarded_Host": "evil.example", "Forwarded": "host=evil.example;proto=https",
        "X_Forwarded_Ssl": "on", "X_Forwarded_Protocol": "ssl",
    }  # fmt: skip

    answer = site.visitor(scheme="http").get("/account/login/?next=/cases/", **claims)

    assert answer.status == 301
    assert answer.headers["Location"] == "https://register.example.se/account/login/?next=/cases/"
    assert "Strict-Transport-Security" not in answer.headers  # over http browsers take no notice of it
    assert {**EXPECTED}.items() <= dict(answer.headers.items()).items()


def test_https_is_believed_of_a_proxy_only_where_the_deployment_has_one(site):
    with served(site.folder, site.case) as alone:
        answer = alone.visitor(scheme="https").get("/account/login/")

    assert (answer.status, answer.headers["Location"]) == (301, "https://register.example.se/account/login/")


# --- What the Observatory says -------------------------------------------------------------------------

WITHOUT = {
    "content-security-policy": -35,  # and frame-ancestors with it: X-Frame-Options stands in
    "strict-transport-security": -20,
    "x-content-type-options": -5,
    "referrer-policy": -5,
    "cross-origin-resource-policy": -10,
}


def plain(site: ServedSite) -> tuple[int, str]:
    answer = site.visitor(scheme="http").get("/account/login/")
    return answer.status, answer.headers["Location"]


def lower(answer: Answer) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def test_the_observatory_gives_all_its_points(site, inside):
    pages = {
        "log-in": site.visitor().get("/account/login/"),
        "list": inside.get("/cases/"),
        "case": inside.get(f"/cases/{site.case}/"),
        "form error": inside.post("/cases/register/", {"month": "x"}),
        "download": inside.get("/cases/download/"),
        "404": inside.get("/nowhere/"),
        "500": inside.get("/fail/"),
        "static": inside.get(style_sheet(site)),
    }

    assert [answer.status for answer in pages.values()] == [200, 200, 200, 200, 200, 404, 500, 200]
    # The cookies of the whole visit, as the Observatory keeps them too.
    scores = {
        name: score(lower(answer), inside.set_cookies, answer.text, plain(site))
        for name, answer in pages.items()
    }
    assert scores == dict.fromkeys(pages, 135)  # 125 by the table before CORP was in it


@pytest.mark.parametrize("name", WITHOUT)
def test_the_observatory_takes_points_for_each_header_that_is_missing(site, inside, name):
    answer = inside.get("/cases/")
    headers = lower(answer)
    del headers[name]

    points = points_of(headers, inside.set_cookies, answer.text, plain(site))
    lost = 100 + sum(points.values()) - 135

    assert lost == WITHOUT[name]
    assert score(headers, inside.set_cookies, answer.text, plain(site)) < 135


@pytest.mark.parametrize(
    ("part", "expected"),
    [({"secure": ""}, -10), ({"httponly": ""}, -30), ({"samesite": ""}, 0), ({"samesite": "None"}, -20)],
)
def test_the_observatory_takes_points_for_a_careless_cookie(site, part, expected):
    visitor = site.visitor().log_in("nord@example.org")
    answer = visitor.get("/cases/")
    [session] = [
        cookie for cookie in visitor.set_cookies if cookie.key == "__Host-sessionid" and cookie.value
    ]
    for name, value in part.items():
        session[name] = value

    assert points_of(lower(answer), [session], answer.text, plain(site))["cookies"] == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("default-src 'none'; form-action 'self'", 10),
        ("default-src 'none'", 5),
        ("default-src 'self'; form-action 'self'", 5),
        ("default-src 'none'; style-src 'unsafe-inline'; form-action 'self'", 0),
        ("default-src 'none'; script-src 'self' 'unsafe-inline'; form-action 'self'", -20),
        ("img-src 'self'", -20),
        ("", -25),
    ],
)
def test_the_observatory_reads_a_policy(policy, expected):
    headers = {"content-security-policy": policy}

    assert points_of(headers, [], "", (200, ""))["CSP"] == expected


def test_the_observatory_takes_points_for_the_rest():
    page = '<script src="https://elsewhere.example/x.js"></script>'

    points = points_of({"strict-transport-security": "max-age=60"}, [], page, (200, ""))

    assert {name: points[name] for name in ("HSTS", "redirection", "SRI", "framing")} == {
        "HSTS": -10, "redirection": -20, "SRI": -5, "framing": -20,
    }  # fmt: skip
