"""The site as the image starts it: production, gunicorn, a database of its own; asked as its proxy asks."""

import http.client
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from tests.listening import command_of_the_image, free_port, listening
from tests.programs import python

NAME = "register.example.se"
SECRET = "9f2c-Grön-stege-under-åska-och-14-blå-vantar-i-kö-7b1e"
FILLED = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
from tests.factories import UserFactory, CaseFactory
UserFactory(email="nord@example.org", name="Nora Nord", region_id="nord")
UserFactory(email="norrut@example.org", name="Nils Norrut", region_id="nord")
UserFactory(email="admin@example.org", name="Adam Admin", role="administrator")
print(CaseFactory().pk)
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Visitor:
    """A browser as far as cookies and forms go, behind a proxy that ends TLS."""

    port: int
    host: str = NAME
    scheme: str = "https"
    cookies: dict[str, str] = field(default_factory=dict)
    set_cookies: list[Morsel] = field(default_factory=list)  # all that it was ever told to keep or forget

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        sent = {
            "Host": self.host,
            "X-Forwarded-Proto": self.scheme,
            "X-Forwarded-For": "203.0.113.7",
            "Referer": f"{self.scheme}://{self.host}/",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        self._keep(answer.headers.get_all("Set-Cookie") or [])
        return Answer(answer.status, answer.headers, text)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        """Send a form with the token of the page that it stands on."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get("/account/login/").text)
        token = token or re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get("/").text)
        assert token, "no page has a form's token"
        body = urlencode(fields | {"csrfmiddlewaretoken": token[1]}).encode()
        return self.ask("POST", path, body, Content_Type="application/x-www-form-urlencoded", **headers)

    def log_in(self, email: str) -> "Visitor":
        from tests.factories import PASSWORD

        answer = self.post("/account/login/", {"login": email, "password": PASSWORD})
        assert answer.status == 302, answer.text
        return self

    def _keep(self, headers: list[str]) -> None:
        for header in headers:
            for name, morsel in SimpleCookie(header).items():
                self.set_cookies.append(morsel)
                if morsel.value and morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)


@dataclass(frozen=True)
class ServedSite:
    port: int
    folder: Path
    case: str  # of region Nord

    @property
    def database(self) -> Path:
        return self.folder / "site.sqlite3"

    def visitor(self, **how: str) -> Visitor:
        return Visitor(self.port, **how)


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {
        "CASEREG_ENV": "production",
        "DJANGO_SETTINGS_MODULE": "tests.production_settings",
        "SECRET_KEY": SECRET,
        "ALLOWED_HOSTS": NAME,
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "STATIC_ROOT": f"{folder}/static",
        "SECOND_FACTOR_REQUIRED": "0",
        **more,
    }


def make_site(folder: Path) -> str:
    """Migrations, static files, two coordinators, an administrator, and a case, whose number it gives."""
    done = python("-c", FILLED, **environment(folder))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def served(folder: Path, case: str, **more: str) -> Iterator[ServedSite]:
    """Start what the Dockerfile starts, on a free port and with one worker."""
    port = free_port()
    command = command_of_the_image(port)
    command[command.index("--workers") + 1] = "1"
    env = {"PATH": os.environ["PATH"], **environment(folder, **more)}
    with listening(command, port, log=folder / "log", env=env):
        yield ServedSite(port, folder, case)
