"""The histories take rows and never lose or change one; which forms the offence of exploitation covers.

On SQLite the migration before this one has rebuilt casereg_casehistory, and its triggers are written again.
"""

from django.db import migrations

from casereg.sql_by_vendor import SQLByVendor

HISTORY, INCIDENT_HISTORY = "casereg_casehistory", "casereg_incidenthistory"
# Criminal Code 4:1 b names forced labour, work under obviously unreasonable conditions, and begging. Of what
# is unknown, several forms in one, or another form, it cannot be said.
COVERED = {
    "labour": True,
    "household": True,
    "begging": True,
    "sexual": False,
    "criminality": False,
    "forced_marriage": False,
    "organ_removal": False,
}


def _sqlite(table):
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
        f"SELECT RAISE(ABORT, '{table} only takes new rows'); END"
        for verb in ("UPDATE", "DELETE")
    ]


POSTGRESQL = [
    f"CREATE TRIGGER {INCIDENT_HISTORY}_unchanged BEFORE UPDATE OR DELETE ON {INCIDENT_HISTORY} "
    "FOR EACH ROW EXECUTE FUNCTION casereg_refuse_change()",
    f"CREATE TRIGGER {INCIDENT_HISTORY}_not_emptied BEFORE TRUNCATE ON {INCIDENT_HISTORY} "
    "FOR EACH STATEMENT EXECUTE FUNCTION casereg_refuse_change()",
]


def say_what_is_covered(apps, schema_editor):
    form = apps.get_model("casereg", "ExploitationForm")
    for code, is_covered in COVERED.items():
        form.objects.filter(pk=code).update(covered_by_exploitation=is_covered)


class Migration(migrations.Migration):
    dependencies = [("casereg", "0006_registering_at_speed")]
    operations = [
        SQLByVendor(postgresql=POSTGRESQL, sqlite=_sqlite(HISTORY) + _sqlite(INCIDENT_HISTORY)),
        migrations.RunPython(say_what_is_covered, migrations.RunPython.noop),
    ]
