"""Charts of a year: what they draw, what they say, and to whom; read back from the SVG."""

import re
from datetime import date

import pytest
from django.utils import translation

from stats import registry
from stats.chart_definitions import CHARTS
from stats.compute import compute_year
from stats.demo.loading import load_demo
from stats.drawing import chart_file, drawn, picture_of, picture_of_table, pictures_of_year
from stats.models import PublishedCount
from stats.registry import Kind
from stats.shown_year import ShownYear, shown_year
from stats.tables import TABLES
from tests.factories import CaseFactory
from tests.stats.drawings import parsed

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _in_swedish():
    with translation.override("sv"):
        yield


def shown(year: int = 2023, region_code: str | None = None) -> ShownYear:
    return shown_year(compute_year(year, region_code=region_code))


def chart(chart_id: str, of: ShownYear, before: ShownYear | None = None):
    picture = picture_of(chart_id, of, before)
    assert picture is not None
    return drawn(picture, of)


def marks(svg: str) -> list[str]:
    """What every drawn value says of itself."""
    return [
        element.findtext(f"{SVG}title") or ""
        for element in parsed(svg).iter()
        if element.get("class") == "mark"
    ]


def test_every_chart_of_the_registry_has_a_picture_and_no_other(db):
    CaseFactory()

    drawn_charts = [picture.id for picture in pictures_of_year(shown(), None)]

    assert drawn_charts == [chart.id for chart in CHARTS]
    assert {entry.id for entry in registry.entries() if entry.kind is Kind.CHART} == set(drawn_charts)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("region_code", [None, "nord"])
def test_every_chart_of_the_demo_is_sound_in_both_drawings(region_code, language):
    load_demo()
    year = shown(region_code=region_code)

    with translation.override(language):
        for picture in pictures_of_year(year, None):
            made = drawn(picture, year)
            for svg in (made.wide, made.narrow):
                root = parsed(svg)
                assert root.findtext(f"{SVG}title") == made.title
                assert root.findtext(f"{SVG}desc") == made.finding
                assert made.finding.endswith(".")
                assert not re.search(r'\b[xy12dwidth]+="[^"]*(nan|inf|None)', svg)


def test_persons_are_drawn_by_group_and_the_line_names_the_largest():
    CaseFactory.create_batch(3, sex="male", age_group="adult")
    CaseFactory(sex="female", age_group="minor")
    CaseFactory(sex="other", age_group="unknown")

    made = chart("chart-persons", shown())

    assert marks(made.wide) == ["Män: 3", "Flickor: 1", "Annat kön, alla åldrar: 1"]
    assert "män (3)" in made.finding
    assert "med lika antal flickor och annat kön, alla åldrar (1 vardera)" in made.finding


def test_all_that_tie_for_the_fifth_nationality_are_drawn():
    for code, persons in (("TH", 4), ("RO", 3), ("UA", 3), ("NG", 2), ("SE", 1), ("AL", 1), ("BG", 1)):
        CaseFactory.create_batch(persons, nationality_id=code, age_group="adult")
    CaseFactory.create_batch(9, nationality_id="unknown", age_group="adult")

    made = chart("chart-nationalities", shown())

    assert marks(made.wide) == [
        "Thailand, Vuxen: 4", "Rumänien, Vuxen: 3", "Ukraina, Vuxen: 3", "Nigeria, Vuxen: 2",
        "Albanien, Vuxen: 1", "Bulgarien, Vuxen: 1", "Sverige, Vuxen: 1",
    ]  # fmt: skip
    assert made.finding.index("Thailand (4)") < made.finding.index("(9)")  # the unknown have no rank


def test_shares_of_boys_are_of_all_boys_and_rounded_half_up():
    CaseFactory.create_batch(1, sex="male", age_group="minor", form_id="begging", industry_id=None)
    CaseFactory.create_batch(7, sex="male", age_group="minor", form_id="criminality", industry_id=None)
    CaseFactory.create_batch(9, sex="female", age_group="minor", form_id="begging", industry_id=None)

    made = chart("chart-boys-by-form", shown())

    assert {mark.rsplit(", ")[-1] for mark in marks(made.wide)} == {
        "Kriminalitet: 88\N{NO-BREAK SPACE}%",  # 87.5
        "Tiggeri: 13\N{NO-BREAK SPACE}%",  # 12.5: together 101, and left so
    }
    assert "Alla pojkar: 8." in made.finding


def test_a_year_without_boys_has_no_shares_of_them():
    CaseFactory(age_group="adult")

    made = chart("chart-boys-by-form", shown())

    assert marks(made.wide) == []
    assert "0 %" not in made.wide


def test_what_was_not_collected_is_a_sign_and_never_a_bar():
    CaseFactory(year=2021, referral_source_id=None, joint_inspection=None, industry_id=None,
                children_in_sweden=None, children_abroad=None)  # fmt: skip

    made = chart("chart-identification", shown(2021))

    assert marks(made.wide) == []
    assert ".." in made.wide
    assert "ej insamlat det året" in made.finding.lower()


def test_regions_side_by_side_are_for_readers_of_the_whole_country():
    CaseFactory(region_id="nord")
    CaseFactory(region_id="syd")

    national, regional = shown(), shown(region_code="nord")

    assert any(mark.startswith("Syd") for mark in marks(chart("chart-regions", national).wide))
    assert picture_of("chart-regions", regional, None) is None
    for picture in pictures_of_year(regional, None):
        assert "Syd" not in drawn(picture, regional).wide


def test_months_of_last_year_stand_beside_those_that_have_begun():
    CaseFactory.create_batch(2, year=2026, month=3)
    CaseFactory.create_batch(3, year=2025, month=3)
    CaseFactory.create_batch(4, year=2025, month=12)
    now = shown(2026)
    assert now.today == date(2026, 11, 20)

    made = chart("chart-months", now, shown(2025))

    assert "mar, 2026: 2" in [mark.lower() for mark in marks(made.wide)]
    assert "dec, 2025: 4" in [mark.lower() for mark in marks(made.wide)]
    assert "3" in made.finding.split("2025")[1]  # to the same month: without December
    assert made.state == now.state != shown(2025).state


def test_published_years_are_hollow_and_broken_off_from_those_that_are_counted():
    CaseFactory(year=2023)
    CaseFactory(year=2026, month=2)
    for year in (2019, 2021):
        PublishedCount.objects.create(
            year=year, table="persons-by-year", code="_T", count=50, basis_sv="x", basis_en="x", source="x"
        )

    svg = chart("chart-persons-by-year", shown()).wide

    bars = {
        element.findtext(f"{SVG}title"): element.get("fill")
        for element in parsed(svg).iter()
        if element.get("class") == "mark"
    }
    assert bars["2019: 50"] == "#ffffff"
    assert bars["2023: 1"] not in ("#ffffff", None)
    assert bars["2026: 1"] not in ("#ffffff", bars["2023: 1"])  # the year is not over
    assert svg.count("stroke-dasharray") == 2  # where the coverage changed: at 2021, and at 2023


def test_a_coordinator_s_series_has_no_published_year():
    CaseFactory(region_id="nord")
    PublishedCount.objects.create(
        year=2019, table="persons-by-year", code="_T", count=50, basis_sv="x", basis_en="x", source="x"
    )

    assert "2019" not in chart("chart-persons-by-year", shown(region_code="nord")).wide


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.id)
def test_every_table_has_a_chart_that_stands_alone(table):
    CaseFactory(children_in_sweden=1, children_abroad=2)
    CaseFactory(age_group="minor", region_id="syd")
    year = shown()

    content = chart_file(picture_of_table(table.id, year), year)

    root = parsed(content.decode())
    words = " ".join(root.itertext())
    assert content.startswith(b"<?xml")
    assert year.source in words
    assert f"{year.state}." in words
    assert year.scope in words
    assert marks(content.decode())


def test_a_hostile_word_stays_a_word():
    from casereg.models import ExploitationForm

    ExploitationForm.objects.filter(code="labour").update(label_sv='</text><script>alert("1")</script>')
    CaseFactory(form_id="labour")

    made = chart("chart-form-by-person", shown())

    assert "<script" not in made.wide
    assert parsed(made.wide).find(f".//{SVG}script") is None
