"""A year narrowed on a page: beside the whole year, in words, without an incident, and what moves it most."""

import html
import re

import pytest
from django.utils.html import strip_tags

from casereg.models import ExploitationForm
from tests.factories import CaseFactory, IncidentFactory
from tests.stats.test_cell_pages import linked_numbers, listed_number, read
from tests.stats.test_year_pages import table_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def nordic():
    """Four men in an incident of Nord, two women besides; three men of Syd in another."""
    incident = IncidentFactory(region_id="nord", reference="nordic")
    CaseFactory.create_batch(4, region_id="nord", incident=incident)
    CaseFactory.create_batch(2, region_id="nord", sex="female", form_id="sexual", industry_id=None)
    southern = IncidentFactory(region_id="syd", reference="southern")
    for number in range(3):
        CaseFactory(region_id="syd", incident=southern, reference=f"southern-{number}", nationality_id="UA")
    return incident


def figure_of(page, figure_id):
    box = page.split(f'<div id="figure-{figure_id}">')[1].split("</div>")[0]
    return [" ".join(strip_tags(line).split()) for line in re.findall(r"<d[dt].*?</d[dt]>", box, re.DOTALL)]


def test_figures_stand_beside_those_of_the_whole_year_and_the_narrowing_is_said(client, analyst, nordic):
    page = read(client, analyst, "/statistics/2023/narrowed/?region=nord&sex=male")

    assert figure_of(page, "persons")[:3] == ["Persons", "4", "Whole year: 9"]
    assert "Only persons with region: Nord; sex: man." in html.unescape(page)
    assert table_of(page, "persons")["Total"] == ["4", "0", "0", "4"]
    assert list(table_of(page, "region-by-form"))[1:] == ["Nord", "Total"]


def test_an_incident_is_left_out(client, analyst, nordic):
    page = read(client, analyst, f"/statistics/2023/narrowed/?without_incident={nordic.pk}")

    assert figure_of(page, "persons")[:3] == ["Persons", "5", "Whole year: 9"]
    assert "Without the incident nordic (Nord, 4 persons)." in page
    assert re.search(r'<option value="[^"]+" selected>nordic \(Nord, 4 persons\)</option>', page)


def test_what_moves_a_figure_most_is_a_ready_footnote(client, analyst, nordic):
    page = read(client, analyst, "/statistics/2023/narrowed/")

    share = figure_of(page, "men_and_boys_share")
    assert (
        "Without the incident nordic (Nord, 4 persons) it would be 60% (3 of 5), not 78% (7 of 9)." in share
    )
    assert "Without the region Syd (3 persons) it would be 67% (4 of 6), not 78% (7 of 9)." not in share
    assert "Without the region Nord (6 persons) it would be 100% (3 of 3), not 78% (7 of 9)." in share
    assert "Whole year" not in page
    assert 'class="statistics-table"' not in page


def test_the_numbers_lead_to_as_many_cases_and_keep_the_narrowing(client, analyst, nordic):
    address = f"/statistics/2023/narrowed/?form=labour&without_incident={nordic.pk}"
    numbers = linked_numbers(read(client, analyst, address))

    assert len(numbers) > 30
    for where, number in numbers:
        assert "within-form=labour" in where
        if "/children/" not in where and "unit=incidents" not in where:
            assert listed_number(read(client, analyst, where)) == number, where


def test_a_coordinator_narrows_the_own_region_and_meets_no_other(client, coordinator_nord, nordic):
    for query in ("", "?region=syd", "?sex=male"):
        page = read(client, coordinator_nord, f"/statistics/2023/narrowed/{query}")
        assert 'name="region"' not in page
        assert "nordic (Nord, 4 persons)" in page
        assert "outhern" not in page
        assert "Without the region" not in page
        assert "Ukrain" not in page


def test_another_region_s_incident_is_no_choice_and_nothing_is_shown(client, coordinator_syd, nordic):
    page = read(client, coordinator_syd, f"/statistics/2023/narrowed/?without_incident={nordic.pk}")

    assert "That is not one of the choices." in page
    assert "nordic" not in page
    assert 'class="figures"' not in page


@pytest.mark.parametrize("query", ["form=nothing", "month=13", "without_incident=x", "region=nowhere"])
def test_what_cannot_be_narrowed_to_is_said_and_nothing_is_shown(client, analyst, nordic, query):
    page = read(client, analyst, f"/statistics/2023/narrowed/?{query}")

    assert "That is not one of the choices." in page
    assert 'class="figures"' not in page


def test_the_largest_incidents_can_be_chosen_and_a_smaller_one_by_its_address(client, analyst):
    small = IncidentFactory(reference="smallest")
    CaseFactory(incident=small)
    for number in range(20):
        CaseFactory.create_batch(2, incident=IncidentFactory(reference=f"of-two-{number:02}"))

    page = read(client, analyst, "/statistics/2023/narrowed/")
    assert page.count("2 persons)</option>") == 20
    assert "smallest (" not in page
    page = read(client, analyst, f"/statistics/2023/narrowed/?without_incident={small.pk}")
    assert "Without the incident smallest (Nord, 1 person)." in page
    assert figure_of(page, "persons")[1] == "40"


def test_a_narrowing_that_nobody_matches_shows_zeros(client, analyst, nordic):
    page = read(client, analyst, "/statistics/2023/narrowed/?form=begging")

    assert figure_of(page, "persons")[:3] == ["Persons", "0", "Whole year: 9"]
    assert figure_of(page, "men_and_boys_share")[1] == "–"


def test_a_year_without_records_is_not_there(client, analyst, nordic):
    client.force_login(analyst)

    assert client.get("/statistics/2019/narrowed/").status_code == 404


@pytest.fixture
def forms_of_other_years(database):
    """One that is used from 2027 on; begging was used until 2021, and somebody has it all the same."""
    ExploitationForm.objects.create(
        code="forced_crime", label_sv="tvingad", label_en="forced crime", position=80, first_year=2027
    )
    CaseFactory(form_id="begging", industry_id=None)
    ExploitationForm.objects.filter(code__in=["begging", "household"]).update(last_year=2021)


def test_only_values_of_the_year_and_those_that_occur_in_it_are_offered(
    client, analyst, forms_of_other_years
):
    page = read(client, analyst, "/statistics/2023/narrowed/?form=begging")

    assert figure_of(page, "persons")[1] == "1"
    offered = set(re.findall(r'<option value="([^"]+)"', page.split('name="form"')[1].split("</select>")[0]))
    assert {"labour", "begging"} <= offered
    assert not {"forced_crime", "household"} & offered


@pytest.mark.parametrize("code", ["forced_crime", "household"])
def test_a_value_of_another_year_is_no_choice(client, analyst, forms_of_other_years, code):
    page = read(client, analyst, f"/statistics/2023/narrowed/?form={code}")

    assert "That is not one of the choices." in page
    assert 'class="figures"' not in page
    cases = "/statistics/2023/form-by-person/cases/?within-form="
    assert client.get(f"{cases}{code}").status_code == 404
    assert client.get(f"{cases}begging").status_code == 200
