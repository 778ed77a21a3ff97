"""A year narrowed to some of its persons, beside the whole year, and what moves its figures most."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, cases_of, region_scope, requires
from casereg.stored_codebook import load_codebook
from stats.cells import cell_links
from stats.counted_before import counts_version, year_figures, years_recorded
from stats.forms import NarrowingForm
from stats.influence import influences
from stats.narrowed_year import beside_the_whole, largest_incidents, narrowed_to, occurring_values
from stats.pages import printed_tables


@requires(Permission.READ_STATISTICS)
@require_safe
def year_narrow(request: UserRequest, year: int) -> HttpResponse:
    scope, version = region_scope(request.user), counts_version()
    if year not in years_recorded(scope, version=version):
        raise ObjectDoesNotExist
    codebook, cases = load_codebook(), cases_of(request.user)
    incidents = largest_incidents(cases, year, also=request.GET.get("without_incident", ""))
    whole = year_figures(year, region_code=scope, version=version)
    form = NarrowingForm(
        request.GET,
        codebook=codebook,
        year=year,
        occurring=occurring_values(whole),
        incidents=incidents,
        with_region=scope is None,
    )
    narrowing = form.narrowing()
    context = {
        "year": year,
        "region": codebook.label("region", scope) if scope else "",
        "form": form,
    }
    # Where the form is wrong nothing is shown: the whole year is not what was asked for.
    if narrowing is not None:
        narrowed = (
            year_figures(year, region_code=scope, narrowing=narrowing, version=version)
            if narrowing
            else whole
        )
        links = cell_links(request.user, narrowing)
        context |= {
            "narrowed_to": narrowed_to(narrowing, codebook, incidents),
            "figures": beside_the_whole(narrowed, whole, influences(narrowed, cases), links),
            "tables": printed_tables(narrowed, links) if narrowing else [],
        }
    return render(request, "stats/year_narrow.html", context)
