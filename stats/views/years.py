"""Pages of years: the list of them, and one with all its figures."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, region_scope, requires
from stats.compute import compute_year, recorded_years
from stats.pages import printed_figures, printed_tables


@requires(Permission.READ_STATISTICS)
@require_safe
def year_list(request: UserRequest) -> HttpResponse:
    years = recorded_years(region_scope(request.user))
    return render(request, "stats/year_list.html", {"years": years})


@requires(Permission.READ_STATISTICS)
@require_safe
def year_read(request: UserRequest, year: int) -> HttpResponse:
    scope = region_scope(request.user)
    years = recorded_years(scope)
    if year not in years:
        raise ObjectDoesNotExist
    figures = compute_year(year, region_code=scope)
    tables = printed_tables(figures)
    context = {
        "year": year,
        "years": years,
        "region": figures.codebook.label("region", scope) if scope else "",
        "figures": printed_figures(figures),
        "tables": [table for table in tables if not table.is_series and not table.internal],
        "internal_tables": [table for table in tables if table.internal],
        "series": [table for table in tables if table.is_series],
    }
    return render(request, "stats/year_read.html", context)
