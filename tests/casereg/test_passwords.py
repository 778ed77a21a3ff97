"""Passwords: which are refused, changing one's own, and setting one behind a mailed link."""

import re
import smtplib
import socket
import time
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client
from django.urls import reverse

from casereg.actions.users import (
    LinkIsSpent,
    change_own_password,
    change_user,
    deactivate_user,
    reactivate_user,
    send_link,
    set_password_by_link,
)
from casereg.models import AuditEvent, User
from casereg.passwords import link_path, uneasy_length
from tests.factories import PASSWORD, UserFactory

NEW_PASSWORD = "gråsparven sover i häcken"
CHANGE, SAVED = "account_change_password", "account_reset_password_from_key_done"
ELSEWHERE = ["https://evil.example", "//evil.example", "/\\evil.example", "\t//evil.example",
             "https:evil.example", "javascript:alert(1)"]  # fmt: skip


@pytest.fixture
def added(database) -> User:
    """A coordinator of Väst who has no password yet."""
    return UserFactory(email="new@example.org", name="Nils Ny", region_id="vast", password=None)


def events() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("sequence").values_list("action", "object"))


def open_link(client: Client, link: str):
    """Follow a mailed link: the page it leads to."""
    return client.get(link, follow=True)


def set_behind(page, client: Client, password: str = NEW_PASSWORD, again: str | None = None):
    """Fill in the page of a link."""
    return client.post(page.context["action_url"], {"password1": password, "password2": again or password})


def change(client: Client, *, old: str = PASSWORD, new: str = NEW_PASSWORD, again: str | None = None, **more):
    answers = {"oldpassword": old, "password1": new, "password2": again or new}
    return client.post(reverse(CHANGE), answers | more)


def can_log_in(user: User, password: str) -> bool:
    return authenticate(None, email=user.email, password=password) == user


# --- What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "jämställdhet",
        "Jamstalldhet-2026!",
        "Jämställdhetsmyndigheten",
        "regionkoordinator",
        "Regionkoordinator2026!",
        "regi0nk00rdin@tor",
        "region-koordinator 26",
        "människohandel",
        "Människohandel123",
        "ärenderegistret",
        "Ärenderegister26",
        "casereg-casereg",
        "CaseReg2026abcd",
        "administratör",
        "koordinator-analytiker",
        "lösenord-lösenord",
        "Välkommen2026!",
        "abcdefghijklmnop",
        "ponmlkjihgfedcba",
        "123456789012345",
        "qwertyuiopåasdf",
        "aaaaaaaaaaaaaaaa",
        "hejhejhejhejhej1",
        "sommarsommarsommar",
        "1qaz2wsx3edc",
        "098765432109",
        "kort lösen",
    ],
)
def test_what_is_easy_to_guess_here_is_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize(
    "password",
    [
        NEW_PASSWORD,
        PASSWORD,
        "xT9#kLm2pQw8",
        "min regionkoordinator cyklar hem om natten",
        "Ö" + "äpplen & päron " * 3 + "z",
        "z7" * 3 + "kq93mfhw2xvp",
        "".join(chr(0x4E00 + 7 * number) for number in range(64)),
    ],
)
def test_words_of_ones_own_are_accepted_in_any_characters(password):
    validate_password(password)


def test_a_long_password_counts_to_its_last_character(coordinator_nord):
    long = "".join(chr(33 + (number * 37) % 90) for number in range(200))
    validate_password(long)
    coordinator_nord.set_password(long)
    coordinator_nord.save()

    changed = long[:150] + ("x" if long[150] != "x" else "y") + long[151:]

    assert can_log_in(coordinator_nord, long)
    assert not can_log_in(coordinator_nord, changed)


def test_a_password_like_the_own_name_or_address_is_refused():
    user = User(name="Ingeborg Andersdotter", email="ingeborg.andersdotter@example.org")

    for password in ("andersdotter1", "ingeborg.andersdotter", "Ingeborg Andersdotter"):
        with pytest.raises(ValidationError):
            validate_password(password, user)


def test_a_short_password_is_only_said_to_be_short():
    with pytest.raises(ValidationError) as refused:
        validate_password("kort")

    assert [error.code for error in refused.value.error_list] == ["password_too_short"]


def test_what_is_counted_is_what_is_left_without_words_runs_and_repetition():
    assert uneasy_length("Regionkoordinator2026!") == len("2026!")
    assert uneasy_length("hej12345hå") == len("hejhå")
    assert uneasy_length("hejhejhej") == len("hej")
    assert uneasy_length("") == 0


def test_a_very_long_password_is_judged_in_no_time():
    begun = time.perf_counter()
    uneasy_length("ab" * 500_000)
    uneasy_length("register" * 100_000)

    assert time.perf_counter() - begun < 1


def test_the_same_rules_stand_before_both_forms(client, coordinator_nord, added):
    client.force_login(coordinator_nord)
    assert list(change(client, new="Regionkoordinator2026!").context["form"].errors) == ["password1"]

    other = Client()
    page = open_link(other, link_path(added))
    answer = set_behind(page, other, "Regionkoordinator2026!")
    assert list(answer.context["form"].errors) == ["password1"]


# --- Change one's own ------------------------------------------------------------------------------


def test_somebody_changes_the_own_password_and_stays_logged_in_only_here(client, coordinator_nord):
    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.force_login(coordinator_nord)

    answer = change(client)

    assert answer.url == reverse("start")
    assert client.get(reverse("start")).status_code == 200
    assert elsewhere.get(reverse("start")).status_code == 302
    assert can_log_in(coordinator_nord, NEW_PASSWORD)
    assert not can_log_in(coordinator_nord, PASSWORD)
    assert events() == [("password_change", f"user {coordinator_nord.pk}")]


def test_the_session_gets_a_new_name_with_the_new_password(client, coordinator_nord):
    client.force_login(coordinator_nord)
    before = client.cookies["sessionid"].value

    change(client)

    assert client.cookies["sessionid"].value != before


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"old": "not the current one"}, "oldpassword"),
        ({"old": ""}, "oldpassword"),
        ({"new": "kort"}, "password1"),
        ({"again": "something else altogether"}, "password2"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_changed(client, coordinator_nord, answers, field):
    client.force_login(coordinator_nord)

    page = change(client, **answers)

    assert field in page.context["form"].errors
    assert can_log_in(coordinator_nord, PASSWORD)
    assert events() == []


def test_a_password_is_never_sent_back_to_the_page(client, coordinator_nord):
    client.force_login(coordinator_nord)

    page = change(client, again="something else altogether").content.decode()

    assert NEW_PASSWORD not in page
    assert PASSWORD not in page


def test_changing_the_password_does_not_undo_what_an_administrator_does_meanwhile(coordinator_nord):
    as_the_request_began = User.objects.get(pk=coordinator_nord.pk)
    User.objects.filter(pk=coordinator_nord.pk).update(is_active=False, region_id="syd")

    change_own_password(user=as_the_request_began, password=NEW_PASSWORD)

    coordinator_nord.refresh_from_db()
    assert (coordinator_nord.is_active, coordinator_nord.region_id) == (False, "syd")


def test_guessing_the_current_password_is_slowed_down(client, coordinator_nord):
    client.force_login(coordinator_nord)

    answers = [change(client, old="a guess").status_code for _guess in range(7)]

    assert answers[0] == 200
    assert answers[-1] == 429


def test_whoever_is_not_logged_in_changes_no_password(client):
    assert client.get(reverse(CHANGE)).url.startswith(reverse("account_login"))
    assert change(client).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nobody_is_led_off_the_site(client, coordinator_nord, elsewhere):
    logged_in = client.post(
        reverse("account_login"), {"login": coordinator_nord.email, "password": PASSWORD, "next": elsewhere}
    )
    changed = change(client, next=elsewhere)
    page = open_link(client, link_path(User.objects.get(pk=coordinator_nord.pk)))
    set_anew = client.post(
        page.context["action_url"] + "?next=" + elsewhere,
        {"password1": PASSWORD, "password2": PASSWORD, "next": elsewhere},
    )

    assert logged_in.url == changed.url == reverse("start")
    assert set_anew.url == reverse(SAVED)


def test_a_next_page_of_the_site_is_kept(client, coordinator_nord):
    client.force_login(coordinator_nord)

    assert change(client, next=reverse("case_list")).url == reverse("case_list")


# --- The link --------------------------------------------------------------------------------------


def test_whoever_has_the_link_sets_the_password_and_then_logs_in(client, added):
    page = open_link(client, link_path(added))
    answer = set_behind(page, client)

    assert answer.url == reverse(SAVED)
    assert client.get(answer.url).status_code == 200
    assert client.get(reverse("start")).status_code == 302  # setting a password is not logging in
    assert can_log_in(added, NEW_PASSWORD)
    assert events() == [("password_set", f"user {added.pk}")]


def test_the_key_leaves_the_address_before_the_page_is_shown(client, added):
    link = link_path(added)

    page = open_link(client, link)

    key = link.rstrip("/").rpartition("/")[2]
    assert key not in page.request["PATH_INFO"]
    assert key not in page.content.decode()


def test_opening_the_link_uses_nothing_up(client, added):
    link = link_path(added)

    for _look in range(3):  # such as by a mail server that looks for harmful pages
        open_link(Client(), link)

    assert not is_spent(link)
    assert events() == []


def is_spent(link: str) -> bool:
    return bool(open_link(Client(), link).context.get("token_fail"))


def test_a_link_works_once(client, added):
    link = link_path(added)
    set_behind(open_link(client, link), client)

    assert is_spent(link)


def test_a_link_holds_for_an_hour(added, clock):
    link = link_path(added)

    clock.shift(timedelta(minutes=59))
    assert not is_spent(link)
    clock.shift(timedelta(minutes=2))
    assert is_spent(link)


def test_a_link_holds_for_an_hour_also_in_the_night_when_clocks_are_put_back(added, clock):
    clock.move_to("2026-10-25T02:50:00+02:00")
    link = link_path(added)

    clock.move_to("2026-10-25T02:45:00+01:00")  # 55 minutes later
    assert not is_spent(link)
    clock.move_to("2026-10-25T02:55:00+01:00")
    assert is_spent(link)


def test_a_link_dies_when_its_page_is_open_too_long(client, added, clock):
    page = open_link(client, link_path(added))

    clock.shift(timedelta(minutes=61))
    answer = set_behind(page, client)

    assert answer.context["token_fail"]
    assert events() == []


def test_a_link_dies_with_a_newer_password_a_log_in_and_another_address(administrator, coordinator_nord):
    def newer_password() -> None:
        change_own_password(user=coordinator_nord, password=NEW_PASSWORD)

    def log_in() -> None:
        Client().post(reverse("account_login"), {"login": "nord@example.org", "password": NEW_PASSWORD})

    def another_address() -> None:
        change_user(
            user_id=coordinator_nord.pk,
            email="nora@example.org",
            name="Nora",
            role="coordinator",
            region_code="nord",
            by=administrator,
        )

    for event in (newer_password, log_in, another_address):
        link = link_path(User.objects.get(pk=coordinator_nord.pk))
        assert not is_spent(link)
        event()
        assert is_spent(link), event.__name__


def test_the_link_of_a_deactivated_user_does_not_work(client, administrator, added):
    link = link_path(added)
    page = open_link(client, link)

    deactivate_user(user_id=added.pk, by=administrator)

    assert is_spent(link)
    assert set_behind(page, client).context["token_fail"]
    added.refresh_from_db()
    assert not added.has_usable_password()


def test_one_link_sets_one_password_however_many_send_it_at_once(added):
    key = link_path(added).rstrip("/").rpartition("/")[2]
    set_password_by_link(user_id=added.pk, key=key, password=NEW_PASSWORD)

    with pytest.raises(LinkIsSpent):
        set_password_by_link(user_id=added.pk, key=key, password=PASSWORD)

    assert can_log_in(added, NEW_PASSWORD)


def test_whoever_comes_second_with_a_link_is_told_on_its_page(client, added, monkeypatch):
    page = open_link(client, link_path(added))
    validate = ("django.contrib.auth.password_validation.MinimumLengthValidator.validate",)

    def somebody_else_is_faster(self, password, user=None) -> None:
        monkeypatch.undo()
        change_own_password(user=User.objects.get(pk=added.pk), password=PASSWORD)

    monkeypatch.setattr(*validate, somebody_else_is_faster)
    answer = set_behind(page, client)

    assert client.get(answer.url, follow=True).context["token_fail"]
    assert can_log_in(added, PASSWORD)


@pytest.mark.parametrize("uid", ["0", "zz", "zzzzzzzzzzzzz", "-1", "_", "a" * 60])
@pytest.mark.parametrize("key", ["set-password", "d6x2k1-0123456789abcdef0123456789abcdef", "x"])
def test_a_made_up_link_gets_the_page_of_a_spent_one(client, added, uid, key):
    url = reverse("account_reset_password_from_key", args=[uid, key])

    for answer in (client.get(url), client.post(url, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})):
        assert answer.status_code == 200
        assert answer.context["token_fail"]


def test_a_link_of_one_user_sets_no_password_of_another(client, added, coordinator_syd):
    key = link_path(added).rstrip("/").rpartition("/")[2]
    theirs = link_path(coordinator_syd).rstrip("/").rpartition("/")[0] + f"/{key}/"

    assert is_spent(theirs)


def test_the_answer_to_a_bad_link_does_not_tell_who_exists(added, deactivated):
    def page(uid: str) -> str:
        url = reverse("account_reset_password_from_key", args=[uid, "d6x2k1-0123456789abcdef"])
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", Client().get(url).content.decode())

    uids = [link_path(user).split("/")[3] for user in (added, deactivated)]

    assert page(uids[0]) == page(uids[1]) == page("zzz")


def test_setting_a_password_logs_the_user_out_everywhere(client, coordinator_nord):
    elsewhere = Client()
    elsewhere.force_login(coordinator_nord)
    coordinator_nord.refresh_from_db()

    set_behind(open_link(client, link_path(coordinator_nord)), client)

    assert elsewhere.get(reverse("start")).status_code == 302


def test_nobody_asks_for_a_link(client, coordinator_nord):
    # Only an administrator sends one: there is no page for it, nor for signing up or other addresses.
    for path in ("/account/password/reset/", "/account/reset/", "/account/signup/", "/account/email/"):
        assert client.get(path).status_code == 404
        assert client.post(path, {"email": "nord@example.org"}).status_code == 404
    assert mail.outbox == []


def test_no_form_of_an_account_answers_in_json(client, added):
    answer = client.get(link_path(added), headers={"x-requested-with": "XMLHttpRequest"})

    assert answer.status_code == 302


# --- The mail --------------------------------------------------------------------------------------


def send(client: Client, user: User):
    return client.post(reverse("user_send_link", args=[user.pk]), follow=True)


def levels(page) -> list[str]:
    return [message.level_tag for message in page.context["messages"]]


def test_the_mail_leads_to_the_page_in_both_languages_and_tells_nothing_else(client, administrator, added):
    client.force_login(administrator)
    page = send(client, added)

    [message] = mail.outbox
    links = re.findall(r"http\S+", message.body)
    assert levels(page) == ["success"]
    assert message.to == [added.email]
    assert len(links) == 2
    assert links[0] == links[1]
    assert links[0].startswith("http://testserver/account/password/")
    assert not is_spent(links[0])
    assert message.body.index("mejl") < message.body.index("mail,")  # Swedish first
    assert not message.alternatives
    assert "\n" not in message.subject
    assert "Nils" not in message.body


def test_both_languages_stand_in_the_mail_whatever_the_administrator_reads(client, administrator, added):
    client.force_login(administrator)
    for language in ("sv", "en"):
        client.cookies["django_language"] = language
        send(client, added)

    first, second = (re.sub(r"http\S+", "", message.body) for message in mail.outbox)
    assert first == second


def test_the_link_is_of_the_host_that_was_asked_and_of_no_other(client, administrator, added, settings):
    settings.ALLOWED_HOSTS = ["register.example.se"]
    client.force_login(administrator)
    url = reverse("user_send_link", args=[added.pk])

    assert client.post(url, headers={"host": "evil.example"}).status_code == 400
    assert mail.outbox == []

    client.post(url, headers={"host": "register.example.se", "x-forwarded-host": "evil.example"})
    assert "http://register.example.se/account/password/" in mail.outbox[0].body
    assert "evil" not in mail.outbox[0].body


def test_a_deactivated_user_is_sent_nothing(client, administrator, deactivated):
    client.force_login(administrator)

    page = send(client, deactivated)

    assert levels(page) == ["error"]
    assert mail.outbox == []
    assert events() == []


def nobody_listens(settings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = closed.getsockname()[1]


def refuses_the_recipient(settings) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"


class RefusingBackend(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (550, b"unknown")})


@pytest.mark.parametrize("fault", [nobody_listens, refuses_the_recipient])
def test_a_mail_that_cannot_be_sent_is_told_and_breaks_nothing(
    client, administrator, settings, fault, caplog
):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    fault(settings)
    client.force_login(administrator)
    new = {"name": "Nils Ny", "email": "new@example.org", "role": "analyst", "region": ""}

    page = client.post(reverse("user_create"), new, follow=True)

    user = User.objects.get(email="new@example.org")
    assert levels(page) == ["success", "error"]
    assert reverse("user_send_link", args=[user.pk]) in page.content.decode()
    assert "could not be sent" in caplog.text
    assert "new@example.org" not in caplog.text

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert levels(send(client, user)) == ["success"]
    assert len(mail.outbox) == 1


def test_a_silent_mail_server_is_not_waited_for_long(settings):
    assert settings.EMAIL_TIMEOUT <= 10


def test_a_link_that_is_sent_stands_in_the_trail_before_the_mail_leaves(administrator, added, settings):
    settings.EMAIL_BACKEND = f"{__name__}.WatchingBackend"

    send_link(user_id=added.pk, absolute=lambda path: f"http://testserver{path}", by=administrator)

    assert WatchingBackend.seen == [("user_send_link", f"user {added.pk}")]


class WatchingBackend(BaseEmailBackend):
    """Looks into the trail when a mail leaves."""

    seen: list[tuple[str, str]] = []

    def send_messages(self, messages):
        WatchingBackend.seen = events()
        return len(messages)


def test_after_a_reactivation_a_new_link_works(client, administrator, deactivated):
    reactivate_user(user_id=deactivated.pk, by=administrator)
    client.force_login(administrator)
    send(client, deactivated)

    link = re.search(r"http\S+", mail.outbox[0].body).group()
    set_behind(open_link(client, link), client)

    assert can_log_in(deactivated, NEW_PASSWORD)
    assert client.get(reverse("start")).status_code == 302  # it was opened in another's session
