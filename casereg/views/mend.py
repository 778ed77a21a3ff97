"""Pages of what is to mend: the list of cases with open remarks, and the button that says: it is so."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from casereg.access import (
    Permission,
    UserRequest,
    cases_of,
    record_read,
    region_scope,
    remarks_of,
    requires,
)
from casereg.actions.case_changes import CaseIsWithdrawn, confirm_remark
from casereg.forms.mend import ToMendForm
from casereg.remark_wording import remarks_in_words
from casereg.stored_codebook import load_codebook
from casereg.to_mend import cases_to_mend, open_keys
from casereg.wording import case_in_words

CASES_ON_A_PAGE = 25


@requires(Permission.READ_CASES)
@require_safe
def mend_list(request: UserRequest) -> HttpResponse:
    form, codebook = ToMendForm(request.GET), load_codebook()
    wanted = form.wanted()
    # Where the filter is wrong nothing is shown: everything is not what was asked for.
    found = cases_to_mend(request.user, wanted) if wanted else cases_of(request.user).none()
    page = Paginator(found.select_related("incident", "region"), CASES_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    cases = list(page)
    record_read(request.user, f"cases to mend page {page.number}")
    keys = open_keys(request.user, cases, wanted.kind if wanted else None)
    following = [*(case.pk for case in cases[1:]), ""] if cases else []
    rows = [
        (case_in_words(case, codebook), remarks_in_words(case, keys[case.pk], codebook), after)
        for case, after in zip(cases, following, strict=True)
    ]
    context = {
        "form": form,
        "is_narrowed": bool(form.chosen()) or wanted is None,
        "with_region": region_scope(request.user) is None,
        "page": page,
        "page_numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "place": form.chosen(),
        "rows": rows,
    }
    return render(request, "casereg/mend_list.html", context)


@requires(Permission.WRITE_CASES)
@require_POST
def mend_confirm(request: UserRequest, case_id: UUID) -> HttpResponse:
    """One remark is confirmed, and the list shown again where it was."""
    try:
        confirm_remark(case_id=case_id, key=request.POST.get("key", ""), by=request.user)
    except CaseIsWithdrawn:
        messages.warning(request, gettext("The case is withdrawn. There is nothing to confirm any more."))
    else:
        messages.success(request, gettext("It is noted. You are not asked again."))
    if request.POST.get("from") == "case":
        return redirect("case_read", case_id=case_id)
    return redirect(_place_in_list(request, case_id))


def _place_in_list(request: UserRequest, case_id: UUID) -> str:
    """Where the button was: at the case, if something of it is left, else at the one that followed."""
    sent = ToMendForm(request.POST)
    place = sent.chosen() | {"page": request.POST.get("page", "")}
    address = f"{reverse('mend_list')}?{urlencode({name: value for name, value in place.items() if value})}"
    if remarks_of(request.user).open().filter(case=case_id).exists():
        return f"{address}#case-{case_id}"
    try:
        return f"{address}#case-{UUID(request.POST.get('next', ''))}"
    except ValueError:
        return address
