"""Pages of cases: the list and its file, one case, registering one."""

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from casereg.access import (
    Permission,
    UserRequest,
    case_of,
    cases_of,
    own_region,
    record_read,
    region_scope,
    requires,
)
from casereg.actions.cases import CaseRefused, register_case
from casereg.actions.remarks import NeedsConfirmation
from casereg.actions.submissions import SentWithOtherContent
from casereg.case_content import CaseContent
from casereg.case_filter import NEWEST_FIRST, STANDING
from casereg.codebook import CodeBook
from casereg.exports import case_file
from casereg.forms.case_filter import CaseFilterForm
from casereg.forms.cases import CaseForm
from casereg.pairs import is_judged_same
from casereg.remark_wording import open_remarks_in_words
from casereg.stored_codebook import load_codebook
from casereg.views.columns import case_columns
from casereg.views.drafts import (
    draft_on_page,
    drawn_in_another_region,
    keeps_draft,
    say_that_the_region_is_another,
)
from casereg.views.submissions import sent_with_other_content
from casereg.wording import case_in_words, changes_in_words, open_offer_in_words

CASES_ON_A_PAGE = 50


@requires(Permission.READ_CASES)
@require_safe
def case_list(request: UserRequest) -> HttpResponse:
    codebook = load_codebook()
    form = _filter_form(request, codebook)
    wanted = form.wanted(request.GET.get("sort", NEWEST_FIRST))
    # Where the filter is wrong nothing is shown: everything is not what was asked for.
    found = cases_of(request.user).matching(wanted) if wanted else cases_of(request.user).none()
    cases = found.select_related("incident", "region")
    page = Paginator(cases, CASES_ON_A_PAGE).get_page(request.GET.get("page"))
    record_read(request.user, f"cases page {page.number}")
    with_region = region_scope(request.user) is None
    context = {
        "form": form,
        "is_narrowed": bool(form.narrows_by()),
        "columns": case_columns(wanted.sort if wanted else NEWEST_FIRST, with_region=with_region),
        "with_region": with_region,
        "page": page,
        "page_numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "rows": [case_in_words(case, codebook) for case in page],
    }
    return render(request, "casereg/case_list.html", context)


@requires(Permission.READ_CASES)
@require_safe
def case_download(request: UserRequest) -> HttpResponse:
    """The cases of the list, as narrowed, as a case file."""
    form = _filter_form(request, load_codebook())
    scope = region_scope(request.user)
    wanted = form.wanted(NEWEST_FIRST)
    if wanted is None:
        return redirect(f"{reverse('case_list')}?{request.GET.urlencode()}")
    # A case file holds standing cases, whatever the list shows.
    cases = cases_of(request.user).matching(replace(wanted, state=STANDING))
    content = case_file(cases, by=request.user, narrowed_by=form.narrows_by())
    name = "-".join(filter(None, ["cases", scope, str(wanted.year or "")]))
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _filter_form(request: UserRequest, codebook: CodeBook) -> CaseFilterForm:
    return CaseFilterForm(request.GET, codebook=codebook, with_region=region_scope(request.user) is None)


@requires(Permission.READ_CASES)
@require_safe
def case_read(request: UserRequest, case_id: UUID) -> HttpResponse:
    case = case_of(request.user, case_id)
    record_read(request.user, f"case {case.pk}")
    codebook = load_codebook()
    in_words = case_in_words(case, codebook)
    context = {
        "case": in_words,
        "variables": [(codebook.variables[name].label, words) for name, words in in_words.words.items()],
        "history": list(changes_in_words(case, codebook)),
        "offer": open_offer_in_words(case, codebook),
        "remarks": open_remarks_in_words(case, codebook),
        "is_judged_same": case.is_withdrawn and is_judged_same(case),
    }
    return render(request, "casereg/case_read.html", context)


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
def case_register(request: UserRequest) -> HttpResponse:
    draft = draft_on_page(request, "case_register")
    sent = draft.of_sent(request.POST) if request.method == "POST" else None
    form = CaseForm(sent, like=_like(request), initial=draft.initial)
    if request.method == "POST" and drawn_in_another_region(request):
        say_that_the_region_is_another(request, form, draft)
    elif request.method == "POST" and form.is_valid():
        try:
            case = register_case(
                region_code=own_region(request.user),
                content=form.recorded,
                reference=form.given_reference,
                by=request.user,
                number=form.sent_number,
                confirmed=form.confirmed,
            )
        except CaseRefused as refused:
            form.add_findings(refused.findings)
        except NeedsConfirmation as needed:
            form.ask_for(needed.remarks)
        except SentWithOtherContent as sent:
            stored = sent.stored.case
            if stored is not None and stored.region_id != own_region(request.user):
                return _was_taken_over(request)
            return sent_with_other_content(request, sent)
        else:
            if case.region_id != own_region(request.user):
                return _was_taken_over(request)
            _say_registered(request, case.reference, is_withdrawn=case.is_withdrawn)
            return redirect(_next_page(request, case.pk))
    context = {
        "form": form,
        "draft": draft.of_form(form["number"].value()),
        "is_like_another": "like" in request.GET and draft.initial is None,
    }
    return render(request, "casereg/case_register.html", context)


def _say_registered(request: UserRequest, reference: str, *, is_withdrawn: bool) -> None:
    if is_withdrawn:  # a form that came again, after its case was withdrawn
        text = gettext("This form was stored before. Its case {reference} is withdrawn since.")
        messages.warning(request, text.format(reference=reference))
        return
    text = gettext("The case {reference} is registered.")
    messages.success(request, text.format(reference=reference))


def _was_taken_over(request: UserRequest) -> HttpResponse:
    text = gettext("This form was stored before. Another region has taken its case over since.")
    messages.warning(request, text)
    return redirect("case_list")


def _like(request: UserRequest) -> CaseContent | None:
    """The case that a new one is to be like, if the address names one."""
    try:
        case_id = UUID(request.GET.get("like", ""))
    except ValueError:
        return None
    case = case_of(request.user, case_id)
    if request.method == "GET":
        record_read(request.user, f"case {case.pk}")
    return case.content


def _next_page(request: UserRequest, case_id: UUID) -> str:
    """Where the button leads with which the case was sent."""
    then = request.POST.get("then")
    if then == "another":
        return reverse("case_register")
    if then == "like":
        return f"{reverse('case_register')}?like={case_id}"
    return reverse("case_read", args=[case_id])
