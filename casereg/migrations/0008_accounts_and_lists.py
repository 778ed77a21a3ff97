"""Second factors, links and mail, cover, signatures; what a changed list and its past have in common."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from casereg.sql_by_vendor import SQLByVendor

# A signature is given once: its row is neither changed nor taken away.
SIGNED = ("casereg_peoplereview", "casereg_trailreview")
SQLITE = [
    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
    f"SELECT RAISE(ABORT, '{table} only takes new rows'); END"
    for table in SIGNED
    for verb in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    statement
    for table in SIGNED
    for statement in (
        f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION casereg_refuse_change()",
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION casereg_refuse_change()",
    )
]


class Migration(migrations.Migration):
    dependencies = [
        ("casereg", "0007_registering_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="session_epoch",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="PeopleReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("people", models.JSONField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="AccountLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("invitation", "invitation"), ("reset", "new password")], max_length=10
                    ),
                ),
                ("key_hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["invitation", "reset"])),
                        name="account_link_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("made_at"))),
                        name="account_link_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Cover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                ("given_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="casereg.region"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["first_day", "region"],
                "indexes": [models.Index(fields=["user", "last_day"], name="covers_of_user")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_day__gte", models.F("first_day"))),
                        name="cover_last_day_not_before_first",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="cover_ended_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FormCorrespondence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_year", models.PositiveSmallIntegerField(verbose_name="first year")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="casereg.exploitationform",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="casereg.exploitationform",
                    ),
                ),
            ],
            options={
                "ordering": ["first_year", "source", "target"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("source", "target"), name="formcorrespondence_once"),
                    models.CheckConstraint(
                        condition=models.Q(("source", models.F("target")), _negated=True),
                        name="formcorrespondence_of_two_values",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_year__gt", 2018)),
                        name="formcorrespondence_year_in_register",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IndustryCorrespondence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_year", models.PositiveSmallIntegerField(verbose_name="first year")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="casereg.industry"
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="casereg.industry"
                    ),
                ),
            ],
            options={
                "ordering": ["first_year", "source", "target"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("source", "target"), name="industrycorrespondence_once"),
                    models.CheckConstraint(
                        condition=models.Q(("source", models.F("target")), _negated=True),
                        name="industrycorrespondence_of_two_values",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_year__gt", 2018)),
                        name="industrycorrespondence_year_in_register",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invitation", "invitation"),
                            ("reset", "link for a new password"),
                            ("password_changed", "the password was changed"),
                            ("factors_changed", "the second factors were changed"),
                            ("factors_reset", "an administrator removed the second factors"),
                            ("address_changed", "the e-mail address was changed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("address", models.EmailField(blank=True, max_length=254)),
                ("asked_at", models.DateTimeField()),
                ("next_try_at", models.DateTimeField(db_index=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "invitation",
                                    "reset",
                                    "password_changed",
                                    "factors_changed",
                                    "factors_reset",
                                    "address_changed",
                                ],
                            )
                        ),
                        name="outgoing_mail_kind_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReferralSourceCorrespondence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_year", models.PositiveSmallIntegerField(verbose_name="first year")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="casereg.referralsource",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="casereg.referralsource",
                    ),
                ),
            ],
            options={
                "ordering": ["first_year", "source", "target"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "target"), name="referralsourcecorrespondence_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", models.F("target")), _negated=True),
                        name="referralsourcecorrespondence_of_two_values",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_year__gt", 2018)),
                        name="referralsourcecorrespondence_year_in_register",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegionCounty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("county", models.CharField(max_length=2, verbose_name="county")),
                ("first_year", models.PositiveSmallIntegerField(verbose_name="first year")),
                (
                    "last_year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="last year"),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="casereg.region"
                    ),
                ),
            ],
            options={
                "ordering": ["county", "first_year"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("county", "first_year"), name="county_begins_in_one_region"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("last_year__isnull", True)),
                        fields=("county",),
                        name="county_is_in_one_region_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_year__gte", 2018)), name="county_first_year_in_register"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_year__isnull", True),
                            ("last_year__gte", models.F("first_year")),
                            _connector="OR",
                        ),
                        name="county_last_year_not_before_first",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TrailReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("month", models.PositiveSmallIntegerField()),
                ("events", models.PositiveIntegerField()),
                ("last_sequence", models.PositiveBigIntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="casereg.region"
                    ),
                ),
            ],
            options={
                "ordering": ["year", "month", "region"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("region", "year", "month"), name="one_trail_review_a_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__gte", 1), ("month__lte", 12)),
                        name="trail_review_month_is_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VariableDefinition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_year", models.PositiveSmallIntegerField(verbose_name="first year")),
                ("definition_sv", models.TextField(verbose_name="Swedish definition")),
                ("definition_en", models.TextField(verbose_name="English definition")),
                (
                    "variable",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="casereg.variablerow",
                    ),
                ),
            ],
            options={
                "ordering": ["variable", "first_year"],
                "constraints": [
                    models.UniqueConstraint(fields=("variable", "first_year"), name="one_definition_a_year"),
                    models.CheckConstraint(
                        condition=models.Q(("first_year__gt", 2018)), name="definition_year_in_register"
                    ),
                ],
            },
        ),
        SQLByVendor(postgresql=POSTGRESQL, sqlite=SQLITE),
    ]
