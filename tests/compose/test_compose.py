"""The compose file brought up, a case registered, brought down, up again: the case is still there."""

import http.client
import re
import stat
from collections.abc import Iterator

import pytest

from tests.compose.stack import NAME, Stack, built_stack, wait_until, why_not
from tests.compose.visitor import Page, Visitor

WHY_NOT = why_not()
pytestmark = [pytest.mark.compose, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")]

EMAIL, PASSWORD = "nord@example.org", "grön-stege-under-åska"
CASE = {
    "month": "2025-06",
    "assessment": "trafficking",
    "form": "labour",
    "industry": "cleaning",
    "sex": "female",
    "age_group": "adult",
    "nationality": "RO",
    "referral_source": "police",
    "joint_inspection": "no",
    "children_in_sweden": "0",
    "children_abroad": "2",
    "reference": "compose-1",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Iterator[Stack]:
    with built_stack(tmp_path_factory.mktemp("compose")) as stack:
        yield stack


@pytest.fixture(scope="module")
def stack(built: Stack) -> Stack:
    built.up()
    return built


@pytest.fixture
def visitor(stack: Stack) -> Visitor:
    return new_visitor(stack)


def new_visitor(stack: Stack) -> Visitor:
    authority = stack.inside("cat", "/tmp/caddy/pki/authorities/local/root.crt", service="trial")  # noqa: S108
    return Visitor(name=NAME, port=stack.trial_port, authority=authority)


def plain_get(stack: Stack, path: str, **headers: str) -> http.client.HTTPResponse:
    """Ask the site itself, as the proxy in front would, without TLS."""
    site = http.client.HTTPConnection("127.0.0.1", stack.site_port, timeout=10)
    site.request("GET", path, headers=headers)
    answer = site.getresponse()
    answer.body = answer.read()
    site.close()
    return answer


# --- Before it is up -----------------------------------------------------------------------------


def test_secrets_are_kept_from_others_and_never_replaced(built):
    before = {file.name: file.read_text() for file in built.secrets.iterdir()}
    assert stat.S_IMODE(built.secrets.stat().st_mode) == 0o700
    assert built.make_secrets() == ""
    assert {file.name: file.read_text() for file in built.secrets.iterdir()} == before
    roles = ("superuser_", "owner_", "", "backup_")
    made = [before.pop(name) for name in ("secret_key", *(f"database_{role}password" for role in roles))]
    assert len(set(made)) == 5
    assert all(len(value) == 64 for value in made)


def test_image_refuses_to_start_without_secrets(built):
    said = built.refusal()
    assert "SECRET_KEY is not set" in said
    assert ".env.example" in said


def test_image_refuses_to_start_where_a_secret_file_is_missing(built):
    said = built.refusal("--env=SECRET_KEY_FILE=/run/secrets/secret_key")
    assert "SECRET_KEY_FILE cannot be read" in said
    assert ".env.example" in said


def test_compose_refuses_without_env_file(built):
    nothing = built.folder / "nothing.env"
    nothing.touch()
    refused = built.try_compose("up", "--no-build", env_file=nothing)
    assert refused.returncode != 0
    assert "ALLOWED_HOSTS must be set in .env; see .env.example" in refused.stderr


def test_image_holds_only_what_the_site_runs_on(built):
    here = built.docker("run", "--rm", built.image, "ls", "-A").split()
    code = {"casereg", "stats", "templates", "locale", "manage.py"}
    assert set(here) <= {*code, "requirements.txt", "requirements-oidc.txt", "staticfiles"}


# --- While it is up ------------------------------------------------------------------------------


def test_migrations_ran_to_their_end_and_the_site_is_ready(stack):
    assert stack.state("migrate", "{{.State.Status}} {{.State.ExitCode}}") == "exited 0"
    assert plain_get(stack, "/readyz").status == 204


def test_site_has_no_rights_to_lose(stack):
    assert stack.inside("id", "-u").strip() == "10001"
    status = stack.inside("cat", "/proc/1/status")
    assert "NoNewPrivs:\t1" in status
    assert "CapBnd:\t0000000000000000" in status
    for folder in ("/", "/srv/casereg", "/opt/venv"):
        refused = stack.try_compose("exec", "-T", "site", "touch", f"{folder}/written")
        assert "Read-only file system" in refused.stderr


def asked(stack, sql: str) -> str:
    return stack.inside("psql", "--username=postgres", "-Atc", sql, "casereg", service="db").strip()


def test_the_site_s_role_is_neither_owner_nor_superuser_and_the_backup_s_reads_all(stack):
    powers = (
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles "
        "WHERE rolname ~ '^casereg' ORDER BY 1"
    )
    assert asked(stack, powers).split() == [
        "casereg_backup|f|t|f",
        "casereg_owner|f|f|f",
        "casereg_site|f|f|f",
    ]
    assert (
        asked(stack, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        == "casereg_owner"
    )


def test_a_dump_by_the_backup_s_role_has_every_case_and_the_site_s_role_makes_none(stack):
    def dump(role: str) -> str:
        return stack.try_compose("exec", "-T", "db", "pg_dump", f"--username={role}", "--data-only",
                                 "--table=casereg_region", "--table=casereg_case", "casereg")  # fmt: skip

    assert "\nnord\t" in dump("casereg_backup").stdout
    refused = dump("casereg_site")
    assert refused.returncode != 0
    assert "row-level security" in refused.stderr


@pytest.mark.parametrize(("service", "expected"), [("site", {"127.0.0.1"}), ("db", set())])
def test_nothing_but_the_site_is_published_and_only_on_the_loopback(stack, service, expected):
    template = "{{range .NetworkSettings.Ports}}{{range .}}{{.HostIp}} {{end}}{{end}}"
    assert set(stack.state(service, template).split()) == expected


def test_health_is_told_to_anybody_without_a_session(stack):
    answer = plain_get(stack, "/healthz", Host="anything", Cookie="__Host-sessionid=" + "a" * 32)
    assert (answer.status, answer.body) == (204, b"")
    assert not {"Set-Cookie", "Vary", "Location"} & set(answer.headers)


def test_pages_are_sent_to_https_and_to_the_right_host(stack):
    redirected = plain_get(stack, "/account/login/", Host=NAME)
    assert (redirected.status, redirected.headers["Location"]) == (301, f"https://{NAME}/account/login/")
    assert plain_get(stack, "/account/login/", Host="evil.example").status == 400


def test_proxy_does_not_pass_on_what_a_client_says_of_tls(visitor):
    assert visitor.get("/account/login/", **{"X-Forwarded-Proto": "http"}).status == 200


def test_log_in_page_has_the_security_headers(visitor):
    headers = visitor.get("/account/login/").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert headers["Strict-Transport-Security"].startswith("max-age=63072000; includeSubDomains")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "no-store" in headers["Cache-Control"]
    assert all(cookie.secure and cookie.name.startswith("__Host-") for cookie in visitor.cookies)


def test_static_files_are_kept_for_ever(visitor):
    [address] = re.findall(r'"(/static/casereg/site\.\w+\.css)"', visitor.get("/account/login/").text)
    answer = visitor.get(address)
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "immutable" in answer.headers["Cache-Control"]


def test_site_lives_and_says_not_ready_while_the_database_is_away(stack):
    stack.compose("stop", "db")
    away = plain_get(stack, "/readyz")
    alive = plain_get(stack, "/healthz")
    stack.compose("start", "db")
    assert (away.status, away.body) == (503, b"")
    assert int(away.headers["Retry-After"]) > 0
    assert alive.status == 204
    wait_until(lambda: plain_get(stack, "/readyz").status == 204)


def test_case_outlives_the_containers(stack):
    create = f"create_user({EMAIL!r}, {PASSWORD!r}, name='Nora', role='coordinator', region_id='nord')"
    command = f"from casereg.models import User; User.objects.{create}"
    stack.inside("python", "manage.py", "shell", "--command", command)
    visitor = new_visitor(stack)
    log_in(visitor)
    registered = visitor.send("/cases/register/", **CASE)
    assert "compose-1" in registered.text
    assert registered.address != f"{visitor.origin}/cases/register/"
    path = registered.address.removeprefix(visitor.origin)

    stack.compose("down")
    stack.up()

    returning = new_visitor(stack)
    assert returning.get(path).address.startswith(f"{returning.origin}/account/login/")
    log_in(returning)
    assert "compose-1" in returning.get(path).text


def log_in(visitor: Visitor) -> Page:
    page = visitor.send("/account/login/", login=EMAIL, password=PASSWORD)
    assert page.status == 200
    assert page.address == f"{visitor.origin}/"
    return page
