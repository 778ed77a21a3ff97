"""Who is in between: at every address of `docs/access.md`, by every method, with every kind of object.

Each gets what somebody in a column of the table gets. The exceptions stand here, each with its reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from casereg.actions.factors import add_app, keep_recovery_codes, reset_factors
from casereg.actions.sessions import end_sessions
from casereg.models import AuditEvent, Cover, User
from tests.factories import PASSWORD, UserFactory
from tests.guards.access_world import SENT, World, build, prove_password
from tests.guards.test_access_table import METHODS, ROWS, Row, as_in_table, ask, fingerprint


@dataclass(frozen=True)
class InBetween:
    """`like`: the column of the table. `unless`: what another answer is expected to, and why it is."""

    make: Callable[[World], Client]
    like: str
    unless: Callable[[Row, str], str | None] = lambda _row, _method: None


@pytest.fixture
def world(db, settings) -> World:
    settings.SECOND_FACTOR_REQUIRED = False  # of those in the columns
    return build()


def logged_in(user: User) -> Client:
    """As those in the columns are: with a proof, so that the pages open on which one changes factors."""
    client = Client()
    client.force_login(user)
    prove_password(client, user)
    return client


def with_password(user: User) -> Client:
    """What the log-in page was sent, and nothing after it."""
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def with_app(*, keep: bool = True) -> User:
    user = UserFactory(region_id="nord", name="Nils")
    add_app(user=user, secret=generate_totp_secret(), this=None)
    if keep:
        keep_recovery_codes(user=user)
    user.refresh_from_db()
    return user


# --- Without a factor ------------------------------------------------------------------------------


def of_the_password_alone(_world: World) -> Client:
    return with_password(with_app())


def but_the_factor_is_asked_for(row: Row, _method: str) -> str | None:
    if row.methods == "other":
        return None
    return {"mfa_authenticate": "200", "account_login": "302"}.get(row.page)


def without_a_factor(_world: World) -> Client:
    return logged_in(UserFactory(region_id="nord", name="Nils"))


def after_a_reset(world: World) -> Client:
    """Logged in anew, with the password that is left."""
    user = with_app()
    reset_factors(user_id=user.pk, by=world.users["administrator"])
    return with_password(user)


def with_codes_to_keep(_world: World) -> Client:
    return logged_in(with_app(keep=False))


FOR_EVERYBODY = {"account_logout", "language_choose", "session_keep", "register_about", "healthz", "readyz"}
TO_SET_UP = FOR_EVERYBODY | {"factor_choose", "passkey_add", "totp_add", "account_reauthenticate"}
TO_KEEP = FOR_EVERYBODY | {
    "recovery_codes_read", "recovery_codes_make", "account_reauthenticate", "mfa_reauthenticate",
}  # fmt: skip


def led_to(page: str, *, but: set[str]) -> Callable[[Row, str], str | None]:
    """Every other address leads to one page, whatever is asked of it, and is not looked at."""

    def unless(row: Row, _method: str) -> str | None:
        return None if row.page in but else f"led to {page}"

    return unless


def to_keep_codes(row: Row, method: str) -> str | None:
    """Whoever has a factor proves it before the codes are shown or made anew."""
    if row.methods != "other" and row.page in ("mfa_reauthenticate", "recovery_codes_make"):
        return "200" if row.page == "mfa_reauthenticate" else "302"
    return led_to("recovery_codes_read", but=TO_KEEP)(row, method)


# --- After and beside a region ---------------------------------------------------------------------


def ended_by_an_administrator(world: World) -> Client:
    person = UserFactory(region_id="nord")
    client = logged_in(person)
    end_sessions(user_id=person.pk, by=world.users["administrator"])
    return client


def of_before_a_reset(world: World) -> Client:
    person = UserFactory(region_id="nord")
    client = logged_in(person)
    reset_factors(user_id=person.pk, by=world.users["administrator"])
    return client


def covering(world: World, *, last_day: timedelta, chosen: bool = True) -> Client:
    """Somebody of Syd who covers Nord, and has chosen to work there."""
    person = UserFactory(region_id="syd", name="Sonja")
    today = timezone.localdate()
    cover = Cover.objects.create(
        user=person,
        region_id="nord",
        first_day=today - timedelta(days=30),
        last_day=today,
        given_at=timezone.now(),
        given_by=world.users["administrator"],
    )
    client = logged_in(person)
    if chosen:
        assert client.post("/working-region/", {"region": "nord"}).status_code == 302
    Cover.objects.filter(pk=cover.pk).update(last_day=today + last_day)
    return client


def in_force(world: World) -> Client:
    return covering(world, last_day=timedelta(0))


def expired(world: World) -> Client:
    return covering(world, last_day=timedelta(days=-1))


def never_chosen(world: World) -> Client:
    return covering(world, last_day=timedelta(0), chosen=False)


def but_what_is_a_persons_own(row: Row, _method: str) -> str | None:
    """Uploads and sessions are their owner's, not the region's."""
    if row.page.startswith("upload_") or row.page == "session_end":
        return row.answers["of another"]
    return None


def but_the_region_may_be_chosen(row: Row, method: str) -> str | None:
    return "302" if (row.page, method) == ("working_region_choose", "POST") else None


IN_BETWEEN = {
    "password given, factor not": InBetween(of_the_password_alone, "anonymous", but_the_factor_is_asked_for),
    "no factor yet": InBetween(without_a_factor, "of the region", led_to("factor_choose", but=TO_SET_UP)),
    "factors reset, password given": InBetween(
        after_a_reset, "of the region", led_to("factor_choose", but=TO_SET_UP)
    ),
    "codes not kept": InBetween(with_codes_to_keep, "of the region", to_keep_codes),
    "factors reset, session of before": InBetween(of_before_a_reset, "anonymous"),
    "session ended by an administrator": InBetween(ended_by_an_administrator, "anonymous"),
    "covering": InBetween(in_force, "of the region", but_what_is_a_persons_own),
    "covering, at home": InBetween(never_chosen, "of another", but_the_region_may_be_chosen),
    "cover expired": InBetween(expired, "of another"),
}
WITH_A_FACTOR = {"covering", "covering, at home", "cover expired"}  # what is asked of them is not the matter


@pytest.mark.parametrize("who", IN_BETWEEN)
def test_whoever_is_in_between_gets_what_the_table_says_of_somebody(who, world, settings):
    person = IN_BETWEEN[who]
    client = person.make(world)
    settings.SECOND_FACTOR_REQUIRED = who not in WITH_A_FACTOR
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    before, events, wrong = fingerprint(), AuditEvent.objects.count(), []
    for row in ROWS:
        for method in METHODS[row.methods]:
            expected = person.unless(row, method) or row.answers[person.like]
            client.cookies.clear()
            client.cookies.load(cookies)  # as they were: some pages log out
            is_turned_away = expected.startswith("led to") or (
                expected == "log in" and row.page != "account_logout"
            )
            with transaction.atomic():
                response = ask(client, method, world.address(row.page, row.kind), SENT.get(row.page, {}))
                transaction.set_rollback(not is_turned_away)
            answer = answered(response, expected)
            if answer != expected:
                wrong.append(f"{method} {row.page} ({row.kind}): {answer}, not {expected}")
    assert wrong == [], "\n".join(wrong)
    # Nothing of what turned the person away was undone here, and yet nothing is done and nothing told.
    assert (fingerprint(), AuditEvent.objects.count()) == (before, events)


def answered(response: HttpResponse, expected: str) -> str:
    if response.status_code == 302 and expected.startswith("led to"):
        return f"led to {resolve(response.headers['Location']).url_name}"
    return as_in_table(response)
