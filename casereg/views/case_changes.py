"""Pages that change a stored case: amend, withdraw, restore."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods

from casereg.access import Permission, UserRequest, case_of, record_read, requires
from casereg.actions.case_changes import (
    CaseHasChanged,
    CaseIsJudged,
    CaseIsOffered,
    CaseIsWithdrawn,
    amend_case,
    restore_case,
    withdraw_case,
)
from casereg.actions.cases import CaseRefused
from casereg.actions.remarks import NeedsConfirmation
from casereg.case_content import CaseContent
from casereg.forms.case_changes import RESTORING, WITHDRAWING, ReasonForm
from casereg.forms.cases import CaseForm
from casereg.pairs import is_judged_same
from casereg.views.conflicts import ask_which_stands, resolved_conflict
from casereg.views.drafts import draft_on_page, keeps_draft

JUDGED = gettext_noop(
    "The agency has judged that another region has registered the same person. "
    "Ask the agency’s analyst if you think that they are different persons."
)
NOTHING = CaseContent()  # what a form was drawn from that does not say so: then nothing is written over


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
def case_amend(request: UserRequest, case_id: UUID) -> HttpResponse:
    case = case_of(request.user, case_id)
    if case.is_withdrawn:
        return _not_now(request, case.pk, gettext("The case is withdrawn. Restore it before you amend it."))
    if request.method != "POST":
        record_read(request.user, f"case {case.pk}")
    resolved = resolved_conflict(request, case.pk) if "resolving" in request.POST else None
    if isinstance(resolved, HttpResponse):
        return resolved
    sent = resolved or request.POST if request.method == "POST" else None
    draft = draft_on_page(request, "case_amend", about=case.pk)
    form = CaseForm(sent, before=case.content, initial=draft.initial)
    if sent is not None and form.is_valid():
        try:
            changes = amend_case(
                case_id=case.pk,
                content=form.recorded,
                by=request.user,
                drawn_from=form.was_drawn_from() or NOTHING,
                number=form.sent_number,
                confirmed=form.confirmed,
            )
        except CaseRefused as refused:
            form.add_findings(refused.findings)
        except NeedsConfirmation as needed:
            form.ask_for(needed.remarks)
        except CaseHasChanged:
            return ask_which_stands(request, case.pk, form)
        except CaseIsWithdrawn:
            form.add_error(None, gettext("The case is withdrawn. Restore it before you amend it."))
        else:
            if changes:
                messages.success(request, gettext("The case is amended."))
            else:
                messages.info(request, gettext("The case stands as you have it, so nothing was saved."))
            return redirect(_back(request, case.pk))
    context = {"form": form, "case": case, "draft": draft.of_form(form["number"].value())}
    return render(request, "casereg/case_amend.html", context)


def _back(request: UserRequest, case_id: UUID) -> str:
    """To the case; or, for whoever came from the list of what is to mend, to the next one there."""
    if request.GET.get("from") != "mend":
        return reverse("case_read", args=[case_id])
    kept = {name: request.GET[name] for name in ("kind", "year", "page") if request.GET.get(name)}
    address = f"{reverse('mend_list')}?{urlencode(kept)}"
    try:
        return f"{address}#case-{UUID(request.GET.get('next', ''))}"
    except ValueError:
        return address


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def case_withdraw(request: UserRequest, case_id: UUID) -> HttpResponse:
    case = case_of(request.user, case_id)
    if case.has_open_offer:
        text = gettext("The case is offered to another region. Take the offer back first.")
        return _not_now(request, case.pk, text)
    if case.is_withdrawn:
        return redirect("case_read", case_id=case.pk)
    form = ReasonForm(request.POST if request.method == "POST" else None, reasons=WITHDRAWING)
    if request.method == "POST" and form.is_valid() and _done(withdraw_case, request, case.pk, form):
        return redirect("case_read", case_id=case.pk)
    return render(request, "casereg/case_withdraw.html", {"form": form, "case": case})


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def case_restore(request: UserRequest, case_id: UUID) -> HttpResponse:
    case = case_of(request.user, case_id)
    if not case.is_withdrawn:
        return redirect("case_read", case_id=case.pk)
    if is_judged_same(case):
        return _not_now(request, case.pk, gettext(JUDGED))
    form = ReasonForm(request.POST if request.method == "POST" else None, reasons=RESTORING)
    if request.method == "POST" and form.is_valid() and _done(restore_case, request, case.pk, form):
        messages.success(request, gettext("The case is restored. It is counted again."))
        return redirect("case_read", case_id=case.pk)
    return render(request, "casereg/case_restore.html", {"form": form, "case": case})


def _done(change: Callable[..., object], request: UserRequest, case_id: UUID, form: ReasonForm) -> bool:
    """Whether the change was made; if not, the form says why."""
    try:
        change(case_id=case_id, **form.cleaned_data, by=request.user)
    except CaseRefused as refused:
        form.add_findings(refused.findings)
        return False
    except CaseIsOffered:
        form.add_error(None, gettext("The case is offered to another region. Take the offer back first."))
        return False
    except CaseIsJudged:
        form.add_error(None, gettext(JUDGED))
        return False
    return True


def _not_now(request: UserRequest, case_id: UUID, text: str) -> HttpResponse:
    """Back to the case, which has what must be done first."""
    messages.warning(request, text)
    return redirect("case_read", case_id=case_id)
