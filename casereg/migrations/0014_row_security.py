"""The second wall, on PostgreSQL: which rows of cases, and of what belongs to them, a transaction reaches.

It goes by what `casereg.row_security` sets. Each policy reads the settings in a query of its own, which the
server runs once for a statement and not for each row.
"""

from django.db import migrations, models

from casereg.sql_by_vendor import SQLByVendor

ACTS_FOR_SYSTEM = "(SELECT current_setting('casereg.role', true)) = 'system'"


def _regions(setting, column):
    value = f"current_setting('casereg.{setting}', true)"
    return f"((SELECT {value}) = '*' OR {column} = ANY ((SELECT string_to_array({value}, ','))::text[]))"


def _own(column):
    mine = "(SELECT nullif(current_setting('casereg.user_id', true), '')::bigint)"
    return f"({column} = {mine} OR {ACTS_FOR_SYSTEM})"


def _policies(table, *, seen, written):
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY seen ON {table} FOR SELECT USING ({seen})",
        f"CREATE POLICY added ON {table} FOR INSERT WITH CHECK ({written})",
        f"CREATE POLICY changed ON {table} FOR UPDATE USING ({written}) WITH CHECK ({written})",
        f"CREATE POLICY deleted ON {table} FOR DELETE USING ({written})",
    ]


STATEMENTS = []
for table in (
    "case",
    "incident",
    "casehistory",
    "incidenthistory",
    "caseremark",
    "filemapping",
    "referencecounter",
):
    STATEMENTS += _policies(
        f"casereg_{table}", seen=_regions("reads", "region_id"), written=_regions("writes", "region_id")
    )
STATEMENTS += _policies(
    "casereg_offer",
    seen=f"{_regions('reads', 'from_region_id')} OR {_regions('reads', 'to_region_id')}",
    written=f"{_regions('writes', 'from_region_id')} OR {_regions('writes', 'to_region_id')}",
)
# Whoever sees one of the two cases sees that it was judged.
JUDGE = "(SELECT current_setting('casereg.writes', true)) = '*'"
STATEMENTS += _policies(
    "casereg_verdict",
    seen="(SELECT current_setting('casereg.reads', true)) = '*' "
    "OR EXISTS (SELECT 1 FROM casereg_case c WHERE c.id IN (first_id, second_id))",
    written=JUDGE,
)
for table, column in (("draft", "author_id"), ("upload", "author_id"), ("submission", "by_id")):
    STATEMENTS += _policies(f"casereg_{table}", seen=_own(column), written=_own(column))
OF_SUBMISSION = "EXISTS (SELECT 1 FROM casereg_submission s WHERE s.id = submission_id)"
STATEMENTS += _policies(
    "casereg_submission_persons",
    seen=OF_SUBMISSION,
    written=f"{OF_SUBMISSION} AND EXISTS (SELECT 1 FROM casereg_case c WHERE c.id = case_id)",
)


class Migration(migrations.Migration):
    dependencies = [("casereg", "0013_regions_of_what_belongs_to_cases")]
    operations = [
        SQLByVendor(postgresql=STATEMENTS, sqlite=[]),
        # With the region, which the policies ask for: the series is read off the index alone.
        migrations.RemoveIndex(model_name="case", name="case_counts"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["year", "form", "sex", "age_group", "nationality", "region"],
                condition=models.Q(("withdrawn_at__isnull", True)),
                name="case_counts",
            ),
        ),
    ]
