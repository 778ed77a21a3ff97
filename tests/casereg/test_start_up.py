"""What a deployment may not set: each mistake is one readable line, and with it production does not start."""

import json
from types import SimpleNamespace

import pytest
from django.conf import settings

from casereg.start_up import findings
from tests.programs import python

SECRET = "grön-stege-under-åska-och-14-blå-vantar-i-kön-Aj9z-2c"
HEX = "0f1e2d3c4b5a69788796a5b4c3d2e1f00123456789abcdef9f2c7b1e55aa10cc"  # as docker/secrets.sh makes them
PRODUCTION = {
    "CASEREG_ENV": "production",
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "register.example.se",
    "DATABASE_URL": "postgres://casereg_site:8vU2-lång-och-egen@127.0.0.1:1/casereg",
}
SHOWN = """
import json; from django.conf import settings
shown = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
print(json.dumps(shown, default=lambda _text_to_be_translated: None))
"""
SERVES = "import casereg.wsgi; print('serves')"


@pytest.fixture(scope="module")
def of_production() -> dict[str, object]:
    """The settings of a deployment that sets what .env.example says is needed, and no more."""
    done = python("-c", SHOWN, **PRODUCTION, DJANGO_SETTINGS_MODULE="casereg.settings")
    return json.loads(done.stdout)


def said_of(of_production, **changed: object) -> list[str]:
    return [f"{found.id} {found.msg}" for found in findings(SimpleNamespace(**of_production | changed))]


def test_a_deployment_as_the_example_has_it_is_complained_of_nowhere(of_production):
    assert said_of(of_production) == []
    assert said_of(of_production, SECRET_KEY=HEX) == []


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"SECRET_KEY": settings.DEVELOPMENT_SECRET_KEY}, "E002", "is the one of development"),
        ({"SECRET_KEY": "at-least-50-random-characters"}, "E002", "fewer than 50 characters"),
        ({"SECRET_KEY": "ab12" * 20}, "E002", "fewer than 10 different characters"),
        ({"SECRET_KEY": "abc123def456" * 5}, "E002", "one short text, repeated"),
        ({"SECRET_KEY_FALLBACKS": [HEX, "k" * 60]}, "E003", "number 2 of them"),
        (
            {"DATABASES": {"default": {"USER": "x", "PASSWORD": "password"}}},
            "E004",
            "anybody would try first",
        ),
        ({"DATABASES": {"default": {"USER": "x", "PASSWORD": "x"}}}, "E004", "anybody would try first"),
        ({"EMAIL_HOST": "mail.example.se", "EMAIL_HOST_PASSWORD": "pw"}, "E005", "in plain text"),
        ({"DEBUG": True}, "E006", "DEBUG"),
        ({"ALLOWED_HOSTS": []}, "E007", "is empty"),
        ({"ALLOWED_HOSTS": ["*"]}, "E007", "'*'"),
        ({"ALLOWED_HOSTS": [".example.se"]}, "E007", "'.example.se'"),
        ({"ALLOWED_HOSTS": ["*.example.se"]}, "E007", "'*.example.se'"),
        ({"ALLOWED_HOSTS": ["register.example.se", ""]}, "E007", "''"),
        ({"ALLOWED_HOSTS": ["https://register.example.se"]}, "E007", "not the exact name"),
        ({"ALLOWED_HOSTS": ["register.example.se:443"]}, "E007", "not the exact name"),
        ({"CSRF_TRUSTED_ORIGINS": ["http://register.example.se"]}, "E008", "http://register.example.se"),
        ({"CSRF_TRUSTED_ORIGINS": ["https://*.example.se"]}, "E008", "https://*.example.se"),
        ({"SITE_ADDRESS": "http://register.example.se"}, "E009", "http://register.example.se"),
        ({"SITE_ADDRESS": "register.example.se"}, "E009", "not an https address"),
        ({"SITE_ADDRESS": "https://register.example.se/?a=b"}, "E009", "not an https address"),
        ({"SECURE_SSL_REDIRECT": False}, "E010", "SECURE_SSL_REDIRECT"),
        ({"USE_X_FORWARDED_HOST": True}, "E011", "USE_X_FORWARDED_HOST"),
        ({"SESSION_COOKIE_SECURE": False}, "E012", "SESSION_COOKIE_SECURE"),
        ({"CSRF_COOKIE_SECURE": False}, "E012", "CSRF_COOKIE_SECURE"),
        ({"LANGUAGE_COOKIE_SECURE": False}, "E012", "LANGUAGE_COOKIE_SECURE"),
        ({"BROWSER_MARK_COOKIE_SECURE": False}, "E012", "BROWSER_MARK_COOKIE_SECURE"),
        ({"SESSION_COOKIE_HTTPONLY": False}, "E012", "SESSION_COOKIE_HTTPONLY"),
        ({"CSRF_COOKIE_SAMESITE": "None"}, "E012", "CSRF_COOKIE_SAMESITE"),
        ({"SESSION_COOKIE_DOMAIN": ".example.se"}, "E012", "SESSION_COOKIE_DOMAIN"),
        ({"SESSION_COOKIE_PATH": "/register"}, "E012", "SESSION_COOKIE_PATH"),
        ({"SESSION_COOKIE_NAME": "sessionid"}, "E012", "SESSION_COOKIE_NAME"),
        ({"MESSAGES_COOKIE_NAME": "messages"}, "E012", "MESSAGES_COOKIE_NAME"),
        ({"SECURE_HSTS_SECONDS": 3600}, "E013", "SECURE_HSTS"),
        ({"SECURE_HSTS_INCLUDE_SUBDOMAINS": False}, "E013", "SECURE_HSTS"),
        ({"MIDDLEWARE": ["django.middleware.security.SecurityMiddleware"]}, "E015", "MIDDLEWARE"),
        ({"SESSION_IDLE_MINUTES": 240}, "E016", "SESSION_IDLE_MINUTES"),
        ({"SESSION_HOURS": 24 * 14}, "E016", "SESSION_HOURS"),
        ({"ACCOUNT_RATE_LIMITS": {}}, "E017", "no limit for login_failed"),
        ({"SILENCED_SYSTEM_CHECKS": ["security.W004"]}, "E018", "SILENCED_SYSTEM_CHECKS"),
        ({"EMAIL_HOST": "mail.example.se"}, "W001", "mail.example.se in plain text"),
        ({"SECOND_FACTOR_REQUIRED": False}, "W002", "a password alone"),
    ],
)
def test_a_mistake_is_one_readable_line(of_production, changed, code, words):
    said = said_of(of_production, **changed)

    assert any(line.startswith(f"casereg.{code} ") and words in line for line in said), said
    assert {line.split()[0] for line in said} == {f"casereg.{code}"}
    assert not any("\n" in line or SECRET in line or "lång-och-egen" in line for line in said)


@pytest.mark.parametrize(
    ("directive", "sources"),
    [
        ("default-src", ["'self'"]), ("object-src", []), ("base-uri", ["'self'"]), ("frame-ancestors", []),
        ("script-src", ["'self'", "'unsafe-inline'"]), ("style-src", ["'unsafe-inline'"]),
        ("form-action", ["https://evil.example"]), ("img-src", ["*"]), ("connect-src", ["http://example.se"]),
    ],
)  # fmt: skip
def test_a_policy_that_lets_more_in_is_refused(of_production, directive, sources):
    said = said_of(of_production, SECURE_CSP=of_production["SECURE_CSP"] | {directive: sources})

    assert said
    assert all(line.startswith(f"casereg.E014 SECURE_CSP: {directive} ") for line in said)


@pytest.mark.parametrize(
    "right",
    [
        {"ALLOWED_HOSTS": ["register.example.se", "127.0.0.1", "[::1]"]},
        {"ALLOWED_HOSTS": ["casereg.localhost", "localhost"], "SECURE_SSL_REDIRECT": False},
        {"EMAIL_HOST": "mail.example.se", "EMAIL_USE_TLS": True, "EMAIL_HOST_PASSWORD": "pw"},
        {"SITE_ADDRESS": "https://register.example.se/"},
        {"CSRF_TRUSTED_ORIGINS": ["https://register.example.se"]},
        {"SECRET_KEY_FALLBACKS": [HEX]},
        {"DATABASES": {"default": {"USER": "casereg_site", "PASSWORD": ""}}},  # by the socket
    ],
)
def test_what_is_right_is_not_refused(of_production, right):
    assert said_of(of_production, **right) == []


# --- It is what stops the start --------------------------------------------------------------------------

WRONG = {"SECRET_KEY": "ab12" * 20, "ALLOWED_HOSTS": "*", "SITE_ADDRESS": "http://register.example.se"}


def test_production_does_not_serve_and_names_every_mistake_at_once():
    done = python("-c", SERVES, **PRODUCTION | WRONG)

    said = done.stderr.strip().splitlines()[-3:]
    assert done.returncode != 0
    assert [line.split("ImproperlyConfigured: ")[-1].split()[0] for line in said] == [*WRONG]
    assert "ab12ab12" not in done.stdout + done.stderr


def test_a_command_does_not_run_either():
    done = python("manage.py", "send_mails", **PRODUCTION | WRONG)

    assert done.returncode != 0
    assert {"casereg.E002", "casereg.E007", "casereg.E009"} <= {
        *done.stderr.replace("(", " ").replace(")", " ").split()
    }


def test_what_is_only_warned_of_starts_and_says_so():
    done = python("-c", SERVES, **PRODUCTION, SECOND_FACTOR_REQUIRED="0")

    assert done.stdout == "serves\n", done.stderr
    assert "a password alone opens the site" in done.stderr


def test_the_site_is_not_given_the_owners_password():
    owner = "postgres://casereg_owner:8vU2-en-annan@127.0.0.1:1/casereg"

    done = python("-c", SERVES, **PRODUCTION, MIGRATION_DATABASE_URL=owner)

    assert "MIGRATION_DATABASE_URL is set where the site serves" in done.stderr.splitlines()[-1]
    assert "en-annan" not in done.stderr


def test_development_is_not_asked():
    done = python("manage.py", "check", CASEREG_ENV="development", ALLOWED_HOSTS="*")

    assert done.returncode == 0, done.stderr
