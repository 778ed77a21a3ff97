"""The audit trail: one event an action, a chain without gaps, rows that stay, and tampering that is seen."""

import json
import time
import tracemalloc
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from casereg.actions.cases import CaseRefused, register_case
from casereg.audit_anchors import Anchor
from casereg.exports import export_case_file
from casereg.management.readable import Problems
from casereg.models import AuditEvent, AuditHead, Case, CaseHistory
from casereg.models import audit as audit_models
from casereg.models.audit import FIRST_HASH, chain_breaks
from tests.databases import everything_stored, triggers_disabled
from tests.factories import PASSWORD, CaseFactory
from tests.programs import manage
from tests.records import content, csv_file, import_file, person
from tests.walls import as_owner

pytestmark = pytest.mark.usefixtures("database")


def append(action: str = "look", **options) -> AuditEvent:
    return AuditEvent.objects.append(**{"by": None, "action": action, "object": "it"} | options)


def run_sql(sql: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


# --- The chain -----------------------------------------------------------------------------------


def test_the_first_event_follows_the_fixed_hash():
    event = append()

    assert (event.sequence, event.previous_hash) == (1, FIRST_HASH) == (1, "0" * 64)


def test_each_event_carries_the_hash_of_the_one_before_it_and_the_head_the_last():
    events = [append() for _ in range(3)]

    assert [event.sequence for event in events] == [1, 2, 3]
    assert [event.previous_hash for event in events] == [FIRST_HASH, events[0].hash, events[1].hash]
    assert AuditHead.objects.values_list("sequence", "hash").get() == (3, events[2].hash)
    assert list(chain_breaks()) == []


def test_what_was_hashed_is_what_is_stored(coordinator_nord):
    event = append(by=coordinator_nord, fields={"sex", "form"}, object="ärende 1 – ”x”")

    stored = AuditEvent.objects.get()
    assert stored.computed_hash() == stored.hash == event.hash
    assert (stored.fields, stored.role, stored.region) == (["form", "sex"], "coordinator", "nord")


def test_every_column_is_under_the_hash(coordinator_nord, analyst):
    event = append(by=coordinator_nord)
    others = {
        "sequence": 2, "at": event.at.replace(microsecond=event.at.microsecond ^ 1), "actor": analyst,
        "role": "x", "region": "x", "action": "x", "object": "x", "fields": ["x"], "outcome": "denied",
        "previous_hash": "x" * 64,
    }  # fmt: skip
    assert others.keys() == {field.name for field in AuditEvent._meta.fields} - {"hash"}

    for name, value in others.items():
        changed = AuditEvent.objects.get()
        setattr(changed, name, value)
        assert changed.computed_hash() != event.hash, name


def test_a_rollback_leaves_no_gap():
    append()
    with transaction.atomic():
        append()
        transaction.set_rollback(True)

    assert append().sequence == 2
    assert list(chain_breaks()) == []


# --- One event an action -------------------------------------------------------------------------


def events() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.values_list("action", "outcome"))


def test_every_action_leaves_exactly_one_event(tmp_path, coordinator_nord):
    register_case(region_code="nord", content=content(), by=coordinator_nord)
    import_file(csv_file(tmp_path, person()))
    export_case_file(tmp_path / "out.csv", by=None)

    assert events() == [("case_register", "done"), ("cases_import", "done"), ("cases_export", "done")]


def test_what_changes_nothing_leaves_no_event(tmp_path):
    path = csv_file(tmp_path, person())
    import_file(path, dry_run=True)
    with pytest.raises(CaseRefused):
        register_case(region_code="nord", content=content(sex=""), by=None)

    assert events() == []
    import_file(path)
    import_file(path)
    assert events() == [("cases_import", "done")]


def test_logging_in_leaves_an_event_and_failing_to_leaves_another(client, coordinator_nord):
    for password in ("wrong", PASSWORD):
        client.post("/account/login/", {"login": "nord@example.org", "password": password})

    assert events() == [("log_in", "denied"), ("log_in", "done")]
    assert AuditEvent.objects.get(outcome="done").actor == coordinator_nord


def test_what_was_typed_at_a_failed_log_in_is_kept_nowhere(client, coordinator_nord, caplog):
    client.post("/account/login/", {"login": "MARKER@example.org", "password": "MARKER"})

    assert "MARKER" not in str(everything_stored()["casereg_auditevent"])
    assert "MARKER" not in caplog.text


def test_no_event_and_no_log_line_says_what_a_case_says(client, tmp_path, coordinator_nord, caplog):
    """Two markers, one where codes stand and one where references do, through every way in and out."""
    said = content(nationality="XK", incident="MARKER-i")
    client.force_login(coordinator_nord)
    case = register_case(region_code="nord", content=said, by=coordinator_nord, reference="MARKER-r")
    import_file(csv_file(tmp_path, person(nationality="XK", incident="MARKER-i", reference="MARKER-f")))
    export_case_file(tmp_path / "out.csv", by=coordinator_nord)
    client.get(f"/cases/{case.pk}/")
    with pytest.raises(CaseRefused):
        register_case(region_code="nord", content=said, by=None, reference="MARKER-r")

    told = json.dumps(everything_stored()["casereg_auditevent"], default=str) + caplog.text
    assert AuditEvent.objects.count() >= 4
    assert not [word for word in ("MARKER", "XK", "trafficking", "2023-07") if word in told]


# --- Rows that stay ------------------------------------------------------------------------------


@pytest.fixture
def a_case_with_its_traces(coordinator_nord) -> Case:
    return register_case(region_code="nord", content=content(), by=coordinator_nord)


WHOSE = pytest.mark.parametrize("whose", ["the site's", "the owner's"])


def power(whose: str):
    return as_owner() if whose == "the owner's" else nullcontext()


def refusal(whose: str) -> str:
    """PostgreSQL gives the site's role no such right; a trigger stops the owner, who has every right."""
    if connection.vendor == "postgresql" and whose == "the site's":
        return "permission denied"
    return "only takes new rows"


@WHOSE
@pytest.mark.parametrize("model", [AuditEvent, CaseHistory])
@pytest.mark.parametrize("write", ["UPDATE {} SET action = 'x'", "DELETE FROM {}"])
def test_events_and_history_take_no_change(a_case_with_its_traces, model, write, whose):
    before = everything_stored()

    with pytest.raises(DatabaseError, match=refusal(whose)), transaction.atomic(), power(whose):
        run_sql(write.format(model._meta.db_table))

    assert everything_stored() == before


@WHOSE
@pytest.mark.parametrize(
    "tables",
    ["casereg_auditevent", "casereg_casehistory", "casereg_audithead", "casereg_user CASCADE",
     "casereg_case CASCADE", "casereg_region CASCADE"],
)  # fmt: skip
def test_nothing_of_it_is_truncated(a_case_with_its_traces, tables, whose):
    connection.check_constraints()  # a pending one would refuse the TRUNCATE for a reason of its own
    # SQLite has no such statement at all.
    said = "syntax error" if connection.vendor == "sqlite" else refusal(whose)

    with pytest.raises(DatabaseError, match=said), transaction.atomic(), power(whose):
        run_sql(f"TRUNCATE {tables}")


@pytest.mark.parametrize("table", ["casereg_user", "casereg_case"])
def test_what_it_refers_to_stays(a_case_with_its_traces, table):
    with transaction.atomic():
        run_sql(f"DELETE FROM {table}")
        with pytest.raises(DatabaseError):
            connection.check_constraints()
        transaction.set_rollback(True)


@pytest.mark.parametrize("table", ["casereg_auditevent", "casereg_casehistory"])
def test_no_row_is_replaced(a_case_with_its_traces, table):
    before = everything_stored()
    columns = ", ".join("'x'" if name == "action" else name for name in column_names(table))
    word = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"

    with pytest.raises(DatabaseError), transaction.atomic():
        run_sql(f"{word} INTO {table} SELECT {columns} FROM {table}")

    assert everything_stored() == before


def column_names(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


@pytest.mark.parametrize("step", [0, 2, -1])
def test_the_head_moves_one_step_forward(step):
    append()
    append()

    with pytest.raises(DatabaseError, match="one step forward"), transaction.atomic():
        run_sql("UPDATE casereg_audithead SET sequence = sequence + %s", step)


@WHOSE
def test_the_head_is_not_deleted(whose):
    with pytest.raises(DatabaseError, match=refusal(whose)), transaction.atomic(), power(whose):
        run_sql("DELETE FROM casereg_audithead")


# --- Tampering -----------------------------------------------------------------------------------


def flip_a_byte() -> None:
    run_sql("UPDATE casereg_auditevent SET object = 'iu' WHERE sequence = 3")


def change_the_time_by_a_microsecond() -> None:
    event = AuditEvent.objects.get(sequence=3)
    AuditEvent.objects.filter(sequence=3).update(at=event.at.replace(microsecond=event.at.microsecond ^ 1))


def clear_the_actor() -> None:
    run_sql("UPDATE casereg_auditevent SET actor_id = NULL WHERE sequence = 3")


def rewrite_an_event_and_its_own_hash() -> None:
    event = AuditEvent.objects.get(sequence=3)
    event.object = "another"
    AuditEvent.objects.filter(sequence=3).update(object=event.object, hash=event.computed_hash())


def delete_a_row() -> None:
    run_sql("DELETE FROM casereg_auditevent WHERE sequence = 3")


def delete_the_first_row() -> None:
    run_sql("DELETE FROM casereg_auditevent WHERE sequence = 1")


def delete_a_row_and_close_the_gap() -> None:
    run_sql("DELETE FROM casereg_auditevent WHERE sequence = 3")
    run_sql("UPDATE casereg_auditevent SET sequence = 3 WHERE sequence = 4")
    run_sql("UPDATE casereg_auditevent SET sequence = 4 WHERE sequence = 5")
    run_sql("UPDATE casereg_audithead SET sequence = 4")


def swap_two_rows() -> None:
    for old, new in [(3, 99), (4, 3), (99, 4)]:
        run_sql("UPDATE casereg_auditevent SET sequence = %s WHERE sequence = %s", new, old)


def cut_the_tail() -> None:
    run_sql("DELETE FROM casereg_auditevent WHERE sequence >= 4")


def empty_it() -> None:
    run_sql("DELETE FROM casereg_auditevent")


def cut_the_tail_and_move_the_head_to_another_hash() -> None:
    cut_the_tail()
    run_sql("UPDATE casereg_audithead SET sequence = 3")


def add_a_row_behind_the_head() -> None:
    last = AuditEvent.objects.get(sequence=5)
    last.sequence, last.previous_hash = 6, last.hash
    last.hash = last.computed_hash()
    last.save(force_insert=True)


def delete_the_head() -> None:
    run_sql("DELETE FROM casereg_audithead")


def add_a_row_before_the_first() -> None:
    event = AuditEvent.objects.get(sequence=5)
    event.sequence = 0
    event.save(force_insert=True)


@pytest.mark.parametrize("at_a_time", [2, 2000])
@pytest.mark.parametrize(
    ("tamper", "where"),
    [
        (flip_a_byte, 3),
        (change_the_time_by_a_microsecond, 3),
        (clear_the_actor, 3),
        (rewrite_an_event_and_its_own_hash, 4),
        (delete_a_row, 3),
        (delete_the_first_row, 1),
        (delete_a_row_and_close_the_gap, 3),
        (swap_two_rows, 3),
        (cut_the_tail, 4),
        (empty_it, 1),
        (cut_the_tail_and_move_the_head_to_another_hash, 4),
        (add_a_row_behind_the_head, 7),
        (delete_the_head, 6),
        (add_a_row_before_the_first, 0),
    ],
)
def test_tampering_is_reported_where_it_begins(
    coordinator_nord, monkeypatch, tamper: Callable[[], None], where, at_a_time
):
    monkeypatch.setattr(audit_models, "EVENTS_AT_A_TIME", at_a_time)
    for _ in range(5):
        append(by=coordinator_nord)
    assert list(chain_breaks()) == []

    with triggers_disabled():
        tamper()

    assert next(chain_breaks()).sequence == where
    with pytest.raises(Problems) as problems:
        call_command("verify_audit")
    assert str(where) in str(problems.value.lines[0])


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("object", "CAST(X'69FF' AS TEXT)", "its content cannot be read"),
        ("at", "'never'", "its content cannot be read"),
        ("at", "'2026-13-01'", "its content cannot be read"),
        ("fields", "'[torn'", "its content does not match its hash"),
    ],
)
def test_what_cannot_even_be_read_is_reported_and_the_rest_is_walked(column, value, what):
    """A bit flipped in the file leaves what is no text, no moment, no list. PostgreSQL takes none of them."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL refuses to store it")
    for _ in range(5):
        append()
    with triggers_disabled():
        run_sql("PRAGMA ignore_check_constraints = on")
        run_sql(f"UPDATE casereg_auditevent SET {column} = {value} WHERE sequence = 2")
        run_sql("UPDATE casereg_auditevent SET object = 'iu' WHERE sequence = 4")
        run_sql("PRAGMA ignore_check_constraints = off")

    assert [(found.sequence, found.what) for found in chain_breaks()] == [
        (2, what),
        (4, "its content does not match its hash"),
    ]


def many_events(number: int) -> list[Anchor]:
    """A trail as long as that, written faster than one by one."""
    template, previous, rows = append(), FIRST_HASH, []
    with triggers_disabled():
        run_sql("DELETE FROM casereg_auditevent")
        for sequence in range(1, number + 1):
            event = AuditEvent(sequence=sequence, at=template.at, role="system", action="read",
                               object=f"case {sequence}", fields=["form"], outcome="done",
                               previous_hash=previous)  # fmt: skip
            event.hash = previous = event.computed_hash()
            rows.append(event)
        AuditEvent.objects.bulk_create(rows, batch_size=90)
        AuditHead.objects.update(sequence=number, hash=previous)
    return [Anchor(event.sequence, event.hash, event.at) for event in rows]


def test_a_million_events_would_be_walked_in_less_than_a_minute_and_in_no_more_memory_than_a_few():
    """Counted in this process's own time, so that others on the machine do not count."""
    anchors = many_events(4000)

    def seconds() -> float:
        start = time.process_time()
        assert list(chain_breaks()) == []
        return time.process_time() - start

    def peak(since: Anchor | None) -> int:
        tracemalloc.start()
        assert list(chain_breaks(since=since)) == []
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert min(seconds() for _ in range(2)) / 4000 * 1_000_000 < 60
    assert peak(None) < 1.5 * peak(anchors[2000])


def test_the_walk_asks_for_the_events_in_pages(django_assert_num_queries, monkeypatch):
    """Twice for the head; three pages of two, and one that is empty."""
    monkeypatch.setattr(audit_models, "EVENTS_AT_A_TIME", 2)
    for _ in range(6):
        append()

    with django_assert_num_queries(2 + 4):
        assert list(chain_breaks()) == []


def test_a_walk_from_an_anchor_leaves_out_what_was_before_it():
    anchors = [Anchor(event.sequence, event.hash, event.at) for event in (append() for _ in range(5))]
    with triggers_disabled():
        flip_a_byte()

    assert [found.sequence for found in chain_breaks()] == [3]
    assert [found.sequence for found in chain_breaks(since=anchors[2])] == [3]
    assert list(chain_breaks(since=anchors[3])) == []


def test_the_command_fails_on_a_broken_chain_and_succeeds_on_a_whole_one(committed_db):
    for _ in range(3):
        append()
    whole = manage("verify_audit")
    with transaction.atomic(), triggers_disabled():
        run_sql("UPDATE casereg_auditevent SET action = 'x' WHERE sequence IN (1, 3)")
    broken = manage("verify_audit")

    assert (whole.returncode, whole.stderr) == (0, "")
    assert (broken.returncode, len(broken.stderr.splitlines())) == (1, 2)


def test_an_empty_trail_is_whole():
    assert list(chain_breaks()) == []
    call_command("verify_audit")


def test_the_factories_leave_no_events():
    CaseFactory()

    assert not AuditEvent.objects.exists()
