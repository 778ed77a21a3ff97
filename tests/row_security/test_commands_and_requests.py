"""Who sets what is in reach: a command says it itself, a request has it from its user, and what it costs."""

import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casereg.management.readable import ReadableCommand
from casereg.models import AuditEvent, Case, CaseRemark, Draft
from casereg.row_security import EVERYTHING, NOTHING, Reach
from tests.factories import CaseFactory

pytestmark = pytest.mark.usefixtures("database")


def command(reach: Reach | None) -> ReadableCommand:
    of_command = reach

    class Command(ReadableCommand):
        reach = of_command
        requires_system_checks = ()

        def handle(self, *args, **options):
            return str(Case.objects.count())

    return Command()


def test_a_command_reaches_what_it_says_and_without_that_nothing(reached, capsys):
    CaseFactory.create_batch(3)
    with reached.only(NOTHING):
        said = [call_command(command(reach)) for reach in (EVERYTHING, None)]
    assert said == ["3", "0"]


def test_the_commands_take_what_they_need_themselves(reached, tmp_path, coordinator_nord):
    """With nothing lent, as on a connection of their own."""
    CaseFactory.create_batch(2, nationality_id="unknown")
    Draft.objects.create(
        author=coordinator_nord, region_id="nord", number=uuid.uuid4(), page="case_register", fields={},
        begun_at=timezone.now() - timedelta(days=9), saved_at=timezone.now() - timedelta(days=8),
    )  # fmt: skip
    file, new = tmp_path / "cases.csv", tmp_path / "new.csv"
    with reached.only(NOTHING):
        call_command("export_cases", str(file))
        call_command("check_records")
        call_command("purge_drafts")
        call_command("export_year", "2023", "--format=csv", f"--out={tmp_path / 'year'}")
        call_command("reconcile", "2023")
        new.write_text(file.read_text().replace("made-", "new-"))
        call_command("import_cases", str(new))
    assert file.read_text().count("made-") == 2
    assert CaseRemark.objects.count() >= 2
    assert not Draft.objects.exists()
    assert (tmp_path / "year" / "persons.csv").exists()
    assert Case.objects.count() == 4


def test_a_command_that_does_not_say_what_it_reaches_is_none():
    with pytest.raises(TypeError, match="does not say which rows of cases it reaches"):
        type("Command", (ReadableCommand,), {"__module__": "casereg.forgotten"})


def test_without_a_reach_a_write_is_an_error_and_not_nothing(reached):
    with (
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
        reached.only(NOTHING),
    ):
        CaseFactory()


def test_a_request_takes_one_statement_more_and_one_transaction(committed_db, coordinator_nord):
    CaseFactory()
    client = Client()
    client.force_login(coordinator_nord)
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/incidents/").status_code == 200
    asked = captured.connection.queries[captured.initial_queries : captured.final_queries]
    texts = [query["sql"] for query in asked]
    # Two of the others are the test's own: it takes back what it has lent, and lends it again.
    assert len([text for text in texts if "set_config(" in text]) == 1 + 2
    assert texts.count("BEGIN") == texts.count("COMMIT") == 1


def test_what_was_read_is_written_last(committed_db, coordinator_nord):
    """The head of the trail is held from an event on: nobody waits while a page is made."""
    case = CaseFactory()
    client = Client()
    client.force_login(coordinator_nord)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"/cases/{case.pk}/").status_code == 200
    texts = [query["sql"] for query in captured]
    [event] = [place for place, text in enumerate(texts) if "INSERT INTO" in text and "auditevent" in text]
    after = [text for text in texts[event + 1 :] if not text.startswith(("UPDATE", "COMMIT"))]
    assert after == []


def test_a_failure_takes_back_what_the_request_wrote_and_a_refusal_keeps_its_event(
    committed_db, coordinator_nord, settings
):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.row_security.interleaved.FailsWhenTold"]
    case, foreign = CaseFactory(), CaseFactory(region_id="syd")
    client = Client(raise_request_exception=False)
    client.force_login(coordinator_nord)

    assert client.get(f"/cases/{case.pk}/?fail").status_code == 500
    assert client.post(f"/cases/{case.pk}/withdraw/?fail", {"reason": "other"}).status_code == 500
    assert not AuditEvent.objects.exists()
    case.refresh_from_db()
    assert not case.is_withdrawn

    assert client.get(f"/cases/{foreign.pk}/").status_code == 404
    assert [event.action for event in AuditEvent.objects.all()] == ["access_denied"]
