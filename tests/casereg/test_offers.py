"""A case that goes from one region to another: who sees what, and what comes along."""

import pytest
from django.core.exceptions import ObjectDoesNotExist

from casereg.access import cases_of
from casereg.actions.case_changes import CaseIsWithdrawn, amend_case, withdraw_case
from casereg.actions.offers import (
    CaseIsOfferedAlready,
    OfferIsAnswered,
    RegionTakesNoCases,
    accept_offer,
    decline_offer,
    offer_case,
    take_offer_back,
)
from casereg.models import AuditEvent, CaseHistory, Offer, Region
from tests.factories import CaseFactory, IncidentFactory
from tests.records import changed

pytestmark = pytest.mark.django_db


def offered(case, by, to="syd"):
    return offer_case(case_id=case.pk, to_region_code=to, reason="lives there now", by=by)


def test_until_it_is_accepted_a_case_stays_where_it_is(coordinator_nord, coordinator_syd):
    case = CaseFactory()

    offered(case, coordinator_nord)

    assert cases_of(coordinator_nord).filter(pk=case.pk).exists()
    assert not cases_of(coordinator_syd).filter(pk=case.pk).exists()


def test_an_accepted_case_moves_with_its_history_and_leaves_its_incident(coordinator_nord, coordinator_syd):
    case = CaseFactory(reference="N-1", incident=IncidentFactory(reference="event"))
    CaseHistory.objects.create(
        case=case, region=case.region, at=case.registered_at, action="register", changes={}
    )
    offer = offered(case, coordinator_nord)

    accept_offer(offer_id=offer.pk, by=coordinator_syd)

    moved = cases_of(coordinator_syd).get(pk=case.pk)
    assert not cases_of(coordinator_nord).filter(pk=case.pk).exists()
    assert (moved.reference, moved.incident) == ("N-1", None)
    assert [entry.action for entry in moved.history.all()] == ["register", "move"]
    assert moved.history.last().changes == {"region": ["nord", "syd"], "incident": ["event", ""]}


def test_a_reference_that_is_taken_there_is_replaced(coordinator_nord, coordinator_syd):
    CaseFactory(region_id="syd", reference="2023-0001")
    case = CaseFactory(region_id="nord", reference="2023-0001", year=2023)

    accept_offer(offer_id=offered(case, coordinator_nord).pk, by=coordinator_syd)

    case.refresh_from_db()
    assert (case.region_id, case.reference) == ("syd", "2023-0002")


@pytest.mark.parametrize("answer", [decline_offer, take_offer_back])
def test_a_declined_or_taken_back_offer_moves_nothing(coordinator_nord, coordinator_syd, answer):
    case = CaseFactory()
    offer = offered(case, coordinator_nord)

    answer(offer_id=offer.pk, by=coordinator_syd if answer is decline_offer else coordinator_nord)

    case.refresh_from_db()
    assert case.region_id == "nord"
    assert not Offer.objects.open().exists()
    offered(case, coordinator_nord, to="mitt")


@pytest.mark.parametrize("answer", [accept_offer, decline_offer])
def test_an_offer_is_answered_once_and_by_the_region_that_is_asked(coordinator_nord, coordinator_syd, answer):
    offer = offered(CaseFactory(), coordinator_nord)

    with pytest.raises(ObjectDoesNotExist):
        answer(offer_id=offer.pk, by=coordinator_nord)
    decline_offer(offer_id=offer.pk, by=coordinator_syd)
    with pytest.raises(OfferIsAnswered):
        answer(offer_id=offer.pk, by=coordinator_syd)


def test_only_the_region_that_offers_takes_back(coordinator_nord, coordinator_syd):
    offer = offered(CaseFactory(), coordinator_nord)

    with pytest.raises(ObjectDoesNotExist):
        take_offer_back(offer_id=offer.pk, by=coordinator_syd)


def test_what_cannot_be_offered(coordinator_nord, coordinator_syd):
    case, withdrawn = CaseFactory(), CaseFactory()
    withdraw_case(case_id=withdrawn.pk, reason="other", note="", by=coordinator_nord)
    Region.objects.filter(code="mitt").update(last_year=2025)

    with pytest.raises(CaseIsWithdrawn):
        offered(withdrawn, coordinator_nord)
    for code in ("nord", "mitt", "nowhere"):
        with pytest.raises(RegionTakesNoCases):
            offered(case, coordinator_nord, to=code)
    with pytest.raises(ObjectDoesNotExist):
        offered(case, coordinator_syd, to="ost")
    offered(case, coordinator_nord)
    with pytest.raises(CaseIsOfferedAlready):
        offered(case, coordinator_nord)


def test_each_step_is_one_event(coordinator_nord, coordinator_syd):
    accept_offer(offer_id=offered(CaseFactory(), coordinator_nord).pk, by=coordinator_syd)

    events = list(AuditEvent.objects.values_list("action", "region"))
    assert events == [("offer_make", "nord"), ("offer_accept", "syd")]


def test_a_region_is_offered_no_case_of_a_year_before_it(coordinator_nord, coordinator_syd):
    case = CaseFactory(year=2024)
    Region.objects.filter(pk="syd").update(first_year=2024)
    offer = offer_case(case_id=case.pk, to_region_code="syd", reason="lives there", by=coordinator_nord)
    amend_case(case_id=case.pk, content=changed(case, month="2023-12"), by=coordinator_nord)

    with pytest.raises(RegionTakesNoCases):
        accept_offer(offer_id=offer.pk, by=coordinator_syd)
    with pytest.raises(RegionTakesNoCases):
        offer_case(
            case_id=CaseFactory(year=2023).pk, to_region_code="syd", reason="lives there", by=coordinator_nord
        )
