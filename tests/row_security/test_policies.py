"""What row-level security shows and takes, and each trap of it: tried as the site's role."""

import os
import subprocess
import uuid

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from casereg.access import open_offer_to
from casereg.actions.drafts import save_draft
from casereg.actions.offers import accept_offer, decline_offer, offer_case
from casereg.actions.submissions import note_amendment
from casereg.models import Case, CaseHistory, CaseRemark, Incident, Offer, Submission
from casereg.row_security import EVERYTHING, NOTHING, Reach, reach_of, within
from tests.factories import CaseFactory, IncidentFactory
from tests.throwaway_postgresql import server_programs
from tests.walls import SITE_ROLE, as_owner, connect_as

pytestmark = pytest.mark.usefixtures("database")

NORD = Reach(user_id="1", role="coordinator", reads="nord", writes="nord")
ANALYST = Reach(user_id="2", role="analyst", reads="*")


@pytest.fixture
def rows(coordinator_nord, analyst):
    """Something in every table with a policy, by table: all of it Nord's."""
    incident = IncidentFactory()
    case, other = CaseFactory(incident=incident), CaseFactory(region_id="syd")
    now = timezone.now()
    CaseHistory.objects.create(case=case, region_id="nord", at=now, action="register", changes={})
    incident.history.create(region_id="nord", at=now, action="create")
    CaseRemark.objects.create(case=case, region_id="nord", key="unknown:sex", variable="sex")
    save_draft(by=coordinator_nord, number=uuid.uuid4(), page="case_register", about=None, fields={})
    submission = Submission.objects.create(
        by=coordinator_nord, number=uuid.uuid4(), at=now, case=case, region_id="nord"
    )
    submission.persons.add(case)
    offer_case(case_id=case.pk, to_region_code="mitt", reason="lives there", by=coordinator_nord)
    with connection.cursor() as cursor:
        first, second = sorted([case.pk, other.pk])
        cursor.execute(
            "INSERT INTO casereg_verdict (id, first_id, second_id, answer, at, by_id) "
            "VALUES (%s, %s, %s, 'different', %s, %s)",
            [uuid.uuid4(), first, second, now, analyst.pk],
        )
        cursor.execute(
            "INSERT INTO casereg_upload (id, author_id, region_id, name, content, uploaded_at) "
            "VALUES (%s, %s, 'nord', 'a file', '', %s)",
            [uuid.uuid4(), coordinator_nord.pk, now],
        )
        cursor.execute(
            "INSERT INTO casereg_filemapping (region_id, columns, words, at) VALUES ('nord', '{}', '{}', %s)",
            [now],
        )
        cursor.execute(
            "INSERT INTO casereg_referencecounter (region_id, year, last) VALUES ('nord', 2023, 1)"
        )
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r' ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def test_without_a_reach_there_are_no_rows_where_there_are_some(rows, reached):
    assert len(rows) == 13
    for table in rows:
        assert reached.rows(EVERYTHING, f"SELECT count(*) FROM {table}") > [(0,)], table
        assert reached.rows(NOTHING, f"SELECT count(*) FROM {table}") == [(0,)], table


def test_another_region_sees_none_of_it_and_an_administrator_nothing(
    rows, reached, coordinator_syd, administrator
):
    seen = {"casereg_case", "casereg_verdict"}  # its own case, and that it was judged
    for table in rows:
        expected = 1 if table in seen else 0
        assert reached.rows(reach_of(coordinator_syd), f"SELECT count(*) FROM {table}") == [(expected,)], (
            table
        )
        assert reached.rows(reach_of(administrator), f"SELECT count(*) FROM {table}") == [(0,)], table


def test_an_analyst_reads_all_cases_changes_none_and_sees_nobody_s_drafts(rows, reached, analyst):
    own = {"casereg_draft", "casereg_upload", "casereg_submission", "casereg_submission_persons"}
    for table in rows:
        found = reached.rows(reach_of(analyst), f"SELECT count(*) FROM {table}") > [(0,)]
        assert found == (table not in own), table
    assert reached.changed(reach_of(analyst), "UPDATE casereg_case SET month = 1") == 0
    assert reached.changed(reach_of(analyst), "DELETE FROM casereg_caseremark") == 0


def test_a_value_of_nonsense_shows_nothing(rows, reached):
    for value in ("x' OR true --", "nord syd", "%", "NORD", " *", "*,nord"):
        assert reached.rows(Reach(reads=value), "SELECT count(*) FROM casereg_case") == [
            (1 if "nord" in value.split(",") else 0,)
        ], value


def test_a_user_id_that_is_no_number_is_an_error_and_no_row(rows, reached):
    with pytest.raises(DatabaseError), transaction.atomic():
        reached.rows(Reach(user_id="x"), "SELECT count(*) FROM casereg_draft")


# --- Writing --------------------------------------------------------------------------------------


def refused(reached, reach: Reach, sql: str, *values: object) -> str:
    def write() -> None:
        with transaction.atomic():
            reached.changed(reach, sql, *values)
            connection.check_constraints()

    with pytest.raises(DatabaseError) as error:
        write()
    return str(error.value.__cause__.sqlstate)


INSUFFICIENT_PRIVILEGE, FOREIGN_KEY, CHECK = "42501", "23503", "23514"


def test_a_row_is_neither_put_nor_moved_into_another_region(reached):
    case = CaseFactory()
    move = "UPDATE casereg_case SET region_id = 'syd' WHERE id = %s"
    assert refused(reached, NORD, move, case.pk) == INSUFFICIENT_PRIVILEGE
    put = "INSERT INTO casereg_incident (id, region_id, reference) VALUES (%s, 'syd', 'x')"
    assert refused(reached, NORD, put, uuid.uuid4()) == INSUFFICIENT_PRIVILEGE
    assert refused(reached, NOTHING, put, uuid.uuid4()) == INSUFFICIENT_PRIVILEGE


def test_a_foreign_row_is_changed_and_deleted_without_an_error_and_without_effect(reached):
    """The trap: no error. Whoever writes through a door has locked the row first, and found none."""
    case = CaseFactory(region_id="syd", month=7)
    assert reached.changed(NORD, "UPDATE casereg_case SET month = 1 WHERE id = %s", case.pk) == 0
    assert reached.changed(NORD, "DELETE FROM casereg_case WHERE id = %s", case.pk) == 0
    case.refresh_from_db()
    assert case.month == 7


@pytest.mark.parametrize(
    "put",
    [
        "INSERT INTO casereg_casehistory (case_id, region_id, at, action, changes, reason, note) "
        "VALUES (%s, 'nord', now(), 'amend', '{}', '', '')",
        "INSERT INTO casereg_caseremark (case_id, region_id, key, variable) VALUES (%s, 'nord', 'x', 'sex')",
        "INSERT INTO casereg_submission (by_id, number, content_hash, at, case_id, region_id) "
        "VALUES (1, gen_random_uuid(), '', now(), %s, 'nord')",
    ],
)
def test_what_belongs_to_a_hidden_case_is_refused_as_to_one_that_never_was(reached, put, coordinator_nord):
    """Foreign keys look past the policies: only with the region in them do they tell nothing."""
    mine = Reach(str(coordinator_nord.pk), "coordinator", "nord", "nord")
    put = put.replace("VALUES (1,", f"VALUES ({coordinator_nord.pk},")
    hidden, own = CaseFactory(region_id="syd"), CaseFactory()
    assert refused(reached, mine, put, hidden.pk) == FOREIGN_KEY
    assert refused(reached, mine, put, uuid.uuid4()) == FOREIGN_KEY
    assert reached.changed(mine, put, own.pk) == 1


def test_a_hidden_case_is_offered_to_nobody_and_put_into_no_incident(reached, coordinator_nord):
    hidden, incident = CaseFactory(region_id="syd"), IncidentFactory(region_id="syd")
    offer = (
        "INSERT INTO casereg_offer (id, case_id, reference, from_region_id, to_region_id, reason, state, "
        f"offered_at, offered_by_id) VALUES (gen_random_uuid(), %s, 'x', 'nord', 'mitt', 'x', 'open', now(), "
        f"{coordinator_nord.pk})"
    )
    assert refused(reached, NORD, offer, hidden.pk) == CHECK
    assert refused(reached, NORD, offer, uuid.uuid4()) == CHECK
    own = CaseFactory()
    made = Offer.objects.create(
        case=CaseFactory(region_id="syd"), reference="x", from_region_id="syd", to_region_id="nord",
        reason="x", offered_at=timezone.now(), offered_by=coordinator_nord,
    )  # fmt: skip
    for turned in ("case_id = %s", "from_region_id = 'nord', to_region_id = 'mitt', case_id = %s"):
        for case_id in (hidden.pk, uuid.uuid4()):
            turn = f"UPDATE casereg_offer SET {turned} WHERE id = %s"
            assert refused(reached, NORD, turn, case_id, made.pk) == CHECK
    join = "UPDATE casereg_case SET incident_id = %s WHERE id = %s"
    assert refused(reached, NORD, join, incident.pk, own.pk) == CHECK
    assert refused(reached, NORD, join, uuid.uuid4(), own.pk) == CHECK
    entry = (
        'INSERT INTO casereg_incidenthistory (incident_id, region_id, at, action, changes, "references") '
        "VALUES (%s, 'nord', now(), 'rename', '{}', '[]')"
    )
    assert refused(reached, NORD, entry, incident.pk) == FOREIGN_KEY
    assert refused(reached, NORD, entry, uuid.uuid4()) == FOREIGN_KEY


def test_a_reference_of_another_region_is_free_here(reached):
    CaseFactory(region_id="syd", reference="taken")
    assert Case.objects.filter(reference="taken").exists()
    with within(NORD):
        CaseFactory(reference="taken")


def test_an_author_s_rows_are_written_by_nobody_else(rows, reached):
    for sql in (
        "UPDATE casereg_draft SET fields = '{}'",
        "DELETE FROM casereg_upload",
        "UPDATE casereg_submission SET undone_at = now()",
    ):
        assert reached.changed(NORD, sql) == 0, sql


def test_the_table_is_not_emptied_by_the_site_s_role(reached):
    assert refused(reached, EVERYTHING, "TRUNCATE casereg_draft") == INSUFFICIENT_PRIVILEGE


# --- What crosses regions -------------------------------------------------------------------------


def test_of_an_offered_case_only_the_offer_is_in_reach(reached, coordinator_nord, coordinator_syd):
    case = CaseFactory()
    syd = reach_of(coordinator_syd)
    offer = offer_case(case_id=case.pk, to_region_code="syd", reason="lives there", by=coordinator_nord)

    assert reached.rows(syd, "SELECT reference FROM casereg_offer") == [(case.reference,)]
    assert reached.rows(syd, "SELECT 1 FROM casereg_case") == []
    with within(syd):
        assert open_offer_to(coordinator_syd, offer.pk).case.sex == case.sex
        assert not Case.objects.exists()
        decline_offer(offer_id=offer.pk, by=coordinator_syd)
        assert not Case.objects.exists()


def test_an_accepted_case_takes_along_what_belongs_to_it(reached, coordinator_nord, coordinator_syd):
    case = CaseFactory(incident=IncidentFactory())
    CaseHistory.objects.create(case=case, region_id="nord", at=timezone.now(), action="register", changes={})
    CaseRemark.objects.create(case=case, region_id="nord", key="unknown:sex", variable="sex")
    Submission.objects.create(
        by=coordinator_nord, number=uuid.uuid4(), at=timezone.now(), case=case, region_id="nord"
    )
    offer = offer_case(case_id=case.pk, to_region_code="syd", reason="lives there", by=coordinator_nord)

    with within(reach_of(coordinator_syd)):
        accept_offer(offer_id=offer.pk, by=coordinator_syd)

    connection.check_constraints()
    assert {row.region_id for row in CaseHistory.objects.filter(case=case)} == {"syd"}
    assert {row.region_id for row in Submission.objects.filter(case=case)} == {"syd"}
    assert reached.rows(reach_of(coordinator_syd), "SELECT count(*) FROM casereg_casehistory") == [(2,)]
    assert reached.rows(reach_of(coordinator_nord), "SELECT count(*) FROM casereg_case") == [(0,)]
    assert reached.rows(reach_of(coordinator_nord), "SELECT state FROM casereg_offer") == [("accepted",)]
    # Whoever sent the form finds again what became of it.
    assert reached.rows(reach_of(coordinator_nord), "SELECT count(*) FROM casereg_submission") == [(1,)]


def test_what_is_in_reach_ends_with_the_block_and_with_a_failure(coordinator_nord):
    own, foreign = CaseFactory(), CaseFactory(region_id="syd")
    with within(reach_of(coordinator_nord)):
        assert set(Case.objects.all()) == {own}
        with within(EVERYTHING):
            assert set(Case.objects.all()) == {own, foreign}
        assert set(Case.objects.all()) == {own}
        with pytest.raises(ZeroDivisionError), within(EVERYTHING):
            raise ZeroDivisionError
        assert set(Case.objects.all()) == {own}
        note_amendment(by=coordinator_nord, number=uuid.uuid4())
    assert set(Case.objects.all()) == {own, foreign}
    assert Offer.objects.count() == Incident.objects.count() == 0


# --- Traps, on a table of their own ---------------------------------------------------------------


@pytest.fixture
def table():
    """Of an owner without power: two rows of Nord and one of Syd, and a policy that shows a region's."""
    connection.ensure_connection()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE ROLE tried_owner")
        cursor.execute("GRANT CREATE ON SCHEMA public TO tried_owner")
        cursor.execute("SET LOCAL ROLE tried_owner")
        cursor.execute("CREATE TABLE tried (region_id text)")
        cursor.execute("INSERT INTO tried VALUES ('nord'), ('nord'), ('syd')")
        cursor.execute(
            "CREATE POLICY seen ON tried USING (region_id = current_setting('casereg.reads', true))"
        )
        cursor.execute("ALTER TABLE tried ENABLE ROW LEVEL SECURITY")
        cursor.execute(f"GRANT SELECT ON tried TO {SITE_ROLE}")


def as_role(role: str, *statements: str) -> list[tuple]:
    """What the last statement gives to the role, with nothing in reach."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        cursor.execute("SELECT set_config('casereg.reads', '', true)")
        for statement in statements:
            cursor.execute(statement)
        found = cursor.fetchall() if cursor.description else []
        cursor.execute("SELECT set_config('casereg.reads', '*', true)")
    return found


FORCE = "ALTER TABLE tried FORCE ROW LEVEL SECURITY"
COUNT = "SELECT count(*) FROM tried"


def test_an_owner_sees_all_rows_until_the_policies_are_forced(table):
    assert as_role("tried_owner", COUNT) == [(3,)]
    assert as_role("tried_owner", FORCE, COUNT) == [(0,)]
    assert as_role(SITE_ROLE, COUNT) == [(0,)]


def test_a_superuser_sees_all_rows_forced_or_not(table):
    assert as_role(connection.settings_dict["USER"], FORCE, COUNT) == [(3,)]


def test_a_view_looks_with_its_owner_s_eyes_unless_it_is_told_to_use_the_invoker_s(table):
    view = "CREATE VIEW tried_view AS SELECT * FROM tried"
    look = "SELECT count(*) FROM tried_view"
    as_role("tried_owner", view, f"GRANT SELECT ON tried_view TO {SITE_ROLE}")
    assert as_role(SITE_ROLE, look) == [(3,)]
    as_role("tried_owner", "ALTER VIEW tried_view SET (security_invoker = true)")
    assert as_role(SITE_ROLE, look) == [(0,)]
    as_role("tried_owner", "ALTER VIEW tried_view RESET (security_invoker)", FORCE)
    assert as_role(SITE_ROLE, look) == [(0,)]
    as_role(
        connection.settings_dict["USER"],
        f'ALTER VIEW tried_view OWNER TO "{connection.settings_dict["USER"]}"',
    )
    assert as_role(SITE_ROLE, look) == [(3,)]


def test_a_materialized_view_is_never_filtered_and_a_refresh_without_reach_empties_it(table):
    made = "CREATE MATERIALIZED VIEW tried_kept AS SELECT * FROM tried"
    look = "SELECT count(*) FROM tried_kept"
    as_role("tried_owner", made, f"GRANT SELECT ON tried_kept TO {SITE_ROLE}")
    assert as_role(SITE_ROLE, look) == [(3,)]
    as_role("tried_owner", FORCE, "REFRESH MATERIALIZED VIEW tried_kept")
    assert as_role(SITE_ROLE, look) == [(0,)]


def test_a_definer_function_sees_what_its_owner_sees(table):
    made = (
        "CREATE FUNCTION tried_all() RETURNS bigint LANGUAGE sql SECURITY DEFINER "
        "AS 'SELECT count(*) FROM tried'"
    )
    as_role("tried_owner", made)
    assert as_role(SITE_ROLE, "SELECT tried_all()") == [(3,)]
    as_role("tried_owner", FORCE)
    assert as_role(SITE_ROLE, "SELECT tried_all()") == [(0,)]


def test_a_unique_value_in_a_hidden_row_is_told_by_the_error(table):
    """Why the register's unique values have the region in them, or are numbers that nobody guesses."""
    as_role("tried_owner", "CREATE UNIQUE INDEX ON tried (region_id) WHERE region_id = 'syd'",
            f"GRANT INSERT ON tried TO {SITE_ROLE}")  # fmt: skip
    with pytest.raises(DatabaseError) as error:
        as_role(
            SITE_ROLE, "SELECT set_config('casereg.reads', 'syd', true)", "INSERT INTO tried VALUES ('syd')"
        )
    assert isinstance(error.value.__cause__, psycopg.errors.UniqueViolation)


# --- Backups --------------------------------------------------------------------------------------


@pytest.fixture
def backup_role(committed_db):
    # Roles are of the whole server, where several processes try this.
    role = f"tried_backup_{os.getpid()}"
    with connect_as() as owner:
        owner.execute(f"CREATE ROLE {role} LOGIN BYPASSRLS")
        owner.execute(f"GRANT pg_read_all_data TO {role}")
        yield role
        owner.execute(f"DROP OWNED BY {role}")
        owner.execute(f"DROP ROLE {role}")


def dump(role: str, *options: str) -> subprocess.CompletedProcess[str]:
    its = connection.settings_dict
    programs = server_programs()
    assert programs is not None
    return subprocess.run(
        [programs / "pg_dump", f"--host={its['HOST']}", f"--port={its['PORT']}", f"--username={role}",
         "--data-only", "--table=casereg_case", *options, its["NAME"]],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_dump_is_made_by_a_role_that_reads_all_and_refused_to_others(backup_role):
    CaseFactory(reference="in-the-dump")
    whole = dump(backup_role)
    assert whole.returncode == 0, whole.stderr
    assert "in-the-dump" in whole.stdout

    refused = dump(SITE_ROLE)
    assert refused.returncode != 0
    assert "row-level security" in refused.stderr

    # The trap: it succeeds, and is empty.
    empty = dump(SITE_ROLE, "--enable-row-security")
    assert empty.returncode == 0
    assert "in-the-dump" not in empty.stdout


def test_the_backup_s_role_counts_as_many_rows_as_the_owner_and_writes_none(backup_role):
    CaseFactory.create_batch(3)
    with connect_as() as owner, connect_as(backup_role) as backup:
        tables = [
            name for (name,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        for table in tables:
            count = f'SELECT count(*) FROM "{table}"'
            assert backup.execute(count).fetchone() == owner.execute(count).fetchone(), table
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            backup.execute("DELETE FROM casereg_case")
