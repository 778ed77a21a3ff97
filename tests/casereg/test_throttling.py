"""Log-in and the page for a forgotten password are slowed down: by account, by address, for all workers."""

import json
import time
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.core import signing
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from casereg.actions.factors import add_app, keep_recovery_codes
from casereg.models import OutgoingMail, User
from tests.databases import database_url
from tests.factories import PASSWORD, UserFactory
from tests.programs import python

LOGIN, FORGOTTEN = "account_login", "password_forgotten"
WRONG = "not this one at all"
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
LOGGED_IN, REFUSED, THROTTLED = "logged in", "refused", "throttled"


def log_in(email: str, password: str = PASSWORD, address: str = HERE, **headers: str) -> str:
    browser = Client(REMOTE_ADDR=address, headers=headers)
    answer = browser.post(reverse(LOGIN), {"login": email, "password": password})
    if answer.status_code == 302:
        return LOGGED_IN
    [error] = answer.context["form"].non_field_errors().as_data()
    return THROTTLED if error.code == "too_many_login_attempts" else REFUSED


def ask(email: str, address: str = HERE, **headers: str) -> int:
    browser = Client(REMOTE_ADDR=address, headers=headers)
    return browser.post(reverse(FORGOTTEN), {"email": email}).status_code


def fail(times: int, email: str = "nord@example.org", address: str = HERE) -> list[str]:
    return [log_in(email, WRONG, address) for _time in range(times)]


# --- By account ------------------------------------------------------------------------------------


def test_an_account_is_closed_for_a_while_after_five_failures(coordinator_nord, clock):
    assert fail(5) == [REFUSED] * 5

    assert log_in("nord@example.org") == THROTTLED  # even with the right password
    clock.shift(timedelta(minutes=4, seconds=50))
    assert log_in("nord@example.org") == THROTTLED
    clock.shift(timedelta(seconds=20))
    assert log_in("nord@example.org") == LOGGED_IN


@pytest.mark.parametrize("spelling", ["NORD@example.org", " nord@Example.ORG ", "Nord@EXAMPLE.org"])
def test_an_account_is_one_however_its_address_is_written(coordinator_nord, spelling):
    fail(3)
    assert fail(2, spelling) == [REFUSED] * 2

    assert log_in("nord@example.org") == THROTTLED


def test_an_account_is_closed_wherever_the_next_try_comes_from(coordinator_nord):
    for number in range(5):
        assert log_in("nord@example.org", WRONG, f"203.0.113.{number}") == REFUSED

    assert log_in("nord@example.org", address=ELSEWHERE) == THROTTLED


def test_who_logs_in_does_not_use_up_the_tries(coordinator_nord):
    assert [log_in("nord@example.org") for _time in range(12)] == [LOGGED_IN] * 12


def test_logging_in_between_does_not_give_new_tries(coordinator_nord):
    fail(4)
    assert log_in("nord@example.org") == LOGGED_IN
    assert fail(2) == [REFUSED, THROTTLED]


# --- A colleague behind the same address -----------------------------------------------------------


def test_a_colleague_behind_the_same_address_logs_in_while_an_account_is_closed(
    coordinator_nord, coordinator_syd
):
    assert fail(5)[-1] == REFUSED
    assert fail(140)[-1] == THROTTLED  # and somebody goes on, beyond what the address may

    assert log_in("syd@example.org") == LOGGED_IN
    assert log_in("syd@example.org", WRONG) == REFUSED


def test_a_colleague_behind_the_same_address_asks_for_a_link_while_another_may_not(
    coordinator_nord, coordinator_syd
):
    assert [ask("nord@example.org") for _time in range(40)] == [200] * 3 + [429] * 37

    assert ask("syd@example.org") == 200
    assert OutgoingMail.objects.filter(to=coordinator_syd).count() == 1


# --- By address ------------------------------------------------------------------------------------


def test_who_tries_many_accounts_from_one_address_is_stopped(coordinator_nord, clock):
    tried = [log_in(f"person{number}@example.org", WRONG) for number in range(101)]

    assert tried == [REFUSED] * 100 + [THROTTLED]
    assert log_in("nord@example.org") == THROTTLED
    assert log_in("nord@example.org", address=ELSEWHERE) == LOGGED_IN
    clock.shift(timedelta(minutes=16))
    assert log_in("nord@example.org") == LOGGED_IN


def test_who_asks_for_many_links_from_one_address_is_stopped(database, clock):
    asked = [ask(f"person{number}@example.org") for number in range(31)]

    assert asked == [200] * 30 + [429]
    assert ask("other@example.org", ELSEWHERE) == 200
    clock.shift(timedelta(minutes=16))
    assert ask("other@example.org") == 200


def test_who_asks_too_often_for_one_account_waits_a_quarter_of_an_hour(coordinator_nord, clock):
    assert [ask("nord@example.org") for _time in range(4)] == [200] * 3 + [429]
    assert ask(" NORD@example.org", ELSEWHERE) == 429
    assert OutgoingMail.objects.count() == 3

    clock.shift(timedelta(minutes=16))
    assert ask("nord@example.org") == 200


def test_the_page_of_too_many_requests_is_in_our_words(coordinator_nord):
    for _time in range(3):
        ask("nord@example.org")
    browser = Client(REMOTE_ADDR=HERE)

    answer = browser.post(reverse(FORGOTTEN), {"email": "nord@example.org"})

    assert answer.status_code == 429
    assert "429.html" in [template.name for template in answer.templates]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


# --- A browser that is known -----------------------------------------------------------------------

MARK = "browser"  # the cookie


def try_in(browser: Client, email: str, password: str = PASSWORD) -> str:
    """As `log_in`, in one browser."""
    browser.cookies.pop("sessionid", None)  # logged out
    answer = browser.post(reverse(LOGIN), {"login": email, "password": password}, REMOTE_ADDR=HERE)
    if answer.status_code == 302:
        return LOGGED_IN
    [error] = answer.context["form"].non_field_errors().as_data()
    return THROTTLED if error.code == "too_many_login_attempts" else REFUSED


def known(user: User) -> Client:
    browser = Client()
    assert try_in(browser, user.email) == LOGGED_IN
    return browser


def with_mark(value: str) -> Client:
    browser = Client()
    browser.cookies[MARK] = value
    return browser


def close_the_address() -> None:
    assert [log_in(f"person{number}@example.org", WRONG) for number in range(101)][-1] == THROTTLED


def test_who_has_logged_in_there_before_does_so_while_strangers_close_the_address(
    coordinator_nord, coordinator_syd
):
    browser = known(coordinator_nord)

    close_the_address()

    assert log_in("nord@example.org") == THROTTLED
    assert try_in(browser, " NORD@example.org") == LOGGED_IN
    assert try_in(browser, "syd@example.org") == THROTTLED


def test_nor_do_strangers_close_the_account_to_its_person(coordinator_nord):
    browser = known(coordinator_nord)

    assert fail(6, address=ELSEWHERE)[-1] == THROTTLED

    assert try_in(browser, "nord@example.org") == LOGGED_IN
    assert log_in("nord@example.org") == THROTTLED


def test_in_a_known_browser_an_account_is_closed_after_five_failures_too(coordinator_nord, clock):
    browser = known(coordinator_nord)

    tried = [try_in(browser, "nord@example.org", WRONG) for _time in range(6)]

    assert tried == [REFUSED] * 5 + [THROTTLED]
    assert try_in(browser, "nord@example.org") == THROTTLED
    assert log_in("nord@example.org") == LOGGED_IN  # elsewhere
    clock.shift(timedelta(minutes=6))
    assert try_in(browser, "nord@example.org") == LOGGED_IN


def test_logging_in_again_gives_a_known_browser_no_new_tries(coordinator_nord):
    browser = known(coordinator_nord)
    for _time in range(4):
        try_in(browser, "nord@example.org", WRONG)

    assert try_in(browser, "nord@example.org") == LOGGED_IN
    assert [try_in(browser, "nord@example.org", WRONG) for _time in range(2)] == [REFUSED, THROTTLED]


def test_the_mark_holds_for_the_second_factor_too(coordinator_nord, coordinator_syd):
    secret = generate_totp_secret()
    add_app(user=coordinator_nord, secret=secret, this=None)
    keep_recovery_codes(user=coordinator_nord)
    browsers = [Client(), Client()]
    for browser in browsers:
        assert try_in(browser, "nord@example.org") == LOGGED_IN  # so far
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    browsers[0].post(reverse("mfa_authenticate"), {"code": code}, REMOTE_ADDR=HERE)
    assert MARK in browsers[0].cookies
    assert MARK not in browsers[1].cookies  # the password alone makes none

    close_the_address()

    assert try_in(browsers[0], "nord@example.org") == LOGGED_IN
    next_code = format_hotp_value(hotp_value(secret, int(time.time()) // 30 + 1))
    answer = browsers[0].post(reverse("mfa_authenticate"), {"code": next_code}, REMOTE_ADDR=HERE)
    assert answer.status_code == 302
    before = format_hotp_value(hotp_value(secret, int(time.time()) // 30 - 1))
    page = browsers[1].post(reverse("mfa_authenticate"), {"code": before}, REMOTE_ADDR=HERE)
    assert page.context["form"].has_error("code", "too_many_login_attempts")


@pytest.mark.parametrize(
    "altered",
    [
        lambda mark, _theirs: mark[:-1] + ("A" if mark[-1] != "A" else "B"),
        lambda mark, _theirs: mark.replace(":", ""),
        lambda mark, _theirs: "x" + mark,
        lambda _mark, theirs: theirs,
        lambda _mark, _theirs: "",
        lambda _mark, _theirs: signing.dumps({"user": 1, "password": "", "browser": "x"}),
        lambda _mark, _theirs: signing.dumps([1, 2], salt="casereg.browser_marks"),
    ],
    ids=["other signature", "no signature", "other content", "another person's", "empty", "of elsewhere",
         "of another kind"],
)  # fmt: skip
def test_a_mark_that_is_tampered_with_or_another_persons_helps_nobody(
    coordinator_nord, coordinator_syd, altered
):
    mark, theirs = (known(user).cookies[MARK].value for user in (coordinator_nord, coordinator_syd))
    close_the_address()
    assert try_in(with_mark(mark), "nord@example.org") == LOGGED_IN

    assert try_in(with_mark(altered(mark, theirs)), "nord@example.org") == THROTTLED


def change_password(user: User) -> None:
    user.set_password("another one that is long")
    user.save()


def change_address(user: User) -> None:
    User.objects.filter(pk=user.pk).update(email="new@example.org")


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("after", [change_password, change_address, deactivate])
def test_a_mark_dies_with_the_password_the_address_and_the_account(coordinator_nord, after):
    browser = known(coordinator_nord)
    after(coordinator_nord)
    close_the_address()

    assert try_in(browser, "nord@example.org", "another one that is long") == THROTTLED


def test_a_mark_dies_after_ninety_days(coordinator_nord, clock):
    browser = known(coordinator_nord)
    mark = browser.cookies[MARK].value
    clock.shift(timedelta(days=89))
    close_the_address()
    assert try_in(with_mark(mark), "nord@example.org") == LOGGED_IN

    clock.shift(timedelta(days=2))
    close_the_address()

    assert try_in(with_mark(mark), "nord@example.org") == THROTTLED


def test_the_mark_is_kept_from_scripts_and_from_other_sites_and_tells_no_address(coordinator_nord, settings):
    cookie = known(coordinator_nord).cookies[MARK]

    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["max-age"]) == ("Lax", "/", 90 * 24 * 60 * 60)
    assert (cookie["secure"], cookie["domain"]) == ("", "")
    assert "nord@example.org" not in str(signing.loads(cookie.value, salt="casereg.browser_marks"))
    settings.BROWSER_MARK_COOKIE_SECURE = True
    assert known(coordinator_nord).cookies[MARK]["secure"]


def test_in_production_the_mark_is_of_this_host_and_secure():
    shown = (
        "from casereg import settings as s; print(s.BROWSER_MARK_COOKIE_NAME, s.BROWSER_MARK_COOKIE_SECURE)"
    )
    production = {"CASEREG_ENV": "production", "SECRET_KEY": "s" * 60, "DATABASE_URL": "sqlite:////tmp/none",
                  "ALLOWED_HOSTS": "register.example.se"}  # fmt: skip

    assert python("-c", shown, **production).stdout == "__Host-browser True\n"


# --- Where a request comes from --------------------------------------------------------------------


def test_an_address_that_a_client_invents_changes_nothing(coordinator_nord):
    for number in range(100):
        log_in(f"person{number}@example.org", WRONG, **{"x-forwarded-for": f"10.0.0.{number}"})
    spoofed = {
        "x-forwarded-for": "10.1.1.1",
        "x-real-ip": "10.1.1.1",
        "forwarded": "for=10.1.1.1",
        "client-ip": "10.1.1.1",
    }

    assert log_in("nord@example.org", **spoofed) == THROTTLED
    for number in range(30):
        ask(f"person{number}@example.org", **{"x-forwarded-for": f"10.0.0.{number}"})
    assert ask("nord@example.org", **spoofed) == 429


def test_behind_the_proxy_that_is_trusted_the_address_is_the_one_that_it_saw(coordinator_nord, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # what BEHIND_TLS_PROXY sets
    for number in range(100):
        log_in(f"person{number}@example.org", WRONG, **{"x-forwarded-for": f"10.0.0.{number}, 203.0.113.9"})

    assert log_in("nord@example.org", **{"x-forwarded-for": "10.9.9.9, 203.0.113.9"}) == THROTTLED
    assert log_in("nord@example.org", **{"x-forwarded-for": "203.0.113.9, 203.0.113.10"}) == LOGGED_IN


def test_only_a_deployment_behind_a_proxy_believes_it():
    shown = "from casereg import settings; print(getattr(settings, 'ALLAUTH_TRUSTED_PROXY_COUNT', 0))"
    production = {"CASEREG_ENV": "production", "SECRET_KEY": "s" * 60, "DATABASE_URL": "sqlite:////tmp/none",
                  "ALLOWED_HOSTS": "register.example.se"}  # fmt: skip

    assert python("-c", shown, **production).stdout == "0\n"
    assert python("-c", shown, **production, BEHIND_TLS_PROXY="1").stdout == "1\n"


# --- What counts -----------------------------------------------------------------------------------


def test_the_counts_are_kept_in_the_database(coordinator_nord):
    fail(5)

    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM casereg_cache")
        keys = [row[0] for row in cursor.fetchall()]
    assert any(":login_failed:" in key for key in keys)
    assert not any("nord@example.org" in key for key in keys)
    cache.close()
    assert log_in("nord@example.org") == THROTTLED


def test_another_worker_counts_on_and_so_does_one_that_starts_later(committed_db):
    UserFactory(email="nord@example.org", region_id="nord")
    fail(3)
    other_worker = f"""
import django; django.setup()
from django.test import Client
codes = []
for _time in range(3):
    page = Client(REMOTE_ADDR="{ELSEWHERE}").post(
        "/account/login/", {{"login": "nord@example.org", "password": "{WRONG}"}})
    [[error]] = [page.context["form"].non_field_errors().as_data()]
    codes.append(error.code)
import json; print(json.dumps(codes))
"""
    program = (
        "import time_machine\n"
        f"with time_machine.travel('{now()}', tick=True):\n"
        "    from django.test.utils import setup_test_environment\n"
        "    import django; django.setup(); setup_test_environment()\n"
        f"    exec({other_worker!r})\n"
    )

    done = python(
        "-c", program, DATABASE_URL=database_url(), CASEREG_ENV="development",
        DJANGO_SETTINGS_MODULE="casereg.settings",
    )  # fmt: skip

    codes = json.loads(done.stdout.splitlines()[-1])
    assert codes[2] == "too_many_login_attempts"
    assert codes[2] not in codes[:2]
    assert log_in("nord@example.org") == THROTTLED


def now() -> str:
    from django.utils import timezone

    return timezone.now().isoformat()


def test_very_many_counts_do_not_make_the_site_forget_an_account(coordinator_nord):
    fail(5)

    for number in range(400):  # more than Django keeps unless told to
        cache.set(f"person-{number}", [1.0], 300)

    assert log_in("nord@example.org") == THROTTLED
