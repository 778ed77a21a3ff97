"""What values said before their words were corrected; counties of regions as rows with years, not as text."""

import sys

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from casereg.counties import counties_named
from casereg.sql_by_vendor import SQLByVendor

HISTORY, COUNTY = "casereg_termhistory", "casereg_regioncounty"
# A county that is in two regions in one year: the same rule in both databases. NULL: the years go on.
LAST = 32767
OVERLAP = (
    f"SELECT 1 FROM {COUNTY} AS other WHERE other.county = NEW.county AND other.id <> NEW.id "
    f"AND other.first_year <= COALESCE(NEW.last_year, {LAST}) "
    f"AND NEW.first_year <= COALESCE(other.last_year, {LAST})"
)
SQLITE = [
    f"CREATE TRIGGER {HISTORY}_no_{verb.lower()} BEFORE {verb} ON {HISTORY} BEGIN "
    f"SELECT RAISE(ABORT, '{HISTORY} only takes new rows'); END"
    for verb in ("UPDATE", "DELETE")
] + [
    f"CREATE TRIGGER county_in_one_region_{verb.lower()} AFTER {verb} ON {COUNTY} WHEN EXISTS ({OVERLAP}) "
    "BEGIN SELECT RAISE(ABORT, 'the county is in another region that year'); END"
    for verb in ("INSERT", "UPDATE")
]
POSTGRESQL = [
    f"CREATE TRIGGER {HISTORY}_unchanged BEFORE UPDATE OR DELETE ON {HISTORY} "
    "FOR EACH ROW EXECUTE FUNCTION casereg_refuse_change()",
    f"CREATE TRIGGER {HISTORY}_not_emptied BEFORE TRUNCATE ON {HISTORY} "
    "FOR EACH STATEMENT EXECUTE FUNCTION casereg_refuse_change()",
    "CREATE FUNCTION casereg_county_in_one_region() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF EXISTS ({OVERLAP}) THEN RAISE EXCEPTION 'the county is in another region that year' "
    "USING ERRCODE = 'exclusion_violation'; END IF; RETURN NEW; END $$",
    f"CREATE TRIGGER county_in_one_region AFTER INSERT OR UPDATE ON {COUNTY} "
    "FOR EACH ROW EXECUTE FUNCTION casereg_county_in_one_region()",
]


def give_counties_their_rows(apps, schema_editor):
    """What the free text names as a county, and no other region of the same years names too.

    What is left of the text stays in its column, and is told to whoever migrates.
    """
    region, row = apps.get_model("casereg", "Region"), apps.get_model("casereg", "RegionCounty")
    regions = list(region.objects.order_by("pk"))
    named = {each.pk: counties_named(each.counties) for each in regions}
    for each in regions:
        others = [other for other in regions if other.pk != each.pk and _meet(each, other)]
        claimed = {county for other in others for _text, county in named[other.pk]} | {None}
        for county in dict.fromkeys(county for _text, county in named[each.pk] if county not in claimed):
            row.objects.create(
                region=each, county=county.code, first_year=each.first_year, last_year=each.last_year
            )
        left = [text for text, county in named[each.pk] if county in claimed]
        if left:
            sys.stdout.write(
                f"\n  region {each.pk}: no county became of “{', '.join(left)}”; it is kept as text"
            )
        # No longer than it was.
        region.objects.filter(pk=each.pk).update(counties=",".join(left))


def _meet(one, other):
    return one.first_year <= (other.last_year or LAST) and other.first_year <= (one.last_year or LAST)


class Migration(migrations.Migration):
    dependencies = [("casereg", "0008_accounts_and_lists")]

    operations = [
        migrations.CreateModel(
            name="TermHistory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("variable", models.CharField(max_length=40)),
                ("code", models.CharField(max_length=40)),
                ("label_sv", models.CharField(max_length=80)),
                ("label_en", models.CharField(max_length=80)),
                ("definition_sv", models.TextField(blank=True)),
                ("definition_en", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
                "indexes": [models.Index(fields=["variable", "code", "at"], name="words_of_value")],
            },
        ),
        SQLByVendor(postgresql=POSTGRESQL, sqlite=SQLITE),
        migrations.RunPython(give_counties_their_rows, migrations.RunPython.noop),
        migrations.RenameField(model_name="region", old_name="counties", new_name="counties_unread"),
    ]
