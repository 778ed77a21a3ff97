"""Passwords: which are refused, and changing one's own."""

import time
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from casereg.actions.passwords import change_own_password
from casereg.models import AuditEvent, Outcome, OutgoingMail, Region, User
from casereg.passwords import WORDS_OF_THE_REGISTER, common_passwords, uneasy_length
from tests.factories import PASSWORD, UserFactory
from tests.mailed import link_of

NEW_PASSWORD = "gråsparven sover i häcken"
CHANGE = "account_change_password"
ELSEWHERE = ["https://evil.example", "//evil.example", "/\\evil.example", "\t//evil.example",
             "https:evil.example", "javascript:alert(1)"]  # fmt: skip


@pytest.fixture
def added(database) -> User:
    """A coordinator of Väst who has no password yet."""
    return UserFactory(email="new@example.org", name="Nils Ny", region_id="vast", password=None)


def events() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("sequence").values_list("action", "object"))


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
        "Sommaren2026!",
        "vinter-2025-vinter",
        "Hösten 2026 i Umeå",
        "November!2026",
        "Fredag 13 mars 2026",
        "Stockholm2026!!",
        "Älskling12345",
        "Fotboll123456!",
        "M0nkey!!-77-!!",
        "Kanelbulle!2019",
        "19890412-1234 Eva",
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
        "kaffe med kardemumma i solen",
        "correct horse battery staple",
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


@pytest.mark.parametrize(
    "password", ["Norrsken-Norrsken 7", "boden-ingeborg-11", "Ingeborg är bäst!", "Registret norrsken"]
)
def test_the_own_name_address_and_region_do_not_count(database, password):
    Region.objects.filter(code="nord").update(label_sv="Norrsken", label_en="Northern Lights")
    person = User(
        name="Ingeborg Öst",
        email="i.ost@boden.example",
        role="coordinator",
        region=Region.objects.get(code="nord"),
    )

    validate_password(password)  # by somebody else it may be used
    with pytest.raises(ValidationError) as refused:
        validate_password(password, person)
    assert "password_easy_parts" in [error.code for error in refused.value.error_list]


def test_every_common_password_of_twelve_characters_is_refused():
    common = [password for password in common_passwords() if len(password) >= 12]

    assert len(common) > 100
    for password in common:
        with pytest.raises(ValidationError):
            validate_password(password)


def test_the_list_of_common_passwords_is_as_long_as_it_has_to_be():
    # ASVS 6.2.4 asks for 3,000 that meet the site's own rules; docs/security.md tells of the deviation.
    assert sum(len(password) >= 8 for password in common_passwords()) >= 3_000


def test_a_common_password_with_some_decoration_does_not_count():
    assert "midnight" in common_passwords()
    assert uneasy_length("!!Midnight!!77") == len("!!!!77")


def test_words_are_known_by_how_they_sound_not_by_how_they_are_written():
    for word in WORDS_OF_THE_REGISTER:
        assert uneasy_length(word.replace("o", "0").replace("e", "3").upper()) == 0


def test_a_password_never_grows_old(client, coordinator_nord, clock):
    clock.shift(timedelta(days=3650))

    client.post(reverse("account_login"), {"login": coordinator_nord.email, "password": PASSWORD})

    assert client.get(reverse("case_list")).status_code == 200


def test_a_short_password_is_only_said_to_be_short():
    with pytest.raises(ValidationError) as refused:
        validate_password("kort")

    assert [error.code for error in refused.value.error_list] == ["password_too_short"]


def test_what_is_counted_is_what_is_left_without_words_runs_and_repetition():
    assert uneasy_length("Regionkoordinator2026!") == len("!")
    assert uneasy_length("hej12345hå") == len("hejhå")
    assert uneasy_length("nejnejnej") == len("nej")
    assert uneasy_length("tåget 2026") == len("tåget ")
    assert uneasy_length("tåget 20260612-1234") == len("tåget ")
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
    other.get(link_of(added))
    weak = "Regionkoordinator2026!"
    answer = other.post(reverse("password_choose"), {"password1": weak, "password2": weak})
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
    assert [(row.kind, row.to) for row in OutgoingMail.objects.all()] == [
        ("password_changed", coordinator_nord)
    ]


def test_the_session_gets_a_new_name_with_the_new_password(client, coordinator_nord):
    client.force_login(coordinator_nord)
    before = client.cookies["sessionid"].value

    change(client)

    assert client.cookies["sessionid"].value != before


@pytest.mark.parametrize(
    ("answers", "field", "told"),
    [
        ({"old": "not the current one"}, "oldpassword", [("password_change", Outcome.DENIED)]),
        ({"old": ""}, "oldpassword", []),
        ({"new": "kort"}, "password1", []),
        ({"again": "something else altogether"}, "password2", []),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_changed(
    client, coordinator_nord, answers, field, told
):
    client.force_login(coordinator_nord)

    page = change(client, **answers)

    assert field in page.context["form"].errors
    assert can_log_in(coordinator_nord, PASSWORD)
    assert list(AuditEvent.objects.values_list("action", "outcome")) == told


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
    client.get(link_of(coordinator_nord))
    set_anew = client.post(
        reverse("password_choose") + "?next=" + elsewhere,
        {"password1": PASSWORD, "password2": PASSWORD, "next": elsewhere},
    )

    assert logged_in.url == changed.url == reverse("start")
    assert set_anew.url == reverse("password_saved")


def test_a_next_page_of_the_site_is_kept(client, coordinator_nord):
    client.force_login(coordinator_nord)

    assert change(client, next=reverse("case_list")).url == reverse("case_list")
