"""Narrowed years, and the way from a number to the cases behind it."""

import random

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from casereg.access import cases_of
from casereg.models import Case, Incident
from stats.behind import NotACell, cases_behind, cases_behind_figure
from stats.compute import compute_cross, compute_year
from stats.definitions import Measure
from stats.key_figures import KEY_FIGURES
from stats.models import PublishedCount
from stats.narrowing import EVERYBODY, Narrowing
from stats.tables.identification import INCIDENTS, INDUSTRIES
from stats.tables.persons import CHILDREN, FORM_BY_PERSON, PERSONS
from tests.factories import CaseFactory, IncidentFactory
from tests.stats.records import YEARS, narrowings, records, store

pytestmark = pytest.mark.django_db

TRIED_PER_TABLE = 40


def narrowing_of(only, without):
    incident = without and Incident.objects.get(region=without[0], reference=without[1]).pk
    month = int(only["month"]) if "month" in only else None
    codes = {name: code for name, code in only.items() if name != "month"}
    return Narrowing(**codes, month=month, without_incident=incident)


def found(table, year, codes, narrowing):
    """What the cases behind a cell add up to, in the unit of the cell."""
    cases = cases_behind(Case.objects.all(), table, year, codes, narrowing=narrowing)
    if table.measure is Measure.CHILDREN:
        wanted = {"in_sweden": ["children_in_sweden"], "abroad": ["children_abroad"]}.get(
            codes["whereabouts"], ["children_in_sweden", "children_abroad"]
        )
        return sum(getattr(case, name) or 0 for case in cases for name in wanted)
    if codes.get("unit") == "incidents":
        return len({case.incident_id or case.pk for case in cases})
    return cases.count()


def tried_cells(table):
    """Some cells that have a number, with the codes of each: the zeros are the fewest of them."""
    chosen = random.Random(1)
    numbers = [key for key, cell in table.cells.items() if cell.value is not None]
    zeros = [key for key in numbers if not table.cells[key].value]
    others = [key for key in numbers if table.cells[key].value]
    tried = chosen.sample(others, min(len(others), TRIED_PER_TABLE)) + chosen.sample(
        zeros, min(len(zeros), 5)
    )
    for key in tried:
        yield key, dict(zip(list(table.codes)[1:], key[1:], strict=True))


@settings(max_examples=6)
@given(rows=st.lists(records(), min_size=5, max_size=40), data=st.data())
def test_behind_every_cell_stand_as_many_cases_as_it_says(rows, data):
    year = data.draw(st.sampled_from(YEARS))
    only, without = data.draw(narrowings(rows))
    cross = data.draw(st.sampled_from([["industry", "person_group"], ["month", "referral_source", "sex"]]))
    with transaction.atomic():
        store(rows)
        narrowing = narrowing_of(only, without)
        figures = compute_year(year, narrowing=narrowing)
        crossed = compute_cross(year, cross, narrowing=narrowing)
        for table in [*figures.tables.values(), crossed.table]:
            for key, codes in tried_cells(table):
                number = found(table.definition, int(key[0]), codes, narrowing)
                assert number == table.cells[key].value, (table.definition.id, key)
        for figure in figures.key_figures.values():
            if figure.definition.is_share:
                for part in ("numerator", "denominator"):
                    behind = cases_behind_figure(
                        Case.objects.all(), figure.definition, year, part=part, narrowing=narrowing
                    )
                    assert behind.count() == getattr(figure, part)
        transaction.set_rollback(True)


def test_behind_a_key_figure_of_children_stand_the_persons_who_have_them():
    with_children = CaseFactory(children_in_sweden=2, children_abroad=0)
    CaseFactory(children_in_sweden=0, children_abroad=3)
    [figure] = [figure for figure in KEY_FIGURES if figure.id == "children_in_sweden"]

    assert list(cases_behind_figure(Case.objects.all(), figure, 2023)) == [with_children]


def test_behind_all_persons_stand_all():
    CaseFactory.create_batch(3)
    [figure] = [figure for figure in KEY_FIGURES if figure.id == "persons"]

    assert cases_behind_figure(Case.objects.all(), figure, 2023).count() == 3


def test_behind_the_notes_on_children_stand_the_persons_without_a_number():
    unknown = CaseFactory(children_in_sweden=None, children_in_sweden_unknown=True)
    blank = CaseFactory(children_abroad=None)
    CaseFactory()
    notes = compute_year(2023).tables["children"].notes

    assert notes == {"persons_unknown": 1, "persons_not_recorded": 1}
    everybody = Case.objects.all()
    assert list(cases_behind(everybody, CHILDREN, 2023, {"whereabouts": "unknown"})) == [unknown]
    assert list(cases_behind(everybody, CHILDREN, 2023, {"whereabouts": "not_recorded"})) == [blank]


def test_a_coordinator_finds_only_own_cases_behind_a_cell(coordinator_nord):
    own = CaseFactory(region_id="nord")
    CaseFactory(region_id="syd")

    assert list(cases_behind(cases_of(coordinator_nord), PERSONS, 2023, {"sex": "male"})) == [own]
    narrowed_to_another = Narrowing(region="syd")
    assert not cases_behind(cases_of(coordinator_nord), PERSONS, 2023, {}, narrowing=narrowed_to_another)


def test_withdrawn_cases_stand_behind_nothing():
    CaseFactory(withdrawn_at="2026-01-01T00:00:00Z")

    assert not cases_behind(Case.objects.all(), PERSONS, 2023, {})


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (PERSONS, {"form": "labour"}),
        (FORM_BY_PERSON, {"person_group": "elderly"}),
        (INCIDENTS, {"incident_size": "3"}),
        (INCIDENTS, {"unit": "litres"}),
        (CHILDREN, {"whereabouts": "at_sea"}),
    ],
)
def test_what_no_table_has_is_not_a_cell(table, codes):
    with pytest.raises(NotACell):
        cases_behind(Case.objects.all(), table, 2023, codes)


def test_a_count_has_no_denominator_to_go_to():
    with pytest.raises(NotACell):
        cases_behind_figure(Case.objects.all(), KEY_FIGURES[0], 2023, part="denominator")


def test_an_incident_is_sized_by_the_persons_who_match():
    incident = IncidentFactory()
    CaseFactory.create_batch(4, incident=incident, sex="male")
    woman = CaseFactory(incident=incident, sex="female")

    women = compute_year(2023, narrowing=Narrowing(sex="female"))

    assert women.tables["incidents"].cell("2023", incident_size="1", unit="persons").value == 1
    size = {"incident_size": "1"}
    behind = cases_behind(Case.objects.all(), INCIDENTS, 2023, size, narrowing=Narrowing(sex="female"))
    assert list(behind) == [woman]


@pytest.mark.parametrize(
    ("column", "code", "other", "narrowing"),
    [
        ("region_id", "nord", "syd", Narrowing(region="nord")),
        ("form_id", "labour", "household", Narrowing(form="labour")),
        ("sex", "female", "male", Narrowing(sex="female")),
        ("age_group", "minor", "adult", Narrowing(age_group="minor")),
        ("assessment", "trafficking", "exploitation", Narrowing(assessment="trafficking")),
        ("month", 7, 8, Narrowing(month=7)),
    ],
)
def test_by_each_variable_those_that_differ_in_it_are_left_out(column, code, other, narrowing):
    matching = CaseFactory(**{column: code}, industry_id=None)
    CaseFactory(**{column: other}, industry_id=None)

    assert compute_year(2023, narrowing=narrowing).persons == 1
    assert compute_year(2023, narrowing=narrowing).tables["persons-by-year"].cell("2023").value == 1
    assert compute_cross(2023, ["sex", "form"], narrowing=narrowing).table.cell("2023").value == 1
    assert list(cases_behind(Case.objects.all(), PERSONS, 2023, {}, narrowing=narrowing)) == [matching]


def test_a_year_without_an_incident_still_has_those_in_no_incident():
    big = IncidentFactory()
    CaseFactory.create_batch(3, incident=big)
    CaseFactory.create_batch(2, incident=IncidentFactory())
    CaseFactory(incident=None)

    without = compute_year(2023, narrowing=Narrowing(without_incident=big.pk))

    assert without.persons == 3
    assert without.tables["persons-by-year"].cell("2023").value == 3


def test_a_narrowed_variable_lists_the_one_code_that_it_is_narrowed_to():
    CaseFactory(sex="female", age_group="minor", month=7)

    tables = compute_year(2023, narrowing=Narrowing(sex="female", month=7)).tables

    assert tables["persons"].codes["sex"] == ("female", "_T")
    assert tables["months"].codes["month"] == ("07", "_T")
    groups = tables["form-by-person"].codes["person_group"]
    assert groups == ("adult_female", "girl", "female_age_unknown", "_T")


def test_published_totals_are_left_out_where_they_cannot_be_narrowed():
    CaseFactory(sex="male")
    PublishedCount.objects.create(
        year=2019, table="persons-by-year", code="_T", count=298, basis_sv="sv", basis_en="en", source="x"
    )

    whole, men = compute_year(2023), compute_year(2023, narrowing=Narrowing(sex="male"))

    assert whole.tables["persons-by-year"].codes["year"] == ("2019", "2023")
    assert whole.published_basis == {"2019": "sv"}
    assert men.tables["persons-by-year"].codes["year"] == ("2023",)
    assert men.published_basis == {}


def test_a_year_with_records_of_which_none_matches_is_zero_in_a_series():
    CaseFactory(year=2022, sex="male", referral_source_id=None, joint_inspection=None)
    CaseFactory(year=2023, sex="female")

    series = compute_year(2023, narrowing=Narrowing(sex="female")).tables["persons-by-year"]

    assert [series.cell(year).value for year in series.codes["year"]] == [0, 1]
    assert series.codes["year"] == ("2022", "2023")


def test_the_years_of_another_region_are_not_told():
    CaseFactory(year=2022, region_id="syd", referral_source_id=None, joint_inspection=None)
    CaseFactory(year=2023, region_id="nord", sex="male")

    own = compute_year(2023, region_code="nord", narrowing=Narrowing(sex="female"))

    assert own.tables["persons-by-year"].codes["year"] == ("2023",)


def test_a_narrowing_that_narrows_nothing_is_false():
    assert not EVERYBODY
    assert Narrowing(month=1)
    assert Narrowing(form="labour")


def test_no_value_of_a_narrowing_gets_into_the_statement():
    CaseFactory()
    hostile = Narrowing(form="x' OR '1'='1", region="nord'; DROP TABLE casereg_case; --")

    assert compute_year(2023, narrowing=hostile).persons == 0
    assert Case.objects.count() == 1


def test_industry_is_asked_of_those_whose_form_asks_for_it():
    labour = CaseFactory(form_id="labour", industry_id=None)
    CaseFactory(form_id="sexual", industry_id=None)

    assert list(cases_behind(Case.objects.all(), INDUSTRIES, 2023, {"industry": "not_recorded"})) == [labour]
