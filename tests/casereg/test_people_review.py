"""Once a year an administrator confirms who may log in: what is shown, what is signed, and the reminder."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connections, transaction
from django.test import Client
from django.utils import timezone

from casereg.actions.covers import end_cover, give_cover
from casereg.actions.people_review import (
    PeopleHaveChanged,
    confirm_people,
    list_people,
    people_mark,
    people_to_confirm,
)
from casereg.actions.users import change_user, deactivate_user
from casereg.models import AuditEvent, PeopleReview, Role, User
from tests.factories import UserFactory
from tests.page_forms import form_with

pytestmark = pytest.mark.usefixtures("database")

ADDRESS = "/users/confirm/"
REMINDER = "Confirm that the list of people who may log in is right."


@pytest.fixture
def admin(client, administrator) -> Client:
    client.cookies["django_language"] = "en"
    client.force_login(administrator)
    return client


def text_of(page) -> str:
    return " ".join(page.content.decode().split())


def shown(client: Client) -> dict:
    """What the page's form sends, once the box is ticked."""
    return form_with(client.get(ADDRESS).content.decode(), "mark") | {"right": "on"}


def worth_a_look(client: Client) -> dict[str, list[str]]:
    """By name, what the list marks."""
    page = text_of(client.get(ADDRESS))
    rows = page.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    marks = {}
    for row in rows:
        name = row.split("/change/")[1].split(">")[1].split("<")[0]
        marks[name] = [part.split("</li>")[0] for part in row.split("<li>")[1:]]
    return marks


def mark_now(by: User) -> str:
    users = list(people_to_confirm(by))
    return people_mark(users, list_people(users))


def confirm(by: User) -> PeopleReview:
    return confirm_people(mark=mark_now(by), by=by)


# --- The list ------------------------------------------------------------------------------------


def test_the_list_is_of_everybody_who_may_log_in(
    admin, administrator, analyst, coordinator_nord, deactivated
):
    give_cover(
        user_id=coordinator_nord.pk,
        region_code="mitt",
        first_day=date(2026, 11, 20),
        last_day=date(2026, 12, 31),
        by=administrator,
    )

    page = text_of(admin.get(ADDRESS)).replace("<wbr>", "")

    for user in (administrator, analyst, coordinator_nord):
        assert user.email in page
    assert deactivated.email not in page
    assert "Nord <br>covers Mitt until 31 December 2026" in page


def test_who_stands_out_is_marked(settings, admin, administrator, analyst, coordinator_nord, coordinator_syd):
    settings.SECOND_FACTOR_REQUIRED = True
    now = timezone.now()
    for user in (administrator, analyst, coordinator_nord):
        Authenticator.objects.create(user=user, type="totp", data={})
    Authenticator.objects.create(user=coordinator_syd, type="recovery_codes", data={})
    User.objects.filter(pk=analyst.pk).update(last_login=now - timedelta(days=183))
    User.objects.filter(pk=coordinator_syd.pk).update(last_login=now - timedelta(days=181))

    assert worth_a_look(admin) == {
        "Adam Admin": [],  # logged in just now
        "Anna Analys": ["has not logged in for six months"],
        "Nora Nord": ["has never logged in"],
        "Sixten Syd": ["has no second factor"],  # recovery codes stand in for one, and are none
    }


def test_nobody_stands_out_for_lacking_what_is_not_asked_for(settings, admin, coordinator_nord):
    settings.SECOND_FACTOR_REQUIRED = False

    assert worth_a_look(admin)["Nora Nord"] == ["has never logged in"]
    assert "Second factor" not in admin.get("/users/confirm/").content.decode()


def test_what_is_new_since_the_last_time_is_marked(admin, administrator, coordinator_nord, coordinator_syd):
    confirm(administrator)
    UserFactory(name="Vera Väst", region_id="vast")
    give_cover(
        user_id=coordinator_nord.pk,
        region_code="mitt",
        first_day=date(2026, 12, 1),
        last_day=date(2026, 12, 31),
        by=administrator,
    )

    marked = worth_a_look(admin).items()

    news = {name: [mark for mark in marks if "since" in mark] for name, marks in marked}
    assert news == {
        "Adam Admin": [],
        "Nora Nord": ["has another role, region or cover since"],
        "Sixten Syd": [],
        "Vera Väst": ["is new since the last confirmation"],
    }


# --- The signature -------------------------------------------------------------------------------


def test_the_list_is_signed_as_it_stood(admin, administrator, coordinator_nord):
    cover = give_cover(
        user_id=coordinator_nord.pk,
        region_code="mitt",
        first_day=date(2026, 11, 20),
        last_day=date(2026, 12, 31),
        by=administrator,
    )

    answer = admin.post(ADDRESS, shown(admin))

    assert answer["Location"] == ADDRESS
    [review] = PeopleReview.objects.all()
    assert review.by == administrator
    assert review.at.date() == date(2026, 11, 20)
    covered = [{"region": cover.region_id, "first_day": "2026-11-20", "last_day": "2026-12-31"}]
    assert review.people == [
        {"user": administrator.pk, "role": "administrator", "region": None, "covers": []},
        {"user": coordinator_nord.pk, "role": "coordinator", "region": "nord", "covers": covered},
    ]
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.object) == ("people_confirm", f"list {review.pk} of 2 people")
    page = text_of(admin.get(ADDRESS))
    assert "Adam Admin confirmed the list on 2026-11-20 13:00. You are reminded when a year" in page


def test_without_the_tick_nothing_is_signed(admin):
    answer = admin.post(ADDRESS, shown(admin) | {"right": ""})

    assert list(answer.context["form"].errors) == ["right"]
    assert not PeopleReview.objects.exists()


def _add(administrator, nora) -> None:
    UserFactory()


def _rename(administrator, nora) -> None:
    _change(administrator, nora, name="Nora Nyman")


def _readdress(administrator, nora) -> None:
    _change(administrator, nora, email="other@example.org")


def _move(administrator, nora) -> None:
    _change(administrator, nora, region_code="syd")


def _deactivate(administrator, nora) -> None:
    deactivate_user(user_id=nora.pk, by=administrator)


def _cover(administrator, nora) -> None:
    days = {"first_day": date(2026, 11, 20), "last_day": date(2026, 12, 31)}
    give_cover(user_id=nora.pk, region_code="mitt", **days, by=administrator)


def _end_cover(administrator, nora) -> None:
    end_cover(cover_id=nora.cover_id, by=administrator)


def _change(administrator, nora, **changes: str) -> None:
    now = {"email": nora.email, "name": nora.name, "role": nora.role, "region_code": nora.region_id}
    change_user(user_id=nora.pk, **now | changes, by=administrator)


@pytest.mark.parametrize("change", [_add, _rename, _readdress, _move, _deactivate, _cover, _end_cover])
def test_a_list_that_has_changed_since_it_was_shown_is_shown_anew(
    admin, administrator, coordinator_nord, change
):
    days = {"first_day": date(2026, 11, 20), "last_day": date(2026, 12, 31)}
    first = give_cover(user_id=coordinator_nord.pk, region_code="ost", **days, by=administrator)
    coordinator_nord.cover_id = first.pk
    form = shown(admin)
    change(administrator, coordinator_nord)

    page = admin.post(ADDRESS, form)

    assert page.status_code == 200
    assert "The list has changed" in text_of(page)
    assert not PeopleReview.objects.exists()
    again = form_with(page.content.decode(), "mark")
    assert "right" not in again  # the tick was for the other list
    assert admin.post(ADDRESS, again | {"right": "on"}).status_code == 302
    assert PeopleReview.objects.count() == 1


def test_a_log_in_meanwhile_changes_nothing_that_is_signed(admin, coordinator_nord):
    form = shown(admin)
    User.objects.filter(pk=coordinator_nord.pk).update(last_login=timezone.now())

    assert admin.post(ADDRESS, form).status_code == 302


@pytest.mark.parametrize("mark", ["", "0" * 64, "å"])
def test_a_mark_that_nobody_was_shown_signs_nothing(administrator, mark):
    with pytest.raises(PeopleHaveChanged):
        confirm_people(mark=mark, by=administrator)


def test_nobody_but_an_administrator_signs(administrator, coordinator_nord, analyst):
    mark = mark_now(administrator)

    for user in (coordinator_nord, analyst):
        with pytest.raises(PermissionDenied):
            confirm_people(mark=mark, by=user)


def test_a_signature_is_neither_changed_nor_taken_away(administrator):
    review = confirm(administrator)

    for attack in (PeopleReview.objects.all().delete, lambda: PeopleReview.objects.update(people=[])):
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()
    assert PeopleReview.objects.get() == review


def test_the_confirmations_so_far_are_listed(clock, admin, administrator):
    other = UserFactory(role=Role.ADMINISTRATOR, name="Olga Other")
    clock.move_to(datetime(2024, 11, 1, 12, tzinfo=UTC))
    confirm(other)
    clock.move_to(datetime(2025, 11, 10, 12, tzinfo=UTC))
    confirm(administrator)
    clock.move_to(datetime(2026, 11, 20, 12, tzinfo=UTC))
    admin.force_login(administrator)

    page = text_of(admin.get(ADDRESS))

    so_far = page.split("Confirmations so far")[1]
    assert so_far.index("2025-11-10") < so_far.index("2024-11-01")
    assert so_far.index("Adam Admin") < so_far.index("Olga Other")


def test_two_who_sign_while_somebody_is_added_sign_what_they_saw(committed_db, administrator):
    mark = mark_now(administrator)
    start, outcomes = threading.Barrier(3), []

    def run(attempt) -> None:
        start.wait()
        try:
            attempt()
            outcomes.append("done")
        except PeopleHaveChanged:
            outcomes.append("changed")
        finally:
            connections.close_all()

    attempts = [
        lambda: confirm_people(mark=mark, by=administrator),
        lambda: confirm_people(mark=mark, by=administrator),
        lambda: UserFactory(role=Role.ANALYST),
    ]
    threads = [threading.Thread(target=run, args=(attempt,)) for attempt in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 3
    assert [len(review.people) for review in PeopleReview.objects.all()] == [1] * (outcomes.count("done") - 1)


# --- The reminder --------------------------------------------------------------------------------


def test_administrators_are_reminded_until_somebody_has_confirmed(admin, administrator):
    other = UserFactory(role=Role.ADMINISTRATOR)
    assert f"{REMINDER} Nobody has done so yet." in text_of(admin.get("/"))

    confirm(other)

    assert REMINDER not in text_of(admin.get("/"))


@pytest.mark.parametrize(("days", "is_reminded"), [(364, False), (365, True), (800, True)])
def test_the_reminder_comes_back_after_a_year(clock, admin, administrator, days, is_reminded):
    now = timezone.now()
    clock.move_to(now - timedelta(days=days, minutes=1))
    day = f"{timezone.localdate():%Y-%m-%d}"
    confirm(administrator)
    clock.move_to(now)
    admin.force_login(administrator)

    page = text_of(admin.get("/"))

    assert (f"{REMINDER} It was last done on {day}." in page) is is_reminded
    assert ("A year has passed" in text_of(admin.get(ADDRESS))) is is_reminded


@pytest.mark.parametrize("who", ["coordinator_nord", "analyst"])
def test_nobody_else_is_reminded(client, request, who):
    client.cookies["django_language"] = "en"
    client.force_login(request.getfixturevalue(who))

    assert REMINDER not in text_of(client.get("/"))
    assert client.get(ADDRESS).status_code == 403
