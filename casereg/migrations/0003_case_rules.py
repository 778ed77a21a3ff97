"""The rules of a case that look at other tables, as triggers: what the form checks, the database refuses too.

On SQLite a later change of casereg_case or casereg_incident rebuilds the table and drops its triggers: such
a migration writes them again (a test compares the triggers that stand with those expected).
"""

from django.db import migrations

from casereg.sql_by_vendor import SQLByVendor

# Each rule: a name, the columns that call it, and the condition that is wrong, with {row} for the new row.
RULES = [
    (
        "industry_only_where_form_asks",
        ["industry_id", "form_id"],
        "{row}.industry_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM casereg_exploitationform f "
        "WHERE f.code = {row}.form_id AND f.asks_for_industry)",
    ),
    (
        "incident_in_same_region",
        ["incident_id", "region_id"],
        "{row}.incident_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM casereg_incident i "
        "WHERE i.id = {row}.incident_id AND i.region_id = {row}.region_id)",
    ),
    *[
        (
            f"{column}_in_force",
            [column, "year"],
            f"{{row}}.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} t "
            f"WHERE t.code = {{row}}.{column} AND t.first_year <= {{row}}.year "
            f"AND (t.last_year IS NULL OR t.last_year >= {{row}}.year))",
        )
        for column, table in [
            ("region_id", "casereg_region"),
            ("form_id", "casereg_exploitationform"),
            ("referral_source_id", "casereg_referralsource"),
            ("industry_id", "casereg_industry"),
        ]
    ],
    *[
        (
            f"{variable}_collected",
            [*columns, "year"],
            f"({recorded}) AND NOT EXISTS (SELECT 1 FROM casereg_variable v "
            f"WHERE v.code = '{variable}' AND v.first_year <= {{row}}.year)",
        )
        for variable, columns, recorded in [
            ("referral_source", ["referral_source_id"], "{row}.referral_source_id IS NOT NULL"),
            ("joint_inspection", ["joint_inspection"], "{row}.joint_inspection IS NOT NULL"),
            ("industry", ["industry_id"], "{row}.industry_id IS NOT NULL"),
            (
                "children_in_sweden",
                ["children_in_sweden", "children_in_sweden_unknown"],
                "{row}.children_in_sweden IS NOT NULL OR {row}.children_in_sweden_unknown",
            ),
            (
                "children_abroad",
                ["children_abroad", "children_abroad_unknown"],
                "{row}.children_abroad IS NOT NULL OR {row}.children_abroad_unknown",
            ),
        ]
    ],
]
# `reference` of cases and incidents: letters of the Swedish alphabet, digits, . _ -, 1 to 40 of them.
REFERENCE_TABLES = ["casereg_case", "casereg_incident"]
POSTGRESQL_REFERENCE = "NEW.reference !~ '^[A-Za-zÅÄÖåäö0-9._-]{1,40}$'"
SQLITE_REFERENCE = (
    "length(NEW.reference) NOT BETWEEN 1 AND 40 OR NEW.reference GLOB '*[^A-Za-zÅÄÖåäö0-9._-]*' "
    # Both stop at a NUL, and would not see what comes after it.
    "OR instr(CAST(NEW.reference AS BLOB), x'00') > 0"
)


# An incident keeps to the region of its cases.
INCIDENT_REGION = (
    "EXISTS (SELECT 1 FROM casereg_case c WHERE c.incident_id = NEW.id AND c.region_id <> NEW.region_id)"
)


def _changed(columns, distinct):
    return " OR ".join(f"OLD.{column} {distinct} NEW.{column}" for column in columns)


def _postgresql(name, table, columns, wrong):
    function = f"casereg_rule_{name}"
    return [
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {wrong} THEN RAISE EXCEPTION 'rule broken: {name}' USING ERRCODE = 'check_violation'; "
        f"END IF; RETURN NEW; END $$",
        f"CREATE TRIGGER {name}_insert BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()",
        # Values recorded under an earlier list stay as they are: only a change is held to the rule.
        f"CREATE TRIGGER {name}_update BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN ({_changed(columns, 'IS DISTINCT FROM')}) EXECUTE FUNCTION {function}()",
    ]


def _sqlite(name, table, columns, wrong):
    refuse = f"SELECT RAISE(ABORT, 'CHECK rule broken: {name}') WHERE {wrong};"
    return [
        f"CREATE TRIGGER {name}_insert BEFORE INSERT ON {table} BEGIN {refuse} END",
        f"CREATE TRIGGER {name}_update BEFORE UPDATE ON {table} "
        f"WHEN {_changed(columns, 'IS NOT')} BEGIN {refuse} END",
    ]


def _statements(write, reference_rule):
    statements = []
    for name, columns, wrong in RULES:
        statements += write(f"case_{name}", "casereg_case", columns, wrong.format(row="NEW"))
    for table in REFERENCE_TABLES:
        statements += write(f"{table[8:]}_reference_pattern", table, ["reference"], reference_rule)
    statements += write("incident_region_of_cases", "casereg_incident", ["region_id"], INCIDENT_REGION)
    return statements


class Migration(migrations.Migration):
    dependencies = [("casereg", "0002_seed_lists")]
    operations = [
        SQLByVendor(
            postgresql=_statements(_postgresql, POSTGRESQL_REFERENCE),
            sqlite=_statements(_sqlite, SQLITE_REFERENCE),
        )
    ]
