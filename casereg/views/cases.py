"""Pages of cases: the list, one case, registering one."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from casereg.access import Permission, case_or_404, cases_of, requires
from casereg.actions.cases import CaseRefused, register_case
from casereg.forms.cases import CaseForm
from casereg.months import this_month
from casereg.stored_codebook import load_codebook
from casereg.wording import case_in_words, changes_in_words

CASES_ON_A_PAGE = 50


@requires(Permission.READ_CASES)
@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    cases = cases_of(request.user).standing().newest_first().select_related("incident", "region")
    page = Paginator(cases, CASES_ON_A_PAGE).get_page(request.GET.get("page"))
    codebook = load_codebook()
    rows = [case_in_words(case, codebook) for case in page]
    return render(request, "casereg/case_list.html", {"page": page, "rows": rows})


@requires(Permission.READ_CASES)
@require_safe
def case_read(request: HttpRequest, case_id: UUID) -> HttpResponse:
    case = case_or_404(request.user, case_id)
    codebook = load_codebook()
    in_words = case_in_words(case, codebook)
    context = {
        "case": in_words,
        "variables": [
            (codebook.variables[name].label, words) for name, words in in_words.words.items()
        ],
        "history": list(changes_in_words(case, codebook)),
    }
    return render(request, "casereg/case_read.html", context)


@requires(Permission.REGISTER_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def case_register(request: HttpRequest) -> HttpResponse:
    form = CaseForm(request.POST or None, initial={"month": this_month()})
    if request.method == "POST" and form.is_valid():
        try:
            case = register_case(
                region_code=request.user.region_id,
                content=form.content,
                reference=form.reference,
                by=request.user,
            )
        except CaseRefused as refused:
            form.add_findings(refused.findings)
        else:
            text = gettext("The case {reference} is registered.").format(reference=case.reference)
            messages.success(request, text)
            return redirect("case_read", case_id=case.pk)
    return render(request, "casereg/case_register.html", {"form": form})
