"""Histories and sent forms say which region they belong to: that of their case or incident, and no other.

The database keeps it so, and takes what belongs to a case along when the case moves. On PostgreSQL that is a
foreign key of two columns; there, one to a case that is out of sight fails as one to a case that is not.
"""

import django.db.models.deletion
from django.db import migrations, models

from casereg.sql_by_vendor import SQLByVendor

CASE, INCIDENT = "casereg_case", "casereg_incident"
HISTORY, INCIDENT_HISTORY = "casereg_casehistory", "casereg_incidenthistory"
SUBMISSION, REMARK, OFFER = "casereg_submission", "casereg_caseremark", "casereg_offer"
# (table, column that leads to the parent, parent). What belongs to a case moves with it.
CHILDREN = [
    (HISTORY, "case_id", CASE),
    (REMARK, "case_id", CASE),
    (SUBMISSION, "case_id", CASE),
    (INCIDENT_HISTORY, "incident_id", INCIDENT),
    (SUBMISSION, "incident_id", INCIDENT),
    (CASE, "incident_id", INCIDENT),
]
FILL = [
    f"UPDATE {HISTORY} SET region_id = (SELECT region_id FROM {CASE} c WHERE c.id = case_id)",
    f"UPDATE {INCIDENT_HISTORY} SET region_id = "
    f"(SELECT region_id FROM {INCIDENT} i WHERE i.id = incident_id)",
    f"UPDATE {SUBMISSION} SET region_id = COALESCE((SELECT region_id FROM {CASE} c WHERE c.id = case_id), "
    f"(SELECT region_id FROM {INCIDENT} i WHERE i.id = incident_id))",
]
# Of a history nothing but the region changes, and of an offer nothing but what is answered.
OFFERED = ["case_id", "reference", "from_region_id", "to_region_id"]
KEPT = ["id", "case_id", "at", "by_id", "action", "changes", "reason", "note", "confirmed"]


def _postgresql_before():
    statements = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in (HISTORY, INCIDENT_HISTORY)]
    statements += FILL
    return statements + [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in (HISTORY, INCIDENT_HISTORY)]


def _postgresql_after():
    statements = [
        f"ALTER TABLE {table} ADD CONSTRAINT {table[8:]}_id_and_region UNIQUE (id, region_id)"
        for table in (CASE, INCIDENT)
    ]
    statements += [
        f"ALTER TABLE {table} ADD CONSTRAINT {table[8:]}_in_region_of_{parent[8:]} "
        f"FOREIGN KEY ({column}, region_id) REFERENCES {parent} (id, region_id) "
        + ("ON UPDATE CASCADE " if parent == CASE else "")
        + "DEFERRABLE INITIALLY DEFERRED"
        for table, column, parent in CHILDREN
    ]
    turned = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in OFFERED)
    return [
        *statements,
        "CREATE FUNCTION casereg_history_moves_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        # That the new region is the case's, the foreign key says.
        "IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'region_id' = to_jsonb(OLD) - 'region_id' "
        "THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION '% only takes new rows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; "
        "END $$",
        f"DROP TRIGGER {HISTORY}_unchanged ON {HISTORY}",
        f"CREATE TRIGGER {HISTORY}_unchanged BEFORE UPDATE OR DELETE ON {HISTORY} "
        "FOR EACH ROW EXECUTE FUNCTION casereg_history_moves_only()",
        "CREATE FUNCTION casereg_rule_offer_by_region_of_case() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NOT EXISTS (SELECT 1 FROM {CASE} c "
        "WHERE c.id = NEW.case_id AND c.region_id = NEW.from_region_id) "
        "THEN RAISE EXCEPTION 'rule broken: offer_by_region_of_case' USING ERRCODE = 'check_violation'; "
        "END IF; RETURN NEW; END $$",
        f"CREATE TRIGGER offer_by_region_of_case BEFORE INSERT ON {OFFER} "
        "FOR EACH ROW EXECUTE FUNCTION casereg_rule_offer_by_region_of_case()",
        "CREATE FUNCTION casereg_rule_offer_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'rule broken: offer_stays' USING ERRCODE = 'check_violation'; END $$",
        f"CREATE TRIGGER offer_stays BEFORE UPDATE ON {OFFER} FOR EACH ROW WHEN ({turned}) "
        "EXECUTE FUNCTION casereg_rule_offer_stays()",
    ]


def _sqlite_after():
    stays = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in KEPT)
    turned = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in OFFERED)
    follows = f"NEW.region_id = (SELECT region_id FROM {CASE} WHERE id = NEW.case_id)"
    statements = [
        f"CREATE TRIGGER {HISTORY}_no_update BEFORE UPDATE ON {HISTORY} WHEN NOT ({stays} AND {follows}) "
        f"BEGIN SELECT RAISE(ABORT, '{HISTORY} only takes new rows'); END",
        f"CREATE TRIGGER {HISTORY}_no_delete BEFORE DELETE ON {HISTORY} "
        f"BEGIN SELECT RAISE(ABORT, '{HISTORY} only takes new rows'); END",
    ]
    statements += [
        f"CREATE TRIGGER {INCIDENT_HISTORY}_no_{verb.lower()} BEFORE {verb} ON {INCIDENT_HISTORY} "
        f"BEGIN SELECT RAISE(ABORT, '{INCIDENT_HISTORY} only takes new rows'); END"
        for verb in ("UPDATE", "DELETE")
    ]
    for table, column, parent in CHILDREN:
        if table == CASE:
            continue  # the rule incident_in_same_region stands there
        wrong = (
            f"NEW.{column} IS NOT NULL AND NEW.region_id IS NOT "
            f"(SELECT region_id FROM {parent} WHERE id = NEW.{column})"
        )
        # After it, so that a sent form may come before its incident in one transaction: there, both are new.
        if (table, column) == (SUBMISSION, "incident_id"):
            wrong += f" AND EXISTS (SELECT 1 FROM {parent} WHERE id = NEW.{column})"
        name = f"{table[8:]}_in_region_of_{parent[8:]}"
        refuse = f"BEGIN SELECT RAISE(ABORT, 'CHECK rule broken: {name}'); END"
        statements += [
            f"CREATE TRIGGER {name}_insert BEFORE INSERT ON {table} WHEN {wrong} {refuse}",
            f"CREATE TRIGGER {name}_update BEFORE UPDATE OF {column}, region_id ON {table} "
            f"WHEN {wrong} {refuse}",
        ]
    moved = "".join(
        f"UPDATE {table} SET region_id = NEW.region_id WHERE {column} = NEW.id; "
        for table, column, parent in CHILDREN
        if parent == CASE
    )
    return [
        *statements,
        f"CREATE TRIGGER case_takes_along AFTER UPDATE OF region_id ON {CASE} "
        f"WHEN OLD.region_id <> NEW.region_id BEGIN {moved}END",
        f"CREATE TRIGGER offer_by_region_of_case BEFORE INSERT ON {OFFER} WHEN NOT EXISTS "
        f"(SELECT 1 FROM {CASE} c WHERE c.id = NEW.case_id AND c.region_id = NEW.from_region_id) "
        "BEGIN SELECT RAISE(ABORT, 'CHECK rule broken: offer_by_region_of_case'); END",
        f"CREATE TRIGGER offer_stays BEFORE UPDATE ON {OFFER} WHEN {turned} "
        "BEGIN SELECT RAISE(ABORT, 'CHECK rule broken: offer_stays'); END",
    ]


def _region(*, null):
    return models.ForeignKey(
        null=null, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="casereg.region"
    )


class Migration(migrations.Migration):
    dependencies = [("casereg", "0012_reading_the_trail")]
    operations = [
        *(
            migrations.AddField(model_name=name, name="region", field=_region(null=True))
            for name in ("casehistory", "incidenthistory", "submission")
        ),
        SQLByVendor(
            postgresql=_postgresql_before(),
            # They are written again below: the tables are made anew where a column changes.
            sqlite=[
                f"DROP TRIGGER {table}_no_{verb}"
                for table in (HISTORY, INCIDENT_HISTORY)
                for verb in ("update", "delete")
            ]
            + FILL,
        ),
        *(
            migrations.AlterField(model_name=name, name="region", field=_region(null=False))
            for name in ("casehistory", "incidenthistory")
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(("case", None), ("incident", None)) | models.Q(("region__isnull", False)),
                name="submission_of_something_has_its_region",
            ),
        ),
        SQLByVendor(postgresql=_postgresql_after(), sqlite=_sqlite_after()),
    ]
