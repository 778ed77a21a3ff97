"""Mozilla Observatory's table of points, as MDN publishes it: what a page gets with its headers and cookies.

From 100 downwards; what is above is added where 90 are left. Every line of its table that a page can meet.
"""

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from http.cookies import Morsel

SIX_MONTHS = 15_768_000  # seconds
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


def score(headers: Mapping[str, str], cookies: Iterable[Morsel], page: str, plain: tuple[int, str]) -> int:
    """`headers` under lower-case names; `plain`: status and Location of the same address over http."""
    points = points_of(headers, cookies, page, plain)
    left = 100 + sum(number for number in points.values() if number < 0)
    return max(0, left + sum(number for number in points.values() if number > 0 and left >= 90))


def points_of(
    headers: Mapping[str, str], cookies: Iterable[Morsel], page: str, plain: tuple[int, str]
) -> dict[str, int]:
    policy = {name: sources.split() for name, _space, sources in _directives(headers)}
    return {
        "cookies": _cookies(list(cookies), has_hsts="strict-transport-security" in headers),
        "CORS": -50 if headers.get("access-control-allow-origin") else 0,
        "CORP": 10 if headers.get("cross-origin-resource-policy") in ("same-origin", "same-site") else 0,
        "CSP": _policy(policy),
        "HSTS": _hsts(headers.get("strict-transport-security", "")),
        "nosniff": 0 if headers.get("x-content-type-options") == "nosniff" else -5,
        "framing": _framing(policy, headers.get("x-frame-options", "")),
        "redirection": 0 if plain[0] in (301, 308) and plain[1].startswith("https://") else -20,
        "referrer": _referrer(headers.get("referrer-policy")),
        "SRI": _scripts(page),
    }


def _directives(headers: Mapping[str, str]) -> list[tuple[str, str, str]]:
    parts = headers.get("content-security-policy", "").split(";")
    return [part.strip().partition(" ") for part in parts if part.strip()]


def _policy(policy: dict[str, list[str]]) -> int:
    if not policy:
        return -25
    default = policy.get("default-src", ["*"])
    active = [*policy.get("script-src", default), *policy.get("object-src", default)]
    if {"'unsafe-inline'", "data:", "https:", "http:", "*"} & {*active}:
        return -20
    if any(source.startswith("http:") for sources in policy.values() for source in sources):
        return -20
    if "'unsafe-eval'" in active:
        return -10
    if {"'unsafe-inline'", "data:", "https:", "*"} & {*policy.get("style-src", default)}:
        return 0
    is_bound = {*policy.get("form-action", ["*"])} <= {"'self'", "'none'"}
    return 10 if default == ["'none'"] and is_bound else 5


def _cookies(cookies: list[Morsel], *, has_hsts: bool) -> int:
    kept = [cookie for cookie in cookies if cookie.value]
    if not kept:
        return 0
    if any("session" in cookie.key and not cookie["secure"] for cookie in kept):
        return -10 if has_hsts else -40
    if any("session" in cookie.key and not cookie["httponly"] for cookie in kept):
        return -30
    if any(not cookie["secure"] for cookie in kept):
        return -5 if has_hsts else -20
    if any(cookie["samesite"] not in ("Lax", "Strict") for cookie in kept):
        return -20 if any("csrf" in cookie.key or cookie["samesite"] for cookie in kept) else 0
    return 5


def _hsts(value: str) -> int:
    age = re.search(r"max-age=(\d+)", value)
    if age is None:
        return -20
    return 0 if int(age[1]) >= SIX_MONTHS else -10  # five more where browsers carry it along


def _framing(policy: dict[str, list[str]], x_frame_options: str) -> int:
    if "frame-ancestors" in policy or x_frame_options in ("DENY", "SAMEORIGIN"):
        return 5
    return -20


def _referrer(value: str | None) -> int:
    return 0 if value is None else 5 if value in PRIVATE else -5


class _Scripts(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.elsewhere: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("src") or ""
        if tag == "script" and re.match(r"(https?:)?//", address) and "integrity" not in dict(attrs):
            self.elsewhere.append(address)


def _scripts(page: str) -> int:
    elsewhere = _Scripts(page).elsewhere
    if any(address.startswith("http:") for address in elsewhere):
        return -50
    return -5 if elsewhere else 0
