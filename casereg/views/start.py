"""The start page: where each role begins."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from casereg.access import Permission, requires
from casereg.months import this_month


@requires(Permission.START)
def start(request: HttpRequest) -> HttpResponse:
    return render(request, "casereg/start.html", {"this_year": int(this_month()[:4])})
