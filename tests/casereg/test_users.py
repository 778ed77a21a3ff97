"""An administrator keeps the users: adds, changes, deactivates and reactivates them, and sends links."""

import threading
from collections.abc import Callable

import pytest
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.test import Client
from django.urls import reverse

from casereg.actions.regions import retire_region
from casereg.actions.users import (
    OwnAccount,
    UserRefused,
    add_user,
    change_user,
    deactivate_user,
    reactivate_user,
)
from casereg.models import AuditEvent, OutgoingMail, Region, Role, User
from tests.factories import PASSWORD, UserFactory
from tests.guards.access_world import prove_password
from tests.mailed import link_of, mails_sent

NEW = {"name": "Vera Väst", "email": "Vera.Vast@Example.org", "role": "coordinator", "region": "vast"}


@pytest.fixture
def admin(client, administrator):
    """The administrator's browser."""
    client.force_login(administrator)
    prove_password(client, administrator)
    return client


@pytest.fixture
def other_administrator(database) -> User:
    return UserFactory(email="other@example.org", name="Olga Other", role=Role.ADMINISTRATOR)


def as_sent(user: User, **changes) -> dict:
    """What the form of a stored user sends."""
    stored = {"name": user.name, "email": user.email, "role": user.role, "region": user.region_id or ""}
    return stored | changes


def events() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("sequence").values_list("action", "object"))


# --- The list ------------------------------------------------------------------------------------


def test_the_list_shows_who_somebody_is_and_the_last_log_in(admin, coordinator_syd, deactivated):
    admin.cookies["django_language"] = "en"
    page = admin.get(reverse("user_list"))

    rows = {person.user.email: person.region for person in page.context["page"]}
    assert rows == {"admin@example.org": "", "syd@example.org": "Syd", "gone@example.org": "Nord"}
    assert "2026-11-20" in page.content.decode()  # the administrator, just now
    assert "Deactivated" in page.content.decode()
    assert "Never" in page.content.decode()


def test_the_list_takes_the_same_queries_however_many_users_there_are(admin, django_assert_num_queries):
    admin.get(reverse("user_list"))
    with django_assert_num_queries(9) as few:
        admin.get(reverse("user_list"))
    UserFactory.create_batch(40)

    with django_assert_num_queries(len(few)):
        admin.get(reverse("user_list"))


def test_a_long_list_has_pages(admin):
    UserFactory.create_batch(60)

    assert len(admin.get(reverse("user_list")).context["page"]) == 50
    assert len(admin.get(reverse("user_list") + "?page=2").context["page"]) == 11


# --- Add -----------------------------------------------------------------------------------------


def test_an_added_user_has_no_password_and_is_sent_a_link(admin):
    answer = admin.post(reverse("user_create"), NEW)

    user = User.objects.get(email="vera.vast@example.org")
    assert answer.url == reverse("user_list")
    assert (user.name, user.role, user.region_id, user.is_active) == (
        "Vera Väst",
        "coordinator",
        "vast",
        True,
    )
    assert not user.has_usable_password()
    assert [message.to for message in mails_sent()] == [["vera.vast@example.org"]]
    assert events() == [("user_add", f"user {user.pk}")]


def test_a_password_that_is_slipped_into_the_form_is_not_taken(admin):
    admin.post(reverse("user_create"), NEW | {"password": PASSWORD, "password1": PASSWORD, "is_active": ""})

    user = User.objects.get(email="vera.vast@example.org")
    assert not user.has_usable_password()
    assert user.is_active


@pytest.mark.parametrize(
    ("role", "region", "refused"),
    [
        ("coordinator", "", True),
        ("coordinator", "nord", False),
        ("analyst", "nord", True),
        ("analyst", "", False),
        ("administrator", "nord", True),
        ("administrator", "", False),
    ],
)
def test_a_coordinator_has_a_region_and_nobody_else_has_one(admin, role, region, refused):
    answer = admin.post(reverse("user_create"), NEW | {"role": role, "region": region})

    assert User.objects.filter(name=NEW["name"]).exists() is not refused
    if refused:
        assert list(answer.context["form"].errors) == ["region"]


def test_a_coordinator_does_not_get_a_retired_region(admin):
    Region.objects.filter(code="vast").update(last_year=2025)

    answer = admin.post(reverse("user_create"), NEW)

    assert list(answer.context["form"].errors) == ["region"]


def test_the_action_itself_refuses_a_retired_region(administrator, coordinator_nord):
    Region.objects.filter(code="vast").update(last_year=2025)
    wanted = {"email": "v@example.org", "name": "V", "role": "coordinator", "region_code": "vast"}

    with pytest.raises(UserRefused):
        add_user(**wanted, by=administrator)
    with pytest.raises(UserRefused):
        change_user(user_id=coordinator_nord.pk, **wanted, by=administrator)


@pytest.mark.parametrize("address", ["nord@example.org", "NORD@Example.ORG", " nord@example.org "])
def test_an_address_belongs_to_one_user_whatever_its_case(admin, coordinator_nord, address):
    answer = admin.post(reverse("user_create"), NEW | {"email": address})

    assert list(answer.context["form"].errors) == ["email"]
    assert User.objects.count() == 2
    assert OutgoingMail.objects.count() == 0
    assert events() == []


@pytest.mark.parametrize("field", ["name", "email", "role"])
def test_what_is_missing_is_said_at_its_field(admin, field):
    answer = admin.post(reverse("user_create"), NEW | {field: ""})

    assert list(answer.context["form"].errors) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "vera"),
        ("email", "vera@example.org\nBcc: all@example.org"),
        ("email", "v@" + "e" * 254 + ".org"),
        ("name", "v" * 81),
        ("name", "Vera\x00"),
        ("role", "superuser"),
        ("region", "nowhere"),
    ],
)
def test_what_nobody_could_have_meant_is_refused(admin, field, value):
    answer = admin.post(reverse("user_create"), NEW | {field: value})

    assert field in answer.context["form"].errors
    assert User.objects.count() == 1


def test_an_address_of_an_event_is_never_kept(admin, coordinator_nord):
    admin.post(reverse("user_create"), NEW)
    admin.post(
        reverse("user_change", args=[coordinator_nord.pk]), as_sent(coordinator_nord, email="new@example.org")
    )
    admin.post(reverse("user_send_link", args=[coordinator_nord.pk]))

    assert not any("@" in str(row) for row in AuditEvent.objects.values_list())


# --- Change --------------------------------------------------------------------------------------


def test_a_change_is_stored_and_told_by_the_names_of_what_changed(admin, coordinator_nord):
    admin.post(
        reverse("user_change", args=[coordinator_nord.pk]),
        as_sent(coordinator_nord, email="NEW@example.org", region="syd"),
    )

    coordinator_nord.refresh_from_db()
    assert (coordinator_nord.email, coordinator_nord.region_id) == ("new@example.org", "syd")
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.object) == ("user_change", f"user {coordinator_nord.pk}")
    assert event.fields == ["email", "region"]


def test_a_change_of_nothing_leaves_no_event(admin, coordinator_nord):
    admin.post(reverse("user_change", args=[coordinator_nord.pk]), as_sent(coordinator_nord))

    assert events() == []


def test_fields_that_are_not_on_the_form_are_left_alone(admin, coordinator_nord):
    before = User.objects.filter(pk=coordinator_nord.pk).values().get()
    slipped_in = {"id": 1, "pk": 1, "password": "x", "is_active": "", "last_login": "", "created_at": ""}

    admin.post(reverse("user_change", args=[coordinator_nord.pk]), as_sent(coordinator_nord) | slipped_in)

    assert User.objects.filter(pk=coordinator_nord.pk).values().get() == before


def test_a_user_does_not_get_the_address_of_another(admin, coordinator_nord, coordinator_syd):
    answer = admin.post(
        reverse("user_change", args=[coordinator_nord.pk]), as_sent(coordinator_nord, email="Syd@example.org")
    )

    assert list(answer.context["form"].errors) == ["email"]


def test_the_address_of_before_no_longer_logs_anybody_in(client, administrator, coordinator_nord):
    client.get(link_of(coordinator_nord))  # a library might have kept the address now
    change_user(
        user_id=coordinator_nord.pk,
        email="new@example.org",
        name="Nora",
        role="coordinator",
        region_code="nord",
        by=administrator,
    )

    assert authenticate(None, email="nord@example.org", password=PASSWORD) is None
    assert authenticate(None, email="new@example.org", password=PASSWORD) == coordinator_nord


def test_another_address_ends_the_sessions_of_before(admin, coordinator_nord):
    theirs = Client()
    theirs.force_login(coordinator_nord)

    admin.post(
        reverse("user_change", args=[coordinator_nord.pk]), as_sent(coordinator_nord, email="n@example.org")
    )

    assert theirs.get(reverse("case_list")).status_code == 302


def test_administrators_change_their_own_address_and_stay_logged_in_here_alone(admin, administrator):
    elsewhere = Client()
    elsewhere.force_login(administrator)
    prove_password(elsewhere, administrator)

    page = admin.post(
        reverse("user_change", args=[administrator.pk]),
        as_sent(administrator, email="boss@example.org"),
        follow=True,
    )

    assert [message.level_tag for message in page.context["messages"]] == ["success"]
    assert elsewhere.get(reverse("user_list")).status_code == 302


def test_the_address_of_before_is_told_that_it_is_another_one_now(admin, coordinator_nord):
    admin.post(
        reverse("user_change", args=[coordinator_nord.pk]), as_sent(coordinator_nord, email="n@example.org")
    )

    [message] = mails_sent()
    assert message.to == ["nord@example.org"]
    assert message.subject.endswith(" / Your account in the case register has another e-mail address")
    assert "2026-11-20" in message.body
    assert "n@example.org" not in message.body
    assert "Nord" not in message.body
    assert OutgoingMail.objects.count() == 0


def test_who_never_came_is_told_nothing_at_an_address_that_was_wrong(admin, administrator):
    user = add_user(email="wrong@example.org", name="W", role="analyst", region_code="", by=administrator)
    OutgoingMail.objects.all().delete()

    admin.post(reverse("user_change", args=[user.pk]), as_sent(user, email="right@example.org"))

    assert OutgoingMail.objects.count() == 0


def test_the_page_says_that_an_account_is_not_handed_on(admin, coordinator_nord):
    admin.cookies["django_language"] = "en"

    page = admin.get(reverse("user_change", args=[coordinator_nord.pk])).content.decode()

    assert "the password and the second factors stay those of before" in page
    assert "A new person gets a new account" in page


@pytest.mark.parametrize(
    ("who", "wanted", "regions"),
    [
        ("coordinator_nord", {"region": "syd"}, ["nord", "syd"]),
        ("coordinator_nord", {"role": "analyst", "region": ""}, ["nord"]),
        ("coordinator_nord", {"name": "Nora Nyman"}, ["nord"]),
        ("analyst", {"role": "coordinator", "region": "syd"}, ["syd"]),
        ("analyst", {"name": "Anna Nyman"}, [""]),
    ],
)
def test_a_change_stands_in_the_trail_of_each_region_that_it_concerns(admin, request, who, wanted, regions):
    user = request.getfixturevalue(who)

    admin.post(reverse("user_change", args=[user.pk]), as_sent(user, **wanted))

    told = AuditEvent.objects.filter(action="user_change", object=f"user {user.pk}").order_by("sequence")
    assert [event.region for event in told] == regions
    assert {tuple(event.fields) for event in told} == {tuple(sorted(wanted))}


def test_another_role_and_region_hold_from_the_next_request(admin, coordinator_nord):
    theirs = Client()
    theirs.force_login(coordinator_nord)
    assert theirs.get(reverse("case_list")).status_code == 200

    admin.post(
        reverse("user_change", args=[coordinator_nord.pk]),
        as_sent(coordinator_nord, role="administrator", region=""),
    )

    assert theirs.get(reverse("case_list")).status_code == 302  # the session ended with the role
    coordinator_nord.refresh_from_db()
    theirs.force_login(coordinator_nord)
    assert theirs.get(reverse("case_list")).status_code == 403
    assert theirs.get(reverse("user_list")).status_code == 200


def test_a_deactivated_coordinator_of_a_retired_region_can_still_be_renamed(admin, deactivated):
    Region.objects.filter(code="nord").update(last_year=2025)

    admin.post(reverse("user_change", args=[deactivated.pk]), as_sent(deactivated, name="Gun Gift"))

    deactivated.refresh_from_db()
    assert deactivated.name == "Gun Gift"


def test_administrators_do_not_lay_down_their_own_role(admin, administrator, other_administrator):
    answer = admin.post(
        reverse("user_change", args=[administrator.pk]), as_sent(administrator, role="analyst")
    )

    assert list(answer.context["form"].errors) == ["role"]
    administrator.refresh_from_db()
    assert administrator.role == Role.ADMINISTRATOR


def test_administrators_change_their_own_name_and_stay_logged_in(admin, administrator):
    admin.post(reverse("user_change", args=[administrator.pk]), as_sent(administrator, name="Ada Admin"))

    assert "Ada Admin" in admin.get(reverse("user_list")).content.decode()


# --- Deactivate and reactivate ---------------------------------------------------------------------


def test_a_deactivated_user_is_logged_out_at_the_next_request(admin, coordinator_nord):
    theirs = Client()
    theirs.force_login(coordinator_nord)

    admin.post(reverse("user_deactivate", args=[coordinator_nord.pk]))

    answer = theirs.get(reverse("case_list"))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


def test_a_session_of_a_deactivated_user_does_not_live_again_with_the_user(
    admin, administrator, coordinator_nord
):
    theirs = Client()
    theirs.force_login(coordinator_nord)

    deactivate_user(user_id=coordinator_nord.pk, by=administrator)
    reactivate_user(user_id=coordinator_nord.pk, by=administrator)

    assert theirs.get(reverse("case_list")).status_code == 302
    assert Session.objects.count() == 1  # the administrator's


def test_the_password_of_a_deactivated_user_logs_nobody_in(client, deactivated):
    assert authenticate(None, email=deactivated.email, password=PASSWORD) is None

    answer = client.post(reverse("account_login"), {"login": deactivated.email, "password": PASSWORD})

    assert answer.status_code == 200  # the page of a wrong password
    assert client.get(reverse("start")).status_code == 302


def test_a_reactivated_user_logs_in_with_the_password_of_before(admin, client, deactivated):
    admin.post(reverse("user_reactivate", args=[deactivated.pk]))

    assert authenticate(None, email=deactivated.email, password=PASSWORD) == deactivated
    assert events() == [("user_reactivate", f"user {deactivated.pk}")]


def test_a_coordinator_of_a_retired_region_is_not_reactivated(admin, deactivated):
    Region.objects.filter(code="nord").update(last_year=2025)

    page = admin.post(reverse("user_reactivate", args=[deactivated.pk]), follow=True)

    deactivated.refresh_from_db()
    assert not deactivated.is_active
    assert [message.level_tag for message in page.context["messages"]] == ["error"]


def test_deactivating_or_reactivating_again_changes_nothing(admin, coordinator_nord, deactivated):
    admin.post(reverse("user_deactivate", args=[deactivated.pk]))
    admin.post(reverse("user_reactivate", args=[coordinator_nord.pk]))

    assert events() == []


def test_administrators_do_not_deactivate_themselves(admin, administrator, other_administrator):
    answer = admin.post(reverse("user_deactivate", args=[administrator.pk]))

    assert answer.context["is_own"]
    administrator.refresh_from_db()
    assert administrator.is_active
    with pytest.raises(OwnAccount):
        deactivate_user(user_id=administrator.pk, by=administrator)


def test_the_last_administrator_is_safe_from_one_who_is_none_any_longer(administrator, other_administrator):
    User.objects.filter(pk=other_administrator.pk).update(is_active=False)

    for attack in (
        lambda: deactivate_user(user_id=administrator.pk, by=other_administrator),
        lambda: change_user(
            user_id=administrator.pk,
            email="admin@example.org",
            name="A",
            role="analyst",
            region_code="",
            by=other_administrator,
        ),
    ):
        with pytest.raises(PermissionDenied):
            attack()


# --- Access --------------------------------------------------------------------------------------

PAGES = ["user_list", "user_create"]
PAGES_OF_ONE = ["user_change", "user_deactivate"]
POSTED = ["user_reactivate", "user_send_link"]


@pytest.mark.parametrize("who", ["coordinator_syd", "analyst"])
@pytest.mark.parametrize("name", [*PAGES, *PAGES_OF_ONE, *POSTED])
def test_only_administrators_keep_users(client, request, coordinator_nord, who, name):
    client.force_login(request.getfixturevalue(who))
    url = reverse(name, args=[] if name in PAGES else [coordinator_nord.pk])

    assert client.get(url).status_code == 403
    assert client.post(url, NEW).status_code == 403
    assert OutgoingMail.objects.count() == 0


@pytest.mark.parametrize("name", [*PAGES_OF_ONE, *POSTED])
@pytest.mark.parametrize("user_id", [0, 999_999, 10**30])
def test_a_user_who_is_not_there_is_a_page_not_found_and_leaves_a_trace(admin, name, user_id):
    answer = admin.post(reverse(name, args=[user_id]), NEW)

    assert answer.status_code == 404
    assert events()[-1][0] == "access_denied"


@pytest.mark.parametrize("name", [*PAGES, *PAGES_OF_ONE])
def test_looking_at_the_pages_of_users_changes_nothing(admin, coordinator_nord, name):
    before = list(User.objects.values())

    assert admin.get(reverse(name, args=[] if name in PAGES else [coordinator_nord.pk])).status_code == 200

    assert list(User.objects.values()) == before
    assert events() == []


@pytest.mark.parametrize("name", POSTED)
def test_what_a_button_does_is_not_done_by_a_link(admin, coordinator_nord, name):
    assert admin.get(reverse(name, args=[coordinator_nord.pk])).status_code == 405
    assert OutgoingMail.objects.count() == 0


def test_a_user_added_by_nobody_with_the_right_is_impossible_for_the_door(coordinator_nord, administrator):
    with pytest.raises(PermissionDenied):
        deactivate_user(user_id=administrator.pk, by=coordinator_nord)


# --- At once -------------------------------------------------------------------------------------


def at_once(*attempts: Callable[[], object]) -> list[str]:
    """Run the attempts in threads that start together: what each came to, sorted."""
    start, outcomes = threading.Barrier(len(attempts)), []

    def run(attempt: Callable[[], object]) -> None:
        start.wait()
        try:
            attempt()
            outcomes.append("done")
        except Exception as refused:
            outcomes.append(type(refused).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(attempt,)) for attempt in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def _deactivate(user_id: int, by: User) -> None:
    deactivate_user(user_id=user_id, by=by)


def _make_analyst(user_id: int, by: User) -> None:
    change_user(user_id=user_id, email=f"a{user_id}@x.se", name="A", role="analyst", region_code="", by=by)


@pytest.mark.parametrize("take_away", [_deactivate, _make_analyst])
def test_two_administrators_at_once_do_not_do_away_with_each_other(
    committed_db, administrator, other_administrator, take_away
):
    for _round in range(10):
        outcomes = at_once(
            lambda: take_away(administrator.pk, other_administrator),
            lambda: take_away(other_administrator.pk, administrator),
        )

        assert outcomes == ["PermissionDenied", "done"]
        assert User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).count() == 1
        User.objects.update(role=Role.ADMINISTRATOR, is_active=True)


def test_two_who_add_the_same_address_at_once_leave_one_user(committed_db, administrator):
    def add() -> None:
        add_user(email="v@example.org", name="V", role="analyst", region_code="", by=administrator)

    assert at_once(add, add) == ["UserRefused", "done"]


def test_nobody_joins_a_region_while_it_is_retired(committed_db, administrator):
    for number in range(10):
        wanted = {"email": f"v{number}@example.org", "name": "V", "role": "coordinator"}
        outcomes = at_once(
            lambda wanted=wanted: add_user(**wanted, region_code="nord", by=administrator),
            lambda: retire_region(code="nord", by=administrator),
        )

        assert outcomes in (["RegionHasCoordinators", "done"], ["UserRefused", "done"])
        User.objects.exclude(pk=administrator.pk).update(is_active=False)
        Region.objects.update(last_year=None)
