"""A visitor who follows every link and every form that asks, from the start page on, inside a bound."""

import html
import io
import re
import zipfile
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

# Of addresses that differ in their values alone: so many from one kind of page, and so many of a route,
# however it is asked. What is behind the hundredth case of a list is what is behind the first ones.
FROM_A_KIND_OF_PAGE = 3
OF_A_ROUTE = 15
CHOICES = 3  # of a list: the first ones
# Opened for each of their objects, which are few: what each leads to hangs on what it is.
_EACH = {"term_read", "term_change", "region_change", "region_counties", "user_change"}
_KINDS = {"variable", "format"}  # parameters whose value makes it another page
_ADDRESSES = re.compile(r'\s(?:href|xlink:href|src)="([^"]*)"')
_FORMS = re.compile(r"<form\b.*?</form>", re.DOTALL)


@dataclass(frozen=True)
class Answer:
    address: str
    route: str
    status: int
    text: str  # of a workbook or an archive: of every part; with its headers
    is_page: bool


@dataclass
class Crawl:
    answers: int = 0
    opened: set[str] = field(default_factory=set)  # routes that answered 200
    sent_to: set[str] = field(default_factory=set)  # routes that a form of a page sends to
    refused: set[tuple[str, int]] = field(default_factory=set)  # addresses that a page led to, in vain
    forms: set[tuple[str, ...]] = field(default_factory=set)  # that ask, of which every choice was taken


def crawl(client: Client, look: Callable[[Answer], None], *, start: str = "/") -> Crawl:
    """Opens what is linked, and shows each answer to `look`, which raises at what it does not like."""
    found, waiting, seen, counted = Crawl(), deque([start]), {start}, Counter()
    while waiting:
        answer = _open(client, waiting.popleft())
        found.answers += 1
        look(answer)
        if answer.status == 200:
            found.opened.add(answer.route)
        elif answer.status >= 400 and not (answer.status == 405 and answer.route in found.sent_to):
            found.refused.add((answer.address, answer.status))
        here = shape_of(answer.address)
        for address in _leads_to(answer, found):
            shape = shape_of(address)
            if address in seen or shape is None:
                continue
            way, route = (here, shape), shape[0]
            if route in _EACH or (counted[way] < FROM_A_KIND_OF_PAGE and counted[route] < OF_A_ROUTE):
                counted.update((way, route))
                seen.add(address)
                waiting.append(address)
    return found


def shape_of(address: str) -> tuple[str, ...] | None:
    """The route of an address and what it asks, without the values; None where it is no page of the site."""
    parts = urlsplit(address)
    if parts.netloc or parts.scheme:
        return None
    try:
        found = resolve(parts.path)
    except Resolver404:
        return None
    kinds = [str(value) for name, value in found.kwargs.items() if name in _KINDS]
    return (found.view_name, *kinds, *sorted({name for name, _value in parse_qsl(parts.query)}))


def _open(client: Client, address: str) -> Answer:
    response = client.get(address)
    content = b"".join(response) if response.streaming else response.content
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    said = f"{text_of(content)}\n{response.headers!r}\n{response.cookies.output()}"
    place = response.headers.get("Location", "")
    route = resolve(urlsplit(address).path).view_name
    if place:
        said += f'\n<a href="{html.escape(place)}">'
    return Answer(address, route, response.status_code, said, is_page or bool(place))


def text_of(content: bytes) -> str:
    """What a reader could find in an answer. Workbooks and archives are opened, also one in another."""
    if not content.startswith(b"PK\x03\x04"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(f"{name}\n{text_of(archive.read(name))}" for name in archive.namelist())


def _leads_to(answer: Answer, found: Crawl) -> Iterator[str]:
    if not answer.is_page:
        return
    for address in _ADDRESSES.findall(answer.text):
        yield _from(answer, address)
    for text in _FORMS.findall(answer.text):
        form = _Form()
        form.feed(text)
        action = _from(answer, form.action)
        shape = shape_of(action)
        if form.method == "post":
            # Not sent, but opened: many of them are pages too.
            for address in (action, *(_from(answer, button) for button in form.buttons)):
                found.sent_to.add(shape_of(address)[0])
                yield address
            continue
        if form.method == "get" and (kind := (answer.route, shape, *form.choices)) not in found.forms:
            found.forms.add(kind)
            for asked in form.asked():
                yield f"{action.partition('?')[0]}?{urlencode(asked)}"


def _from(answer: Answer, address: str) -> str:
    return urljoin(answer.address, html.unescape(address)).partition("#")[0]


class _Form(HTMLParser):
    """One form: where it leads, what it sends untouched, and each other choice of each of its lists."""

    def __init__(self) -> None:
        super().__init__()
        self.action, self.method, self.buttons = "", "get", []
        self.sent: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action, self.method = of.get("action", ""), of.get("method", "get").lower()
        elif tag == "button" and of.get("formaction"):
            self.buttons.append(of["formaction"])
        elif tag == "select":
            self._select = of["name"]
            self.choices[self._select] = []
        elif tag == "option" and self._select:
            self.choices[self._select].append(of.get("value", ""))
            if "selected" in of or self._select not in self.sent:
                self.sent[self._select] = of.get("value", "")
        elif tag == "input" and of.get("name") and of.get("type") != "submit":
            if of.get("type") not in ("checkbox", "radio"):
                self.sent[of["name"]] = of.get("value", "")
            else:
                self.choices.setdefault(of["name"], []).append(of.get("value", "on"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""

    def asked(self) -> Iterator[dict[str, str]]:
        yield self.sent
        for name, choices in reversed(self.choices.items()):
            for value in choices[:CHOICES]:
                yield self.sent | {name: value}
