"""Pages of the yearbook."""

from django.http import HttpRequest, HttpResponse

from casereg.access import Permission, requires


@requires(Permission.READ_STATISTICS)
def year_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


@requires(Permission.READ_STATISTICS)
def year_read(request: HttpRequest, year: int) -> HttpResponse:
    return HttpResponse("")
