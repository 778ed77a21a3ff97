"""What the database's own catalogue says: no table of cases without a policy, no way around one."""

import pytest
from django.db import connection

from tests.walls import SITE_ROLE, as_owner

pytestmark = pytest.mark.django_db

# They have a region, and nothing of a case.
WITHOUT_CASES = {
    "casereg_user": "who works where; read before anybody is in reach of anything",
    "casereg_cover": "who stands in for whom",
    "casereg_regioncounty": "which counties a region has; stands in the yearbook",
}
# A region, or a column that leads to a case, an incident or the form that was sent.
OF_REGIONS = """
    SELECT DISTINCT c.relname, c.relrowsecurity, c.relforcerowsecurity,
           ARRAY(SELECT polcmd::text FROM pg_policy WHERE polrelid = c.oid ORDER BY 1),
           c.relowner::regrole::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
      AND (a.attname ~ '(^|_)(region|case|incident|submission)_id$'
           OR c.relname ~ '_(draft|upload|case|incident)')
"""
AROUND = """
    SELECT relkind::text || ' ' || relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'f')
    UNION ALL
    SELECT 'definer ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
"""
# A unique value that stands in a hidden row is told by the error: such an index has the region or the author
# in it, or a number that nobody guesses.
UNIQUE = """
    SELECT i.indrelid::regclass::text, array_agg(a.attname::text ORDER BY a.attname)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indisunique AND c.relrowsecurity GROUP BY i.indexrelid, i.indrelid
"""
RANDOM_OR_OWN = {
    "casereg_case": {"id"},
    "casereg_incident": {"id"},
    "casereg_draft": {"id", "author_id"},
    "casereg_upload": {"id"},
    "casereg_offer": {"id", "case_id"},
    "casereg_verdict": {"id", "first_id"},
    "casereg_caseremark": {"id", "case_id"},
    "casereg_submission": {"id", "by_id"},
    "casereg_submission_persons": {"id", "case_id"},
    "casereg_casehistory": {"id"},
    "casereg_incidenthistory": {"id"},
    "casereg_referencecounter": {"id"},
}


def ask(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def unprotected() -> list[str]:
    faults = []
    for table, enabled, forced, commands, owner in ask(OF_REGIONS):
        if table in WITHOUT_CASES:
            continue
        if not (enabled and forced):
            faults.append(f"{table}: row-level security is not enabled and forced")
        if commands != ["a", "d", "r", "w"]:
            faults.append(f"{table}: policies for {commands}")
        if owner == SITE_ROLE:
            faults.append(f"{table}: owned by the site's role")
    return faults


def test_the_suite_runs_as_a_role_without_power():
    powers = (
        "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb "
        "FROM pg_roles WHERE rolname = current_user"
    )
    assert ask(powers) == [(SITE_ROLE, False, False, False, False)]


def test_every_table_with_something_of_a_region_has_its_policies():
    tables = {row[0] for row in ask(OF_REGIONS)}
    assert {
        "casereg_case",
        "casereg_casehistory",
        "casereg_draft",
        "casereg_upload",
        "casereg_offer",
    } <= tables
    assert tables >= WITHOUT_CASES.keys()
    assert unprotected() == []


def test_a_new_table_with_a_region_and_no_policy_is_found():
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE casereg_forgotten (id int, region_id varchar(40))")
    assert unprotected() == [
        "casereg_forgotten: row-level security is not enabled and forced",
        "casereg_forgotten: policies for []",
    ]


def test_a_table_whose_policies_are_enabled_and_not_forced_is_found():
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE casereg_draft NO FORCE ROW LEVEL SECURITY")
    assert unprotected() == ["casereg_draft: row-level security is not enabled and forced"]


def test_nothing_leads_around_the_policies():
    assert ask(AROUND) == []


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ("CREATE VIEW cases AS SELECT * FROM casereg_case", "v cases"),
        ("CREATE MATERIALIZED VIEW kept AS SELECT * FROM casereg_case", "m kept"),
        (
            "CREATE FUNCTION all_cases() RETURNS SETOF casereg_case LANGUAGE sql SECURITY DEFINER "
            "AS 'SELECT * FROM casereg_case'",
            "definer all_cases",
        ),
    ],
)
def test_what_would_lead_around_them_is_found(made, found):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(made)
    assert ask(AROUND) == [(found,)]


def test_a_unique_value_tells_nothing_of_a_row_that_is_hidden():
    for table, columns in ask(UNIQUE):
        by_region = "region_id" in columns
        assert by_region or RANDOM_OR_OWN[table] & set(columns), (table, columns)


def test_the_site_s_role_adds_to_what_is_only_added_to_and_empties_nothing():
    rights = """
        SELECT table_name, array_agg(privilege_type::text ORDER BY privilege_type)
        FROM information_schema.role_table_grants WHERE grantee = %s GROUP BY table_name
    """
    with connection.cursor() as cursor:
        cursor.execute(rights, [SITE_ROLE])
        given = dict(cursor.fetchall())
    for table in (
        "casereg_auditevent",
        "casereg_casehistory",
        "casereg_incidenthistory",
        "casereg_termhistory",
    ):
        assert given[table] == ["INSERT", "SELECT"], table
    assert given["casereg_audithead"] == ["SELECT", "UPDATE"]
    assert given["django_migrations"] == ["SELECT"]
    assert not {"TRUNCATE", "TRIGGER", "REFERENCES"} & {right for all_ in given.values() for right in all_}
