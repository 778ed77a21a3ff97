"""What /healthz and /readyz answer, without a container: the database slow, behind, gone."""

import time

import pytest
from django.db import OperationalError
from django.urls import resolve

from casereg import health
from casereg.models import AuditEvent


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_answer_is_empty_and_keeps_nothing(client, db, settings, address):
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get(address, headers={"host": "anything"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert not answer.cookies
    assert "Vary" not in answer.headers
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_address_and_middleware_give_the_same_view(address):
    assert resolve(address).func is health.HealthMiddleware.answers[address]


def test_healthz_asks_no_database(client):
    client.cookies["sessionid"] = "a" * 32
    assert client.get("/healthz").status_code == 204  # a query without `db` is an error


def test_not_ready_while_a_migration_is_missing(client, db, monkeypatch):
    monkeypatch.setattr(health, "_migrations", lambda: frozenset({("casereg", "9999_of_tomorrow")}))
    assert_not_ready(client.get("/readyz"))


def test_not_ready_while_the_database_does_not_answer(client, monkeypatch):
    def refuse() -> bool:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "_is_ready", refuse)
    assert_not_ready(client.get("/readyz"))


def test_not_ready_after_a_second_of_waiting(client, monkeypatch):
    monkeypatch.setattr(health, "_is_ready", lambda: time.sleep(2) or True)
    before = time.perf_counter()
    assert_not_ready(client.get("/readyz"))
    assert time.perf_counter() - before < 1.5


def assert_not_ready(answer) -> None:
    assert (answer.status_code, answer.content) == (503, b"")
    assert int(answer.headers["Retry-After"]) > 0
