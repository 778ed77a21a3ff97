"""What an administrator sees of users, narrows the list to, and does to one of them."""

from datetime import date, timedelta

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from django.utils import timezone

from casereg.access import ROLES, Permission
from casereg.actions.covers import end_cover, give_cover
from casereg.actions.links import make_link
from casereg.actions.mails import queue_mail
from casereg.models import OutgoingMail, Role, User
from casereg.people import rights_of
from tests.factories import PASSWORD, UserFactory
from tests.guards.access_world import prove_password

pytestmark = pytest.mark.usefixtures("database")

TODAY = date(2026, 11, 20)


@pytest.fixture
def admin(client, administrator) -> Client:
    client.cookies["django_language"] = "en"
    client.force_login(administrator)
    prove_password(client, administrator)
    return client


@pytest.fixture
def invited(database) -> User:
    """Has no password yet."""
    user = UserFactory(email="ines@example.org", name="Ines Inbjuden", region_id="vast")
    user.set_unusable_password()
    user.save()
    return user


def text_of(page) -> str:
    return " ".join(page.content.decode().split())


def row_of(client: Client, user: User) -> str:
    """What the list says of somebody."""
    rows = text_of(client.get("/users/")).split("<tr>")
    [row] = [row for row in rows if f"/users/{user.pk}/change/" in row]
    return row


def page_of(client: Client, user: User) -> str:
    return text_of(client.get(f"/users/{user.pk}/change/"))


def narrowed(client: Client, **wanted: str) -> list[str]:
    return [person.user.name for person in client.get("/users/", wanted).context["page"]]


def cover(user: User, region: str, *, by: User, first: date = TODAY, last: date = date(2026, 12, 31)):
    return give_cover(user_id=user.pk, region_code=region, first_day=first, last_day=last, by=by)


# --- The list ------------------------------------------------------------------------------------


def test_the_list_says_where_somebody_covers(admin, administrator, coordinator_nord):
    cover(coordinator_nord, "mitt", by=administrator)
    cover(coordinator_nord, "syd", by=administrator, first=date(2026, 12, 24))
    over = cover(coordinator_nord, "ost", by=administrator)
    end_cover(cover_id=over.pk, by=administrator)

    row = row_of(admin, coordinator_nord)

    assert (
        "Nord <br>covers Mitt until 31 December 2026 "
        "<br>covers Syd from 24 December 2026 to 31 December 2026 </td>" in row
    )


@pytest.mark.parametrize(("kind", "counts"), [("totp", True), ("webauthn", True), ("recovery_codes", False)])
def test_the_list_says_who_has_a_second_factor(
    settings, admin, administrator, coordinator_nord, kind, counts
):
    settings.SECOND_FACTOR_REQUIRED = True
    Authenticator.objects.create(user=administrator, type="totp", data={})
    Authenticator.objects.create(user=coordinator_nord, type=kind, data={"name": "Xsecretx"})

    row = row_of(admin, coordinator_nord)

    assert ("<td>Yes</td>" in row) is counts
    assert ("<td>No</td>" in row) is not counts
    assert "Xsecretx" not in row


def test_the_list_does_not_speak_of_second_factors_where_none_is_asked_for(settings, admin, coordinator_nord):
    settings.SECOND_FACTOR_REQUIRED = False

    assert "<td>No</td>" not in row_of(admin, coordinator_nord)
    assert "Second factor" not in text_of(admin.get("/users/"))


def test_the_list_says_who_is_invited_and_not_in_yet(admin, invited, coordinator_nord):
    assert "Invited, no link holds" in row_of(admin, invited)
    make_link(user=invited, kind="invitation")
    assert "Invited, the link holds until 2026-11-21 13:00" in row_of(admin, invited)

    User.objects.filter(pk=invited.pk).update(last_login=timezone.now())  # by another way in

    assert "Invited" not in row_of(admin, invited)
    assert "Invited" not in row_of(admin, coordinator_nord)  # who has a password, and never used it


def test_a_link_that_is_still_to_be_mailed_is_said_to_be_on_its_way(admin, invited):
    queue_mail(kind="invitation", to=invited)

    assert "Invited, the mail is on its way" in row_of(admin, invited)
    assert "The mail with the link is on its way." in page_of(admin, invited)
    OutgoingMail.objects.update(kind="factors_reset")  # has no link
    assert "Invited, no link holds" in row_of(admin, invited)


def test_a_link_whose_time_is_over_holds_no_longer(clock, admin, invited, administrator):
    make_link(user=invited, kind="invitation")
    clock.shift(timedelta(hours=24))
    admin.force_login(administrator)
    prove_password(admin, administrator)

    assert "Invited, no link holds" in row_of(admin, invited)


def test_the_list_takes_as_many_queries_with_covers_factors_and_links(
    admin, administrator, invited, django_assert_num_queries
):
    with django_assert_num_queries(9):
        admin.get("/users/")
    for user in UserFactory.create_batch(20, region_id="nord"):
        cover(user, "mitt", by=administrator)
        Authenticator.objects.create(user=user, type="totp", data={})
        make_link(user=user, kind="invitation")

    with django_assert_num_queries(9):
        admin.get("/users/")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"role": "coordinator"}, ["Ines Inbjuden", "Nora Nord", "Åsa Ängström", "Gun Gången"]),
        ({"role": "administrator"}, ["Adam Admin"]),
        ({"region": "nord"}, ["Nora Nord", "Gun Gången"]),
        ({"region": "mitt"}, ["Nora Nord"]),  # who covers it
        ({"region": "ost"}, ["Åsa Ängström"]),  # and Nora will not before Christmas
        ({"state": "active", "region": "nord"}, ["Nora Nord"]),
        ({"state": "deactivated"}, ["Gun Gången"]),
        ({"state": "invited"}, ["Ines Inbjuden"]),
        ({"name": "åsa"}, ["Åsa Ängström"]),
        ({"name": "ÄNG"}, ["Åsa Ängström"]),
        ({"name": "GONE@"}, ["Gun Gången"]),
        ({"name": "%"}, []),
        ({"name": "nora", "role": "analyst"}, []),
        ({"role": "superuser"}, []),
        ({"region": "nowhere"}, []),
    ],
)
def test_the_list_is_narrowed(admin, administrator, coordinator_nord, deactivated, invited, wanted, found):
    UserFactory(name="Åsa Ängström", region_id="ost")
    cover(coordinator_nord, "mitt", by=administrator)
    cover(coordinator_nord, "ost", by=administrator, first=date(2026, 12, 24))

    assert sorted(narrowed(admin, **wanted)) == sorted(found)


def test_what_is_no_choice_is_said(admin):
    page = admin.get("/users/", {"role": "superuser"})

    assert list(page.context["form"].errors) == ["role"]
    assert "Nobody matches" in text_of(page)


def test_a_narrowed_list_has_pages_that_stay_narrowed(admin):
    UserFactory.create_batch(60, name="Same Name")

    page = admin.get("/users/", {"name": "same", "page": "2"})

    assert len(page.context["page"]) == 10
    assert "?name=same&amp;page=1" in page.content.decode()


# --- The page of one person ------------------------------------------------------------------------


def test_every_right_of_a_role_is_said_in_words():
    for role, permissions in ROLES.items():
        assert len(rights_of(role)) == len(permissions - {Permission.START}), role
    assert rights_of(Role.COORDINATOR) != rights_of(Role.ANALYST)


def test_the_page_says_what_somebody_may_do(admin, coordinator_nord, analyst, administrator):
    assert "Registers, amends, withdraws and restores cases of that region" in page_of(
        admin, coordinator_nord
    )
    assert "Reads the cases of all regions" in page_of(admin, analyst)
    assert "Reads the cases" not in page_of(admin, administrator)


def test_the_page_lists_second_factors_without_their_secrets(admin, coordinator_nord):
    now = timezone.now()
    passkey = {"name": "Xsecretx", "credential": {"id": "Xsecretx"}}
    made = {"user": coordinator_nord, "created_at": now - timedelta(days=30)}
    Authenticator.objects.create(**made, type="webauthn", data=passkey, last_used_at=now)
    Authenticator.objects.create(**made, type="totp", data={"secret": "Xsecretx"})
    RecoveryCodes.activate(coordinator_nord)

    page = page_of(admin, coordinator_nord)

    assert "Passkey, added 2026-10-21, last used 2026-11-20" in page
    assert "Authenticator app, added 2026-10-21</li>" in page
    assert "10 recovery codes left" in page
    assert "Xsecretx" not in page


def test_the_page_lists_covers_past_and_present(clock, admin, administrator, coordinator_nord):
    ended = cover(coordinator_nord, "ost", by=administrator)
    end_cover(cover_id=ended.pk, by=administrator)
    past = cover(coordinator_nord, "vast", by=administrator, last=TODAY)
    clock.shift(timedelta(days=1))
    admin.force_login(administrator)
    prove_password(admin, administrator)
    present = cover(coordinator_nord, "mitt", by=administrator, first=date(2026, 11, 21))
    to_come = cover(coordinator_nord, "syd", by=administrator, first=date(2026, 12, 24))

    page = page_of(admin, coordinator_nord)

    assert "Öst, from 2026-11-20 to 2026-12-31, ended 2026-11-20 13:00" in page
    assert "Väst, from 2026-11-20 to 2026-11-20, over" in page
    assert "Mitt, from 2026-11-21 to 2026-12-31, in force" in page
    assert "Syd, from 2026-12-24 to 2026-12-31, to come" in page
    for shown, can_be_ended in [(ended, False), (past, False), (present, True), (to_come, True)]:
        assert (f"/covers/{shown.pk}/end/" in page) is can_be_ended


def test_the_page_tells_where_somebody_is_logged_in_and_logs_out_there(admin, coordinator_nord):
    assert "End all sessions" not in page_of(admin, coordinator_nord)
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.post("/account/login/", {"login": coordinator_nord.email, "password": PASSWORD})
    assert "In 2 browsers, last active 2026-11-20 13:00." in page_of(admin, coordinator_nord)

    admin.post(f"/users/{coordinator_nord.pk}/end-sessions/")

    assert all(browser.get("/").status_code == 302 for browser in browsers)
    assert "End all sessions" not in page_of(admin, coordinator_nord)


def test_an_invitation_is_sent_again_and_a_password_asked_anew_by_the_same_button(
    admin, invited, coordinator_nord
):
    assert "Send a new invitation" in page_of(admin, invited)
    assert "No link holds. Send a new one below." in page_of(admin, invited)
    assert "Send a link to set a password" in page_of(admin, coordinator_nord)
    make_link(user=invited, kind="invitation")
    assert "The link holds until 2026-11-21 13:00." in page_of(admin, invited)


@pytest.mark.parametrize(("who", "is_offered"), [("coordinator_nord", True), ("analyst", False)])
def test_cover_is_offered_for_coordinators(admin, request, who, is_offered):
    user = request.getfixturevalue(who)

    assert (f"/users/{user.pk}/cover/" in page_of(admin, user)) is is_offered


# --- The second factor is reset --------------------------------------------------------------------


def test_a_second_factor_is_reset_on_a_page_of_its_own(admin, coordinator_nord):
    Authenticator.objects.create(user=coordinator_nord, type="totp", data={})
    theirs = Client()
    theirs.force_login(coordinator_nord)
    address = f"/users/{coordinator_nord.pk}/reset-factors/"
    assert address in page_of(admin, coordinator_nord)

    assert "call the person on a number that you know already" in text_of(admin.get(address))
    assert Authenticator.objects.exists()  # looking resets nothing
    answer = admin.post(address, follow=True)

    assert "The second factor of Nora Nord is reset" in text_of(answer)
    assert not Authenticator.objects.exists()
    assert theirs.get("/").status_code == 302
    assert address not in page_of(admin, coordinator_nord)


def test_nobody_resets_the_own_second_factor(admin, administrator):
    Authenticator.objects.create(user=administrator, type="totp", data={})
    session = admin.session
    proved = session[AUTHENTICATION_METHODS_SESSION_KEY][0]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [proved, proved | {"method": "mfa"}]
    session.save()
    address = f"/users/{administrator.pk}/reset-factors/"

    for page in (admin.get(address), admin.post(address)):
        assert page.status_code == 200
        assert "You cannot reset your own second factor." in text_of(page)
    assert address not in page_of(admin, administrator)
    assert Authenticator.objects.exists()
