"""Nobody learns who has an account: log-in and the page for a forgotten password answer all alike."""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casereg.models import AuditEvent, OutgoingMail, User
from tests.factories import PASSWORD, UserFactory
from tests.guards.access_world import prove_password
from tests.mailed import mails_sent

LOGIN, FORGOTTEN = "account_login", "password_forgotten"
KNOWN, UNKNOWN, DEACTIVATED, INVITED = (
    f"{who}@example.org" for who in ("known", "unknown", "deactivated", "invited")
)
WRONG = "not this one at all"
EVERYBODY = [KNOWN, UNKNOWN, DEACTIVATED, INVITED]


class CountingHasher(MD5PasswordHasher):
    algorithm = "counting"
    runs = 0

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        CountingHasher.runs += 1
        return f"{self.algorithm}${salt}$hash of nothing"


@pytest.fixture
def people(database) -> None:
    UserFactory(email=KNOWN, region_id="nord")
    UserFactory(email=DEACTIVATED, region_id="nord", is_active=False)
    UserFactory(email=INVITED, region_id="nord", password=None)


def try_password(email: str, password: str = WRONG):
    return Client(headers={"user-agent": "x"}).post(reverse(LOGIN), {"login": email, "password": password})


def ask(email: str):
    return Client().post(reverse(FORGOTTEN), {"email": email})


def seen(answer, email: str) -> tuple[int, str, dict[str, str], str]:
    """Everything that the answer shows, but for the token against forgery and the address as it was typed."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    cookies = {name: re.sub(r"=[^;]+", "=", str(morsel), count=1) for name, morsel in answer.cookies.items()}
    headers = {name: value.replace(email, "") for name, value in answer.headers.items()}
    headers["X-Request-ID"] = ""  # by chance, each its own
    headers.pop("Expires", None)  # a second later than the one before
    headers["Content-Length"] = ""  # of a body that repeats what was typed
    return answer.status_code, body.replace(email, ""), headers, re.sub(r"expires=[^;]+", "", str(cookies))


# --- Log-in ----------------------------------------------------------------------------------------


def test_log_in_answers_the_same_whoever_has_the_address(people):
    answers = {email: seen(try_password(email), email) for email in EVERYBODY}

    assert answers[KNOWN][0] == 200
    for email in EVERYBODY:
        assert answers[email] == answers[KNOWN], email


def test_the_right_password_of_a_deactivated_user_is_a_wrong_one(people):
    answer = try_password(DEACTIVATED, PASSWORD)

    assert seen(answer, DEACTIVATED) == seen(try_password(UNKNOWN), UNKNOWN)
    assert not User.objects.get(email=DEACTIVATED).last_login
    assert [(event.action, event.object, event.outcome) for event in AuditEvent.objects.all()] == [
        ("log_in", "an address and a password", "denied")
    ] * 2


def test_the_right_password_of_an_active_user_is_told_apart(people):
    """Or the tests above would compare nothing."""
    assert try_password(KNOWN, PASSWORD).status_code == 302


@pytest.mark.parametrize("email", EVERYBODY)
def test_the_hasher_runs_once_in_every_case(people, settings, email):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    CountingHasher.runs = 0
    User.objects.filter(email__in=[KNOWN, DEACTIVATED]).update(password="counting$salt$hash")

    try_password(email)

    assert CountingHasher.runs == 1


@pytest.mark.parametrize("password", [WRONG, PASSWORD])
def test_log_in_takes_as_many_queries_whoever_has_the_address(people, password):
    numbers = {}
    try_password("warm@example.org")
    for email in (UNKNOWN, DEACTIVATED, INVITED):
        with CaptureQueriesContext(connection) as captured:
            try_password(email, password)
        numbers[email] = _alike(captured)

    assert numbers[UNKNOWN] == numbers[DEACTIVATED] == numbers[INVITED]


def test_a_wrong_password_takes_as_many_queries_as_an_unknown_address(people):
    try_password("warm@example.org")
    with CaptureQueriesContext(connection) as known:
        try_password(KNOWN)
    with CaptureQueriesContext(connection) as unknown:
        try_password(UNKNOWN)

    assert _alike(known) == _alike(unknown)


@pytest.mark.parametrize("page", [LOGIN, FORGOTTEN])
@pytest.mark.parametrize("who", [KNOWN, DEACTIVATED])
def test_one_who_is_throttled_is_told_the_same_whoever_it_is(people, page, who):
    def sent(email: str):
        return (
            try_password(email, PASSWORD if email == DEACTIVATED else WRONG) if page == LOGIN else ask(email)
        )

    for _try in range(8):
        theirs, nobodys = sent(who), sent(UNKNOWN)

        assert seen(theirs, who) == seen(nobodys, UNKNOWN)


def test_in_a_browser_that_is_known_everybody_else_is_answered_the_same(people):
    """Its mark tells of one person alone, who has logged in there."""
    UserFactory(email="own@example.org", region_id="nord")
    mark = try_password("own@example.org", PASSWORD).cookies["browser"].value

    def sent(email: str):
        browser = Client(headers={"user-agent": "x"})
        browser.cookies["browser"] = mark
        with CaptureQueriesContext(connection) as captured:
            answer = browser.post(reverse(LOGIN), {"login": email, "password": WRONG})
        return seen(answer, email), _alike(captured)

    sent("warm@example.org")
    for _try in range(8):
        answers = {email: sent(email) for email in EVERYBODY}

        assert answers[KNOWN] == answers[UNKNOWN]
        for email in EVERYBODY:
            assert answers[email][0] == answers[UNKNOWN][0], email
    assert "browser" not in Client().post(reverse(LOGIN), {"login": KNOWN, "password": WRONG}).cookies


# --- Forgotten password ----------------------------------------------------------------------------


def test_a_forgotten_password_is_answered_the_same_whoever_has_the_address(people):
    answers = {email: seen(ask(email), email) for email in EVERYBODY}

    assert answers[KNOWN][0] == 200
    for email in EVERYBODY:
        assert answers[email] == answers[KNOWN], email
        assert email not in ask(email).content.decode()


def test_a_forgotten_password_takes_as_many_queries_whoever_has_the_address(people):
    ask("warm@example.org")
    numbers = {}
    for email in EVERYBODY:
        with CaptureQueriesContext(connection) as captured:
            ask(email)
        numbers[email] = _alike(captured)

    for email in EVERYBODY:
        assert numbers[email] == numbers[UNKNOWN], email


def test_no_mail_leaves_while_a_forgotten_password_is_answered(people, mailoutbox):
    for email in EVERYBODY:
        ask(email)

    assert mailoutbox == []
    assert OutgoingMail.objects.count() == 4
    assert sorted(message.to[0] for message in mails_sent()) == [INVITED, KNOWN]


def test_an_administrator_who_invites_an_address_that_is_taken_is_told_so(client, administrator, people):
    """The one who is told is allowed to see the list of all users."""
    client.force_login(administrator)
    prove_password(client, administrator)

    page = client.post(
        reverse("user_create"), {"name": "X", "email": DEACTIVATED, "role": "analyst", "region": ""}
    )

    assert list(page.context["form"].errors) == ["email"]
    assert OutgoingMail.objects.count() == 0


def _alike(captured: CaptureQueriesContext) -> list[str]:
    """What the queries do to which tables: not with which values."""
    return [re.sub(r"'[^']*'|\d+|NULL", "?", query["sql"])[:60] for query in captured]
