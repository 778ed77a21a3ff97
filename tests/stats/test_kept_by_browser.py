"""A year's page that the browser has: 304 as long as nothing has changed, for nobody else, never too long."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casereg.models import AuditEvent
from tests.factories import CaseFactory, UserFactory

ADDRESS = "/statistics/2024/"


@pytest.fixture
def reader(committed_db, coordinator_nord) -> Client:
    CaseFactory(region_id="nord", year=2024)
    CaseFactory(region_id="nord", year=2023)
    return logged_in(coordinator_nord)


def logged_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def etag_of(client: Client) -> str:
    return client.get(ADDRESS).headers["ETag"]


def status(client: Client, etag: str, address: str = ADDRESS) -> int:
    return client.get(address, headers={"If-None-Match": etag}).status_code


def queries(client: Client, **options) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(ADDRESS, **options)
    return len(captured)


def test_a_page_says_that_a_browser_may_keep_it_and_must_ask(reader):
    response = reader.get(ADDRESS)
    again = reader.get(ADDRESS, headers={"If-None-Match": response.headers["ETag"]})

    assert again.status_code == 304
    for answer in (response, again):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Cookie" in answer.headers["Vary"]


def test_nothing_changed_costs_the_version_and_no_counting(reader):
    cold, warm = queries(reader), queries(reader)
    etag = etag_of(reader)

    # Session, user, region and the demo's bar; the version, the years, two for each of two years, and what
    # the values of the lists became.
    assert cold == 4 + 2 + 2 * 2 + 1
    assert warm == 4 + 1
    assert queries(reader, headers={"If-None-Match": etag}) == 2 + 1  # a 304 has neither region nor bar


def test_a_change_in_the_register_makes_a_new_page_and_a_reading_does_not(reader):
    etag = etag_of(reader)

    AuditEvent.objects.append(by=None, action="read", object="a reading")
    after_a_reading = status(reader, etag)
    AuditEvent.objects.append(by=None, action="case_amend", object="a change")

    assert (after_a_reading, status(reader, etag)) == (304, 200)


def test_another_reader_has_another_page(reader, analyst, coordinator_syd):
    CaseFactory(region_id="syd", year=2024)
    etag = etag_of(reader)

    assert status(reader, etag) == 304
    colleague = UserFactory(region_id="nord")  # whose name stands on the page
    for other in (analyst, coordinator_syd, colleague):
        client = logged_in(other)
        client.cookies["csrftoken"] = reader.cookies["csrftoken"].value
        assert status(client, etag) == 200


def test_another_language_has_another_page(reader):
    etag = etag_of(reader)

    reader.cookies["django_language"] = "en"

    assert status(reader, etag) == 200


def test_another_day_has_another_page(reader, coordinator_nord, clock):
    """Months begin, and years end, without anybody changing the register."""
    etag = etag_of(reader)

    clock.shift(24 * 60 * 60)
    reader.force_login(coordinator_nord)

    assert status(reader, etag) == 200


def test_a_new_log_in_has_another_page(reader):
    """The forms on the old one hold a key that would be refused."""
    etag = etag_of(reader)

    reader.cookies["csrftoken"] = "a" * 32

    assert status(reader, etag) == 200


def test_a_page_with_a_message_is_shown_once_and_not_kept(reader):
    case = CaseFactory(region_id="nord", year=2024, withdrawn_at="2026-01-01T00:00:00Z")
    reader.post(f"/cases/{case.pk}/restore/", {"reason": "within_criterion", "note": ""})

    with_message, without = reader.get(ADDRESS), reader.get(ADDRESS)

    assert 'class="notice' in with_message.content.decode()
    assert "no-store" in with_message.headers["Cache-Control"]
    assert "ETag" not in with_message.headers
    assert 'class="notice' not in without.content.decode()
    assert "ETag" in without.headers


def test_a_year_that_is_not_there_is_not_there_whatever_the_browser_has(reader):
    assert status(reader, etag_of(reader), "/statistics/2019/") == 404
    assert status(reader, "*", "/statistics/2019/") == 404
