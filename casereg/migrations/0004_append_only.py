"""The audit trail and the history take rows and never lose or change one. The head only moves forward."""

from django.db import migrations

from casereg.sql_by_vendor import SQLByVendor

APPEND_ONLY = ["casereg_auditevent", "casereg_casehistory"]
HEAD = "casereg_audithead"

POSTGRESQL = [
    "CREATE FUNCTION casereg_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION '% only takes new rows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; "
    "END $$",
    "CREATE FUNCTION casereg_refuse_step_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF NEW.sequence <> OLD.sequence + 1 THEN RAISE EXCEPTION 'the audit head moves one step forward' "
    "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$",
    f"CREATE TRIGGER audit_head_forward BEFORE UPDATE ON {HEAD} "
    "FOR EACH ROW EXECUTE FUNCTION casereg_refuse_step_back()",
    f"CREATE TRIGGER audit_head_stays BEFORE DELETE ON {HEAD} "
    "FOR EACH ROW EXECUTE FUNCTION casereg_refuse_change()",
    f"CREATE TRIGGER audit_head_not_emptied BEFORE TRUNCATE ON {HEAD} "
    "FOR EACH STATEMENT EXECUTE FUNCTION casereg_refuse_change()",
]
SQLITE = [
    f"CREATE TRIGGER audit_head_forward BEFORE UPDATE ON {HEAD} "
    "WHEN NEW.sequence <> OLD.sequence + 1 BEGIN "
    "SELECT RAISE(ABORT, 'the audit head moves one step forward'); END",
    f"CREATE TRIGGER audit_head_stays BEFORE DELETE ON {HEAD} BEGIN "
    f"SELECT RAISE(ABORT, '{HEAD} only takes new rows'); END",
]
for table in APPEND_ONLY:
    POSTGRESQL += [
        f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION casereg_refuse_change()",
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION casereg_refuse_change()",
    ]
    SQLITE += [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
        f"SELECT RAISE(ABORT, '{table} only takes new rows'); END"
        for verb in ("UPDATE", "DELETE")
    ]


class Migration(migrations.Migration):
    dependencies = [("casereg", "0003_case_rules")]
    operations = [SQLByVendor(postgresql=POSTGRESQL, sqlite=SQLITE)]
