"""Logging in by the agency's provider: off as long as nothing is set, and refused half set up.

What it does where it is set is tried by oidc_log_in.py, here and among the journeys, in a process of its own.
"""

import os
import socket
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings

from tests.casereg.test_settings import PRODUCTION
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, STRONG
from tests.programs import ROOT, python

TRIED = ["tests/casereg/oidc_log_in.py", "tests/journeys/oidc_log_in.py"]
SET = {
    "OIDC_ISSUER": "https://login.example.se",
    "OIDC_CLIENT_ID": CLIENT_ID,
    "OIDC_CLIENT_SECRET": CLIENT_SECRET,
    "OIDC_ACR_VALUES": f"{STRONG}, another",
    "OIDC_NAME": "The Agency",
}
SHOWN = "from casereg import settings as s; print(s.SECURE_CSP['form-action'], s.OIDC_ACR_VALUES)"


@pytest.mark.usefixtures("django_db_setup")
def test_logging_in_by_the_provider():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.oidc_provider", *TRIED],
        cwd=ROOT,
        env=not_of_a_worker() | SET | {"OIDC_ISSUER": local_issuer(), "DATABASE_URL": another_database()},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]


def not_of_a_worker() -> dict[str, str]:
    """A worker's database is named by its number: this program's would be the one of the worker above it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}


def local_issuer() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def another_database() -> str:
    """On the same server; of another name, so that it does not take the place of this process's own."""
    url = urlsplit(os.environ.get("DATABASE_URL", "sqlite:///unused.sqlite3"))
    if url.scheme == "sqlite":
        return url.geturl()
    return urlunsplit(url._replace(path=f"/oidc_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"))


def test_without_an_issuer_there_is_none_of_it(client, db):
    page = client.get("/account/login/")

    assert "/account/provider/" not in page.content.decode()
    assert client.post("/account/provider/").status_code == 404
    assert "allauth.socialaccount" not in settings.INSTALLED_APPS
    assert settings.SECURE_CSP["form-action"] == ["'self'"]


def test_production_starts_with_it():
    done = python("-c", SHOWN, **PRODUCTION, **SET)

    assert done.stderr == ""
    assert done.stdout == f"[\"'self'\", 'https://login.example.se'] ['{STRONG}', 'another']\n"


def test_the_way_may_lead_through_other_origins():
    done = python("-c", SHOWN, **PRODUCTION, **SET, OIDC_ORIGINS="https://idp.example.se")

    assert done.stdout.startswith("[\"'self'\", 'https://login.example.se', 'https://idp.example.se'] ")


def test_a_deployment_with_it_passes_djangos_own_check():
    done = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION, **SET)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", [name for name in SET if name != "OIDC_ISSUER"])
@pytest.mark.parametrize("value", [None, "", " "])
def test_it_does_not_start_half_set_up(name, value):
    half = {other: its for other, its in SET.items() if other != name}
    environment = half if value is None else half | {name: value}

    assert_refused(python("-c", SHOWN, **PRODUCTION, **environment), name, ".env.example")


@pytest.mark.parametrize(
    "issuer", ["http://login.example.se", "login.example.se", "https://", "http://127.0.0.1:9000"]
)
def test_the_issuer_is_an_https_address(issuer):
    done = python("-c", SHOWN, **PRODUCTION, **SET | {"OIDC_ISSUER": issuer})

    assert_refused(done, "OIDC_ISSUER", "https")


def test_the_secret_may_stand_in_a_file(tmp_path):
    (tmp_path / "secret").write_text(CLIENT_SECRET)
    environment = {name: value for name, value in SET.items() if name != "OIDC_CLIENT_SECRET"}
    shown = f"from casereg import settings as s; print(s.OIDC_CLIENT_SECRET == {CLIENT_SECRET!r})"

    done = python("-c", shown, **PRODUCTION, **environment, OIDC_CLIENT_SECRET_FILE=str(tmp_path / "secret"))

    assert (done.stdout, done.stderr) == ("True\n", "")


@pytest.mark.parametrize("package", ["requests", "jwt"])
def test_without_its_packages_it_says_what_to_install(package):
    done = python("-c", f"import sys; sys.modules[{package!r}] = None; {SHOWN}", **PRODUCTION, **SET)

    assert_refused(done, "requirements-oidc.txt", "OIDC_ISSUER")


def assert_refused(done, *words: str) -> None:
    last_line = done.stderr.strip().splitlines()[-1]
    assert done.returncode != 0
    assert all(word in last_line for word in words)
    assert CLIENT_SECRET not in done.stdout + done.stderr
