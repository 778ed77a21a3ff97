"""Proving again who one is: which pages of an administrator demand it, by what, and what the trail tells."""

import time
from datetime import timedelta
from urllib.parse import unquote

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.test import Client
from django.urls import reverse

from casereg.actions.factors import add_app, keep_recovery_codes
from casereg.models import AuditEvent, AuditHead, Cover, Outcome, User
from tests.casereg.test_second_factor import NEW_PASSWORD, code_of, prove, send_password
from tests.factories import PASSWORD

NEW = {"name": "Vera Väst", "email": "vera@example.org", "role": "coordinator", "region": "vast"}
OF_ONE = ["user_change", "user_reset_factors", "user_cover"]


@pytest.fixture
def admin(client, administrator) -> Client:
    """Logged in a while ago."""
    client.cookies["django_language"] = "en"
    client.force_login(administrator)
    return client


def address_of(page: str, user: User) -> str:
    return reverse(page, args=[user.pk] if page in OF_ONE else [])


def what_there_is() -> tuple[list, int]:
    return list(User.objects.order_by("pk").values()), Cover.objects.count()


# --- What an administrator does to others ----------------------------------------------------------


@pytest.mark.parametrize("page", ["user_create", *OF_ONE])
def test_a_log_in_of_long_ago_changes_nobody(admin, coordinator_nord, page):
    address, before = address_of(page, coordinator_nord), what_there_is()

    for answer in (admin.get(address), admin.post(address, NEW)):
        assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("account_reauthenticate"))

    assert what_there_is() == before
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("page", ["user_create", *OF_ONE])
def test_whoever_has_a_factor_proves_both_and_is_led_back(admin, administrator, coordinator_nord, page):
    secret = generate_totp_secret()
    add_app(user=administrator, secret=secret, this=None)
    keep_recovery_codes(user=administrator)
    administrator.refresh_from_db()
    admin.force_login(administrator)
    address = address_of(page, coordinator_nord)

    asked = admin.get(address).url
    answer = admin.post(asked, {"password": PASSWORD, "next": address})
    assert answer.url == address
    asked = admin.get(address).url
    assert asked.startswith(reverse("mfa_reauthenticate"))
    answer = admin.post(asked, {"code": code_of(secret), "next": address})

    assert answer.url == address
    assert admin.get(address).status_code == 200


def test_where_nobody_needs_a_factor_the_log_in_just_now_is_the_proof(client, administrator, clock):
    send_password(client, administrator)
    assert client.get(reverse("user_create")).status_code == 200

    clock.shift(timedelta(minutes=6))
    assert client.get(reverse("user_create")).url.startswith(reverse("account_reauthenticate"))
    prove(client)
    assert client.get(reverse("user_create")).status_code == 200


def test_what_is_sent_after_the_proof_ran_out_is_not_lost_without_a_word(admin, coordinator_nord, clock):
    prove(admin)
    address = address_of("user_change", coordinator_nord)
    assert admin.get(address).status_code == 200
    clock.shift(timedelta(minutes=6))

    page = admin.post(address, NEW, follow=True)

    assert page.redirect_chain[0][0].startswith(reverse("account_reauthenticate"))
    [said] = page.context["messages"]
    assert str(said) == (
        "What you sent was not stored, since you showed more than five minutes ago that it is you. "
        "Show it again, and fill in the form once more."
    )
    coordinator_nord.refresh_from_db()
    assert coordinator_nord.name == "Nora Nord"
    assert list(admin.get(reverse("start")).context["messages"]) == []


def test_whoever_only_opens_a_page_is_told_of_nothing_that_was_lost(admin):
    page = admin.get(reverse("user_create"), follow=True)

    assert list(page.context["messages"]) == []


# --- Who has neither password nor factor -----------------------------------------------------------


@pytest.fixture
def by_provider(client, administrator) -> Client:
    """An administrator who knows no password here, logged in by the agency's provider."""
    administrator.set_unusable_password()
    administrator.save()
    client.force_login(administrator)
    return client


def log_in_was(client: Client, user: User, *, seconds_ago: float) -> None:
    session = client.session
    record = {"method": "socialaccount", "at": time.time() - seconds_ago, "provider": "x", "uid": "y"}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [record]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


@pytest.mark.parametrize("page", ["passkey_add", "totp_add", "user_create"])
@pytest.mark.parametrize(("seconds_ago", "opens"), [(290, True), (310, False)])
def test_without_password_and_factor_the_providers_log_in_is_the_proof(
    by_provider, administrator, page, seconds_ago, opens
):
    log_in_was(by_provider, administrator, seconds_ago=seconds_ago)

    answer = by_provider.get(reverse(page))

    if opens:
        assert answer.status_code == 200
    else:
        assert unquote(answer.url) == f"{reverse('account_reauthenticate')}?next={reverse(page)}"


def test_without_any_record_nothing_is_proved(by_provider):
    assert by_provider.get(reverse("totp_add")).url.startswith(reverse("account_reauthenticate"))


def test_without_password_and_factor_one_is_asked_to_log_in_anew(by_provider, administrator):
    log_in_was(by_provider, administrator, seconds_ago=310)

    page = by_provider.get(reverse("totp_add"), follow=True)

    assert page.status_code == 200
    assert "account/log_in_anew.html" in [template.name for template in page.templates]
    assert f'action="{reverse("account_logout")}"' in page.content.decode()
    sent = by_provider.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert sent.status_code == 200
    assert by_provider.get(reverse("totp_add")).status_code == 302


# --- What the trail tells --------------------------------------------------------------------------


def told() -> list[tuple]:
    return [
        (event.actor_id, event.action, event.object, event.outcome, event.region)
        for event in AuditEvent.objects.order_by("sequence")
    ]


def test_a_wrong_password_at_the_proof_is_told_of_whoever_is_logged_in(client, coordinator_nord):
    client.force_login(coordinator_nord)

    client.post(reverse("account_reauthenticate"), {"password": "a guess"})

    who = coordinator_nord.pk
    assert told() == [(who, "identity_prove", f"user {who}", Outcome.DENIED, "nord")]


def test_a_wrong_present_password_is_told_where_a_new_one_is_chosen(client, coordinator_nord):
    client.force_login(coordinator_nord)
    answers = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}

    page = client.post(reverse("account_change_password"), answers | {"oldpassword": "a guess"})

    assert list(page.context["form"].errors) == ["oldpassword"]
    who = coordinator_nord.pk
    assert told() == [(who, "password_change", f"user {who}", Outcome.DENIED, "nord")]
    client.post(reverse("account_change_password"), answers | {"oldpassword": PASSWORD})
    assert [outcome for _who, action, _what, outcome, _where in told() if action == "password_change"] == [
        Outcome.DENIED, Outcome.DONE,
    ]  # fmt: skip


def test_neither_makes_figures_be_counted_anew(client, coordinator_nord):
    before = AuditHead.objects.get().last_change
    client.force_login(coordinator_nord)

    client.post(reverse("account_reauthenticate"), {"password": "a guess"})
    client.post(reverse("account_change_password"), {"oldpassword": "a guess"})

    assert len(told()) == 2
    after = AuditHead.objects.get().last_change
    assert before == after


def test_at_the_log_in_page_it_is_nobodys(client, coordinator_nord):
    client.post(reverse("account_login"), {"login": coordinator_nord.email, "password": "a guess"})

    assert told() == [(None, "log_in", "an address and a password", Outcome.DENIED, "")]


# --- The way to it ---------------------------------------------------------------------------------


def test_the_start_page_leads_to_the_account(client, coordinator_nord):
    client.cookies["django_language"] = "en"
    client.force_login(coordinator_nord)

    page = client.get("/").content.decode()

    assert f'<a href="{reverse("account_read")}">Your account</a>' in page
    assert reverse("account_change_password") not in page
