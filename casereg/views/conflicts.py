"""The page on which the second of two people who amended a case chooses what is to stand."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from casereg.access import UserRequest, case_of
from casereg.forms.cases import CaseForm, as_fields, signed_content, unsigned_content
from casereg.forms.conflicts import ConflictForm
from casereg.stored_codebook import load_codebook
from casereg.views.submissions import CONFLICT
from casereg.wording import last_changes

# What the page draws itself; everything else that was sent travels along, and is sent again.
_DRAWN = ("csrfmiddlewaretoken", "resolving", "stored")


def ask_which_stands(request: UserRequest, case_id: UUID, form: CaseForm) -> HttpResponse:
    """Show what was typed beside what is stored now. Nothing of either is lost, and nothing is saved."""
    case = case_of(request.user, case_id)
    choice = ConflictForm(
        base=form.was_drawn_from(),
        mine=form.recorded,
        stored=case.content,
        codebook=load_codebook(),
        changed=last_changes(case),
    )
    return _page(request, case_id, choice, sent=form.data)


def resolved_conflict(request: UserRequest, case_id: UUID) -> HttpResponse | QueryDict:
    """The fields as chosen, to be checked and saved like any amendment; the page again if some are not."""
    case = case_of(request.user, case_id)
    form = CaseForm(request.POST, before=case.content)
    form.is_valid()  # reads what was typed; whether it may be saved is seen once it is chosen
    stored = unsigned_content(request.POST.get("stored", "")) or case.content
    choice = ConflictForm(
        request.POST,
        base=form.was_drawn_from(),
        mine=form.recorded,
        stored=stored,
        codebook=load_codebook(),
        changed=last_changes(case),
    )
    if not choice.is_valid():
        return _page(request, case_id, choice, sent=request.POST)
    chosen = request.POST.copy()
    in_fields = as_fields(stored)
    for name in choice.kept_as_stored():
        for field in (name, f"{name}_unknown"):
            chosen.pop(field, None)
            if in_fields.get(field):
                chosen[field] = "on" if in_fields[field] is True else str(in_fields[field])
    chosen["drawn_from"] = signed_content(stored)
    return chosen


def _page(request: UserRequest, case_id: UUID, choice: ConflictForm, *, sent: Any) -> HttpResponse:
    """`sent`: the amendment as it would be stored, which after a first choice is not what was sent."""
    travels = [
        (name, value)
        for name, values in sent.lists()
        if name not in _DRAWN and not name.startswith(f"{choice.prefix}-")
        for value in values
    ]
    context = {
        "form": choice,
        "case": case_of(request.user, case_id),
        "travels": travels,
        "stored": signed_content(choice.stored),
    }
    return render(request, "casereg/case_conflict.html", context, status=CONFLICT)
