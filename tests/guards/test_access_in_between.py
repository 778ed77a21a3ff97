"""Who is in between: each gets, at every address of `docs/access.md`, what somebody in its columns gets."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from casereg.actions.factors import reset_factors
from casereg.actions.sessions import end_sessions
from casereg.models import Cover
from tests.factories import UserFactory
from tests.guards.access_world import SENT, build
from tests.guards.test_access_table import METHODS, ROWS, as_in_table, ask

# Whoever covers a region reads and writes its cases. What is the author's own is another person's.
OWN_OF_AN_AUTHOR = ("upload_",)


@pytest.fixture
def world(db):
    return build()


def logged_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ended_by_an_administrator(world) -> Client:
    person = UserFactory(region_id="nord")
    client = logged_in(person)
    end_sessions(user_id=person.pk, by=world.users["administrator"])
    return client


def without_the_factors_that_were_reset(world) -> Client:
    person = UserFactory(region_id="nord")
    client = logged_in(person)
    reset_factors(user_id=person.pk, by=world.users["administrator"])
    return client


def covering(world, *, last_day) -> Client:
    """Somebody of Syd who has chosen to work in Nord while covering it."""
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
    assert client.post("/working-region/", {"region": "nord"}).status_code == 302
    Cover.objects.filter(pk=cover.pk).update(last_day=last_day)
    return client


def in_force(world) -> Client:
    return covering(world, last_day=timezone.localdate())


def expired(world) -> Client:
    return covering(world, last_day=timezone.localdate() - timedelta(days=1))


def never_chosen(world) -> Client:
    """Covers Nord, and works at home."""
    person = UserFactory(region_id="syd")
    today = timezone.localdate()
    Cover.objects.create(
        user=person, region_id="nord", first_day=today, last_day=today, given_at=timezone.now(),
        given_by=world.users["administrator"],
    )  # fmt: skip
    return logged_in(person)


IN_BETWEEN = {
    "session ended by an administrator": (ended_by_an_administrator, "anonymous"),
    "factors reset": (without_the_factors_that_were_reset, "anonymous"),
    "covering": (in_force, "of the region"),
    "cover expired": (expired, "of another"),
    "covering, at home": (never_chosen, "of another"),
}


@pytest.mark.parametrize("who", IN_BETWEEN)
def test_whoever_is_in_between_gets_what_the_table_says_of_somebody(who, world):
    make, like = IN_BETWEEN[who]
    client = make(world)
    wrong = []
    for row in ROWS:
        expected = row.answers[
            "of another" if who == "covering" and row.page.startswith(OWN_OF_AN_AUTHOR) else like
        ]
        for method in METHODS[row.methods]:
            with transaction.atomic():
                response = ask(client, method, world.address(row.page, row.kind), SENT.get(row.page, {}))
                transaction.set_rollback(True)
            if as_in_table(response) != expected:
                wrong.append(f"{method} {row.page} ({row.kind}): {as_in_table(response)}, not {expected}")
    assert wrong == []
