"""The year in sentences."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, region_scope, requires
from stats.counted_before import correspondences, year_figures, years_recorded
from stats.sentences import year_in_sentences
from stats.shown_year import shown_year


@requires(Permission.READ_STATISTICS)
@require_safe
def sentences_read(request: UserRequest, year: int) -> HttpResponse:
    scope = region_scope(request.user)
    years = years_recorded(scope)
    if year not in years:
        raise ObjectDoesNotExist
    now = year_figures(year, region_code=scope)
    before = year_figures(year - 1, region_code=scope) if year - 1 in years else None
    context = {
        "year": year,
        "region": now.codebook.label("region", scope) if scope else "",
        "state": shown_year(now).state,
        "sections": year_in_sentences(now, before, became=correspondences() if before else ()),
    }
    return render(request, "stats/sentences_read.html", context)
