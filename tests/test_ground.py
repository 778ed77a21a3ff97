"""What the other tests stand on, proved: the clock, the closed network, the database that is put back."""

import socket
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from casereg.models import AuditEvent, CaseHistory, Region
from tests.databases import everything_stored, nothing_changes, put_back, rolled_back, triggers_disabled
from tests.factories import CaseFactory


def test_it_is_the_same_moment_in_every_test():
    assert 0 <= (timezone.now() - datetime(2026, 11, 20, 12, tzinfo=UTC)).total_seconds() < 60


def test_the_network_is_out_of_reach():
    with (
        socket.socket() as line,
        pytest.raises(RuntimeError, match=r"192\.0\.2\.1"),
    ):
        line.connect(("192.0.2.1", 80))


@pytest.mark.django_db
def test_passwords_are_hashed_fast_in_tests_only(coordinator_nord, settings):
    assert coordinator_nord.password.startswith("md5$")


def test_what_is_committed_is_put_back(committed_db):
    before = everything_stored()
    case = CaseFactory()
    CaseHistory.objects.create(
        case=case, region=case.region, at=timezone.now(), action="register", changes={"sex": ["", "male"]}
    )
    AuditEvent.objects.append(by=None, action="look", object="it")
    Region.objects.filter(code="ost").update(label_sv="Ost")
    assert everything_stored() != before

    put_back(before)

    assert everything_stored() == before
    AuditEvent.objects.append(by=None, action="look", object="it")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.update(action="x")


@pytest.mark.django_db
def test_a_change_of_one_value_of_one_row_is_seen():
    with pytest.raises(AssertionError), nothing_changes():
        Region.objects.filter(code="ost").update(position=99)


@pytest.mark.django_db
def test_what_is_rolled_back_is_gone():
    with nothing_changes(), rolled_back():
        CaseFactory()


@pytest.mark.django_db
def test_triggers_are_set_aside_for_the_block_only():
    AuditEvent.objects.append(by=None, action="look", object="it")

    with triggers_disabled():
        AuditEvent.objects.update(action="x")

    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.update(action="y")


@pytest.mark.browser
def test_the_live_site_is_read_by_a_browser(live_site, page, coordinator_nord):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))

    page.goto(f"{live_site}/account/login/")

    assert page.locator("h1").count() == 1
    assert page.evaluate("document.styleSheets.length") >= 2
    assert complaints == []
