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
            assert influence.incident is None
            continue
        after = {code: exact(figures.key_figures[name]) for code, figures in without.items()}
        moves = {code: abs(before - number) for code, number in after.items() if number is not None}
        if not any(moves.values()):
            assert influence.incident is None
            continue
        left_out = influence.incident
        assert moves[left_out.code] == max(moves.values())
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
    assert influence.region.code == "nord"
    assert (influence.region.value, influence.region.numerator, influence.region.denominator) == (100, 3, 3)


def test_of_two_that_move_as_much_the_first_by_region_and_name_is_named():
    for region, reference in (("syd", "a"), ("nord", "z"), ("nord", "ä")):
        CaseFactory(region_id=region, incident=IncidentFactory(region_id=region, reference=reference))

    incident = influences(compute_year(2023), Case.objects.all())["persons"].incident

    assert (incident.region_code, incident.name, incident.value) == ("nord", "z", 2)


def test_regions_that_move_as_much_stand_in_the_order_of_their_swedish_names():
    for region in ("ost", "vast"):  # Öst, Väst
        CaseFactory(region_id=region, incident=IncidentFactory(region_id=region, reference="a"))

    found = influences(compute_year(2023), Case.objects.all())["persons"]

    assert (found.region.code, found.incident.region_code) == ("vast", "vast")


def test_a_figure_of_one_region_has_no_region_that_moves_it():
    CaseFactory(region_id="nord", incident=IncidentFactory())
    CaseFactory(region_id="syd")

    own = influences(compute_year(2023, region_code="nord"), Case.objects.of_region("nord"))
    narrowed = influences(compute_year(2023, narrowing=Narrowing(region="nord")), Case.objects.all())

    assert own["persons"].region is None
    assert own["persons"].incident.value == 0
    assert narrowed["persons"].region is None


def test_it_takes_two_queries_however_many_incidents_there_are():
    for _ in range(7):
        CaseFactory(incident=IncidentFactory())
    figures = compute_year(2023)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        influences(figures, Case.objects.all())

    assert len(captured) == 2
