"""Counties belong to regions, each to one at a time, from a year to a year."""

import importlib

import pytest
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import translation

from casereg.actions.regions import RegionRefused, assign_county, release_county
from casereg.counties import COUNTIES, counties_named
from casereg.models import AuditEvent, Region, RegionCounty
from tests.conftest import NOW
from tests.databases import nothing_changes

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def assign(administrator):
    def assigned(region, county, year):
        assign_county(region=region, county=county, first_year=year, by=administrator)

    return assigned


def years(county="12"):
    rows = RegionCounty.objects.filter(county=county).order_by("first_year")
    return list(rows.values_list("region", "first_year", "last_year"))


# --- The counties --------------------------------------------------------------------------------


def test_there_are_21_counties_by_the_codes_of_statistics_sweden():
    assert len(COUNTIES) == 21
    # 02, 11, 13–16 and others were counties once: 11 and 15 and 16 went up in 12 and 14.
    assert {"02", "11", "15", "16"}.isdisjoint(COUNTIES)
    assert (COUNTIES["01"].name_sv, COUNTIES["25"].name_sv) == ("Stockholms län", "Norrbottens län")
    assert all(county.name_sv.endswith(" län") for county in COUNTIES.values())
    with translation.override("en"):
        assert COUNTIES["14"].name == "Västra Götaland County"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Norrbottens län, Västerbottens län", ["25", "24"]),
        ("norrbotten; Västerbotten,Norrbotten County", ["25", "24"]),
        ("Dalarna, Dalarnas län, Uppsala", ["20", "03"]),
        ("the north, 12, Skåneland", []),
        ("", []),
    ],
)
def test_counties_are_found_in_free_text_and_nothing_else_is(text, codes):
    assert [county.code for county in counties_named(text)] == codes


def test_the_migration_gives_a_row_to_what_one_region_alone_names():
    class Named:
        """Regions as they were before the migration, with their free text."""

        texts = {"nord": "Norrbottens län, Jämtland", "mitt": "Jämtlands län, någonstans", "syd": ""}

        @classmethod
        def all(cls):
            regions = Region.objects.filter(pk__in=cls.texts)
            for region in regions:
                region.counties = cls.texts[region.pk]
            return regions._result_cache

    class Before:
        @staticmethod
        def get_model(app, name):
            return type("Region", (), {"objects": Named}) if name == "Region" else apps.get_model(app, name)

    migration = importlib.import_module("casereg.migrations.0009_changing_lists")
    migration.give_counties_their_rows(Before, None)

    assert list(RegionCounty.objects.values_list("region", "county", "first_year", "last_year")) == [
        ("nord", "25", 2018, None)
    ]


# --- Which region has them -----------------------------------------------------------------------


def test_a_county_comes_to_a_region_from_a_year_on(assign):
    assign("syd", "12", 2018)

    assert years() == [("syd", 2018, None)]
    event = AuditEvent.objects.get()
    assert (event.action, event.object, event.region) == ("county_assign", "region syd", "syd")


def test_a_county_that_comes_to_another_region_ends_in_the_former_the_year_before(assign):
    assign("syd", "12", 2018)
    assign("vast", "12", 2024)
    assign("ost", "12", NOW.year + 1)

    assert years() == [("syd", 2018, 2023), ("vast", 2024, NOW.year), ("ost", NOW.year + 1, None)]


def test_what_was_said_of_the_same_first_year_is_put_right(assign):
    assign("syd", "12", 2020)
    assign("vast", "12", 2020)

    assert years() == [("vast", 2020, None)]


def test_a_county_is_released_and_may_come_back(assign, administrator):
    assign("syd", "12", 2018)
    release_county(region="syd", county="12", last_year=2021, by=administrator)
    assert years() == [("syd", 2018, 2021)]
    assert AuditEvent.objects.latest("sequence").action == "county_release"

    assign("syd", "12", 2023)

    assert years() == [("syd", 2018, 2021), ("syd", 2023, None)]


@pytest.mark.parametrize(
    ("region", "year", "field"),
    [("vast", 2019, "first_year"), ("syd", 2025, "county"), ("nord", 2017, "first_year")],
    ids=["before it is elsewhere", "there already", "before the register"],
)
def test_what_does_not_fit_is_refused_and_stored_nowhere(assign, region, year, field):
    RegionCounty.objects.create(region_id="syd", county="12", first_year=2020)

    with nothing_changes(), pytest.raises(RegionRefused) as refused:
        assign(region, "12", year)

    assert [finding.variable for finding in refused.value.findings] == [field]


def test_a_region_has_counties_only_in_its_own_years(assign):
    Region.objects.filter(pk="syd").update(first_year=2020, last_year=2022)

    for year in (2019, 2023):
        with pytest.raises(RegionRefused):
            assign("syd", "12", year)
    assign("syd", "12", 2022)


def test_a_county_does_not_end_before_it_began(assign, administrator):
    assign("syd", "12", 2020)

    with nothing_changes(), pytest.raises(RegionRefused):
        release_county(region="syd", county="12", last_year=2019, by=administrator)


def test_no_county_and_no_region_is_made_up(assign, administrator):
    for region, county in [("syd", "99"), ("nowhere", "12")]:
        with pytest.raises(ObjectDoesNotExist):
            assign(region, county, 2020)
    with pytest.raises(ObjectDoesNotExist):
        release_county(region="syd", county="12", last_year=2020, by=administrator)


@pytest.mark.parametrize(
    "row", [(2018, None), (2019, 2020), (2022, 2023), (2023, None)], ids=lambda row: f"{row[0]}–{row[1]}"
)
def test_the_database_keeps_a_county_in_one_region_a_year(row):
    RegionCounty.objects.create(region_id="syd", county="12", first_year=2020, last_year=2023)
    first, last = row

    with pytest.raises(DatabaseError), transaction.atomic():
        RegionCounty.objects.create(region_id="vast", county="12", first_year=first, last_year=last)
    later = RegionCounty.objects.create(region_id="vast", county="12", first_year=2024)
    with pytest.raises(DatabaseError), transaction.atomic():
        RegionCounty.objects.filter(pk=later.pk).update(first_year=2022)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE casereg_regioncounty SET last_year = NULL WHERE region_id = 'syd'")


# --- Pages ---------------------------------------------------------------------------------------


def test_the_page_of_a_region_shows_its_counties_with_past_years(admin, assign):
    assign("syd", "12", 2018)
    assign("syd", "10", 2018)
    assign("vast", "12", 2024)

    page = admin.get(reverse("region_counties", args=["syd"]))

    shown = [(county.name, county.years, county.next_region) for county in page.context["counties"]]
    assert shown == [("Blekinge County", "From 2018", ""), ("Skåne County", "2018–2023", "Väst")]
    assert "Blekinge County" in admin.get(reverse("region_list")).content.decode()


def test_a_county_is_entered_and_ended_on_the_pages(admin):
    page = reverse("region_counties", args=["syd"])
    assert admin.post(page, {"county": "12", "first_year": "2018"}).status_code == 302
    assert "12" not in dict(admin.get(page).context["form"].fields["county"].choices)

    page = reverse("region_county_release", args=["syd", "12"])
    assert admin.post(page, {"last_year": "2025"}).status_code == 302

    assert years() == [("syd", 2018, 2025)]
    assert admin.get(page).status_code == 404


def test_what_is_wrong_is_said_at_its_field(admin, assign):
    assign("vast", "12", 2022)
    page = reverse("region_counties", args=["syd"])

    assert list(admin.post(page, {}).context["form"].errors) == ["county", "first_year"]
    refused = admin.post(page, {"county": "12", "first_year": "2020"})

    assert "From 2022 it belongs to Väst" in refused.context["form"].errors["first_year"][0]


@pytest.mark.parametrize("who", ["coordinator_nord", "analyst"])
def test_only_administrators_give_regions_their_counties(request, client, assign, who):
    assign("syd", "12", 2018)
    client.force_login(request.getfixturevalue(who))

    assert client.get(reverse("region_counties", args=["syd"])).status_code == 403
    assert client.get(reverse("region_county_release", args=["syd", "12"])).status_code == 403
