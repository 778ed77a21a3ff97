"""What the settings of a deployment must be before it serves, where Django's own checks do not look.

Each finding is a system check; in production an error stops the site (casereg.wsgi) and every command.
"""

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import ERROR, CheckMessage, Error, Tags, register
from django.core.checks import Warning as Warned
from django.core.exceptions import ImproperlyConfigured

log = logging.getLogger(__name__)

_YEAR: Final = 365 * 24 * 60 * 60  # seconds
_SECRET_CHARACTERS: Final = 50
_DIFFERENT_CHARACTERS: Final = 10
_IDLE_MINUTES, _HOURS = 30, 8  # the longest that OWASP gives a session of low risk
# A name or an address, as a browser sends it; without a port, which Django does not compare.
_HOST: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\]")
_SEE: Final = "see .env.example."

# Each takes the settings, and says in a line each what is wrong.
Rule = Callable[[Any], Iterator[str]]


def findings(site: Any = settings) -> list[CheckMessage]:
    """Everything that is wrong with these settings, as a deployment's. None is secret."""
    errors = [Error(text, id=code) for code, rule in _REFUSED.items() for text in rule(site)]
    return [*errors, *(Warned(text, id=code) for code, rule in _WARNED_OF.items() for text in rule(site))]


@register(Tags.security)
def check_deployment(**_apps: Any) -> list[CheckMessage]:
    return findings() if settings.IS_PRODUCTION else []


def refuse_unsafe_settings() -> None:
    """manage.py runs the system checks by itself; a WSGI server calls this."""
    found = check_deployment()
    if settings.MIGRATION_DATABASE_URL:  # of a command it is right: of `migrate`
        found.append(Error(f"MIGRATION_DATABASE_URL is set where the site serves; {_SEE}", id="casereg.E019"))
    if refused := [finding.msg for finding in found if finding.level >= ERROR]:
        raise ImproperlyConfigured("\n".join(refused))
    for finding in found:
        log.warning(finding.msg)


# --- Secrets -------------------------------------------------------------------------------------


def _secret_key(site: Any) -> Iterator[str]:
    if why := _why_guessable(site.SECRET_KEY, site):
        yield f"SECRET_KEY {why}; {_SEE}"


def _fallbacks(site: Any) -> Iterator[str]:
    for number, key in enumerate(site.SECRET_KEY_FALLBACKS, start=1):
        if why := _why_guessable(key, site):
            yield f"SECRET_KEY_FALLBACKS: number {number} of them {why}; {_SEE}"


def _why_guessable(secret: str, site: Any) -> str:
    if secret == site.DEVELOPMENT_SECRET_KEY:
        return "is the one of development, which everybody may read"
    if len(secret) < _SECRET_CHARACTERS:
        return f"has fewer than {_SECRET_CHARACTERS} characters"
    if len(set(secret)) < _DIFFERENT_CHARACTERS:
        return f"has fewer than {_DIFFERENT_CHARACTERS} different characters"
    if secret in (secret + secret)[1:-1]:
        return "is one short text, repeated"
    return ""


def _database_password(site: Any) -> Iterator[str]:
    its = site.DATABASES["default"]
    # Without a password the server asks for something else, such as who is at the other end of the socket.
    if its.get("PASSWORD") and its["PASSWORD"] in ("password", "postgres", "casereg", its.get("USER")):
        yield f"DATABASE_URL has a password that anybody would try first; {_SEE}"


def _mail_password(site: Any) -> Iterator[str]:
    if site.EMAIL_HOST_PASSWORD and _mails_in_plain_text(site):
        yield f"EMAIL_HOST_PASSWORD would go to {site.EMAIL_HOST} in plain text: set EMAIL_USE_TLS=1; {_SEE}"


def _mails_in_plain_text(site: Any) -> bool:
    return not (site.EMAIL_USE_TLS or site.EMAIL_USE_SSL) and not _is_this_machine(site.EMAIL_HOST)


# --- Where the site is ----------------------------------------------------------------------------


def _debug(site: Any) -> Iterator[str]:
    if site.DEBUG:
        yield f"DEBUG stays off in production; {_SEE}"


def _hosts(site: Any) -> Iterator[str]:
    if not site.ALLOWED_HOSTS:
        yield f"ALLOWED_HOSTS is empty; {_SEE}"
    for host in site.ALLOWED_HOSTS:
        # Not .example.se either: whoever has any host of the domain could send its name.
        if not _HOST.fullmatch(host):
            yield f"ALLOWED_HOSTS has {host!r}, which is not the exact name of one host; {_SEE}"


def _origins(site: Any) -> Iterator[str]:
    for origin in site.CSRF_TRUSTED_ORIGINS:
        if urlsplit(origin).scheme != "https" or "*" in origin:
            yield f"CSRF_TRUSTED_ORIGINS has {origin!r}, which is not the https address of one host; {_SEE}"


def _site_address(site: Any) -> Iterator[str]:
    address = urlsplit(site.SITE_ADDRESS)
    if address.scheme != "https" or not address.hostname or address.query or address.fragment:
        yield f"SITE_ADDRESS is {site.SITE_ADDRESS!r}, which is not an https address; {_SEE}"


def _plain_http(site: Any) -> Iterator[str]:
    if not site.SECURE_SSL_REDIRECT and not all(map(_is_this_machine, site.ALLOWED_HOSTS)):
        yield f"SECURE_SSL_REDIRECT is off, and ALLOWED_HOSTS has more than this machine; {_SEE}"


def _is_this_machine(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "[::1]", "::1") or host.endswith(".localhost")


def _forwarded(site: Any) -> Iterator[str]:
    for name in ("USE_X_FORWARDED_HOST", "USE_X_FORWARDED_PORT"):
        if getattr(site, name):
            yield f"{name} is on: a client could say which host it asked."


# --- What a browser is told -----------------------------------------------------------------------


def _cookies(site: Any) -> Iterator[str]:
    for cookie in ("SESSION_COOKIE", "CSRF_COOKIE", "LANGUAGE_COOKIE", "BROWSER_MARK_COOKIE"):
        # What a cookie has no setting for is written where it is made.
        is_right = {
            "SECURE": getattr(site, f"{cookie}_SECURE") is True,
            "HTTPONLY": getattr(site, f"{cookie}_HTTPONLY", True) is True,
            "SAMESITE": getattr(site, f"{cookie}_SAMESITE", "Lax") in ("Lax", "Strict"),
            "PATH": getattr(site, f"{cookie}_PATH", "/") == "/",
            "DOMAIN": getattr(site, f"{cookie}_DOMAIN", None) is None,
            "NAME": getattr(site, f"{cookie}_NAME").startswith("__Host-"),
        }
        for part, right in is_right.items():
            if not right:
                yield f"{cookie}_{part} is not as it must be: Secure, HttpOnly, SameSite, __Host-, path /."
    if not site.MESSAGES_COOKIE_NAME.startswith("__Host-"):
        yield "MESSAGES_COOKIE_NAME does not begin with __Host-."


def _hsts(site: Any) -> Iterator[str]:
    if site.SECURE_HSTS_SECONDS < _YEAR or not site.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        yield "SECURE_HSTS_… do not bind browsers to https for a year, subdomains included."


def _policy(site: Any) -> Iterator[str]:
    policy = site.SECURE_CSP
    for name in ("default-src", "base-uri", "frame-ancestors", "object-src"):
        if policy.get(name) != ["'none'"]:
            yield f"SECURE_CSP: {name} is not 'none'."
    for name in ("script-src", "style-src"):
        if policy.get(name) != ["'self'"]:
            yield f"SECURE_CSP: {name} is not 'self' alone."
    if "'self'" not in policy.get("form-action", []):
        yield "SECURE_CSP: form-action is not bound to this site."
    for name, sources in policy.items():
        for source in sources:
            if "*" in source or "unsafe" in source or source.startswith("http:"):
                yield f"SECURE_CSP: {name} has {source}."


def _first_middleware(site: Any) -> Iterator[str]:
    # The request's number is given before, and answers nothing itself.
    answering = [name for name in site.MIDDLEWARE if name != "casereg.request_ids.RequestIds"]
    if answering[:1] != ["casereg.headers.SecurityHeadersMiddleware"]:
        yield "MIDDLEWARE does not begin with what gives every answer its headers, no-store among them."


# --- Sessions, throttling, and the checks themselves ------------------------------------------------


def _sessions(site: Any) -> Iterator[str]:
    if not 0 < site.SESSION_IDLE_MINUTES <= _IDLE_MINUTES or not 0 < site.SESSION_HOURS <= _HOURS:
        yield f"SESSION_IDLE_MINUTES is at most {_IDLE_MINUTES}, and SESSION_HOURS at most {_HOURS}."


def _rate_limits(site: Any) -> Iterator[str]:
    for action in ("login_failed", "failures_from_address", "reset_password", "second_factor_code"):
        if not site.ACCOUNT_RATE_LIMITS.get(action):
            yield f"ACCOUNT_RATE_LIMITS sets no limit for {action}."


def _silenced(site: Any) -> Iterator[str]:
    if site.SILENCED_SYSTEM_CHECKS:
        yield "SILENCED_SYSTEM_CHECKS is not empty."


# --- Warnings --------------------------------------------------------------------------------------


def _plain_mails(site: Any) -> Iterator[str]:
    # No error: within an agency's own network a mail server may take nothing else.
    if not site.EMAIL_HOST_PASSWORD and _mails_in_plain_text(site):
        yield f"Mails, with links for a new password, go to {site.EMAIL_HOST} in plain text; {_SEE}"


def _one_factor(site: Any) -> Iterator[str]:
    if not site.SECOND_FACTOR_REQUIRED:
        yield f"SECOND_FACTOR_REQUIRED is off: a password alone opens the site; {_SEE}"


_REFUSED: Final[dict[str, Rule]] = {
    "casereg.E002": _secret_key,
    "casereg.E003": _fallbacks,
    "casereg.E004": _database_password,
    "casereg.E005": _mail_password,
    "casereg.E006": _debug,
    "casereg.E007": _hosts,
    "casereg.E008": _origins,
    "casereg.E009": _site_address,
    "casereg.E010": _plain_http,
    "casereg.E011": _forwarded,
    "casereg.E012": _cookies,
    "casereg.E013": _hsts,
    "casereg.E014": _policy,
    "casereg.E015": _first_middleware,
    "casereg.E016": _sessions,
    "casereg.E017": _rate_limits,
    "casereg.E018": _silenced,
}
_WARNED_OF: Final[dict[str, Rule]] = {"casereg.W001": _plain_mails, "casereg.W002": _one_factor}
