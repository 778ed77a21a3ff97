"""Log-in and the page for a forgotten password are slowed down: by account, by address, for all workers."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from casereg.models import OutgoingMail
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
