"""The start page: where each role begins, and what waits."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, cases_of, requires
from casereg.months import this_month
from casereg.waiting import waiting_for


@requires(Permission.START)
@require_safe
def start(request: UserRequest) -> HttpResponse:
    year = int(this_month()[:4])
    context = {
        "waiting": waiting_for(request.user),
        "year": year,
        "cases_this_year": cases_of(request.user).standing().of_year(year).count(),
    }
    return render(request, "casereg/start.html", context)
