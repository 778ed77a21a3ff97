"""The language of a page: Swedish until somebody asks for English, whatever the browser says."""

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.usefixtures("database")

LOG_IN = "/account/login/"


def language_of(client: Client, **headers: str) -> str:
    response = client.get(LOG_IN, headers=headers)
    assert f'<html lang="{response.headers["Content-Language"]}"' in response.text
    return response.headers["Content-Language"]


def choose(client: Client, language: str, next_url: str = LOG_IN):
    return client.post("/language/", {"language": language, "next": next_url})


def test_a_page_is_swedish_whatever_the_browser_wishes(client):
    assert language_of(client) == "sv"
    assert language_of(client, **{"accept-language": "en-GB,en;q=0.9"}) == "sv"


def test_whoever_asks_for_english_gets_it_until_asking_for_swedish(client):
    choose(client, "en")
    assert language_of(client) == "en"

    choose(client, "sv")
    assert language_of(client, **{"accept-language": "en"}) == "sv"


@pytest.mark.parametrize("value", ["de", "EN", "en-us", "xx", "../en", "en;", ""])
def test_a_cookie_that_names_no_language_of_the_site_is_ignored(client, value):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = value

    assert language_of(client) == "sv"


def test_a_language_that_the_site_does_not_have_is_not_chosen(client):
    choose(client, "de")

    assert language_of(client) == "sv"


def test_a_person_keeps_the_language_through_the_log_in(client, coordinator_nord):
    choose(client, "en")
    client.force_login(coordinator_nord)

    assert '<html lang="en"' in client.get("/cases/").text


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"]
)
def test_choosing_a_language_leads_to_no_other_host(client, elsewhere):
    response = choose(client, "en", elsewhere)

    assert "evil" not in response.headers["Location"]
    assert response.headers["Location"].startswith("/")


def test_reading_a_page_chooses_no_language(client):
    client.get("/language/?language=en")

    assert language_of(client) == "sv"


def test_an_error_page_speaks_the_chosen_language(client):
    choose(client, "en")

    assert '<html lang="en"' in client.get("/nowhere/").text
