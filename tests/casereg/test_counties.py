"""Counties belong to regions, each to one at a time, from a year to a year."""

from collections.abc import Iterator

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import translation

from casereg.actions.regions import (
    RegionRefused,
    assign_county,
    release_county,
    reopen_region,
    retire_region,
)
from casereg.counties import COUNTIES, counties_named
from casereg.models import AuditEvent, Region, RegionCounty
from tests.conftest import NOW
from tests.databases import nothing_changes
from tests.migrations import OtherDatabase, other_database

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def before_counties(django_db_setup, django_db_blocker, tmp_path) -> Iterator[OtherDatabase]:
    """A database of its own, as it was when a region had a text of its counties."""
    with django_db_blocker.unblock(), other_database(tmp_path) as database:
        database.migrate("0008")
        yield database


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
        ("norrbotten; Västerbotten,Norrbotten County", ["25", "24", "25"]),
        ("Dalarna, Dalarnas län, Uppsala", ["20", "20", "03"]),
        ("Skåne, Halland och Kronoberg", ["12", "13", "07"]),
        ("Skåne,Halland, and Kronoberg County\nBlekinge", ["12", "13", "07", "10"]),
        ("", []),
    ],
)
def test_counties_are_found_in_free_text(text, codes):
    assert [county and county.code for _text, county in counties_named(text)] == codes


def test_what_is_no_county_is_left_over_as_it_was_written():
    named = counties_named("the north,  12 , Dalarna och Skåneland; Öland och")

    assert [text for text, county in named if county is None] == ["the north", "12", "Skåneland", "Öland och"]
    assert counties_named(" ; ,\n") == []


# What was stored before counties had rows: region, first year, last year, text.
WRITTEN = [
    ("syd", 2018, 2022, "Skåne, Blekinge"),
    ("ost", 2023, None, "Skåne, Halland och Kronoberg"),
    ("nord", 2018, None, "Norrbottens län, Jämtland; the far north, Norrbotten"),
    ("mitt", 2020, None, "Jämtlands län"),
    ("vast", 2018, None, ""),
]


def test_the_migration_gives_counties_their_rows_and_throws_no_text_away(before_counties):
    database = before_counties
    for code, first, last, text in WRITTEN:
        database.run(
            "UPDATE casereg_region SET first_year = %s, last_year = %s, counties = %s WHERE code = %s",
            first, last, text, code,
        )  # fmt: skip

    done = database.migrate("0009")

    rows = database.run(
        "SELECT region_id, county, first_year, last_year FROM casereg_regioncounty "
        "ORDER BY county, first_year"
    )
    assert rows == [
        ("ost", "07", 2023, None),
        ("syd", "10", 2018, 2022),
        ("syd", "12", 2018, 2022),
        ("ost", "12", 2023, None),
        ("ost", "13", 2023, None),
        ("nord", "25", 2018, None),
    ]
    left = database.run("SELECT code, counties_unread FROM casereg_region ORDER BY code")
    assert {code: text for code, text in left if text} == {
        "nord": "Jämtland,the far north",
        "mitt": "Jämtlands län",
    }
    assert "region nord: no county became of “Jämtland, the far north”" in done.stdout
    assert "region syd" not in done.stdout


def test_the_page_of_a_region_shows_what_could_not_be_read_as_a_county(admin):
    Region.objects.filter(pk="nord").update(counties_unread="Jämtland,the far north")

    page = admin.get(reverse("region_counties", args=["nord"])).content.decode()

    assert "Jämtland, the far north" in page
    assert "written as text" in page
    assert "written as text" not in admin.get(reverse("region_counties", args=["syd"])).content.decode()


# --- Which region has them -----------------------------------------------------------------------


def test_a_county_comes_to_a_region_from_a_year_on(assign):
    assign("syd", "12", 2018)

    assert years() == [("syd", 2018, None)]
    event = AuditEvent.objects.get()
    assert (event.action, event.object, event.region) == ("county_assign", "region syd", "syd")
    assert event.fields == ["county 12", "from 2018"]


def test_a_county_that_comes_to_another_region_ends_in_the_former_the_year_before(assign):
    assign("syd", "12", 2018)
    assign("vast", "12", 2024)
    assign("ost", "12", NOW.year + 1)

    assert years() == [("syd", 2018, 2023), ("vast", 2024, NOW.year), ("ost", NOW.year + 1, None)]
    events = AuditEvent.objects.order_by("sequence").values_list("action", "region", "fields")
    assert list(events)[1:3] == [
        ("county_release", "syd", ["county 12", "until 2023"]),
        ("county_assign", "vast", ["county 12", "from 2024"]),
    ]


def test_what_was_said_of_the_same_first_year_is_put_right(assign):
    assign("syd", "12", 2020)
    assign("vast", "12", 2020)

    assert years() == [("vast", 2020, None)]
    assert AuditEvent.objects.get(action="county_release").fields == ["county 12"]


def test_a_county_is_released_and_may_come_back(assign, administrator):
    assign("syd", "12", 2018)
    release_county(region="syd", county="12", last_year=2021, by=administrator)
    assert years() == [("syd", 2018, 2021)]
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.fields) == ("county_release", ["county 12", "until 2021"])

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


@pytest.mark.parametrize(("region", "year"), [("vast", 2018), ("vast", 2021), ("syd", 2020)])
def test_a_past_that_has_ended_is_not_taken_from_a_region(assign, administrator, region, year):
    assign("syd", "12", 2018)
    release_county(region="syd", county="12", last_year=2021, by=administrator)

    with (
        translation.override("en"),
        nothing_changes(),
        pytest.raises(RegionRefused, match="Until 2021") as refused,
    ):
        assign(region, "12", year)

    assert [finding.variable for finding in refused.value.findings] == ["first_year"]
    assign(region, "12", 2022)
    assert years() == [("syd", 2018, 2021), (region, 2022, None)]


@pytest.mark.parametrize("year", [2018, 2024], ids=["from the same year", "from a later year"])
def test_the_region_that_loses_a_county_has_it_in_its_trail_too(assign, year):
    assign("syd", "12", 2018)

    assign("vast", "12", year)

    told = AuditEvent.objects.order_by("sequence").values_list("action", "object", "region")
    assert list(told)[1:] == [
        ("county_release", "region syd", "syd"),
        ("county_assign", "region vast", "vast"),
    ]


def test_a_region_that_is_retired_keeps_no_county_after_its_last_year(assign, administrator):
    assign("syd", "12", 2018)
    assign("syd", "10", NOW.year + 1)  # after the last year: it never comes to that
    assign("vast", "13", 2018)
    assign("syd", "13", 2020)
    release_county(region="syd", county="13", last_year=2022, by=administrator)

    retire_region(code="syd", by=administrator)

    assert years() == [("syd", 2018, NOW.year)]
    assert years("10") == []
    assert years("13") == [("vast", 2018, 2019), ("syd", 2020, 2022)]
    assert AuditEvent.objects.latest("sequence").fields == ["counties", "last_year"]
    assign("vast", "12", NOW.year + 1)


def test_a_region_that_opens_again_has_the_counties_that_ended_with_it_and_nobody_else_has(
    assign, administrator
):
    for county in ("12", "10", "13"):
        assign("syd", county, 2018)
    release_county(region="syd", county="10", last_year=2021, by=administrator)
    retire_region(code="syd", by=administrator)
    assign("vast", "13", NOW.year + 1)

    reopen_region(code="syd", by=administrator)

    assert years() == [("syd", 2018, None)]
    assert years("10") == [("syd", 2018, 2021)]
    assert years("13") == [("syd", 2018, NOW.year), ("vast", NOW.year + 1, None)]
    assert AuditEvent.objects.latest("sequence").fields == ["counties", "last_year"]


def test_a_county_that_comes_to_a_retired_region_ends_with_it(assign, administrator):
    Region.objects.filter(pk="syd").update(last_year=2022)

    assign("syd", "12", 2020)

    assert years() == [("syd", 2020, 2022)]


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
