"""A region's year on one page: of the own region, or of the one that an analyst chooses."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, region_scope, requires
from stats import year_sheet as sheets
from stats.counted_before import counts_version, year_figures, years_recorded
from stats.views.kept_by_browser import kept_by_browser


@requires(Permission.READ_STATISTICS)
@require_safe
def year_sheet(request: UserRequest, year: int) -> HttpResponse:
    scope, version = region_scope(request.user), counts_version()
    if year not in years_recorded(scope, version=version):
        raise ObjectDoesNotExist
    own = year_figures(year, region_code=scope, version=version)
    regions = sheets.regions_with_cases(own)
    chosen = request.GET.get("region", "") or scope or ""
    names = dict(regions)
    if chosen and chosen not in names:
        raise ObjectDoesNotExist

    def make_page() -> HttpResponse:
        context = {
            "year": year,
            "before_year": year - 1,
            "regions": regions if scope is None else [],
            "chosen": chosen,
        }
        if chosen:
            of_region = year_figures(year, region_code=chosen, version=version)
            has_before = year - 1 in years_recorded(chosen, version=version)
            before = year_figures(year - 1, region_code=chosen, version=version) if has_before else None
            context |= {"region": names[chosen], "sheet": sheets.year_sheet(of_region, before)}
        return render(request, "stats/year_sheet.html", context)

    return kept_by_browser(request, version, make_page)
