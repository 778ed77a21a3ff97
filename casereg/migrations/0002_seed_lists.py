"""The regions, the variables with their first year, the lists and the nationalities."""

import csv
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data"

# code, Swedish, English
REGIONS = [
    ("stockholm", "Stockholm", "Stockholm"),
    ("bergslagen", "Bergslagen", "Bergslagen"),
    ("nord", "Nord", "Nord"),
    ("mitt", "Mitt", "Mitt"),
    ("ost", "Öst", "Öst"),
    ("vast", "Väst", "Väst"),
    ("syd", "Syd", "Syd"),
]
# code, first year, Swedish, English
VARIABLES = [
    ("region", 2018, "region", "region"),
    ("month", 2018, "månad", "month"),
    ("assessment", 2018, "bedömning", "assessment"),
    ("form", 2018, "exploateringsform", "form of exploitation"),
    ("sex", 2018, "kön", "sex"),
    ("age_group", 2018, "åldersgrupp", "age group"),
    ("nationality", 2018, "nationalitet", "nationality"),
    ("referral_source", 2023, "hänvisad från", "referred from"),
    (
        "joint_inspection",
        2023,
        "identifierad i myndighetsgemensam samverkan",
        "identified in a joint inspection",
    ),
    ("industry", 2022, "bransch", "industry"),
    ("children_in_sweden", 2022, "närstående barn i Sverige", "children in Sweden"),
    ("children_abroad", 2022, "närstående barn i annat land", "children abroad"),
    ("incident", 2018, "sammanhållet ärende", "incident"),
]
FORMS = [
    ("sexual", "sexuella ändamål", "sexual purposes"),
    ("labour", "arbetskraft", "labour"),
    ("criminality", "kriminalitet", "criminality"),
    ("begging", "tiggeri", "begging"),
    ("forced_marriage", "tvångsäktenskap", "forced marriage"),
    ("household", "hushållsarbete", "household work"),
    ("organ_removal", "organhandel", "organ removal"),
    ("multiple", "multipel", "multiple"),
    ("other", "annat", "other"),
    ("unknown", "okänd", "unknown"),
]
REFERRAL_SOURCES = [
    ("own_outreach", "egen uppsökande verksamhet", "own outreach"),
    ("migration_agency", "Migrationsverket", "Swedish Migration Agency"),
    ("police", "Polismyndigheten", "Swedish Police Authority"),
    ("social_services", "socialtjänsten", "social services"),
    ("civil_society", "civilsamhället", "civil society"),
    ("self_referral", "egen kontakt", "self-referral"),
    ("other", "annan", "other"),
    ("unknown", "okänd", "unknown"),
]
INDUSTRIES = [
    ("green", "grön näring", "agriculture, forestry and berry picking"),
    ("construction", "bygg", "construction"),
    ("hospitality", "hotell och restaurang", "hotels and restaurants"),
    ("beauty", "skönhets- och kroppsvård", "beauty and body care"),
    ("car_wash", "biltvätt/bilverkstad", "car washes and garages"),
    ("cleaning", "städ", "cleaning"),
    ("transport", "transport", "transport"),
    ("manufacturing", "industri", "manufacturing"),
    ("other", "annat", "other"),
    ("unknown", "okänd", "unknown"),
]


def seed(apps, schema_editor):
    def create(model, rows):
        rows = [row | {"position": position} for position, row in enumerate(rows, start=1)]
        apps.get_model("casereg", model).objects.bulk_create(
            [apps.get_model("casereg", model)(**row) for row in rows]
        )

    def listed(rows, **more):
        return [{"code": c, "label_sv": sv, "label_en": en, **more} for c, sv, en in rows]

    create("Region", listed(REGIONS))
    create(
        "VariableRow",
        [
            {"code": code, "first_year": year, "label_sv": sv, "label_en": en}
            for code, year, sv, en in VARIABLES
        ],
    )
    create(
        "ExploitationForm",
        [
            row | {"asks_for_industry": row["code"] == "labour"}
            for row in listed(FORMS, first_year=2018)
        ],
    )
    create("ReferralSource", listed(REFERRAL_SOURCES, first_year=2023))
    create("Industry", listed(INDUSTRIES, first_year=2022))
    with (DATA / "nationalities.csv").open(encoding="utf-8", newline="") as file:
        create("Nationality", list(csv.DictReader(file)))
    apps.get_model("casereg", "AuditHead").objects.create(id=1)


class Migration(migrations.Migration):
    dependencies = [("casereg", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
