"""The second factor: what it takes to log in, what opens without one, and changing the own ones."""

import json
import re
import time
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from urllib.parse import unquote

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casereg.access import routes
from casereg.actions.factors import (
    AppExists,
    LastFactor,
    NoFactor,
    add_app,
    add_passkey,
    factors_of,
    keep_recovery_codes,
    make_recovery_codes,
    remove_factor,
    reset_factors,
    unkept_codes,
)
from casereg.actions.links import make_link
from casereg.actions.users import OwnAccount
from casereg.management.readable import Problems
from casereg.models import AuditEvent, Outcome, OutgoingMail, User
from casereg.sealed_text import SealIsForeign, seal, unseal
from tests.casereg.test_settings import PRODUCTION
from tests.databases import database_url
from tests.factories import PASSWORD
from tests.programs import manage, python
from tests.threads import at_once

STEP = 30  # seconds
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
NEW_PASSWORD = "gråsparven sover i häcken"
SECRET_OF_NEW_APP = "app_secret"  # where a session keeps it


@pytest.fixture
def secret() -> str:
    return generate_totp_secret()


@pytest.fixture
def nora(coordinator_nord, secret) -> User:
    """A coordinator with an authenticator app, whose recovery codes are kept."""
    add_app(user=coordinator_nord, secret=secret, this=None)
    keep_recovery_codes(user=coordinator_nord)
    coordinator_nord.refresh_from_db()
    return coordinator_nord


@pytest.fixture
def required(settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or as many steps away."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // STEP + steps))


def codes_of(user: User) -> list[str]:
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return list(row.wrap().get_unused_codes())


def send_password(client: Client, user: User, *, next_page: str = "", ip: str = "127.0.0.1"):
    answers = {"login": user.email, "password": PASSWORD, "next": next_page}
    return client.post(reverse("account_login"), answers, REMOTE_ADDR=ip)


def send_code(client: Client, code: str, *, ip: str = "127.0.0.1"):
    return client.post(reverse("mfa_authenticate"), {"code": code}, REMOTE_ADDR=ip)


def log_in(client: Client, user: User, code: str):
    assert send_password(client, user).url == reverse("mfa_authenticate")
    return send_code(client, code)


def is_logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def prove(client: Client, secret: str | None = None):
    """Give the proofs that pages demand which change how one logs in."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    if secret:
        return client.post(reverse("mfa_reauthenticate"), {"code": code_of(secret)})
    return None


def as_nora(client: Client, nora: User, secret: str) -> Client:
    """Logged in, and just now proved again."""
    client.force_login(nora)
    prove(client, secret)
    return client


def events(*actions: str) -> list[tuple[str, str, list[str]]]:
    of_interest = AuditEvent.objects.filter(action__in=actions).order_by("sequence")
    return [(event.action, event.outcome, event.fields) for event in of_interest]


def mails() -> list[tuple[str, str]]:
    return list(OutgoingMail.objects.order_by("pk").values_list("kind", "to__email"))


def everything_in_the_database() -> str:
    """Every value of every row, with what the sessions say."""
    with connection.cursor() as cursor:
        told = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            told.append(repr(cursor.fetchall()))
    return "\n".join(told + [repr(session.get_decoded()) for session in Session.objects.all()])


# --- Logging in with the app ---------------------------------------------------------------------


def test_a_right_password_and_the_code_of_the_app_open_the_page_that_was_asked_for(client, nora, secret):
    assert client.get("/cases/").url == "/account/login/?next=/cases/"
    assert send_password(client, nora, next_page="/cases/").url == reverse("mfa_authenticate")

    assert send_code(client, code_of(secret)).url == "/cases/"

    assert client.get("/cases/").status_code == 200
    assert events("log_in") == [("log_in", Outcome.DONE, ["password", "totp"])]


def test_the_password_alone_opens_nothing(client, nora):
    send_password(client, nora)

    assert not is_logged_in(client)
    for path, pattern in routes():
        if pattern.callback.access_rule.startswith("public:"):
            continue
        for answer in (client.get(address_of(path)), client.post(address_of(path))):
            assert answer.status_code == 302, path
            assert answer.url.startswith(reverse("account_login")), path
    assert events("log_in", "access_denied") == []


# A value of the right kind for each parameter of an address.
OF_KIND = {"uuid": "00000000-0000-4000-8000-000000000000", "int": "1"}


def address_of(path: str) -> str:
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda parameter: OF_KIND.get(parameter[1], "x"), path)


@pytest.mark.parametrize("spelled", ["{}", " {} ", "{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}"])
def test_spaces_in_a_code_do_not_matter(client, nora, secret, spelled):
    log_in(client, nora, spelled.format(code_of(secret)))

    assert is_logged_in(client)


def test_a_code_is_right_after_a_wrong_one(client, nora, secret):
    page = log_in(client, nora, "000000" if code_of(secret) != "000000" else "111111")
    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["code"]
    assert not is_logged_in(client)

    send_code(client, code_of(secret))

    assert is_logged_in(client)
    assert events("log_in") == [
        ("log_in", Outcome.DENIED, []),
        ("log_in", Outcome.DONE, ["password", "totp"]),
    ]


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_wrong_by_one_step_and_not_by_two(client, nora, secret, steps, is_right):
    log_in(client, nora, code_of(secret, steps=steps))

    assert is_logged_in(client) is is_right


@pytest.mark.parametrize("seconds_later", [1, 29, 31, 45, 59])
def test_a_code_opens_once_as_long_as_it_is_right(client, nora, secret, clock, seconds_later):
    # The clock stands at the beginning of a step. The code of the next one is right for 60 seconds more.
    code = code_of(secret, steps=1)
    log_in(client, nora, code)
    assert is_logged_in(client)
    clock.shift(timedelta(seconds=seconds_later))
    assert code in {code_of(secret, steps=steps) for steps in (-1, 0, 1)}

    other = Client()
    page = log_in(other, nora, f" {code[:3]} {code[3:]}")

    assert page.status_code == 200
    assert not is_logged_in(other)


def test_the_code_that_set_up_an_app_does_not_log_in(client, coordinator_nord, clock):
    client.force_login(coordinator_nord)
    prove(client)
    client.get(reverse("totp_add"))
    secret = unseal(client.session[SECRET_OF_NEW_APP])
    code = code_of(secret)
    assert client.post(reverse("totp_add"), {"code": code}).status_code == 302
    clock.shift(timedelta(seconds=31))

    other = Client()
    log_in(other, coordinator_nord, code)

    assert not is_logged_in(other)


def test_whoever_is_deactivated_half_way_does_not_get_in(client, nora, secret):
    send_password(client, nora)
    User.objects.filter(pk=nora.pk).update(is_active=False)  # and nothing else that a session would notice

    assert send_code(client, code_of(secret)).url == reverse("account_login")

    assert not is_logged_in(client)
    assert events("log_in") == []


def test_a_new_password_ends_a_log_in_that_is_half_done(client, nora, secret):
    send_password(client, nora)
    nora.set_password(NEW_PASSWORD)
    nora.save()

    assert send_code(client, code_of(secret)).url == reverse("account_login")

    assert not is_logged_in(client)
    assert send_code(client, code_of(secret, steps=1)).url == reverse("account_login")


def test_a_link_for_a_new_password_does_not_skip_the_second_factor(client, nora, secret, required):
    client.get(make_link(user=nora, kind="reset"), follow=True)
    client.post(reverse("password_choose"), {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert not is_logged_in(client)

    answer = client.post(reverse("account_login"), {"login": nora.email, "password": NEW_PASSWORD})

    assert answer.url == reverse("mfa_authenticate")
    assert client.get("/cases/").url.startswith(reverse("account_login"))
    send_code(client, code_of(secret))
    assert client.get("/cases/").status_code == 200


@pytest.mark.parametrize("kind", ["app", "recovery code"])
def test_a_code_opens_one_session_however_many_send_it_at_once(committed_db, nora, secret, kind):
    code = code_of(secret) if kind == "app" else codes_of(nora)[0]
    browsers = [Client() for _number in range(4)]
    for browser in browsers:
        send_password(browser, nora)

    answers = at_once(*[lambda browser=browser: send_code(browser, code) for browser in browsers])

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 302]
    assert [is_logged_in(browser) for browser in browsers].count(True) == 1


def test_whoever_is_half_logged_in_can_log_in_as_somebody_else(client, nora, coordinator_syd):
    send_password(client, nora)

    assert client.post(reverse("account_logout")).status_code == 302

    assert client.get(reverse("mfa_authenticate")).url == reverse("account_login")
    send_password(client, coordinator_syd)
    assert client.session["_auth_user_id"] == str(coordinator_syd.pk)


def test_a_log_in_gets_a_new_session_id_at_the_second_factor(client, nora, secret):
    send_password(client, nora)
    before = client.cookies["sessionid"].value

    send_code(client, code_of(secret))

    assert client.cookies["sessionid"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def in_letters(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def attestation(data: bytes) -> bytes:
    """What a device says at registration, with no more than `data` in it."""
    return b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data


CLIENT_DATA = {"type": "webauthn.create", "challenge": "AAAA", "origin": "http://testserver"}
FORGED = {
    "clientDataJSON": in_letters(json.dumps(CLIENT_DATA).encode()),
    "authenticatorData": "AA",
    "signature": "AA",
}


def credential(response: dict) -> str:
    return json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": response})


ATTESTATIONS = (5, [], True, "AA", in_letters(b"{}"), in_letters(attestation(bytes(32) + b"A" + bytes(24))))
NO_PASSKEYS = ['"x"', "5", "[]", "{}", "null", "", "{", credential({}), credential(FORGED)]
NO_PASSKEYS += [credential(FORGED | {"attestationObject": said}) for said in ATTESTATIONS]


@pytest.mark.parametrize("sent", NO_PASSKEYS)
def test_what_no_browser_sends_is_no_passkey(client, nora, secret, sent):
    send_password(client, nora)
    page = client.post(reverse("mfa_authenticate"), {"credential": sent})
    assert page.status_code == 200
    assert "__all__" in page.context["webauthn_form"].errors
    assert not is_logged_in(client)

    as_nora(client, nora, secret)
    client.get(reverse("passkey_add"))  # a challenge
    page = client.post(reverse("passkey_add"), {"name": "Key", "credential": sent})
    assert page.status_code == 200
    assert "__all__" in page.context["form"].errors
    assert factors_of(nora).passkeys == ()


def test_an_answer_to_the_challenge_without_a_key_in_it_is_no_passkey(client, nora, secret):
    as_nora(client, nora, secret)
    options = client.get(reverse("passkey_add")).context["options"]["publicKey"]
    client_data = CLIENT_DATA | {"challenge": options["challenge"]}
    is_there = sha256(b"testserver").digest() + b"\x01" + bytes(4)
    response = {
        "clientDataJSON": in_letters(json.dumps(client_data).encode()),
        "attestationObject": in_letters(attestation(is_there)),
    }

    page = client.post(reverse("passkey_add"), {"name": "Key", "credential": credential(response)})

    assert "__all__" in page.context["form"].errors
    assert factors_of(nora).passkeys == ()


# --- Recovery codes ------------------------------------------------------------------------------


def test_a_recovery_code_opens_once(client, nora):
    code = codes_of(nora)[3]
    log_in(client, nora, f"{code[:4]} {code[4:]}")
    assert is_logged_in(client)

    other = Client()
    log_in(other, nora, code)

    assert not is_logged_in(other)
    assert factors_of(nora).codes_left == 9
    assert events("log_in")[0] == ("log_in", Outcome.DONE, ["password", "recovery_codes"])


def test_the_database_holds_neither_the_secret_of_the_app_nor_a_code_that_opens(client, coordinator_nord):
    client.force_login(coordinator_nord)
    prove(client)
    client.get(reverse("totp_add"))
    secret = unseal(client.session[SECRET_OF_NEW_APP])
    assert secret not in everything_in_the_database()

    client.post(reverse("totp_add"), {"code": code_of(secret)})

    seed = unseal(Authenticator.objects.get(type="recovery_codes").data["seed"])
    stored = everything_in_the_database()
    assert factors_of(coordinator_nord).app
    for plain in (secret, seed, *codes_of(coordinator_nord)):
        assert plain not in stored


def test_what_is_sealed_opens_under_the_present_secret_and_those_before_it(settings):
    sealed = seal("text")
    assert unseal(sealed) == "text"
    assert seal("text") != sealed

    before, settings.SECRET_KEY = settings.SECRET_KEY, "another secret " * 4
    with pytest.raises(SealIsForeign):
        unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [before]
    assert unseal(sealed) == "text"


UNREADABLE = "The site can no longer read this factor. Ask an administrator to reset it."


def test_under_another_secret_app_and_codes_open_nothing_until_they_are_reset(
    nora, secret, administrator, settings, required, caplog
):
    kept = codes_of(nora)[0]
    settings.SECRET_KEY, before = "another secret " * 4, settings.SECRET_KEY
    for code in (code_of(secret), kept):
        client = Client()
        client.cookies["django_language"] = "en"
        page = log_in(client, nora, code)
        assert page.context["form"].errors == {"code": [UNREADABLE]}
        assert not is_logged_in(client)
    assert "SECRET_KEY_FALLBACKS" in caplog.text
    assert events("log_in") == [("log_in", Outcome.DENIED, [])] * 2

    reset_factors(user_id=nora.pk, by=administrator)

    client = Client()
    send_password(client, nora)
    assert client.get("/cases/").url == reverse("factor_choose")
    client.get(reverse("totp_add"))
    anew = unseal(client.session[SECRET_OF_NEW_APP])
    assert client.post(reverse("totp_add"), {"code": code_of(anew)}).url == reverse("recovery_codes_read")
    settings.SECRET_KEY_FALLBACKS = [before]  # it was for nothing: what was reset is gone
    other = Client()
    log_in(other, nora, kept)
    assert not is_logged_in(other)


def test_the_secret_of_before_still_opens_an_app(client, nora, secret, settings):
    settings.SECRET_KEY, before = "another secret " * 4, settings.SECRET_KEY
    settings.SECRET_KEY_FALLBACKS = [before]

    log_in(client, nora, code_of(secret))

    assert is_logged_in(client)


def test_codes_that_nobody_can_read_any_more_are_made_anew(client, coordinator_nord, settings, required):
    add_passkey(user=coordinator_nord, name="Key", credential={}, this=None)
    coordinator_nord.refresh_from_db()
    settings.SECRET_KEY = "another secret " * 4
    client.force_login(coordinator_nord)
    session, now = client.session, time.time()
    session["account_authentication_methods_user"] = str(coordinator_nord.pk)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": method, "at": now, "reauthenticated": True} for method in ("password", "mfa")
    ]
    session.save()

    assert client.get("/cases/").url == reverse("recovery_codes_read")
    assert client.get(reverse("recovery_codes_read")).url == reverse("recovery_codes_make")
    assert client.post(reverse("recovery_codes_make")).url == reverse("recovery_codes_read")
    assert client.get(reverse("recovery_codes_read")).context["codes"] == codes_of(coordinator_nord)
    client.post(reverse("recovery_codes_read"))
    assert client.get(reverse("account_read")).status_code == 200


# --- Slowed down -----------------------------------------------------------------------------------


def test_guessing_codes_is_slowed_down_and_nobody_else_at_the_address_is(
    client, nora, secret, coordinator_syd
):
    send_password(client, nora)
    for _guess in range(30):
        send_code(client, "000000")

    assert not is_logged_in(client)
    page = send_code(client, code_of(secret))  # right, and too late
    assert page.context["form"].has_error("code", "too_many_login_attempts")
    assert not is_logged_in(client)
    assert len([event for event in events("log_in") if event[1] == Outcome.DENIED]) == 5

    colleague = Client()
    other_secret = generate_totp_secret()
    add_app(user=coordinator_syd, secret=other_secret, this=None)
    log_in(colleague, coordinator_syd, code_of(other_secret))
    assert is_logged_in(colleague)


def test_the_tries_are_counted_from_every_address_and_in_the_shared_cache(nora, secret):
    for guess in range(5):
        client = Client()
        send_password(client, nora, ip=f"192.0.2.{guess}")
        send_code(client, "000000", ip=f"192.0.2.{guess}")

    other = Client()
    send_password(other, nora, ip="198.51.100.1")
    send_code(other, code_of(secret), ip="198.51.100.1")

    assert not is_logged_in(other)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM casereg_cache WHERE cache_key LIKE '%second_factor_code%'")
        assert cursor.fetchone() == (1,)


IN_ANOTHER_WORKER = """
import sys
import time_machine
session, now, page = sys.argv[1:]
with time_machine.travel(now, tick=True):
    from django.test.utils import setup_test_environment
    import django; django.setup(); setup_test_environment()
    from django.test import Client
    client = Client()
    client.cookies["sessionid"] = session
    for _guess in range(3):
        form = client.post(page, {"code": "000000"}).context["form"]
        print([error.code for error in form.errors.as_data()["code"]])
"""


def test_another_worker_counts_on_and_so_does_one_that_starts_later(committed_db, client, nora, secret):
    send_password(client, nora)
    for _guess in range(3):
        send_code(client, "000000")

    done = python(
        "-c", IN_ANOTHER_WORKER, client.cookies["sessionid"].value, timezone.now().isoformat(),
        reverse("mfa_authenticate"), DATABASE_URL=database_url(), CASEREG_ENV="development",
        DJANGO_SETTINGS_MODULE="casereg.settings",
    )  # fmt: skip

    assert done.stdout.splitlines() == ["['incorrect_code']"] * 2 + ["['too_many_login_attempts']"]
    send_code(client, code_of(secret))
    assert not is_logged_in(client)


@pytest.fixture
def seven_failures(settings) -> None:
    """As many from one address, in place of a hundred."""
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"failures_from_address": "7/15m/ip"}


def test_wrong_codes_count_against_the_address_they_come_from(nora, coordinator_syd, seven_failures, clock):
    app = generate_totp_secret()
    add_app(user=coordinator_syd, secret=app, this=None)
    keep_recovery_codes(user=coordinator_syd)
    for user, guesses in ((nora, 5), (coordinator_syd, 2)):
        client = Client()
        send_password(client, user, ip=HERE)
        for _guess in range(guesses):
            send_code(client, "000000", ip=HERE)

    for ip, gets_in in ((HERE, False), (ELSEWHERE, True)):
        client = Client()
        send_password(client, coordinator_syd, ip=ELSEWHERE)
        send_code(client, code_of(app), ip=ip)
        assert is_logged_in(client) is gets_in
    clock.shift(timedelta(minutes=16))
    client = Client()
    send_password(client, coordinator_syd, ip=HERE)
    send_code(client, code_of(app), ip=HERE)
    assert is_logged_in(client)


def test_a_right_code_does_not_clear_what_was_counted_against_the_address(
    nora, secret, coordinator_syd, seven_failures
):
    """Else whoever has an account could guess at all the others without an end."""
    for number in range(4):
        Client().post(
            reverse("account_login"), {"login": f"{number}@example.org", "password": "x"}, REMOTE_ADDR=HERE
        )
    client = Client()
    send_password(client, nora, ip=HERE)
    send_code(client, "000000", ip=HERE)
    send_code(client, code_of(secret), ip=HERE)
    assert is_logged_in(client)
    for number in range(2):
        Client().post(
            reverse("account_login"), {"login": f"{number}@example.org", "password": "x"}, REMOTE_ADDR=HERE
        )

    for ip, gets_in in ((HERE, False), (ELSEWHERE, True)):
        other = Client()
        send_password(other, coordinator_syd, ip=ip)
        assert is_logged_in(other) is gets_in


def test_a_passkey_that_is_none_counts_against_the_address_too(client, nora, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"failures_from_address": "3/15m/ip"}
    send_password(client, nora)

    def refused_as(ip: str) -> str:
        sent = {"credential": credential(FORGED)}
        page = client.post(reverse("mfa_authenticate"), sent, REMOTE_ADDR=ip)
        [error] = page.context["webauthn_form"].errors.as_data()["__all__"]
        return error.code or "no passkey"

    assert [refused_as(HERE) for _time in range(4)] == ["no passkey"] * 3 + ["too_many_login_attempts"]
    assert refused_as(ELSEWHERE) == "no passkey"


def test_some_minutes_later_the_right_code_opens_and_clears_what_was_counted(client, nora, secret, clock):
    send_password(client, nora)
    for _guess in range(30):  # what is refused at once is no guess
        send_code(client, "000000")
    clock.shift(timedelta(minutes=6))

    send_code(client, code_of(secret))

    assert is_logged_in(client)
    other = Client()
    clock.shift(timedelta(minutes=2))
    log_in(other, nora, "000000")
    send_code(other, code_of(secret))
    assert is_logged_in(other)


def test_a_right_code_clears_what_was_counted_that_day(client, nora, secret, clock):
    send_password(client, nora)
    for _round in range(8):  # 32 wrong ones in all
        for _guess in range(4):
            send_code(client, "000000")
        send_code(client, code_of(secret))
        assert is_logged_in(client)
        client.post(reverse("account_logout"))
        clock.shift(timedelta(minutes=6))
        send_password(client, nora)


def test_whoever_guesses_all_day_has_twenty_tries(client, nora, secret, clock):
    for _round in range(6):
        send_password(client, nora)
        for _guess in range(5):
            send_code(client, "000000")
        clock.shift(timedelta(minutes=6))

    send_password(client, nora)
    send_code(client, code_of(secret))

    assert not is_logged_in(client)
    assert len([event for event in events("log_in") if event[1] == Outcome.DENIED]) == 20
    clock.shift(timedelta(days=1))
    log_in(client, nora, code_of(secret))
    assert is_logged_in(client)


# --- Nothing opens without one ---------------------------------------------------------------------

OPEN_WITHOUT = {
    "account_logout", "language_choose", "session_keep", "register_about", "healthz", "readyz",
    "factor_choose", "passkey_add", "totp_add", "account_reauthenticate",
}  # fmt: skip


def test_without_a_second_factor_every_address_leads_to_setting_one_up(client, coordinator_nord, required):
    client.force_login(coordinator_nord)

    for path, pattern in routes():
        if pattern.name in OPEN_WITHOUT:
            continue
        address = address_of(path)
        for answer in (client.get(address), client.head(address), client.post(address)):
            assert (answer.status_code, answer.headers.get("Location")) == (302, reverse("factor_choose")), (
                path
            )
    assert AuditEvent.objects.count() == 0


def test_what_opens_without_one_is_what_it_takes_to_set_one_up(client, coordinator_nord, required):
    client.force_login(coordinator_nord)
    prove(client)

    for page in ("factor_choose", "passkey_add", "totp_add", "account_reauthenticate", "register_about"):
        assert client.get(reverse(page)).status_code == 200, page
    assert client.post(reverse("language_choose"), {"language": "en"}).status_code == 302
    assert client.get("/healthz").status_code == 204
    assert 'class="site-nav"' not in client.get(reverse("factor_choose")).content.decode()
    assert client.post(reverse("account_logout")).status_code == 302
    assert not is_logged_in(client)


def test_what_is_sent_without_a_second_factor_is_not_done(client, administrator, required):
    client.force_login(administrator)

    client.post(
        reverse("user_create"), {"name": "New", "email": "new@example.org", "role": "analyst", "region": ""}
    )

    assert not User.objects.filter(email="new@example.org").exists()


def test_the_page_first_asked_for_opens_once_the_codes_are_kept(client, coordinator_nord, required):
    send_password(client, coordinator_nord, next_page="/cases/?sort=year")
    assert client.get("/cases/?sort=year").url == reverse("factor_choose")
    assert client.get(reverse("account_read")).url == reverse("factor_choose")  # looks around

    client.get(reverse("totp_add"))  # whoever has just logged in proves nothing again
    secret = unseal(client.session[SECRET_OF_NEW_APP])
    done = client.post(reverse("totp_add"), {"code": code_of(secret)})
    assert done.url == reverse("recovery_codes_read")

    assert client.get("/cases/").url == reverse("recovery_codes_read")
    shown = client.get(reverse("recovery_codes_read")).content.decode()
    assert all(f"{code[:4]} {code[4:]}" in shown for code in codes_of(coordinator_nord))
    assert client.post(reverse("recovery_codes_read")).url == "/cases/?sort=year"
    assert client.get("/cases/").status_code == 200
    assert client.get(reverse("recovery_codes_read")).url == reverse("account_read")  # never again
    assert events("factor_add", "recovery_codes_keep") == [
        ("factor_add", Outcome.DONE, ["app"]), ("recovery_codes_keep", Outcome.DONE, []),
    ]  # fmt: skip


def test_with_a_second_factor_a_page_costs_no_query_more(client, nora, required, settings):
    client.force_login(nora)
    client.get("/cases/")

    with CaptureQueriesContext(connection) as required_queries:
        client.get("/cases/")
    settings.SECOND_FACTOR_REQUIRED = False
    with CaptureQueriesContext(connection) as other_queries:
        client.get("/cases/")

    assert len(required_queries) == len(other_queries) > 3


def test_recovery_codes_alone_are_no_second_factor(client, nora, required):
    Authenticator.objects.filter(user=nora, type=Authenticator.Type.TOTP).delete()
    client.force_login(nora)

    assert client.get("/cases/").url == reverse("factor_choose")


def test_in_development_and_so_in_the_demo_nobody_needs_one(client, coordinator_nord, settings):
    assert settings.SECOND_FACTOR_REQUIRED is False

    send_password(client, coordinator_nord)

    assert client.get("/cases/").status_code == 200


def test_codes_that_were_not_kept_are_shown_elsewhere_only_to_who_proves_it_again(
    client, nora, secret, required
):
    make_recovery_codes(user=nora, this=None)
    log_in(client, nora, code_of(secret))

    assert client.get("/cases/").url == reverse("recovery_codes_read")
    assert client.get(reverse("recovery_codes_read")).url.startswith(reverse("account_reauthenticate"))
    assert client.post(reverse("recovery_codes_read")).url.startswith(reverse("account_reauthenticate"))

    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("mfa_reauthenticate"), {"code": code_of(secret, steps=1)})
    assert client.get(reverse("recovery_codes_read")).status_code == 200


IN_PRODUCTION = """
from casereg import settings as s
print(s.SECOND_FACTOR_REQUIRED, s.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN, s.SECRET_KEY_FALLBACKS)
"""


@pytest.mark.parametrize(
    ("chosen", "said", "before"),
    [({}, "True", "one,two\n"), ({"SECOND_FACTOR_REQUIRED": "0"}, "False", "")],
)
def test_production_requires_one_unless_told_otherwise_and_passkeys_over_https(chosen, said, before):
    done = python("-c", IN_PRODUCTION, **PRODUCTION, **chosen, SECRET_KEY_FALLBACKS=before)

    assert done.stdout == f"{said} False {['one', 'two'] if before else []}\n"


# --- Proving it again ------------------------------------------------------------------------------

CHANGING = ["passkey_add", "totp_add", "totp_remove", "recovery_codes_make"]


@pytest.mark.parametrize("page", CHANGING)
def test_changing_factors_demands_the_password_and_the_factor(client, nora, secret, page):
    client.force_login(nora)
    asked = f"?next={reverse(page)}"

    for answer in (client.get(reverse(page)), client.post(reverse(page))):
        assert unquote(answer.url) == reverse("account_reauthenticate") + asked
    answer = client.post(
        reverse("account_reauthenticate") + asked, {"password": PASSWORD, "next": reverse(page)}
    )
    assert answer.url == reverse(page)
    assert unquote(client.get(reverse(page)).url) == reverse("mfa_reauthenticate") + asked
    answer = client.post(reverse("mfa_reauthenticate"), {"code": code_of(secret), "next": reverse(page)})
    assert answer.url == reverse(page)
    answer = client.get(reverse(page))
    assert answer.status_code == 200 or answer.url == reverse("account_read")  # there is an app already


def test_the_log_in_itself_is_no_proof_where_there_is_a_factor(client, nora, secret):
    log_in(client, nora, code_of(secret))

    assert client.get(reverse("recovery_codes_make")).url.startswith(reverse("account_reauthenticate"))


def test_a_proof_holds_for_five_minutes(client, nora, secret, clock):
    as_nora(client, nora, secret)
    clock.shift(timedelta(minutes=4, seconds=55))
    assert client.get(reverse("recovery_codes_make")).status_code == 200

    clock.shift(timedelta(seconds=10))

    assert client.get(reverse("recovery_codes_make")).status_code == 302
    assert client.post(reverse("recovery_codes_make")).url.startswith(reverse("account_reauthenticate"))
    assert events("recovery_codes_make") == []


def test_a_log_in_of_long_ago_does_not_set_up_the_first_factor(client, coordinator_nord, clock):
    send_password(client, coordinator_nord)
    assert client.get(reverse("totp_add")).status_code == 200

    clock.shift(timedelta(minutes=6))

    assert client.get(reverse("totp_add")).url.startswith(reverse("account_reauthenticate"))


def test_a_wrong_password_and_a_wrong_code_prove_nothing(client, nora, secret):
    client.force_login(nora)

    page = client.post(reverse("account_reauthenticate"), {"password": "a guess"})
    assert list(page.context["form"].errors) == ["password"]
    page = client.post(reverse("mfa_reauthenticate"), {"code": "000000"})
    assert list(page.context["form"].errors) == ["code"]

    assert client.get(reverse("recovery_codes_make")).url.startswith(reverse("account_reauthenticate"))
    assert events("log_in", "identity_prove") == [("identity_prove", Outcome.DENIED, [])] * 2


def test_guessing_the_factor_of_an_open_session_is_slowed_down(client, nora, secret):
    client.force_login(nora)

    answers = [
        client.post(reverse("mfa_reauthenticate"), {"code": "000000"}).status_code for _guess in range(12)
    ]

    assert answers[0] == 200
    assert answers[-1] == 429
    assert len(events("identity_prove")) == 5


def test_changing_the_password_demands_the_factor(client, nora, secret):
    client.force_login(nora)
    page, answers = reverse("account_change_password"), {
        "oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD,
    }  # fmt: skip

    assert client.post(page, answers).url.startswith(reverse("mfa_reauthenticate"))
    nora.refresh_from_db()
    assert nora.check_password(PASSWORD)

    client.post(reverse("mfa_reauthenticate"), {"code": code_of(secret)})
    client.post(page, answers)
    nora.refresh_from_db()
    assert nora.check_password(NEW_PASSWORD)
    assert ("password_changed", nora.email) in mails()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_off_the_site_after_a_proof(client, nora, secret, elsewhere):
    client.force_login(nora)

    answer = client.post(reverse("mfa_reauthenticate"), {"code": code_of(secret), "next": elsewhere})

    assert answer.url == reverse("account_read")


# --- Changing the own ones -------------------------------------------------------------------------


def test_whatever_changes_the_factors_ends_every_other_session_and_is_told(client, nora, secret, clock):
    OutgoingMail.objects.all().delete()

    def change(page: str, sent: dict, *, said: tuple[str, list[str]]) -> None:
        elsewhere = Client()
        elsewhere.force_login(User.objects.get(pk=nora.pk))
        assert elsewhere.get("/cases/").status_code == 200
        client.post(reverse(page), sent)
        assert client.get(reverse("account_read")).status_code == 200
        assert elsewhere.get("/cases/").status_code == 302
        last = AuditEvent.objects.exclude(action="log_in").latest("sequence")
        assert (last.action, last.fields, last.actor, last.object) == (*said, nora, f"user {nora.pk}")
        assert mails() == [("factors_changed", nora.email)]
        OutgoingMail.objects.all().delete()

    as_nora(client, nora, secret)
    change("recovery_codes_make", {}, said=("recovery_codes_make", []))
    change("totp_remove", {}, said=("factor_remove", ["app"]))
    client.get(reverse("totp_add"))
    code = code_of(unseal(client.session[SECRET_OF_NEW_APP]))
    change("totp_add", {"code": code}, said=("factor_add", ["app"]))


def test_new_codes_take_the_place_of_the_old_ones(client, nora, secret):
    old = codes_of(nora)[0]
    as_nora(client, nora, secret)
    assert client.post(reverse("recovery_codes_make")).url == reverse("recovery_codes_read")
    assert client.get(reverse("recovery_codes_read")).context["codes"] == codes_of(nora)

    other = Client()
    log_in(other, nora, old)
    assert not is_logged_in(other)
    send_code(other, codes_of(nora)[0])
    assert is_logged_in(other)


def test_new_codes_are_kept_before_anything_else_opens(client, nora, secret, required):
    as_nora(client, nora, secret)
    assert client.get("/cases/").status_code == 200

    client.post(reverse("recovery_codes_make"))

    assert client.get("/cases/").url == reverse("recovery_codes_read")


def test_reading_the_codes_does_not_use_them_up(client, nora, secret):
    as_nora(client, nora, secret)
    client.post(reverse("recovery_codes_make"))

    first, again = (client.get(reverse("recovery_codes_read")).context["codes"] for _reading in range(2))

    assert first == again
    assert unkept_codes(nora) == first


def test_the_last_factor_stays_where_one_is_required(client, nora, secret, required):
    as_nora(client, nora, secret)

    page = client.post(reverse("totp_remove"))

    assert page.status_code == 200
    assert factors_of(nora).app
    with pytest.raises(LastFactor):
        remove_factor(user=nora, factor_id=factors_of(nora).app.id, this=None)
    add_passkey(user=nora, name="Key", credential={}, this=None)
    remove_factor(user=nora, factor_id=factors_of(nora).app.id, this=None)
    assert (factors_of(nora).app, len(factors_of(nora).passkeys), factors_of(nora).codes_left) == (
        None,
        1,
        10,
    )


def test_the_last_factor_takes_the_codes_along_where_none_is_required(client, nora, secret):
    as_nora(client, nora, secret)

    client.post(reverse("totp_remove"))

    assert not Authenticator.objects.filter(user=nora).exists()
    other = Client()
    send_password(other, nora)
    assert is_logged_in(other)


def test_somebody_else_s_passkey_is_not_there(client, nora, secret, coordinator_syd):
    add_passkey(user=coordinator_syd, name="Sixten", credential={}, this=None)
    foreign = factors_of(coordinator_syd).passkeys[0].id
    as_nora(client, nora, secret)

    for answer in (
        client.get(reverse("passkey_remove", args=[foreign])),
        client.post(reverse("passkey_remove", args=[foreign])),
    ):
        assert answer.status_code == 404
    with pytest.raises(Authenticator.DoesNotExist):
        remove_factor(user=nora, factor_id=foreign, this=None)
    assert len(factors_of(coordinator_syd).passkeys) == 1


def test_the_codes_are_no_factor_to_remove(nora):
    codes = Authenticator.objects.get(user=nora, type=Authenticator.Type.RECOVERY_CODES)

    with pytest.raises(Authenticator.DoesNotExist):
        remove_factor(user=nora, factor_id=codes.pk, this=None)


def test_one_app_a_person_and_no_codes_without_a_factor(nora, coordinator_syd):
    with pytest.raises(AppExists):
        add_app(user=nora, secret=generate_totp_secret(), this=None)
    with pytest.raises(NoFactor):
        make_recovery_codes(user=coordinator_syd, this=None)


def test_what_fails_half_way_leaves_the_factors_as_they_were(nora, monkeypatch):
    def fail(*_arguments, **_more):
        raise RuntimeError("the trail is full")

    epoch = nora.session_epoch
    monkeypatch.setattr(AuditEvent.objects, "append", fail)

    with pytest.raises(RuntimeError):
        remove_factor(user=nora, factor_id=factors_of(nora).app.id, this=None)

    nora.refresh_from_db()
    assert (bool(factors_of(nora).app), nora.session_epoch) == (True, epoch)


def test_the_secret_that_is_shown_is_the_one_of_the_picture_and_stays_while_it_is_set_up(
    client, coordinator_nord
):
    client.force_login(coordinator_nord)
    prove(client)

    page = client.get(reverse("totp_add"))
    again = client.get(reverse("totp_add"))

    assert "".join(page.context["secret_in_fours"]) == unseal(client.session[SECRET_OF_NEW_APP])
    assert page.context["secret_in_fours"] == again.context["secret_in_fours"]
    assert page.context["picture"].startswith("data:image/svg+xml;base64,")


def test_a_wrong_first_code_adds_no_app(client, coordinator_nord):
    client.force_login(coordinator_nord)
    prove(client)
    client.get(reverse("totp_add"))

    page = client.post(reverse("totp_add"), {"code": "000000"})

    assert list(page.context["form"].errors) == ["code"]
    assert not Authenticator.objects.exists()
    assert mails() == []


# --- An administrator's reset ----------------------------------------------------------------------


def test_an_administrator_takes_the_factors_from_somebody_who_has_lost_them(
    client, nora, secret, administrator, required
):
    OutgoingMail.objects.all().delete()
    log_in(client, nora, code_of(secret))

    reset_factors(user_id=nora.pk, by=administrator)

    assert client.get("/cases/").url.startswith(reverse("account_login"))
    assert not Authenticator.objects.filter(user=nora).exists()
    assert mails() == [("factors_reset", nora.email)]
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.actor, event.object) == ("factors_reset", administrator, f"user {nora.pk}")
    send_password(client, nora)
    assert client.get("/cases/").url == reverse("factor_choose")


def test_a_reset_ends_a_log_in_that_is_half_done(client, nora, secret, administrator):
    send_password(client, nora)

    reset_factors(user_id=nora.pk, by=administrator)

    assert send_code(client, code_of(secret)).url == reverse("account_login")
    assert not is_logged_in(client)


@pytest.mark.parametrize("who", ["coordinator_syd", "analyst", "nora"])
def test_nobody_else_resets_factors(nora, who, request):
    with pytest.raises(PermissionDenied):
        reset_factors(user_id=nora.pk, by=request.getfixturevalue(who))

    assert factors_of(nora).app


def test_an_administrator_who_was_deactivated_meanwhile_resets_nothing(nora, administrator):
    User.objects.filter(pk=administrator.pk).update(is_active=False)

    with pytest.raises(PermissionDenied):
        reset_factors(user_id=nora.pk, by=administrator)

    assert factors_of(nora).app


def test_administrators_keep_their_own_and_reset_nobody_who_is_not(administrator):
    add_app(user=administrator, secret=generate_totp_secret(), this=None)

    with pytest.raises(OwnAccount):
        reset_factors(user_id=administrator.pk, by=administrator)
    with pytest.raises(User.DoesNotExist):
        reset_factors(user_id=10**9, by=administrator)

    assert factors_of(administrator).app


def guess_all_day(user: User, clock) -> None:
    """Twenty wrong codes of somebody who knows the password."""
    client = Client()
    for _round in range(4):
        send_password(client, user)
        for _guess in range(5):
            send_code(client, "000000")
        clock.shift(timedelta(minutes=6))
    send_password(client, user)
    page = send_code(client, "000000")
    assert page.context["form"].has_error("code", "too_many_login_attempts")


@pytest.mark.parametrize("kind", ["app", "recovery code"])
def test_after_a_reset_nothing_is_left_of_what_was_counted(nora, secret, administrator, clock, kind):
    guess_all_day(nora, clock)
    OutgoingMail.objects.all().delete()

    reset_factors(user_id=nora.pk, by=administrator)

    anew = generate_totp_secret()
    nora.refresh_from_db()
    add_app(user=nora, secret=anew, this=None)
    keep_recovery_codes(user=nora)
    client = Client()
    log_in(client, nora, code_of(anew) if kind == "app" else codes_of(nora)[0])
    assert is_logged_in(client)


def test_a_reset_takes_the_wait_of_some_minutes_along(nora, secret, administrator):
    client = Client()
    send_password(client, nora)
    for _guess in range(5):
        send_code(client, "000000")

    reset_factors(user_id=nora.pk, by=administrator)

    anew = generate_totp_secret()
    nora.refresh_from_db()
    add_app(user=nora, secret=anew, this=None)
    keep_recovery_codes(user=nora)
    client = Client()
    log_in(client, nora, code_of(anew))
    assert is_logged_in(client)


def test_a_reset_leaves_what_was_counted_of_others(nora, secret, administrator, coordinator_syd, clock):
    guess_all_day(nora, clock)

    reset_factors(user_id=coordinator_syd.pk, by=administrator)

    client = Client()
    log_in(client, nora, code_of(secret))
    assert not is_logged_in(client)


def choose_by_link(user: User) -> None:
    client = Client()
    client.get(make_link(user=user, kind="reset"), follow=True)
    answer = client.post(reverse("password_choose"), {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert answer.url == reverse("password_saved")


def gets_in(user: User, secret: str) -> bool:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": NEW_PASSWORD})
    send_code(client, code_of(secret))
    return is_logged_in(client)


def test_a_password_chosen_by_link_shuts_out_who_knew_it_and_not_its_person(nora, secret, clock):
    guess_all_day(nora, clock)

    choose_by_link(nora)

    assert gets_in(nora, secret)


def test_links_do_not_give_new_tries_more_than_once_a_day(nora, secret, clock):
    """Else whoever reads the person's mail would guess at the app without an end."""
    choose_by_link(nora)
    client = Client()
    for _round in range(4):
        client.post(reverse("account_login"), {"login": nora.email, "password": NEW_PASSWORD})
        for _guess in range(5):
            send_code(client, "000000")
        clock.shift(timedelta(minutes=6))

    choose_by_link(nora)

    assert not gets_in(nora, secret)
    clock.shift(timedelta(days=1))
    assert gets_in(nora, secret)


def test_who_has_no_tries_left_that_day_is_told_when_and_who_helps(client, nora, secret, clock):
    guess_all_day(nora, clock)
    client.cookies["django_language"] = "en"
    send_password(client, nora)

    page = send_code(client, code_of(secret))

    assert page.context["form"].errors["code"] == [
        "Too many wrong codes. None is taken until tomorrow. An administrator can help before that, by "
        "resetting your second factor."
    ]


# --- Reset on the server ---------------------------------------------------------------------------


def reset_on_the_server(email: str) -> str:
    out = StringIO()
    call_command("reset_factors", email, stdout=out)
    return out.getvalue()


def test_the_only_administrator_who_lost_the_factor_gets_in_again(administrator, required, settings):
    add_app(user=administrator, secret=generate_totp_secret(), this=None)
    keep_recovery_codes(user=administrator)
    administrator.refresh_from_db()
    elsewhere = Client()
    elsewhere.force_login(administrator)
    OutgoingMail.objects.all().delete()

    printed = reset_on_the_server(" Admin@example.org ")

    assert printed.startswith("Adam Admin has no second factor any longer")
    assert elsewhere.get("/users/").status_code == 302
    assert mails() == [("factors_reset", administrator.email)]
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.actor, event.role) == ("factors_reset", None, "system")
    assert event.object == f"user {administrator.pk}"
    client = Client()
    send_password(client, administrator)
    assert client.get("/users/").url == reverse("factor_choose")


def test_one_whose_app_is_sealed_under_a_lost_secret_gets_in_again(administrator, settings, required):
    add_app(user=administrator, secret=generate_totp_secret(), this=None)
    settings.SECRET_KEY = "another secret " * 4

    reset_on_the_server(administrator.email)

    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("nobody@example.org", "Nobody has the address 'nobody@example.org'."),
        ("syd@example.org", "Sixten Syd has no second factor."),
        ("gone@example.org", "Gun Gången is deactivated. An administrator reactivates people on the site."),
    ],
)
def test_where_there_is_nothing_to_reset_the_command_says_why(coordinator_syd, deactivated, email, said):
    with pytest.raises(Problems) as problems:
        reset_on_the_server(email)

    assert str(problems.value) == said
    assert events("factors_reset") == mails() == []


def test_the_command_fails_with_one_line(committed_db):
    done = manage("reset_factors", "nobody@example.org")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Nobody has the address 'nobody@example.org'.\n"


# --- The account's page ----------------------------------------------------------------------------


def test_the_account_says_what_one_logs_in_with_and_no_secret(client, nora, secret):
    add_passkey(user=nora, name="Nyckel i knippan", credential={}, this=None)
    nora.refresh_from_db()
    client.force_login(nora)

    page = client.get(reverse("account_read")).content.decode()

    assert "Nyckel i knippan" in page
    assert reverse("totp_remove") in page
    assert secret not in page
    assert not any(code in page for code in codes_of(nora))


def test_every_page_leads_to_the_own_account(client, coordinator_nord):
    client.force_login(coordinator_nord)

    assert f'<a href="{reverse("account_read")}">Nora Nord</a>' in client.get("/").content.decode()
