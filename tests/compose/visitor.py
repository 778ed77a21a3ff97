"""A person's browser as far as https, cookies and forms go. It trusts the trial proxy's certificate only."""

import http.client
import socket
import ssl
from dataclasses import dataclass
from email.message import Message
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPSHandler, ProxyHandler, Request, build_opener


@dataclass(frozen=True)
class Page:
    status: int
    address: str
    headers: Message
    text: str


class Visitor:
    def __init__(self, *, name: str, port: int, authority: str) -> None:
        self.origin = f"https://{name}:{port}"
        trust = ssl.create_default_context(cadata=authority)

        class OnThisMachine(http.client.HTTPSConnection):
            def connect(self) -> None:  # not every resolver knows *.localhost
                plain = socket.create_connection(("127.0.0.1", port), timeout=10)
                self.sock = trust.wrap_socket(plain, server_hostname=name)

        class Handler(HTTPSHandler):
            def https_open(self, request: Request):
                return self.do_open(OnThisMachine, request)

        self.cookies = CookieJar()
        self._opener = build_opener(ProxyHandler({}), Handler(), HTTPCookieProcessor(self.cookies))

    def get(self, path: str, **headers: str) -> Page:
        return self._open(path, headers)

    def send(self, path: str, **fields: str) -> Page:
        """Open the page and send its form with these fields."""
        page = self.get(path)
        hidden = _hidden_fields(page.text, beside=set(fields))
        return self._open(path, {"Referer": page.address}, urlencode(hidden | fields).encode())

    def _open(self, path: str, headers: dict[str, str], form: bytes | None = None) -> Page:
        request = Request(self.origin + path, form, headers)  # noqa: S310 the origin is https
        try:
            answer = self._opener.open(request)
        except HTTPError as error:
            answer = error
        with answer:
            return Page(answer.status, answer.geturl(), answer.headers, answer.read().decode())


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[set[str]] = []
        self.hidden: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        if tag == "form":
            self.names.append(set())
            self.hidden.append({})
        elif name := self.names and tag in ("input", "select", "textarea") and of.get("name"):
            self.names[-1].add(name)
            if of.get("type") == "hidden":
                self.hidden[-1][name] = of.get("value") or ""


def _hidden_fields(text: str, *, beside: set[str]) -> dict[str, str]:
    """The hidden fields of the page's form that has these fields."""
    forms = _Forms()
    forms.feed(text)
    for names, hidden in zip(forms.names, forms.hidden, strict=True):
        if beside <= names:
            return hidden
    raise AssertionError(f"no form with {sorted(beside)}; there are {forms.names}")
