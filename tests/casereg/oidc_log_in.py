"""Logging in by the agency's provider, against one that runs here.

Run by test_oidc.py in a process of its own: which apps and addresses there are is decided with the settings.
"""

import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.conf import settings as site
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from casereg.access import routes
from casereg.actions.factors import add_app, keep_recovery_codes
from casereg.actions.users import change_user, deactivate_user
from casereg.models import AuditEvent, Outcome, User
from casereg.sessions import end_all
from casereg.stored_codebook import load_codebook
from casereg.trail_wording import events_in_words
from tests.factories import PASSWORD, UserFactory
from tests.oidc_provider import CLIENT_ID, STRONG, Provider

FAILED = "The log-in did not succeed. Try again."
NOBODY = "There is no user here for that log-in. Ask an administrator."
TOO_WEAK = "That way of logging in is not strong enough here. Choose one with two factors."
NO_ANSWER = "The log-in outside the register does not answer. Wait a while and try again."
CANCELLED = "The log-in was cancelled."


@pytest.fixture(autouse=True)
def _reads_english(settings) -> None:
    settings.LANGUAGE_CODE = "en"


def begin(client: Client, *, next_page: str = "") -> str:
    """Press the button: the address at the provider to which the browser is sent."""
    answer = client.post(reverse("provider_log_in"), {"next": next_page})
    assert answer.status_code == 302, answer
    return str(answer.url)


def pass_through(address: str) -> str:
    """What the provider does with it: the address here to which it sends the browser back."""
    answer = requests.get(address, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    back = answer.headers["Location"]
    assert back.startswith(site.SITE_ADDRESS + reverse("provider_answer"))
    return back.removeprefix(site.SITE_ADDRESS)


def log_in(client: Client, *, next_page: str = "") -> Any:
    return client.get(pass_through(begin(client, next_page=next_page)))


def who(client: Client) -> User | None:
    number = client.session.get("_auth_user_id")
    return User.objects.get(pk=number) if number else None


def refusals() -> int:
    return AuditEvent.objects.filter(
        action="log_in", outcome=Outcome.DENIED, object="the agency's log-in", actor=None
    ).count()


def assert_refused(client: Client, answer: Any, sentence: str, *, recorded: int = 1) -> None:
    """The log-in page with one sentence; nobody is logged in; the trail has it."""
    assert (answer.status_code, answer.url) == (302, reverse("account_login"))
    page = client.get(answer.url)
    assert [str(message) for message in page.context["messages"]] == [sentence]
    assert who(client) is None
    assert refusals() == recorded


# --- Who comes in --------------------------------------------------------------------------------


def test_a_person_whom_an_administrator_has_added_logs_in(client, provider, coordinator_nord):
    answer = log_in(client)

    assert (answer.status_code, answer.url) == (302, reverse("start"))
    assert who(client) == coordinator_nord
    assert client.get("/incidents/").status_code == 200
    events = list(AuditEvent.objects.order_by("sequence"))
    assert [(event.action, event.outcome, event.actor) for event in events] == [
        ("provider_link", Outcome.DONE, coordinator_nord),
        ("log_in", Outcome.DONE, coordinator_nord),
    ]
    assert events[1].fields == ["socialaccount"]


def test_the_trail_says_that_it_was_by_the_agencys_log_in(client, provider, coordinator_nord, administrator):
    log_in(client)
    provider.wrong["acr"] = "weak"
    log_in(Client())

    words = events_in_words(AuditEvent.objects.order_by("sequence"), load_codebook(), reader=administrator)

    assert [(event.action, event.object, event.fields) for event in words] == [
        ("Was linked to the agency’s log-in", f"user {coordinator_nord.pk} (Nora Nord)", ""),
        ("Logged in", f"user {coordinator_nord.pk} (Nora Nord)", "the agency’s log-in"),
        ("Tried to log in", "the agency’s log-in", ""),
    ]


def test_the_address_is_compared_as_it_is_stored(client, provider, coordinator_nord):
    provider.person["email"] = " Nord@Example.ORG"

    log_in(client)

    assert who(client) == coordinator_nord


def test_the_address_may_stand_in_userinfo(client, provider, coordinator_nord):
    provider.in_userinfo_only = True

    log_in(client)

    assert who(client) == coordinator_nord


def test_userinfo_of_somebody_else_lets_nobody_in(client, provider, coordinator_nord):
    provider.in_userinfo_only = True
    provider.userinfo_of = "person-2"

    assert_refused(client, log_in(client), FAILED)


def test_nothing_of_what_the_provider_told_is_kept(client, provider, coordinator_nord):
    provider.person |= {"name": "Nora N", "phone_number": "070"}

    log_in(client)

    [link] = SocialAccount.objects.all()
    assert (link.provider, link.uid) == (provider.issuer, "person-1")
    assert link.extra_data == {"address": "nord@example.org"}
    assert not SocialToken.objects.exists()
    assert "access" not in str(dict(client.session.items()))


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [("/cases/?q=1", "/cases/?q=1"), ("https://evil.example/", "/"), ("//evil.example/", "/")],
)
def test_the_page_that_was_asked_for_opens_if_it_is_ours(client, provider, coordinator_nord, wanted, reached):
    assert log_in(client, next_page=wanted).url == reached


def test_whoever_is_logged_in_is_led_on(client, provider, coordinator_nord):
    log_in(client)

    answer = client.post(reverse("provider_log_in"))

    assert (answer.status_code, answer.url) == (302, reverse("start"))


# --- What goes out -------------------------------------------------------------------------------


def test_the_provider_is_asked_for_what_is_needed_and_no_more(client, provider, database):
    address = begin(client)

    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{provider.issuer}/authorize?")
    assert set(asked.pop("scope").split()) == {"openid", "email"}
    assert asked.pop("state")
    assert asked.pop("nonce")
    assert asked.pop("code_challenge")
    assert asked == {
        "client_id": CLIENT_ID,
        "redirect_uri": f"{site.SITE_ADDRESS}/account/provider/answer/",
        "response_type": "code",
        "code_challenge_method": "S256",
        "acr_values": f"{STRONG} another",
    }


def test_two_log_ins_have_neither_state_nor_nonce_nor_challenge_in_common(client, provider, database):
    first, second = (parse_qs(urlsplit(begin(client)).query) for _time in range(2))

    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]


def test_what_is_in_the_address_does_not_go_along(client, provider, database):
    answer = client.post(
        reverse("provider_log_in") + "?auth_params=acr_values%3Dweak&scope=address&process=connect"
    )

    assert "weak" not in answer.url
    assert "address" not in parse_qs(urlsplit(answer.url).query)["scope"][0]


def test_the_host_of_the_request_is_not_where_the_answer_goes(provider, database, settings):
    settings.ALLOWED_HOSTS = ["*"]

    address = begin(Client(headers={"Host": "evil.example"}))

    assert parse_qs(urlsplit(address).query)["redirect_uri"][0].startswith(site.SITE_ADDRESS)


# --- What the id_token must say ------------------------------------------------------------------

NOW = 1795176000  # 2026-11-20 12:00 UTC


@pytest.mark.parametrize(
    ("claim", "value", "sentence"),
    [
        ("nonce", "of another log-in", FAILED),
        ("acr", "password", TOO_WEAK),
        ("acr", "", TOO_WEAK),
        ("acr", [STRONG], TOO_WEAK),
        ("aud", "another-client", FAILED),
        ("aud", ["another-client"], FAILED),
        ("aud", [CLIENT_ID, "another-client"], FAILED),
        ("azp", "another-client", FAILED),
        ("iss", "https://another.example", FAILED),
        ("exp", NOW - 60, FAILED),
        ("iat", NOW + 120, FAILED),
        ("nbf", NOW + 120, FAILED),
        ("sub", "", FAILED),
        ("sub", "x" * 192, FAILED),
        ("sub", 7, FAILED),
    ],
)
def test_a_claim_that_is_wrong_lets_nobody_in(client, provider, coordinator_nord, claim, value, sentence):
    provider.wrong[claim] = value

    assert_refused(client, log_in(client), sentence)
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("claim", ["nonce", "acr", "aud", "iss", "exp", "iat", "sub"])
def test_a_claim_that_is_missing_lets_nobody_in(client, provider, coordinator_nord, claim):
    provider.missing.add(claim)

    assert_refused(client, log_in(client), FAILED)


@pytest.mark.parametrize(("claim", "value"), [("exp", NOW - 15), ("iat", NOW + 15)])
def test_the_clocks_may_differ_a_little(client, provider, coordinator_nord, claim, value):
    provider.wrong[claim] = value

    log_in(client)

    assert who(client) == coordinator_nord


def test_several_audiences_are_right_where_we_are_whom_it_was_issued_to(client, provider, coordinator_nord):
    provider.wrong |= {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}

    log_in(client)

    assert who(client) == coordinator_nord


@pytest.mark.parametrize(
    "how", ["sign_with_another_key", "do_not_sign", "sign_with_the_public_key"], ids=["key", "none", "HS256"]
)
def test_an_id_token_that_the_provider_did_not_sign_lets_nobody_in(client, provider, coordinator_nord, how):
    provider.signed = getattr(provider, how)

    assert_refused(client, log_in(client), FAILED)


def test_hs256_is_refused_even_where_the_provider_publishes_such_a_key(
    client, provider, coordinator_nord, monkeypatch
):
    keys = {"keys": [{"kty": "oct", "kid": "key-1", "alg": "HS256", "k": "c" * 43}]}
    monkeypatch.setattr(provider, "keys", lambda: keys)
    provider.signed = lambda claims: jwt.encode(
        claims, jwt.PyJWK(keys["keys"][0]).key, algorithm="HS256", headers={"kid": "key-1"}
    )

    assert_refused(client, log_in(client), FAILED)


@pytest.mark.parametrize("made", ["", "no.token.atall", "x"])
def test_what_is_no_id_token_lets_nobody_in(client, provider, coordinator_nord, made):
    provider.signed = lambda claims: made

    assert_refused(client, log_in(client), FAILED)


def test_a_key_that_the_provider_does_not_publish_lets_nobody_in(client, provider, coordinator_nord):
    provider.signed = lambda claims: provider.sign(claims, kid="key-2")

    assert_refused(client, log_in(client), FAILED)


def test_where_the_provider_has_one_key_the_token_need_not_name_it(client, provider, coordinator_nord):
    provider.signed = lambda claims: provider.sign(claims, kid=None)

    log_in(client)

    assert who(client) == coordinator_nord


# --- Answers that are not of this log-in ---------------------------------------------------------


def test_a_wrong_state_lets_nobody_in_and_fills_no_trail(client, provider, coordinator_nord):
    back = pass_through(begin(client))
    state = parse_qs(urlsplit(back).query)["state"][0]

    answer = client.get(back.replace(state, "x" * len(state)))

    assert_refused(client, answer, FAILED, recorded=0)


def test_an_answer_opens_no_other_browser(client, provider, coordinator_nord):
    back = pass_through(begin(client))
    other = Client()

    assert_refused(other, other.get(back), FAILED, recorded=0)


def test_an_answer_opens_once(client, provider, coordinator_nord):
    back = pass_through(begin(client))
    client.get(back)
    client.post(reverse("account_logout"))

    assert_refused(client, client.get(back), FAILED, recorded=0)


def test_a_code_opens_once(client, provider, coordinator_nord):
    used = pass_through(begin(client))
    client.get(used)
    client.post(reverse("account_logout"))
    code = parse_qs(urlsplit(used).query)["code"][0]
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]

    answer = client.get(reverse("provider_answer"), {"code": code, "state": state})

    assert_refused(client, answer, FAILED)


def test_a_code_of_another_browser_opens_nothing(client, provider, coordinator_nord):
    theirs = parse_qs(urlsplit(pass_through(begin(Client()))).query)["code"][0]
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]

    answer = client.get(reverse("provider_answer"), {"code": theirs, "state": state})

    assert_refused(client, answer, FAILED)


def test_an_answer_that_comes_too_late_opens_nothing(client, provider, coordinator_nord, clock):
    back = pass_through(begin(client))
    clock.shift(timedelta(minutes=11))

    assert_refused(client, client.get(back), FAILED, recorded=0)


@pytest.mark.parametrize(("error", "sentence"), [("access_denied", CANCELLED), ("server_error", FAILED)])
def test_an_error_of_the_provider_is_one_sentence(client, provider, coordinator_nord, error, sentence):
    provider.error = error

    assert_refused(client, log_in(client), sentence)


def test_cancelling_what_was_never_begun_fills_no_trail(client, provider, database):
    answer = client.get(reverse("provider_answer"), {"error": "access_denied", "state": "x"})

    assert_refused(client, answer, FAILED, recorded=0)


# --- A provider that fails -----------------------------------------------------------------------

DESCRIPTION = "/.well-known/openid-configuration"


@pytest.mark.parametrize("path", [DESCRIPTION, "/token", "/keys"])
def test_a_provider_that_says_nothing_is_not_waited_for(client, provider, coordinator_nord, settings, path):
    assert settings.SOCIALACCOUNT_REQUESTS_TIMEOUT <= 5  # seconds
    back = "" if path == DESCRIPTION else pass_through(begin(client))
    provider.hangs_at = path
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 0.2
    began = time.monotonic()

    answer = client.get(back) if back else client.post(reverse("provider_log_in"))

    assert time.monotonic() - began < 4
    assert_refused(client, answer, NO_ANSWER)


@pytest.mark.parametrize("path", [DESCRIPTION, "/keys"])
@pytest.mark.parametrize(("status", "body"), [(500, ""), (503, "{}"), (200, "<html>")])
def test_a_provider_that_is_ill_is_said_to_be(client, provider, coordinator_nord, path, status, body):
    back = "" if path == DESCRIPTION else pass_through(begin(client))
    provider.answers[path] = (status, body)

    answer = client.get(back) if back else client.post(reverse("provider_log_in"))

    assert_refused(client, answer, NO_ANSWER)


@pytest.mark.parametrize("path", [DESCRIPTION, "/token", "/keys"])
@pytest.mark.parametrize("body", ["[]", "{}", '"text"', "null", '{"access_token": 1, "id_token": {}}'])
def test_what_is_not_understood_lets_nobody_in(client, provider, coordinator_nord, path, body):
    back = "" if path == DESCRIPTION else pass_through(begin(client))
    provider.answers[path] = (200, body)

    answer = client.get(back) if back else client.post(reverse("provider_log_in"))

    assert_refused(client, answer, FAILED)


def test_a_provider_that_is_not_there_is_said_not_to_be(client, provider, database, settings, monkeypatch):
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    # The port of nobody: the lowest is not listened on.
    monkeypatch.setitem(app["settings"], "server_url", "http://127.0.0.1:1/.well-known/openid-configuration")

    assert_refused(client, client.post(reverse("provider_log_in")), NO_ANSWER)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", "https://another.example"),
        ("authorization_endpoint", "http://127.0.0.1:1/authorize"),
        ("token_endpoint", "ftp://127.0.0.1/token"),
        ("jwks_uri", "file:///etc/passwd"),
    ],
)
def test_a_description_that_is_not_the_issuers_leads_nowhere(client, provider, database, name, value):
    provider.description[name] = value

    assert_refused(client, client.post(reverse("provider_log_in")), FAILED)


def test_the_secret_does_not_follow_a_redirect(client, provider, coordinator_nord):
    back = pass_through(begin(client))
    provider.redirects_from = "/token"

    assert_refused(client, client.get(back), NO_ANSWER)
    assert "/elsewhere" not in [path for path, _sent in provider.asked]


# --- Who does not come in ------------------------------------------------------------------------


def stranger(provider: Provider) -> None:
    provider.person["email"] = "nobody@example.org"


def no_address(provider: Provider) -> None:
    provider.person["email"] = ""


def deactivated_person(provider: Provider) -> None:
    UserFactory(email="gone@example.org", is_active=False)
    provider.person["email"] = "gone@example.org"


def deactivated_after_linking(provider: Provider) -> None:
    log_in(Client())
    deactivate_user(user_id=User.objects.get(email="nord@example.org").pk, by=an_administrator())


def unverified(provider: Provider) -> None:
    provider.person["email_verified"] = False


def unverified_in_words(provider: Provider) -> None:
    provider.person["email_verified"] = "false"


def nothing_said_of_verifying(provider: Provider) -> None:
    del provider.person["email_verified"]


def linked_to_another(provider: Provider) -> None:
    log_in(Client())
    provider.person["sub"] = "person-2"


def an_administrator() -> User:
    return UserFactory(email="admin@example.org", name="Adam Admin", role="administrator")


def test_whoever_is_not_let_in_learns_nothing_of_why(provider, coordinator_nord):
    reasons = [
        stranger,
        no_address,
        deactivated_person,
        unverified,
        unverified_in_words,
        nothing_said_of_verifying,
        linked_to_another,
        deactivated_after_linking,
    ]
    seen = set()
    for count, reason in enumerate(reasons, start=1):
        provider.begin_anew()
        reason(provider)
        client = Client()

        answer = log_in(client)

        of_this_answer = ("Set-Cookie", "X-Request-ID")
        headers = {name: value for name, value in answer.headers.items() if name not in of_this_answer}
        seen.add((answer.status_code, answer.content, str(sorted(headers.items()))))
        assert_refused(client, answer, NOBODY, recorded=count)
    assert len(seen) == 1
    assert SocialAccount.objects.count() == 1


def test_nobody_is_added(client, provider, coordinator_nord):
    stranger(provider)

    log_in(client)

    assert list(User.objects.all()) == [coordinator_nord]


# --- The link ------------------------------------------------------------------------------------


def test_an_address_that_changes_at_the_provider_changes_nothing_here(
    client, provider, coordinator_nord, coordinator_syd
):
    log_in(Client())
    provider.person["email"] = coordinator_syd.email

    log_in(client)

    assert who(client) == coordinator_nord


def test_another_sub_with_the_address_of_a_linked_person_is_refused(client, provider, coordinator_nord):
    log_in(Client())
    provider.person["sub"] = "person-2"

    assert_refused(client, log_in(client), NOBODY)
    assert SocialAccount.objects.get().uid == "person-1"


def test_the_same_sub_of_another_issuer_is_somebody_else(client, provider, coordinator_nord, coordinator_syd):
    SocialAccount.objects.create(
        provider="https://former.example", uid="person-1", user=coordinator_syd, extra_data={"address": "x"}
    )

    log_in(client)

    assert who(client) == coordinator_nord


def test_an_address_that_an_administrator_changes_cuts_the_link(client, provider, coordinator_nord):
    """Else the account that somebody else was given would open to whoever had it before."""
    log_in(Client())
    change_user(
        user_id=coordinator_nord.pk,
        email="new@example.org",
        name="Nils Ny",
        role="coordinator",
        region_code="nord",
        by=an_administrator(),
    )

    assert_refused(client, log_in(client), NOBODY)
    provider.person = {"sub": "person-2", "email": "new@example.org", "email_verified": True}
    log_in(client)
    assert who(client) == coordinator_nord
    assert SocialAccount.objects.get().uid == "person-2"


def test_a_person_with_a_new_identity_is_linked_anew_once_the_old_one_is_forgotten(
    client, provider, coordinator_nord, capsys
):
    log_in(Client())
    provider.person["sub"] = "person-2"

    call_command("unlink_from_provider", "Nord@example.org")
    log_in(client)

    assert capsys.readouterr().out == "The next log-in links anew.\n"
    assert who(client) == coordinator_nord
    assert AuditEvent.objects.filter(
        action="provider_unlink", object=f"user {coordinator_nord.pk}", actor=None
    ).exists()


# --- The session ---------------------------------------------------------------------------------


@pytest.fixture
def factor_of_nord(coordinator_nord) -> None:
    add_app(user=coordinator_nord, secret=generate_totp_secret(), this=None)
    keep_recovery_codes(user=coordinator_nord)


def test_the_own_second_factor_is_not_asked_for(client, provider, coordinator_nord, factor_of_nord, settings):
    settings.SECOND_FACTOR_REQUIRED = True

    assert log_in(client).url == reverse("start")
    assert client.get("/incidents/").status_code == 200


def test_none_has_to_be_set_up(client, provider, coordinator_nord, settings):
    settings.SECOND_FACTOR_REQUIRED = True

    log_in(client)

    assert client.get("/incidents/").status_code == 200


def test_with_the_password_it_is_asked_for_as_ever(client, provider, coordinator_nord, factor_of_nord):
    """Also of whoever came by the provider before, in the same browser."""
    log_in(client)
    client.post(reverse("account_logout"))

    answer = client.post(reverse("account_login"), {"login": coordinator_nord.email, "password": PASSWORD})

    assert answer.url == reverse("mfa_authenticate")
    assert who(client) is None


def test_a_log_in_that_was_refused_leaves_the_factor_asked_for(
    client, provider, coordinator_nord, factor_of_nord
):
    provider.wrong["acr"] = "weak"
    log_in(client)

    answer = client.post(reverse("account_login"), {"login": coordinator_nord.email, "password": PASSWORD})

    assert answer.url == reverse("mfa_authenticate")


def test_the_session_gets_a_new_key(client, provider, coordinator_nord):
    back = pass_through(begin(client))
    before = client.session.session_key

    client.get(back)

    assert client.session.session_key != before
    assert Client(headers={"Cookie": f"sessionid={before}"}).get("/cases/").status_code == 302


@pytest.mark.parametrize(
    ("minutes", "steps"), [(21, 1), (15, 33)], ids=["20 minutes without activity", "8 hours in all"]
)
def test_the_session_ends_in_time(client, provider, coordinator_nord, clock, minutes, steps):
    log_in(client)
    for _step in range(steps - 1):
        clock.shift(timedelta(minutes=minutes))
        client.get("/cases/")
    clock.shift(timedelta(minutes=minutes))

    assert client.get("/cases/").status_code == 302
    assert who(client) is None


def test_the_session_lives_while_it_is_used(client, provider, coordinator_nord, clock):
    log_in(client)
    for _step in range(3):
        clock.shift(timedelta(minutes=15))
        assert client.get("/incidents/").status_code == 200


def test_the_session_ends_with_all_of_the_persons(client, provider, coordinator_nord):
    log_in(client)
    end_all(coordinator_nord)

    assert client.get("/cases/").status_code == 302


# --- Proving again who one is --------------------------------------------------------------------


@pytest.fixture
def without_password(coordinator_nord) -> User:
    coordinator_nord.set_unusable_password()
    coordinator_nord.save()
    return coordinator_nord


def proof_of(client: Client) -> str:
    """The page that asks for the proof, and its button pressed: the address at the provider."""
    page = client.get(reverse("totp_add"), follow=True)
    [(asked_at, _status)] = page.redirect_chain
    assert asked_at.startswith(reverse("account_reauthenticate"))
    assert '<form method="post" action="/account/provider/">' in page.content.decode()
    return begin(client, next_page=reverse("totp_add"))


def test_who_has_neither_password_nor_factor_logs_in_anew_to_add_one(
    client, provider, without_password, clock
):
    log_in(client)
    assert client.get(reverse("totp_add")).status_code == 200
    clock.shift(timedelta(minutes=6))

    at_the_provider = proof_of(client)

    # A log-in of before, which the provider remembers, is no proof.
    assert parse_qs(urlsplit(at_the_provider).query)["prompt"] == ["login"]
    assert client.get(pass_through(at_the_provider)).url == reverse("totp_add")
    assert client.get(reverse("totp_add")).status_code == 200
    assert who(client) == without_password


def test_somebody_else_who_proves_it_is_logged_in_instead(
    client, provider, without_password, coordinator_syd, clock
):
    log_in(client)
    clock.shift(timedelta(minutes=6))
    at_the_provider = proof_of(client)
    provider.person = {"sub": "person-2", "email": coordinator_syd.email, "email_verified": True}

    client.get(pass_through(at_the_provider))

    assert who(client) == coordinator_syd


def test_who_has_a_password_proves_it_by_that(client, provider, coordinator_nord, clock):
    log_in(client)
    clock.shift(timedelta(minutes=6))

    page = client.get(reverse("totp_add"), follow=True)

    assert 'type="password"' in page.content.decode()
    assert client.post(reverse("provider_log_in")).url == reverse("start")


def test_where_there_are_no_passwords_one_of_before_is_not_asked_for(
    client, provider, coordinator_nord, clock, only
):
    log_in(client)
    clock.shift(timedelta(minutes=6))

    assert client.get(pass_through(proof_of(client))).url == reverse("totp_add")
    assert client.get(reverse("totp_add")).status_code == 200


# --- The pages -----------------------------------------------------------------------------------


def test_the_log_in_page_offers_it_beside_the_password(client, provider, database):
    page = client.get(reverse("account_login") + "?next=/cases/").content.decode()

    assert '<form method="post" action="/account/provider/">' in page
    assert "Log in through The Agency" in page
    assert page.count('name="next" value="/cases/"') == 2
    assert 'name="password"' in page


def test_its_addresses_are_public_with_a_reason(database):
    rules = {
        path: pattern.callback.access_rule
        for path, pattern in routes()
        if path.startswith("account/provider/")
    }
    assert set(rules) == {"account/provider/", "account/provider/answer/"}
    assert all(rule.startswith("public: ") for rule in rules.values())


@pytest.mark.parametrize(("page", "method"), [("provider_log_in", "post"), ("provider_answer", "get")])
def test_each_address_has_one_method(client, provider, database, page, method):
    methods = ["get", "head", "post", "put", "patch", "delete", "options", "trace"]
    answers = {name: getattr(client, name)(reverse(page)).status_code for name in methods}

    assert answers == {name: 302 if name == method else 405 for name in methods}


def test_nobody_is_sent_to_the_provider_from_elsewhere(provider, database):
    client = Client(enforce_csrf_checks=True)

    assert client.post(reverse("provider_log_in")).status_code == 403
    assert not provider.asked


def test_beginning_is_throttled_by_address(client, provider, database, settings):
    assert settings.ACCOUNT_RATE_LIMITS["provider_log_in"] == "100/15m/ip"
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"provider_log_in": "3/15m/ip"}
    for _time in range(3):
        assert client.post(reverse("provider_log_in"), REMOTE_ADDR="192.0.2.1").status_code == 302

    assert client.post(reverse("provider_log_in"), REMOTE_ADDR="192.0.2.1").status_code == 429
    assert client.post(reverse("provider_log_in"), REMOTE_ADDR="192.0.2.2").status_code == 302


def test_forms_may_lead_to_the_provider_and_nowhere_else(client, provider, database):
    policy = client.get(reverse("account_login")).headers["Content-Security-Policy"]

    assert f"form-action 'self' {provider.issuer};" in policy
    assert policy.count(provider.issuer) == 1


# --- Where it is the only way --------------------------------------------------------------------


@pytest.fixture
def only(settings) -> None:
    settings.OIDC_ONLY = True


def test_the_log_in_page_offers_nothing_else(client, provider, database, only):
    page = client.get(reverse("account_login")).content.decode()

    assert "Log in through The Agency" in page
    assert 'type="password"' not in page
    assert reverse("password_forgotten") not in page


def test_a_password_opens_nothing(client, provider, coordinator_nord, only):
    answer = client.post(reverse("account_login"), {"login": coordinator_nord.email, "password": PASSWORD})

    assert (answer.status_code, answer.url) == (302, reverse("account_login"))
    assert who(client) is None
    said = [str(message) for message in client.get(answer.url).context["messages"]]
    assert said == ["Passwords are not used here. Log in through The Agency."]


@pytest.mark.parametrize("page", ["/account/password/forgotten/", "/account/link/", "/account/link/abc/"])
def test_pages_of_passwords_lead_to_the_log_in_page(client, provider, database, only, page):
    for answer in (client.get(page), client.post(page, {"email": "nord@example.org"})):
        assert (answer.status_code, answer.url) == (302, reverse("account_login"))
    assert not AuditEvent.objects.exists()


def test_whoever_is_logged_in_changes_no_password(client, provider, coordinator_nord, only):
    log_in(client)

    assert client.get(reverse("account_change_password")).url == reverse("account_read")


def test_the_agencys_log_in_opens(client, provider, coordinator_nord, only):
    log_in(client)

    assert who(client) == coordinator_nord
