"""Pages that change a stored case: amend, withdraw, restore."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from casereg.access import Permission, UserRequest, case_of, requires
from casereg.actions.case_changes import (
    CaseIsOffered,
    CaseIsWithdrawn,
    amend_case,
    restore_case,
    withdraw_case,
)
from casereg.actions.cases import CaseRefused
from casereg.forms.case_changes import ReasonForm
from casereg.forms.cases import CaseForm


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def case_amend(request: UserRequest, case_id: UUID) -> HttpResponse:
    case = case_of(request.user, case_id)
    form = CaseForm(request.POST if request.method == "POST" else None, before=case.content)
    if request.method == "POST" and form.is_valid():
        try:
            amend_case(case_id=case.pk, content=form.recorded, by=request.user)
        except CaseRefused as refused:
            form.add_findings(refused.findings)
        except CaseIsWithdrawn:
            form.add_error(None, gettext("The case is withdrawn. Restore it before you amend it."))
        else:
            messages.success(request, gettext("The case is amended."))
            return redirect("case_read", case_id=case.pk)
    return render(request, "casereg/case_amend.html", {"form": form, "case": case})


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def case_withdraw(request: UserRequest, case_id: UUID) -> HttpResponse:
    done = gettext("The case is withdrawn. It is counted nowhere.")
    return _change_for_a_reason(request, case_id, withdraw_case, "casereg/case_withdraw.html", done)


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def case_restore(request: UserRequest, case_id: UUID) -> HttpResponse:
    done = gettext("The case is restored. It is counted again.")
    return _change_for_a_reason(request, case_id, restore_case, "casereg/case_restore.html", done)


def _change_for_a_reason(
    request: UserRequest, case_id: UUID, change: Callable[..., object], page: str, done: str
) -> HttpResponse:
    case = case_of(request.user, case_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            change(
                case_id=case.pk,
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                by=request.user,
            )
        except CaseRefused as refused:
            form.add_findings(refused.findings)
        except CaseIsOffered:
            form.add_error(None, gettext("The case is offered to another region. Take the offer back first."))
        else:
            messages.success(request, done)
            return redirect("case_read", case_id=case.pk)
    return render(request, page, {"form": form, "case": case})
