"""The incident and the region that move each key figure most, against counting again without each."""

from fractions import Fraction

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from casereg.models import Case, Incident
from stats.compute import compute_year
from stats.influence import influences
from stats.narrowing import Narrowing
from tests.factories import CaseFactory, IncidentFactory
from tests.stats.records import records, store
from tests.stats.test_cell_pages import read

pytestmark = pytest.mark.django_db


def exact(figure):
    if figure.denominator is not None:
        return Fraction(figure.numerator, figure.denominator) if figure.denominator else None
    return None if figure.value is None else Fraction(figure.value)


@settings(max_examples=8)
@given(rows=st.lists(records(), min_size=3, max_size=20))
def test_no_incident_moves_a_figure_more_than_the_one_that_is_named(rows):
    with transaction.atomic():
        store(rows)
        whole = compute_year(2023)
        found = influences(whole, Case.objects.all())
        without = {
            str(incident.pk): compute_year(2023, narrowing=Narrowing(without_incident=incident.pk))
            for incident in Incident.objects.all()
        }
        transaction.set_rollback(True)
    for name, influence in found.items():
        before = exact(whole.key_figures[name])
        if before is None:
            assert not influence.incidents
            continue
        after = {code: exact(figures.key_figures[name]) for code, figures in without.items()}
        moves = {code: abs(before - number) for code, number in after.items() if number is not None}
        if not any(moves.values()):
            assert not influence.incidents
            continue
        # All that move it most, and no other.
        most = {code for code, move in moves.items() if move == max(moves.values())}
        assert {left_out.code for left_out in influence.incidents} == most
        for left_out in influence.incidents:
            again = without[left_out.code].key_figures[name]
            assert (left_out.value, left_out.numerator, left_out.denominator) == (
                again.value, again.numerator, again.denominator,
            )  # fmt: skip
            assert left_out.persons == whole.persons - without[left_out.code].persons


def test_the_region_that_moves_a_share_most_is_named_with_the_share_without_it():
    CaseFactory.create_batch(3, region_id="syd", sex="male", age_group="adult")
    CaseFactory.create_batch(3, region_id="nord", sex="female", age_group="adult")
    CaseFactory(region_id="nord", sex="male", age_group="adult")

    influence = influences(compute_year(2023), Case.objects.all())["men_share_of_adults"]

    # 4 of 7 men; without Syd 1 of 4, without Nord 3 of 3.
    assert influence.figure.value == 57
    [region] = influence.regions
    assert region.code == "nord"
    assert (region.value, region.numerator, region.denominator) == (100, 3, 3)


def test_all_that_move_as_much_are_named_those_of_most_persons_first_then_by_region_and_name():
    for region, reference in (("syd", "a"), ("nord", "z"), ("nord", "ä")):
        CaseFactory(region_id=region, incident=IncidentFactory(region_id=region, reference=reference))

    found = influences(compute_year(2023), Case.objects.all())["persons"].incidents

    assert [(each.region_code, each.name, each.value) for each in found] == [
        ("nord", "z", 2), ("nord", "ä", 2), ("syd", "a", 2),
    ]  # fmt: skip


def test_ties_are_said_as_ties_and_many_are_counted(client, analyst):
    for reference in "abc":
        CaseFactory(incident=IncidentFactory(reference=reference))
    CaseFactory(region_id="syd", incident=IncidentFactory(region_id="syd", reference="d"))
    page = read(client, analyst, "/statistics/2023/narrowed/")

    four = "a (Nord, 1 person), b (Nord, 1 person), c (Nord, 1 person) and d (Syd, 1 person)"
    assert f"Without any one of the incidents {four} it would be 3, not 4: they move it equally." in page
    assert "Without the region Nord (3 persons) it would be 1, not 4." in page

    for reference in "ef":
        CaseFactory(region_id="syd", incident=IncidentFactory(region_id="syd", reference=reference))
    page = read(client, analyst, "/statistics/2023/narrowed/")

    three = "a (Nord, 1 person), b (Nord, 1 person), c (Nord, 1 person) and 3 others"
    assert f"Without any one of the incidents {three} it would be 5, not 6: they move it equally." in page
    both = "any one of the regions Nord (3 persons) and Syd (3 persons)"
    assert f"Without {both} it would be 3, not 6: they move it equally." in page


def test_what_moves_a_share_as_far_up_as_down_is_a_tie_too(client, analyst):
    CaseFactory(incident=IncidentFactory(reference="man"))
    CaseFactory(sex="female", incident=IncidentFactory(reference="woman"))
    CaseFactory.create_batch(2, sex="female")
    CaseFactory.create_batch(2)
    page = read(client, analyst, "/statistics/2023/narrowed/")
    share = page.split('id="figure-men_and_boys_share"')[1].split("</div>")[0]

    assert "Without the incident man (Nord, 1 person) it would be 40% (2 of 5), not 50% (3 of 6)." in share
    assert (
        "It is moved as much without the incident woman (Nord, 1 person): it would be 60% (3 of 5), not 50% "
        "(3 of 6)." in share
    )


def test_a_key_figure_s_page_leads_to_what_moves_it(client, analyst):
    CaseFactory()
    page = read(client, analyst, "/statistics/2023/figures/key-minors/")

    assert '<a href="/statistics/2023/narrowed/#figure-minors">' in page
    assert 'id="figure-minors"' in read(client, analyst, "/statistics/2023/narrowed/")


def test_regions_that_move_as_much_stand_in_the_order_of_their_swedish_names():
    for region in ("ost", "vast"):  # Öst, Väst
        CaseFactory(region_id=region, incident=IncidentFactory(region_id=region, reference="a"))

    found = influences(compute_year(2023), Case.objects.all())["persons"]

    assert [each.code for each in found.regions] == ["vast", "ost"]
    assert [each.region_code for each in found.incidents] == ["vast", "ost"]


def test_a_figure_of_one_region_has_no_region_that_moves_it():
    CaseFactory(region_id="nord", incident=IncidentFactory())
    CaseFactory(region_id="syd")

    own = influences(compute_year(2023, region_code="nord"), Case.objects.of_region("nord"))
    narrowed = influences(compute_year(2023, narrowing=Narrowing(region="nord")), Case.objects.all())

    assert not own["persons"].regions
    assert [each.value for each in own["persons"].incidents] == [0]
    assert not narrowed["persons"].regions


def test_it_takes_two_queries_however_many_incidents_there_are():
    for _ in range(7):
        CaseFactory(incident=IncidentFactory())
    figures = compute_year(2023)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        influences(figures, Case.objects.all())

    assert len(captured) == 2
