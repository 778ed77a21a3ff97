"""Error pages: the site's look, the reader's language, nothing of the inside."""

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.test import Client

from casereg.views import start

pytestmark = pytest.mark.django_db
INSIDE = ("Traceback", "casereg.", str(settings.BASE_DIR), "SELECT", "secret-detail")


def answer_when(monkeypatch, client, error):
    def fails(*_arguments):
        raise error

    monkeypatch.setattr(start, "waiting_for", fails)
    client.raise_request_exception = False
    return client.get("/")


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (ValueError("secret-detail"), 500, "Något gick fel"),
        (OperationalError("secret-detail"), 503, "Registret svarar inte"),
        (InterfaceError("secret-detail"), 503, "Registret svarar inte"),
    ],
)
def test_a_failure_says_what_to_do_and_nothing_of_the_inside(
    monkeypatch, client, coordinator_nord, error, status, words
):
    client.force_login(coordinator_nord)

    response = answer_when(monkeypatch, client, error)

    page = response.content.decode()
    assert response.status_code == status
    assert words in page
    assert not any(word in page for word in INSIDE)
    assert "site.css" in page
    assert response.headers.get("Retry-After") == ("30" if status == 503 else None)


def test_errors_speak_the_reader_s_language(client, coordinator_nord):
    client.force_login(coordinator_nord)
    client.cookies["django_language"] = "en"

    assert "The page is not there" in client.get("/no-such-page/").content.decode()
    assert "The page cannot be used in that way" in client.delete("/cases/").content.decode()


def test_a_wrong_method_says_which_are_right(client, coordinator_nord):
    client.force_login(coordinator_nord)

    response = client.post("/cases/")

    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
    assert "Sidan kan inte användas" in response.content.decode()


def test_what_is_too_large_is_refused_with_words(client, coordinator_nord):
    client.force_login(coordinator_nord)

    body = client.post("/cases/register/", {"incident": "x" * 3_000_000})
    fields = client.post("/cases/register/", {f"field{number}": "" for number in range(1100)})

    assert (body.status_code, fields.status_code) == (413, 413)
    assert "för stort" in body.content.decode()


def test_a_form_without_its_token_is_refused_with_words(coordinator_nord):
    client = Client(enforce_csrf_checks=True)
    client.force_login(coordinator_nord)

    response = client.post("/cases/register/", {})

    assert response.status_code == 403
    assert "Formuläret är för gammalt" in response.content.decode()


@pytest.mark.parametrize("address", ["/.git/HEAD", "/.env", "/admin/", "/static/../casereg/settings.py"])
def test_what_scanners_look_for_is_not_there(client, address):
    assert client.get(address).status_code in (302, 404)


@pytest.mark.parametrize(
    "address",
    ["/cases/?page=abc", "/cases/?page=-1", "/cases/?year=abc", "/cases/?sort=drop", "/cases/?form=%00",
     "/cases/?reference=" + "x" * 500, "/cases/?year=2023&year=x", "/code-book/?year=99999999999"],
)  # fmt: skip
def test_odd_addresses_are_no_failure(client, coordinator_nord, address):
    client.force_login(coordinator_nord)

    assert client.get(address).status_code == 200


@pytest.mark.parametrize("year", [0, 1, 99999, 10**12])
def test_a_year_that_cannot_be_is_not_there(client, analyst, year):
    client.force_login(analyst)

    assert client.get(f"/statistics/{year}/").status_code == 404
