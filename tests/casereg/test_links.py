"""Mailed links: who is sent one, how it lets choose a password once, and everything by which it dies."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casereg.actions.links import find_link, hash_of, make_link
from casereg.actions.mails import queue_mail
from casereg.actions.passwords import (
    LinkIsSpent,
    ask_for_link,
    change_own_password,
    set_password_by_link,
)
from casereg.actions.users import change_user, deactivate_user, reactivate_user
from casereg.models import AccountLink, AuditEvent, OutgoingMail, Role, User
from tests.databases import everything_stored, nothing_changes
from tests.factories import PASSWORD, UserFactory
from tests.guards.access_world import prove_password
from tests.mailed import link_of, links_in, mails_sent
from tests.threads import at_once

NEW_PASSWORD = "gråsparven sover i häcken"
CHOOSE, SAVED = "password_choose", "password_saved"


@pytest.fixture
def added(database) -> User:
    """A coordinator of Väst who has no password yet."""
    return UserFactory(email="new@example.org", name="Nils Ny", region_id="vast", password=None)


def events() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("sequence").values_list("action", "object"))


def key_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def choose(client: Client, password: str = NEW_PASSWORD, again: str | None = None):
    """Fill in the page behind the link that the browser has followed."""
    return client.post(reverse(CHOOSE), {"password1": password, "password2": again or password})


def can_log_in(user: User, password: str) -> bool:
    return authenticate(None, email=user.email, password=password) == user


def names_of(page) -> set[str]:
    return {template.name for template in page.templates}


def says_spent(page) -> bool:
    return "account/password_spent.html" in names_of(page)


def is_spent(link: str) -> bool:
    return says_spent(Client().get(link, follow=True))


# --- Use -------------------------------------------------------------------------------------------


def test_whoever_has_the_link_chooses_a_password_and_then_logs_in(client, added):
    client.get(link_of(added))

    answer = choose(client)

    assert answer.url == reverse(SAVED)
    assert reverse("account_login") in client.get(answer.url).content.decode()
    assert client.get(reverse("start")).status_code == 302  # choosing a password is not logging in
    assert can_log_in(added, NEW_PASSWORD)
    assert events() == [("password_set", f"user {added.pk}")]
    assert [(row.kind, row.to) for row in OutgoingMail.objects.all()] == [("password_changed", added)]


def test_the_key_leaves_the_address_before_the_page_is_shown(client, added):
    link = link_of(added)

    led_on = client.get(link)
    page = client.get(led_on.url)

    assert led_on.url == reverse(CHOOSE)
    assert page.status_code == 200
    assert key_of(link) not in page.content.decode()
    assert page.headers["Referrer-Policy"] == led_on.headers["Referrer-Policy"] == "same-origin"


def test_only_a_hash_of_the_key_is_stored_anywhere(client, added):
    key = key_of(link_of(added))

    client.get(reverse("account_link", args=[key]))

    assert key not in repr(everything_stored())
    assert key not in repr([session.get_decoded() for session in Session.objects.all()])
    assert find_link(key) is None
    assert find_link(hash_of(key)) is not None


def test_a_key_is_long_and_never_the_same(added):
    keys = {key_of(link_of(added)) for _link in range(50)}

    assert len(keys) == 50
    assert min(map(len, keys)) == 43  # 32 bytes


def test_the_link_leads_to_the_address_of_the_site_whatever_a_request_says(client, added, settings):
    settings.SITE_ADDRESS = "https://register.example.se/"
    settings.ALLOWED_HOSTS = ["*"]
    client.post(
        reverse("password_forgotten"),
        {"email": added.email},
        headers={"host": "evil.example", "x-forwarded-host": "evil.example"},
    )

    [message] = mails_sent()

    assert "https://register.example.se/account/link/" in message.body
    assert "evil" not in message.body


def test_opening_the_link_uses_nothing_up(client, added):
    link = link_of(added)

    for _look in range(3):  # such as by a mail server that looks for harmful pages
        Client().get(link, follow=True)
        Client().head(link)

    assert not is_spent(link)
    assert events() == []


def test_the_session_gets_a_new_name_with_the_link(client, added):
    client.get(link_of(added))
    before = client.cookies["sessionid"].value

    client.get(link_of(added))

    assert client.cookies["sessionid"].value != before


def test_a_password_that_breaks_a_rule_is_told_in_words_and_uses_nothing_up(client, added):
    link = link_of(added)
    client.get(link)

    page = choose(client, "Regionkoordinator2026!")

    assert list(page.context["form"].errors) == ["password1"]
    assert "Regionkoordinator2026!" not in page.content.decode()
    assert not is_spent(link)
    assert choose(client, NEW_PASSWORD, "gråsparven sover i boet").context["form"].errors["password2"]
    assert choose(client).url == reverse(SAVED)


def test_choosing_a_password_ends_every_session_of_the_person(client, coordinator_nord):
    elsewhere = Client()
    elsewhere.force_login(coordinator_nord)
    assert elsewhere.get(reverse("start")).status_code == 200

    client.get(link_of(coordinator_nord, "reset"))
    choose(client, PASSWORD)  # even the same one as before

    assert elsewhere.get(reverse("start")).status_code == 302
    coordinator_nord.refresh_from_db()
    assert coordinator_nord.session_epoch > 0


def test_a_link_that_is_opened_in_the_browser_of_another_leaves_nobody_logged_in(
    client, administrator, added
):
    client.force_login(administrator)

    client.get(link_of(added))
    choose(client)

    assert can_log_in(added, NEW_PASSWORD)
    assert client.get(reverse("start")).status_code == 302


# --- Death -----------------------------------------------------------------------------------------


def test_a_link_works_once(client, added):
    link = link_of(added)
    client.get(link)
    choose(client)

    assert is_spent(link)
    assert says_spent(choose(client, PASSWORD))
    assert can_log_in(added, NEW_PASSWORD)


@pytest.mark.parametrize(("kind", "hours"), [("invitation", 24), ("reset", 1)])
def test_an_invitation_holds_for_a_day_and_a_reset_for_an_hour(added, clock, kind, hours):
    link = link_of(added, kind)

    clock.shift(timedelta(hours=hours) - timedelta(minutes=1))
    assert not is_spent(link)
    clock.shift(timedelta(minutes=2))
    assert is_spent(link)


def test_a_link_holds_as_long_in_the_night_when_clocks_are_put_back(added, clock):
    clock.move_to("2026-10-25T02:50:00+02:00")
    link = link_of(added, "reset")

    clock.move_to("2026-10-25T02:45:00+01:00")  # 55 minutes later
    assert not is_spent(link)
    clock.move_to("2026-10-25T02:55:00+01:00")
    assert is_spent(link)


def test_a_link_dies_while_its_page_is_open(client, added, clock):
    client.get(link_of(added, "reset"))

    clock.shift(timedelta(minutes=61))

    assert says_spent(choose(client))
    assert events() == []


@pytest.mark.parametrize("kind", ["invitation", "reset"])
def test_a_newer_link_ends_the_older_one(added, kind):
    older = link_of(added, "invitation")
    newer = link_of(added, kind)

    assert is_spent(older)
    assert not is_spent(newer)
    assert AccountLink.objects.count() == 1


def test_a_page_that_is_open_dies_with_the_older_link(client, added):
    client.get(link_of(added))
    link_of(added)

    assert says_spent(choose(client))
    added.refresh_from_db()
    assert not added.has_usable_password()


def newer_password(user: User, by: User) -> None:
    change_own_password(user=user, password=NEW_PASSWORD)


def log_in(user: User, by: User) -> None:
    Client().post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


def another_address(user: User, by: User) -> None:
    kept = {"name": user.name, "role": user.role, "region_code": "nord", "by": by}
    change_user(user_id=user.pk, email="nora@example.org", **kept)


def deactivation(user: User, by: User) -> None:
    deactivate_user(user_id=user.pk, by=by)


def deactivation_and_reactivation(user: User, by: User) -> None:
    deactivate_user(user_id=user.pk, by=by)
    reactivate_user(user_id=user.pk, by=by)


@pytest.mark.parametrize(
    "event", [newer_password, log_in, another_address, deactivation, deactivation_and_reactivation]
)
def test_a_link_dies_with(event, client, administrator, coordinator_nord):
    link = link_of(coordinator_nord, "reset")
    client.get(link)
    assert not is_spent(link)

    event(coordinator_nord, administrator)

    assert is_spent(link)
    assert says_spent(choose(client))


def test_a_link_lives_on_when_a_name_is_changed(administrator, coordinator_nord):
    link = link_of(coordinator_nord, "reset")

    change_user(
        user_id=coordinator_nord.pk,
        email=coordinator_nord.email,
        name="Nora Ny",
        role="coordinator",
        region_code="nord",
        by=administrator,
    )

    assert not is_spent(link)


def test_one_link_sets_one_password_however_many_send_it_one_after_the_other(added):
    key = hash_of(key_of(link_of(added)))
    set_password_by_link(key_hash=key, password=NEW_PASSWORD)

    with pytest.raises(LinkIsSpent):
        set_password_by_link(key_hash=key, password=PASSWORD)

    assert can_log_in(added, NEW_PASSWORD)


def test_the_write_itself_refuses_a_link_that_is_too_old_or_of_nobody_active(added, coordinator_nord, clock):
    of_nobody = hash_of(key_of(link_of(coordinator_nord)))
    User.objects.filter(pk=coordinator_nord.pk).update(is_active=False)
    with pytest.raises(LinkIsSpent):
        set_password_by_link(key_hash=of_nobody, password=NEW_PASSWORD)

    too_old = hash_of(key_of(link_of(added)))
    clock.shift(timedelta(hours=25))
    with pytest.raises(LinkIsSpent):
        set_password_by_link(key_hash=too_old, password=NEW_PASSWORD)

    assert events() == []
    assert OutgoingMail.objects.count() == 0


def test_one_link_sets_one_password_however_many_send_it_at_once(committed_db, added):
    key = hash_of(key_of(link_of(added)))

    answers = at_once(
        *[lambda n=n: set_password_by_link(key_hash=key, password=f"{NEW_PASSWORD} {n}") for n in range(4)]
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["LinkIsSpent"] * 3 + ["User"]
    assert events() == [("password_set", f"user {added.pk}")]


def test_a_link_and_a_deactivation_at_once_leave_no_password_behind_a_closed_account(
    committed_db, administrator, added
):
    key = hash_of(key_of(link_of(added)))

    answers = at_once(
        lambda: set_password_by_link(key_hash=key, password=NEW_PASSWORD),
        lambda: deactivate_user(user_id=added.pk, by=administrator),
    )

    assert not any(isinstance(answer, Exception) for answer in answers[1:])
    assert AccountLink.objects.count() == 0
    order = [action for action, _object in events()]
    assert order in (["user_deactivate"], ["password_set", "user_deactivate"])


@pytest.mark.parametrize("key", ["0", "-", "set-password", "a" * 43, "A" * 500])
def test_a_made_up_link_gets_the_page_of_a_spent_one_and_changes_nothing(client, added, key):
    link_of(added)
    with nothing_changes():
        page = client.get(reverse("account_link", args=[key]))
        without_a_link = client.get(reverse(CHOOSE))
        sent = choose(client)

    assert says_spent(page)
    assert says_spent(without_a_link)
    assert says_spent(sent)


def test_a_spent_link_leads_to_a_new_one(client, database):
    page = client.get(reverse("account_link", args=["x"])).content.decode()

    assert reverse("password_forgotten") in page


# --- Invitation ------------------------------------------------------------------------------------


def invite(client: Client, **changed: str):
    new = {"name": "Vera Väst", "email": "Vera@Example.org", "role": "coordinator", "region": "vast"}
    return client.post(reverse("user_create"), new | changed, follow=True)


def send(client: Client, user: User):
    return client.post(reverse("user_send_link", args=[user.pk]), follow=True)


def levels(page) -> list[str]:
    return [message.level_tag for message in page.context["messages"]]


def test_who_is_added_is_invited_and_logs_in_with_a_password_nobody_else_has_seen(client, administrator):
    client.force_login(administrator)
    prove_password(client, administrator)
    page = invite(client)
    user = User.objects.get(email="vera@example.org")
    assert levels(page) == ["success"]
    assert events() == [("user_add", f"user {user.pk}")]
    assert "/account/link/" not in page.content.decode()

    [link] = links_in(mails_sent())
    theirs = Client()
    theirs.get(link)
    choose(theirs)

    assert theirs.post(
        reverse("account_login"), {"login": user.email, "password": NEW_PASSWORD}
    ).url == reverse("start")


def test_who_is_refused_is_not_invited(client, administrator):
    client.force_login(administrator)

    invite(client, region="")

    assert OutgoingMail.objects.count() == 0


@pytest.mark.parametrize(("password", "kind"), [(None, "invitation"), (PASSWORD, "reset")])
def test_an_administrator_sends_a_new_link_of_the_kind_that_fits(client, administrator, password, kind):
    user = UserFactory(email="x@example.org", region_id="vast", password=password)
    client.force_login(administrator)

    page = send(client, user)

    assert levels(page) == ["success"]
    assert events() == [("user_send_link", f"user {user.pk}")]
    [link] = links_in(mails_sent())
    assert AccountLink.objects.get().kind == kind
    assert not is_spent(link)


def test_a_deactivated_user_is_sent_nothing(client, administrator, deactivated):
    client.force_login(administrator)

    page = send(client, deactivated)

    assert levels(page) == ["error"]
    assert OutgoingMail.objects.count() == 0
    assert events() == []


def test_after_a_reactivation_a_new_link_works(client, administrator, deactivated):
    reactivate_user(user_id=deactivated.pk, by=administrator)
    client.force_login(administrator)
    send(client, deactivated)

    [link] = links_in(mails_sent())
    theirs = Client()
    theirs.get(link)
    choose(theirs)

    assert can_log_in(deactivated, NEW_PASSWORD)


def test_no_page_of_an_administrator_takes_a_password(client, administrator, added):
    client.force_login(administrator)
    prove_password(client, administrator)
    for address in (reverse("user_create"), reverse("user_change", args=[added.pk])):
        assert 'type="password"' not in client.get(address).content.decode()


# --- Forgotten -------------------------------------------------------------------------------------


def test_whoever_has_forgotten_a_password_asks_for_a_link(client, coordinator_nord):
    log_in_page = client.get(reverse("account_login")).content.decode()
    assert reverse("password_forgotten") in log_in_page
    assert client.get(reverse("password_forgotten")).status_code == 200

    client.post(reverse("password_forgotten"), {"email": " Nord@Example.org "})
    [link] = links_in(mails_sent())
    client.get(link)
    choose(client)

    assert can_log_in(coordinator_nord, NEW_PASSWORD)
    assert events() == [
        ("link_ask", f"user {coordinator_nord.pk}"),
        ("password_set", f"user {coordinator_nord.pk}"),
    ]


def test_the_password_of_before_holds_until_another_is_chosen(coordinator_nord):
    ask_for_link(email=coordinator_nord.email)
    mails_sent()

    assert can_log_in(coordinator_nord, PASSWORD)


def test_who_never_logged_in_gets_no_new_invitation_but_a_link_for_an_hour(clock, added):
    ask_for_link(email=added.email)

    [mail] = mails_sent()
    [link] = links_in([mail])

    assert "invites you" not in mail.body
    assert "Your password of today" not in mail.body
    assert AccountLink.objects.get().kind == "reset"
    clock.shift(timedelta(minutes=61))
    assert is_spent(link)


@pytest.mark.parametrize("way", ["by the link", "changed", "logged in"])
def test_no_link_that_waits_for_its_mail_outlives_the_password_that_made_it_needless(
    client, coordinator_nord, settings, way
):
    key = key_of(make_link(user=coordinator_nord, kind="reset"))
    queue_mail(kind="reset", to=coordinator_nord)  # such as while the mail server is down
    queue_mail(kind="invitation", to=coordinator_nord)

    if way == "by the link":
        set_password_by_link(key_hash=hash_of(key), password=NEW_PASSWORD)
    elif way == "changed":
        change_own_password(user=coordinator_nord, password=NEW_PASSWORD)
    else:
        client.post(reverse("account_login"), {"login": coordinator_nord.email, "password": PASSWORD})

    assert not [mail for mail in mails_sent() if settings.SITE_ADDRESS in mail.body]
    assert not AccountLink.objects.exists()


@pytest.mark.parametrize("address", ["nobody@example.org", "gone@example.org"])
def test_nobody_is_sent_anything_for_an_address_that_logs_nobody_in(deactivated, address):
    ask_for_link(email=address)

    assert mails_sent() == []
    assert events() == [("link_ask", "an address that nobody has")]


def test_what_is_no_address_is_said_at_its_field(client, database):
    for wrong in ("", "nord", "a@b", "x" * 250 + "@example.org", "nord@example.org\nBcc: all@example.org"):
        page = client.post(reverse("password_forgotten"), {"email": wrong})
        assert list(page.context["form"].errors) == ["email"]
    assert OutgoingMail.objects.count() == 0


# --- The first administrator -----------------------------------------------------------------------


def first_administrator(*arguments: str) -> str:
    out = StringIO()
    call_command("make_first_administrator", *arguments, stdout=out)
    return out.getvalue()


def test_nobody_is_there_after_the_migrations(db):
    assert User.objects.count() == 0


def test_the_first_administrator_is_made_by_one_command_that_prints_an_invitation(db, client, clock):
    printed = first_administrator("Ada@Example.se", "Ada Först")

    [link] = re.findall(r"http://127\.0\.0\.1:8000(/account/link/\S+/)\n", printed)
    user = User.objects.get()
    assert (user.email, user.name, user.role) == ("ada@example.se", "Ada Först", Role.ADMINISTRATOR)
    assert not user.has_usable_password()
    assert events() == [("user_add", f"user {user.pk}")]
    assert AuditEvent.objects.get().role == "system"
    assert OutgoingMail.objects.count() == 0

    clock.shift(timedelta(hours=23))
    client.get(link)
    choose(client)
    client.post(reverse("account_login"), {"login": "ada@example.se", "password": NEW_PASSWORD})
    assert client.get(reverse("user_list")).status_code == 200


def test_the_printed_link_dies_after_a_day(db, clock):
    link = re.search(r"/account/link/\S+", first_administrator("ada@example.se", "Ada"))[0]

    clock.shift(timedelta(hours=25))

    assert is_spent(link)


@pytest.mark.parametrize(
    "arguments",
    [
        ("ada", "Ada"),
        ("ada@example.se\nBcc: all@example.se", "Ada"),
        ("a" * 250 + "@example.se", "Ada"),
        ("ada@example.se", " "),
        ("ada@example.se", "A" * 81),
        ("ada@example.se", "Ada\nFörst"),
        ("ada@example.se", "ada@example.se"),  # a name stands in histories, which hold no addresses
    ],
)
def test_the_first_administrator_is_made_whole_or_not_at_all(db, arguments):
    with nothing_changes(), pytest.raises(CommandError):
        first_administrator(*arguments)


def test_there_is_one_first_administrator(administrator):
    with nothing_changes(), pytest.raises(CommandError, match="There is an administrator already"):
        first_administrator("ada@example.se", "Ada")


def test_an_address_that_is_somebody_elses_makes_no_administrator(coordinator_nord):
    with nothing_changes(), pytest.raises(CommandError):
        first_administrator(coordinator_nord.email, "Nora Nord")


def test_two_who_make_the_first_administrator_at_once_make_one(committed_db):
    answers = at_once(
        lambda: first_administrator("ada@example.se", "Ada"),
        lambda: first_administrator("eva@example.se", "Eva"),
    )

    assert sorted(isinstance(answer, CommandError) for answer in answers) == [False, True], answers
    assert User.objects.count() == AccountLink.objects.count() == 1


def test_djangos_own_command_names_ours(db):
    with pytest.raises(CommandError, match="make_first_administrator"):
        call_command("createsuperuser")
    with pytest.raises(CommandError, match="make_first_administrator"):
        call_command("createsuperuser", "--noinput", "--email", "a@example.se")


# --- Pages that are not there ----------------------------------------------------------------------


def test_there_is_no_signing_up_and_no_other_way_to_a_link(client, coordinator_nord):
    for path in ("/account/password/reset/", "/account/reset/", "/account/signup/", "/account/email/",
                 "/account/inactive/"):  # fmt: skip
        assert client.get(path).status_code == 404
        assert client.post(path, {"email": "nord@example.org"}).status_code == 404
    assert OutgoingMail.objects.count() == 0


def test_no_form_of_an_account_answers_in_json(client, added):
    answer = client.get(link_of(added), headers={"x-requested-with": "XMLHttpRequest"})

    assert answer.status_code == 302


def test_the_page_behind_a_link_takes_few_queries(client, added):
    client.get(link_of(added))
    client.get(reverse(CHOOSE))

    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(reverse(CHOOSE))

    assert len(captured) <= 3  # the session, the link with its user, whether this is the demo
