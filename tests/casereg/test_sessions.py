"""Sessions: when one begins, what ends it, and that nothing brings it back."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from casereg.actions.sessions import end_sessions, own_sessions, sessions_of
from casereg.actions.users import change_user, deactivate_user, reactivate_user
from casereg.browser_names import browser_in_words
from casereg.models import AuditEvent, AuditHead, Case, Draft, Role, User
from casereg.sessions import LAST_ACTIVE_AT, LOGGED_IN_AT, EndedBy, SessionLimits, ended_by, times_of
from tests.factories import PASSWORD, UserFactory
from tests.guards.access_world import World, build
from tests.guards.test_access_table import ROWS
from tests.page_forms import form_with

pytestmark = pytest.mark.usefixtures("database")

NEW_PASSWORD = "uven sover under granen"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


def browser(user: User | None = None, user_agent: str = FIREFOX) -> Client:
    """A browser of its own, in English; with a user, logged in by the page."""
    client = Client(headers={"user-agent": user_agent})
    client.cookies["django_language"] = "en"
    if user:
        log_in(client, user)
    return client


def log_in(client: Client, user: User, password: str = PASSWORD) -> None:
    answer = client.post(reverse("account_login"), {"login": user.email, "password": password})
    assert answer.status_code == 302


def key_of(client: Client) -> str:
    return client.cookies["sessionid"].value


def is_logged_in(client: Client) -> bool:
    answer = client.get(reverse("account_change_password"))
    assert answer.status_code == 200 or answer.url.startswith(reverse("account_login"))
    return answer.status_code == 200


def replay(key: str) -> Client:
    """Another browser with the cookie of one that was logged in."""
    client = browser()
    client.cookies["sessionid"] = key
    return client


def told_of(user: User) -> list[str]:
    return sorted(UserSession.objects.filter(user=user).values_list("session_key", flat=True))


# --- It begins with the log-in ---------------------------------------------------------------------


def test_a_key_that_was_there_before_the_log_in_is_no_key_afterwards(coordinator_nord):
    planted = SessionStore()
    planted["planted"] = True
    planted.save()
    client = replay(planted.session_key)

    log_in(client, coordinator_nord)

    assert key_of(client) != planted.session_key
    assert not Session.objects.filter(session_key=planted.session_key).exists()
    assert not is_logged_in(replay(planted.session_key))


def test_logging_in_while_somebody_is_logged_in_changes_nothing(coordinator_nord, coordinator_syd):
    client = browser(coordinator_nord)
    before = key_of(client)

    log_in(client, coordinator_syd)

    assert key_of(client) == before
    assert client.get("/").context["user"] == coordinator_nord


def test_a_log_in_after_a_log_out_in_the_same_browser_has_a_key_of_its_own(coordinator_nord, coordinator_syd):
    client = browser(coordinator_nord)
    first = key_of(client)
    client.post(reverse("account_logout"))

    log_in(client, coordinator_syd)

    assert key_of(client) != first
    assert client.get("/").context["user"] == coordinator_syd


def test_the_sessions_of_two_browsers_have_nothing_in_common(coordinator_nord, coordinator_syd):
    nora, sixten = browser(coordinator_nord), browser(coordinator_syd)

    assert key_of(nora) != key_of(sixten)
    assert nora.get("/").context["user"] == coordinator_nord
    nora.post(reverse("account_logout"))
    assert sixten.get("/").context["user"] == coordinator_syd


@pytest.mark.parametrize("tamper", [lambda key: key[:-1] + "!", lambda key: key[::-1], lambda _key: "a" * 32])
def test_a_key_that_was_tampered_with_is_nobodys(coordinator_nord, tamper):
    key = key_of(browser(coordinator_nord))

    assert not is_logged_in(replay(tamper(key)))
    assert is_logged_in(replay(key))


def test_a_session_without_its_times_has_ended(coordinator_nord):
    """None is made so: a way in that forgot the times would otherwise never end."""
    client = browser(coordinator_nord)
    session = SessionStore(key_of(client))
    del session[LOGGED_IN_AT]
    session.save()

    assert not is_logged_in(client)


# --- Its time ends ---------------------------------------------------------------------------------


def test_it_lives_twenty_minutes_without_activity_and_ends_ten_seconds_later(coordinator_nord, clock):
    lives, ends = browser(coordinator_nord), browser(coordinator_nord)

    clock.shift(timedelta(minutes=20))
    assert is_logged_in(lives)
    clock.shift(timedelta(seconds=10))
    assert not is_logged_in(ends)


def test_activity_that_is_not_stored_does_not_shorten_it(coordinator_nord, clock):
    client = browser(coordinator_nord)
    stored = SessionStore(key_of(client))[LAST_ACTIVE_AT]

    clock.shift(timedelta(seconds=8))
    assert is_logged_in(client)
    assert SessionStore(key_of(client))[LAST_ACTIVE_AT] == stored
    clock.shift(timedelta(minutes=20))

    assert is_logged_in(client)


def test_it_ends_after_eight_hours_whatever_is_done(coordinator_nord, clock):
    client = browser(coordinator_nord)
    for _quarter in range(31):
        clock.shift(timedelta(minutes=15))
        assert is_logged_in(client)

    clock.shift(timedelta(minutes=15))

    assert not is_logged_in(client)


def test_an_ended_session_is_deleted_and_not_only_refused(coordinator_nord, clock):
    client = browser(coordinator_nord)
    key = key_of(client)

    clock.shift(timedelta(minutes=21))
    client.get("/")

    assert not Session.objects.filter(session_key=key).exists()
    assert told_of(coordinator_nord) == []
    assert client.cookies["sessionid"].value == ""


@pytest.mark.parametrize(
    ("idle", "age", "expected"),
    [
        (0, 0, None),
        (1209, 1209, None),
        (1210, 1210, EndedBy.IDLENESS),
        (0, 28_799, None),
        (0, 28_800, EndedBy.AGE),
        (1210, 28_800, EndedBy.AGE),
    ],
)
def test_what_has_ended_a_session(idle, age, expected):
    session = {LAST_ACTIVE_AT: 100_000 - idle, LOGGED_IN_AT: 100_000 - age}

    assert ended_by(session, now=100_000) is expected


def test_a_page_tells_its_script_never_less_than_the_server_holds():
    times = times_of({LAST_ACTIVE_AT: 50_000, LOGGED_IN_AT: 50_000 - 7 * 3600}, now=50_000)

    assert (times.idle_warning_after, times.idle_ends_after, times.idle_over_after) == (1080, 1200, 1210)
    assert (times.age_warning_after, times.age_over_after) == (50 * 60, 60 * 60)


def test_the_time_of_the_last_activity_is_stored_once_in_ten_seconds(coordinator_nord, clock):
    client = browser(coordinator_nord)

    def writes() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/about/")
        return sum('UPDATE "django_session"' in query["sql"] for query in captured)

    assert writes() == 0
    clock.shift(10)
    assert [writes(), writes()] == [1, 0]


def test_what_others_store_in_the_session_meanwhile_is_not_undone(coordinator_nord, clock, rf):
    """Two requests at once: the one that keeps the time does so before the other stores, and not after."""
    key = key_of(browser(coordinator_nord))
    clock.shift(11)

    def meanwhile(_request: HttpRequest) -> HttpResponse:
        other = SessionStore(key)
        other["chosen"] = "by another request"
        other.save()
        return HttpResponse()

    rf.cookies["sessionid"] = key
    SessionMiddleware(SessionLimits(meanwhile))(rf.get("/"))

    assert SessionStore(key)["chosen"] == "by another request"
    assert SessionStore(key)[LAST_ACTIVE_AT] > SessionStore(key)[LOGGED_IN_AT] + 10


def test_a_session_that_is_ended_during_a_request_is_not_written_back(coordinator_nord, clock, rf):
    key = key_of(browser(coordinator_nord))
    clock.shift(11)
    request = rf.get("/")
    request.session = SessionStore(key)
    assert SESSION_KEY in request.session
    Session.objects.filter(session_key=key).delete()

    SessionLimits(lambda _request: HttpResponse())(request)

    assert SESSION_KEY not in request.session
    assert not Session.objects.filter(session_key=key).exists()


# --- What is said, and what is kept ------------------------------------------------------------------


def test_an_idle_session_leads_to_the_log_in_page_which_says_why(coordinator_nord, clock):
    client = browser(coordinator_nord)
    clock.shift(timedelta(minutes=30))

    page = client.get("/cases/?form=labour", follow=True)

    assert page.redirect_chain == [("/account/login/?next=/cases/%3Fform%3Dlabour", 302)]
    assert "You were logged out after 20 minutes without activity." in page.content.decode()
    assert "draft" not in page.content.decode()


def test_an_old_session_leads_to_the_log_in_page_which_says_why(coordinator_nord, clock):
    client = browser(coordinator_nord)
    for _quarter in range(32):
        clock.shift(timedelta(minutes=15))
        page = client.get("/cases/", follow=True)

    assert "You were logged out 8 hours after you had logged in." in page.content.decode()


def test_the_log_in_page_says_it_to_whoever_comes_there_first_and_says_it_once(coordinator_nord, clock):
    client = browser(coordinator_nord)
    clock.shift(timedelta(minutes=30))

    first, second = (client.get("/account/login/").content.decode() for _time in range(2))

    assert "You were logged out after 20 minutes without activity." in first
    assert "You were logged out" not in second


def typed(client: Client) -> dict[str, list[str]]:
    form = form_with(client.get("/cases/register/").content.decode(), "draft_key")
    return form | {"incident": ["berries"]}


def test_a_draft_of_the_session_is_told_of_and_one_of_before_is_not(coordinator_nord, clock):
    client = browser(coordinator_nord)
    client.post("/drafts/save/", typed(client), headers={"accept": "application/json"})
    clock.shift(timedelta(minutes=30))
    with_draft = client.get("/cases/", follow=True).content.decode()
    log_in(client, coordinator_nord)
    clock.shift(timedelta(minutes=30))
    without = client.get("/cases/", follow=True).content.decode()

    assert "without activity. What you had typed is kept as a draft." in with_draft
    assert "without activity." in without
    assert "kept as a draft" not in without


def test_a_form_that_is_sent_after_the_end_is_kept_and_opens_after_the_log_in(coordinator_nord, clock):
    client = browser(coordinator_nord)
    form = typed(client)
    clock.shift(timedelta(hours=2))

    page = client.post("/cases/register/", form, follow=True)

    assert "20 minutes without activity. What you typed is kept: log in" in page.content.decode()
    assert page.content.decode().count('class="notice') == 1
    [(address, _status)] = page.redirect_chain
    log_in(client, coordinator_nord)
    again = client.get("/cases/register/?draft=" + address.split("draft%3D")[1])
    assert form_with(again.content.decode(), "draft_key")["incident"] == ["berries"]
    assert not Case.objects.exists()


def test_saving_a_draft_while_typing_is_activity(coordinator_nord, clock):
    client = browser(coordinator_nord)
    form = typed(client)
    for _time in range(3):
        clock.shift(timedelta(minutes=15))
        answer = client.post("/drafts/save/", form, headers={"accept": "application/json"})
        assert answer.json()["is_logged_in"]

    assert is_logged_in(client)


def test_a_draft_that_is_saved_after_the_end_is_kept_and_prolongs_nothing(coordinator_nord, clock):
    client = browser(coordinator_nord)
    form = typed(client)
    clock.shift(timedelta(minutes=30))

    answer = client.post("/drafts/save/", form, headers={"accept": "application/json"})

    assert not answer.json()["is_logged_in"]
    assert "You are logged out" in answer.json()["text"]
    assert Draft.objects.get().author == coordinator_nord
    assert not is_logged_in(client)


def test_staying_logged_in_is_activity_and_prolongs_no_more_than_that(coordinator_nord, clock):
    client = browser(coordinator_nord)
    for _time in range(4):
        clock.shift(timedelta(minutes=19))
        answer = client.post(reverse("session_keep"), headers={"accept": "application/json"})

    left = (8 * 60 - 4 * 19) * 60
    assert answer.json()["age_over_after"] in (left - 1, left)
    assert answer.json()["age_warning_after"] == answer.json()["age_over_after"] - 600
    assert client.post(reverse("session_keep")).url == "/"  # as a plain form
    clock.shift(timedelta(minutes=21))
    assert client.post(reverse("session_keep"), headers={"accept": "application/json"}).status_code == 302


# --- Log-out -----------------------------------------------------------------------------------------


def test_log_out_ends_the_session_on_the_server(coordinator_nord):
    client = browser(coordinator_nord)
    key = key_of(client)

    client.post(reverse("account_logout"))

    assert not Session.objects.filter(session_key=key).exists()
    assert told_of(coordinator_nord) == []
    assert not is_logged_in(replay(key))


def test_log_out_has_the_browser_forget_pages_and_not_the_language(coordinator_nord):
    client = browser(coordinator_nord)

    answer = client.post(reverse("account_logout"))

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "django_language" not in answer.cookies
    assert "Clear-Site-Data" not in browser(coordinator_nord).get(reverse("account_logout")).headers
    assert 'lang="en"' in client.get(reverse("account_login")).content.decode()


class WaysOut(HTMLParser):
    """Where the page's log-out stands: a form to be sent, or a link to the page that has one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs) -> None:
        at = dict(attrs)
        address = reverse("account_logout")
        is_form = (tag, at.get("action"), at.get("method")) == ("form", address, "post")
        if is_form or (tag, at.get("href")) == ("a", address):
            self.found.append(tag)


@pytest.fixture
def world() -> World:
    return build()


def test_log_out_and_the_time_limits_stand_on_every_page(world):
    looked_at = 0
    for row in ROWS:
        if row.methods != "read":
            continue
        for person, answer in row.answers.items():
            if person in ("anonymous", "deactivated") or answer not in ("200", "403", "404"):
                continue
            page = world.clients[person].get(world.address(row.page, row.kind))
            if not page.headers["Content-Type"].startswith("text/html"):
                continue
            text = page.content.decode()
            ways = WaysOut(text).found
            assert "form" in ways if answer == "200" else ways, f"{row}, {person}"
            assert 'class="session-note"' in text, f"{row}, {person}"
            looked_at += 1
    assert looked_at > 150


# --- Whatever changes the account --------------------------------------------------------------------


def change(user: User, by: User, **wanted: str) -> None:
    stored = {"email": user.email, "name": user.name, "role": user.role, "region_code": user.region_id or ""}
    change_user(user_id=user.pk, by=by, **(stored | wanted))


ENDED_BY_ADMINISTRATOR = {
    "deactivated": lambda user, by: deactivate_user(user_id=user.pk, by=by),
    "another role": lambda user, by: change(user, by, role="analyst", region_code=""),
    "another region": lambda user, by: change(user, by, region_code="syd"),
    "another address": lambda user, by: change(user, by, email="nyman@example.org"),
    "sessions ended": lambda user, by: end_sessions(user_id=user.pk, by=by),
}


@pytest.mark.parametrize("event", ENDED_BY_ADMINISTRATOR)
def test_every_session_is_dead_with_the_next_request(coordinator_nord, administrator, event):
    browsers = [browser(coordinator_nord), browser(coordinator_nord)]
    bystander = browser(UserFactory())
    keys = [key_of(client) for client in browsers]

    ENDED_BY_ADMINISTRATOR[event](coordinator_nord, administrator)

    assert not Session.objects.filter(session_key__in=keys).exists()
    assert told_of(coordinator_nord) == []
    assert [is_logged_in(client) for client in [*browsers, bystander]] == [False, False, True]


@pytest.mark.parametrize(
    "change_in_database",
    [
        {"is_active": False},
        {"region": "syd"},
        {"session_epoch": 1},
        {"password": "md5$salt$0123456789abcdef0123456789abcdef"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_change_that_deletes_no_session_ends_it_all_the_same(coordinator_nord, change_in_database):
    client = browser(coordinator_nord)

    User.objects.filter(pk=coordinator_nord.pk).update(**change_in_database)

    assert not is_logged_in(client)


def test_a_change_of_role_alone_ends_it_too(analyst):
    client = browser(analyst)

    User.objects.filter(pk=analyst.pk).update(role=Role.ADMINISTRATOR)

    assert not is_logged_in(client)


@pytest.mark.parametrize(
    "there_and_back",
    [
        lambda user, by: (
            deactivate_user(user_id=user.pk, by=by),
            reactivate_user(user_id=user.pk, by=by),
        ),
        lambda user, by: (
            change(user, by, role="analyst", region_code=""),
            change(user, by, role="coordinator", region_code="nord"),
        ),
        lambda user, by: (change(user, by, region_code="syd"), change(user, by, region_code="nord")),
    ],
    ids=["activity", "role", "region"],
)
def test_no_session_lives_again_when_a_change_is_taken_back(coordinator_nord, administrator, there_and_back):
    client = browser(coordinator_nord)
    unlisted = browser(coordinator_nord)
    UserSession.objects.filter(session_key=key_of(unlisted)).delete()  # nothing deletes it then

    there_and_back(coordinator_nord, administrator)

    assert not is_logged_in(client)
    assert not is_logged_in(unlisted)
    assert is_logged_in(browser(User.objects.get(pk=coordinator_nord.pk)))


def test_another_name_leaves_the_sessions_alone(coordinator_nord, administrator):
    client = browser(coordinator_nord)

    change(coordinator_nord, administrator, name="Nora Nyman")

    assert is_logged_in(client)


def test_the_own_change_of_password_keeps_the_own_session_and_ends_the_others(coordinator_nord):
    here, elsewhere = browser(coordinator_nord), browser(coordinator_nord)
    before = key_of(here)
    began_at = SessionStore(before)[LOGGED_IN_AT]

    answer = here.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )

    assert answer.status_code == 302
    assert [is_logged_in(here), is_logged_in(elsewhere), is_logged_in(replay(before))] == [True, False, False]
    assert SessionStore(key_of(here))[LOGGED_IN_AT] == began_at  # eight hours are not counted anew
    [session] = own_sessions(User.objects.get(pk=coordinator_nord.pk), this=key_of(here))
    assert session.is_this


# --- The own sessions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
            "Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.5 Safari/605.1.15",
            "Safari on macOS",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("curl/8.5.0", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_told_in_plain_words(user_agent, words):
    with translation.override("en"):
        assert browser_in_words(user_agent) == words


def test_the_list_shows_the_own_sessions_and_which_one_is_this(coordinator_nord, coordinator_syd, clock):
    elsewhere = browser(coordinator_nord, SAFARI)
    clock.shift(timedelta(minutes=5))
    here = browser(coordinator_nord)
    browser(coordinator_syd)
    clock.shift(timedelta(minutes=5))

    page = here.get(reverse("session_list"))

    shown = [(session.browser, session.is_this, session.ip) for session in page.context["sessions"]]
    assert shown == [("Firefox on Windows", True, "127.0.0.1"), ("Safari on iPhone", False, "127.0.0.1")]
    times = re.findall(r"2026-11-20 (\d\d:\d\d)</dd>", page.content.decode())
    assert times == ["13:05", "13:10", "13:00", "13:00"]  # in Sweden
    assert is_logged_in(elsewhere)


def test_the_list_leaves_out_what_has_ended_in_any_way(coordinator_nord, administrator, clock):
    idle = browser(coordinator_nord)
    clock.shift(timedelta(minutes=25))
    gone, here = browser(coordinator_nord), browser(coordinator_nord)
    Session.objects.filter(session_key=key_of(gone)).delete()

    assert len(here.get(reverse("session_list")).context["sessions"]) == 1
    assert not is_logged_in(idle)
    User.objects.filter(pk=coordinator_nord.pk).update(session_epoch=7)
    assert sessions_of(User.objects.get(pk=coordinator_nord.pk)) == []


def test_looking_at_the_list_stores_nothing(coordinator_nord):
    gone, here = browser(coordinator_nord), browser(coordinator_nord)
    Session.objects.filter(session_key=key_of(gone)).delete()

    with CaptureQueriesContext(connection) as captured:
        here.get(reverse("session_list"))

    assert not [query for query in captured if not query["sql"].startswith("SELECT")]


def number_of(client: Client) -> int:
    return UserSession.objects.get(session_key=key_of(client)).pk


def test_one_session_is_ended_and_the_others_go_on(coordinator_nord):
    here, there, third = (browser(coordinator_nord) for _browser in range(3))

    answer = here.post(reverse("session_end", args=[number_of(there)]), follow=True)

    assert "You are logged out there." in answer.content.decode()
    assert [is_logged_in(client) for client in (here, there, third)] == [True, False, True]
    assert key_of(there) not in told_of(coordinator_nord)
    assert ended_in_trail() == [f"user {coordinator_nord.pk}"]


def test_the_session_that_asks_can_be_ended_too(coordinator_nord):
    here = browser(coordinator_nord)

    answer = here.post(reverse("session_end", args=[number_of(here)]))

    assert answer.url == reverse("account_login")
    assert here.cookies["sessionid"].value == ""
    assert not is_logged_in(here)


def test_nobody_ends_the_session_of_somebody_else(coordinator_nord, coordinator_syd, administrator):
    nora = browser(coordinator_nord)

    for other in (coordinator_syd, administrator):
        answer = browser(other).post(reverse("session_end", args=[number_of(nora)]))
        assert answer.status_code == 404

    assert is_logged_in(nora)
    assert ended_in_trail() == []


def test_all_others_are_ended_and_this_one_goes_on_under_a_new_key(coordinator_nord, coordinator_syd):
    here, there, sixten = browser(coordinator_nord), browser(coordinator_nord), browser(coordinator_syd)
    unlisted = browser(coordinator_nord)
    UserSession.objects.filter(session_key=key_of(unlisted)).delete()
    before = key_of(here)

    page = here.post(reverse("session_end_others"), follow=True)

    assert "You are logged out everywhere else." in page.content.decode()
    assert [is_logged_in(c) for c in (here, there, unlisted, sixten)] == [True, False, False, True]
    assert key_of(here) != before
    assert not is_logged_in(replay(before))
    assert told_of(coordinator_nord) == [key_of(here)]
    assert ended_in_trail() == [f"user {coordinator_nord.pk}"]


# --- The administrator -----------------------------------------------------------------------------------


def test_an_administrator_ends_every_session_of_a_person(coordinator_nord, administrator):
    browsers = [browser(coordinator_nord), browser(coordinator_nord)]
    admin = browser(administrator)

    page = admin.post(reverse("user_end_sessions", args=[coordinator_nord.pk]), follow=True)

    assert "Nora Nord is logged out everywhere." in page.content.decode()
    assert [is_logged_in(client) for client in [*browsers, admin]] == [False, False, True]
    assert ended_in_trail() == [f"user {coordinator_nord.pk}"]
    assert is_logged_in(browser(coordinator_nord))  # who may log in again


def test_an_administrator_sees_sessions_without_addresses(coordinator_nord):
    browser(coordinator_nord, SAFARI)

    [session] = sessions_of(coordinator_nord)

    assert (session.ip, session.is_this) == ("", False)
    assert session.browser.endswith("iPhone")


@pytest.mark.parametrize("who", ["coordinator_syd", "analyst"])
def test_only_administrators_end_the_sessions_of_others(request, coordinator_nord, who):
    nora = browser(coordinator_nord)
    other = request.getfixturevalue(who)

    assert browser(other).post(reverse("user_end_sessions", args=[coordinator_nord.pk])).status_code == 403
    with pytest.raises(User.DoesNotExist):
        end_sessions(user_id=coordinator_nord.pk, by=other)
    assert is_logged_in(nora)


def ended_in_trail() -> list[str]:
    return list(AuditEvent.objects.filter(action="session_end").values_list("object", flat=True))


def test_ending_a_session_changes_no_figure(coordinator_nord, administrator):
    changed = AuditHead.objects.get().last_change

    end_sessions(user_id=coordinator_nord.pk, by=administrator)

    assert AuditHead.objects.get().last_change == changed


# --- What is left over -----------------------------------------------------------------------------------


def test_sessions_that_nobody_can_go_on_with_are_purged(coordinator_nord, clock, capsys):
    browser(coordinator_nord)
    clock.shift(timedelta(minutes=15))
    open_one, gone = key_of(browser(coordinator_nord)), key_of(browser(coordinator_nord))
    Session.objects.filter(session_key=gone).delete()
    clock.shift(timedelta(minutes=6))

    call_command("purge_sessions")

    assert capsys.readouterr().out == "1 ended sessions deleted.\n"
    assert list(Session.objects.values_list("session_key", flat=True)) == [open_one]
    assert told_of(coordinator_nord) == [open_one]
    assert is_logged_in(replay(open_one))
