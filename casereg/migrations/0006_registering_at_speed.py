"""What registering at speed stores: drafts, sent forms, remarks, uploads, verdicts, incidents' histories."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casereg", "0005_cache_table"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseRemark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=120)),
                ("variable", models.CharField(max_length=40)),
                ("confirmed_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["case", "id"],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.UUIDField()),
                (
                    "page",
                    models.CharField(
                        choices=[
                            ("case_register", "a case"),
                            ("case_amend", "an amendment of a case"),
                            ("incident_register", "an incident with its persons"),
                            ("incident_amend", "an amendment of an incident's cases"),
                        ],
                        max_length=20,
                    ),
                ),
                ("about", models.UUIDField(null=True)),
                ("fields", models.JSONField()),
                ("begun_at", models.DateTimeField()),
                ("saved_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "ordering": ["-saved_at"],
            },
        ),
        migrations.CreateModel(
            name="FileMapping",
            fields=[
                (
                    "region",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="casereg.region",
                    ),
                ),
                ("columns", models.JSONField(default=dict)),
                ("words", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="IncidentHistory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("create", "created"),
                            ("rename", "renamed"),
                            ("register", "persons registered"),
                            ("add", "persons added"),
                            ("take_out", "person taken out"),
                            ("amend", "all persons amended"),
                            ("undo", "registering undone"),
                        ],
                        max_length=20,
                    ),
                ),
                ("changes", models.JSONField(default=dict)),
                ("references", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.UUIDField()),
                ("content_hash", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["at"],
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=120)),
                ("content", models.BinaryField()),
                ("columns", models.JSONField(null=True)),
                ("words", models.JSONField(null=True)),
                ("uploaded_at", models.DateTimeField(db_index=True)),
                ("imported_at", models.DateTimeField(null=True)),
                ("registered", models.PositiveIntegerField(null=True)),
                ("unchanged", models.PositiveIntegerField(null=True)),
            ],
            options={
                "ordering": ["-uploaded_at"],
            },
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[("same", "the same person"), ("different", "different persons")],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("taken_back_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-at"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="casehistory",
            name="history_reason_known",
        ),
        migrations.AddField(
            model_name="audithead",
            name="last_change",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="casehistory",
            name="confirmed",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="exploitationform",
            name="covered_by_exploitation",
            field=models.BooleanField(null=True, verbose_name="covered by human exploitation"),
        ),
        migrations.AlterField(
            model_name="casehistory",
            name="action",
            field=models.CharField(
                choices=[
                    ("register", "registered"),
                    ("import", "imported from a file"),
                    ("amend", "amended"),
                    ("withdraw", "withdrawn"),
                    ("restore", "restored"),
                    ("move", "taken over by another region"),
                    ("confirm", "confirmed"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="casehistory",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("registered_in_error", "registered in error"),
                    ("registered_twice", "registered twice"),
                    ("not_within_criterion", "not within the criterion"),
                    ("withdrawn_in_error", "withdrawn in error"),
                    ("within_criterion", "within the criterion after all"),
                    ("undone", "undone right after registering"),
                    ("same_person", "the same person is registered by another region"),
                    ("different_person", "not the same person after all"),
                    ("other", "other"),
                ],
                max_length=30,
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["year", "form", "sex", "age_group", "nationality"],
                condition=models.Q(("withdrawn_at__isnull", True)),
                name="case_counts",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["-year", "-month", "-registered_at", "id"], name="case_list_of_all"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["form", "nationality", "sex", "age_group", "year", "month"], name="case_same_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="casehistory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        [
                            "",
                            "registered_in_error",
                            "registered_twice",
                            "not_within_criterion",
                            "withdrawn_in_error",
                            "within_criterion",
                            "undone",
                            "same_person",
                            "different_person",
                            "other",
                        ],
                    )
                ),
                name="history_reason_known",
            ),
        ),
        migrations.AddField(
            model_name="caseremark",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="remarks", to="casereg.case"
            ),
        ),
        migrations.AddField(
            model_name="caseremark",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="caseremark",
            name="region",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="casereg.region"
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="region",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="casereg.region"
            ),
        ),
        migrations.AddField(
            model_name="filemapping",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="incidenthistory",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="incidenthistory",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="history", to="casereg.incident"
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="case",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="casereg.case"
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="incident",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="casereg.incident",
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="persons",
            field=models.ManyToManyField(related_name="+", to="casereg.case"),
        ),
        migrations.AddField(
            model_name="upload",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="region",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="casereg.region"
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="first",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="casereg.case"
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="second",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="casereg.case"
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="stands",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="casereg.case"
            ),
        ),
        migrations.AddField(
            model_name="verdict",
            name="taken_back_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="caseremark",
            index=models.Index(
                condition=models.Q(("confirmed_at__isnull", True)),
                fields=["region", "case"],
                name="remark_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseremark",
            constraint=models.UniqueConstraint(fields=("case", "key"), name="remark_on_a_case_is_one"),
        ),
        migrations.AddConstraint(
            model_name="caseremark",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True), ("confirmed_at__isnull", False), _connector="OR"
                ),
                name="remark_confirmed_by_somebody_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(fields=("author", "number"), name="draft_of_a_form_is_one"),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("page__in", ["case_register", "case_amend", "incident_register", "incident_amend"])
                ),
                name="draft_page_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.UniqueConstraint(fields=("by", "number"), name="submission_is_stored_once"),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.UniqueConstraint(
                condition=models.Q(("taken_back_at__isnull", True)),
                fields=("first", "second"),
                name="verdict_on_a_pair_is_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("second"))), name="verdict_pair_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "different"), ("stands__isnull", True)),
                    models.Q(("answer", "same"), ("stands", models.F("first"))),
                    models.Q(("answer", "same"), ("stands", models.F("second"))),
                    _connector="OR",
                ),
                name="verdict_same_says_which_stands",
            ),
        ),
    ]
