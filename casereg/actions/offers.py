"""Offering a case to another region: offer, take back, accept, decline. Accepting moves the case."""

from contextlib import AbstractContextManager
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from casereg.access import offers_by, offers_to
from casereg.actions.case_changes import CaseIsWithdrawn, lock_case, write_history
from casereg.actions.cases import CaseRefused
from casereg.actions.incident_histories import write_incident_history
from casereg.actions.references import give_references, lock_counters
from casereg.actions.remarks import refresh_remarks
from casereg.models import AuditEvent, Case, CaseHistory, IncidentHistory, Offer, Region, User
from casereg.models.offer import OfferQuerySet
from casereg.quality import text_findings
from casereg.row_security import within_also
from casereg.stored_codebook import load_codebook


class CaseIsOfferedAlready(Exception):
    """A case waits for one region's answer at a time."""


class RegionTakesNoCases(Exception):
    """A retired region, or the case's own, is offered nothing; nor is one that was not there that year."""


class OfferIsAnswered(Exception):
    """An offer is answered, or taken back, once."""


def offer_case(*, case_id: UUID, to_region_code: str, reason: str, by: User) -> Offer:
    """Ask another region to take the case over."""
    with transaction.atomic():
        case = lock_case(case_id, by=by)
        if case.is_withdrawn:
            raise CaseIsWithdrawn
        if case.has_open_offer:
            raise CaseIsOfferedAlready
        takes_cases = Region.objects.active().filter(pk=to_region_code, first_year__lte=case.year)
        if to_region_code == case.region_id or not takes_cases.exists():
            raise RegionTakesNoCases
        findings = text_findings("reason", reason)
        if findings:
            raise CaseRefused(findings)
        offer = Offer.objects.create(
            case=case,
            reference=case.reference,
            from_region=case.region,
            to_region_id=to_region_code,
            reason=reason,
            offered_at=timezone.now(),
            offered_by=by,
        )
        _record(offer, "offer_make", by=by)
    return offer


def accept_offer(*, offer_id: UUID, by: User) -> Case:
    """Move the case, and its history with it, to the region that was asked. It leaves its incident."""
    with transaction.atomic(), _both_regions(offers_to(by), offer_id):
        offer = _lock_open(offers_to(by), offer_id)
        case = offer.case
        # Since it was offered, the case may have been amended into another year.
        if not Region.objects.filter(pk=offer.to_region_id, first_year__lte=case.year).exists():
            raise RegionTakesNoCases
        lock_counters([(offer.to_region_id, case.year)])
        before = {"region": case.region_id, "reference": case.reference, "incident": case.content.incident}
        if case.incident is not None:
            write_incident_history(
                case.incident, IncidentHistory.Action.TAKE_OUT, by=by, references=[case.reference]
            )
        case.region_id = offer.to_region_id
        case.incident = None
        try:
            with transaction.atomic():
                _save_moved(case)
        except IntegrityError:
            # The region has the reference already.
            [case.reference] = give_references(region_code=offer.to_region_id, year=case.year, number=1)
            _save_moved(case)
        after = {"region": case.region_id, "reference": case.reference, "incident": ""}
        changes = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
        write_history(case, CaseHistory.Action.MOVE, by=by, changes=changes)
        refresh_remarks([case], codebook=load_codebook())
        _answer(offer, Offer.State.ACCEPTED, by=by)
        _record(offer, "offer_accept", by=by)
    return case


def decline_offer(*, offer_id: UUID, by: User) -> Offer:
    """Say no: the case stays where it is."""
    with transaction.atomic(), _both_regions(offers_to(by), offer_id):
        offer = _lock_open(offers_to(by), offer_id)
        _answer(offer, Offer.State.DECLINED, by=by)
        _record(offer, "offer_decline", by=by)
    return offer


def take_offer_back(*, offer_id: UUID, by: User) -> Offer:
    """Ask no longer."""
    with transaction.atomic():
        offer = _lock_open(offers_by(by), offer_id)
        _answer(offer, Offer.State.TAKEN_BACK, by=by)
        _record(offer, "offer_take_back", by=by)
    return offer


def _save_moved(case: Case) -> None:
    case.save(update_fields=["region", "reference", "incident"])


def _both_regions(offers: OfferQuerySet, offer_id: UUID) -> AbstractContextManager[None]:
    """Whoever answers an offer locks, and maybe moves, a case that is another region's until then."""
    return within_also(offers.values_list("from_region", "to_region").get(pk=offer_id))


def _lock_open(offers: OfferQuerySet, offer_id: UUID) -> Offer:
    # The case first, as everywhere: people who write at once then wait for each other in one order.
    case_id = offers.values_list("case_id", flat=True).get(pk=offer_id)
    case = Case.objects.select_for_update(no_key=True).get(pk=case_id)
    offer = offers.select_for_update(no_key=True).get(pk=offer_id)
    if not offer.is_open:
        raise OfferIsAnswered
    offer.case = case
    return offer


def _answer(offer: Offer, state: Offer.State, *, by: User) -> None:
    offer.state = state
    offer.answered_at = timezone.now()
    offer.answered_by = by
    offer.save(update_fields=["state", "answered_at", "answered_by"])


def _record(offer: Offer, action: str, *, by: User) -> None:
    AuditEvent.objects.append(by=by, action=action, object=f"offer {offer.pk} of case {offer.case_id}")
