"""The trail is read by person, day, kind and region; a review also covers what was done outside regions."""

from django.db import migrations, models

from casereg.sql_by_vendor import SQLByVendor

# SQLite makes the table anew where a column changes, and its triggers go with the old one.
SIGNED = "casereg_trailreview"
SQLITE = [
    f"CREATE TRIGGER {SIGNED}_no_{verb.lower()} BEFORE {verb} ON {SIGNED} BEGIN "
    f"SELECT RAISE(ABORT, '{SIGNED} only takes new rows'); END"
    for verb in ("UPDATE", "DELETE")
]
NEWEST_FIRST = ["at", "sequence"]
WAYS_IN = {
    "events_by_time": NEWEST_FIRST,
    "events_of_person": ["actor", *NEWEST_FIRST],
    "events_of_region": ["region", *NEWEST_FIRST],
    "events_of_action": ["action", *NEWEST_FIRST],
    "events_of_outcome": ["outcome", *NEWEST_FIRST],
    "events_of_object": ["object", *NEWEST_FIRST],
}


class Migration(migrations.Migration):
    dependencies = [("casereg", "0009_changing_lists")]
    operations = [
        migrations.AlterField(
            model_name="trailreview",
            name="region",
            field=models.CharField(blank=True, max_length=40),
        ),
        SQLByVendor(postgresql=[], sqlite=SQLITE),
        *(
            migrations.AddIndex(
                model_name="auditevent",
                index=models.Index(fields=columns, name=name),
            )
            for name, columns in WAYS_IN.items()
        ),
    ]
