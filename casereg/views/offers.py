"""Pages of offers: a case offered to another region, and that region's answer."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casereg.access import (
    Permission,
    UserRequest,
    case_of,
    offers_by,
    offers_to,
    open_offer_to,
    own_region,
    record_read,
    requires,
)
from casereg.actions.case_changes import CaseIsWithdrawn
from casereg.actions.cases import CaseRefused
from casereg.actions.offers import (
    CaseIsOfferedAlready,
    OfferIsAnswered,
    RegionTakesNoCases,
    accept_offer,
    decline_offer,
    offer_case,
    take_offer_back,
)
from casereg.forms.case_changes import OfferForm
from casereg.stored_codebook import load_codebook
from casereg.wording import offer_in_words, offered_case_in_words

OFFERS_SHOWN = 100


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def case_offer(request: UserRequest, case_id: UUID) -> HttpResponse:
    case = case_of(request.user, case_id)
    form = OfferForm(
        request.POST if request.method == "POST" else None,
        codebook=load_codebook(),
        own_region=own_region(request.user),
        year=case.year,
    )
    if request.method == "POST" and form.is_valid():
        try:
            offer_case(
                case_id=case.pk,
                to_region_code=form.cleaned_data["to_region"],
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except CaseRefused as refused:
            form.add_findings(refused.findings)
        except CaseIsWithdrawn:
            form.add_error(None, gettext("The case is withdrawn. Restore it before you offer it."))
        except CaseIsOfferedAlready:
            form.add_error(None, gettext("The case is offered already. Take that offer back first."))
        except RegionTakesNoCases:
            form.add_error("to_region", gettext("Choose a region."))
        else:
            messages.success(request, gettext("The case is offered. Until it is taken over it stays here."))
            return redirect("case_read", case_id=case.pk)
    return render(request, "casereg/case_offer.html", {"form": form, "case": case})


@requires(Permission.WRITE_CASES)
@require_safe
def offer_list(request: UserRequest) -> HttpResponse:
    codebook = load_codebook()
    context = {
        "incoming": [offer_in_words(o, codebook) for o in offers_to(request.user)[:OFFERS_SHOWN]],
        "outgoing": [offer_in_words(o, codebook) for o in offers_by(request.user)[:OFFERS_SHOWN]],
    }
    return render(request, "casereg/offer_list.html", context)


@requires(Permission.WRITE_CASES)
@require_safe
def offer_read(request: UserRequest, offer_id: UUID) -> HttpResponse:
    """The offered case's fields, for the region that is asked, as long as the offer is open."""
    offer = open_offer_to(request.user, offer_id)
    record_read(request.user, f"offer {offer.pk} of case {offer.case_id}")
    codebook = load_codebook()
    context = {
        "offer": offer_in_words(offer, codebook),
        "variables": offered_case_in_words(offer.case, codebook),
    }
    return render(request, "casereg/offer_read.html", context)


@requires(Permission.WRITE_CASES)
@require_POST
def offer_accept(request: UserRequest, offer_id: UUID) -> HttpResponse:
    try:
        case = accept_offer(offer_id=offer_id, by=request.user)
    except OfferIsAnswered:
        return _answered_before(request)
    except RegionTakesNoCases:
        messages.warning(request, gettext("Your region takes no cases of that year. Decline the offer."))
        return redirect("offer_list")
    text = gettext("The case is your region's now. Its reference is {reference}.")
    messages.success(request, text.format(reference=case.reference))
    return redirect("case_read", case_id=case.pk)


@requires(Permission.WRITE_CASES)
@require_POST
def offer_decline(request: UserRequest, offer_id: UUID) -> HttpResponse:
    return _answer(request, offer_id, decline_offer, gettext("The offer is declined."))


@requires(Permission.WRITE_CASES)
@require_POST
def offer_take_back(request: UserRequest, offer_id: UUID) -> HttpResponse:
    return _answer(request, offer_id, take_offer_back, gettext("The offer is taken back."))


def _answer(request: UserRequest, offer_id: UUID, answer: Callable[..., object], done: str) -> HttpResponse:
    try:
        answer(offer_id=offer_id, by=request.user)
    except OfferIsAnswered:
        return _answered_before(request)
    messages.success(request, done)
    return redirect("offer_list")


def _answered_before(request: UserRequest) -> HttpResponse:
    messages.warning(request, gettext("The offer was answered or taken back before."))
    return redirect("offer_list")
