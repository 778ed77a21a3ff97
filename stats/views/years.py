"""Pages of years: the list of them, and one with all its figures."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, region_scope, requires
from stats.cells import cell_links
from stats.counted_before import correspondences, counts_version, year_figures, years_recorded
from stats.exports.year_files import FORMATS
from stats.list_changes import notes_as_recorded
from stats.pages import printed_figures
from stats.recoded_year import lists_of_year, touched_series
from stats.sentences import year_in_sentences
from stats.shown_year import shown_year
from stats.views.kept_by_browser import kept_by_browser
from stats.year_page import parts_of


@requires(Permission.READ_STATISTICS)
@require_safe
def year_list(request: UserRequest) -> HttpResponse:
    years = years_recorded(region_scope(request.user))
    return render(request, "stats/year_list.html", {"years": years})


@requires(Permission.READ_STATISTICS)
@require_safe
def year_read(request: UserRequest, year: int) -> HttpResponse:
    scope, version = region_scope(request.user), counts_version()
    years = years_recorded(scope, version=version)
    if year not in years:
        raise ObjectDoesNotExist

    def make_page() -> HttpResponse:
        figures = year_figures(year, region_code=scope, version=version)
        before = year_figures(year - 1, region_code=scope, version=version) if year - 1 in years else None
        lines = correspondences(version=version)
        shown = shown_year(figures, list_notes=notes_as_recorded(figures, lines))
        context = {
            "year": year,
            "years": years,
            "region": figures.codebook.label("region", scope) if scope else "",
            "state": shown.state,
            "figures": printed_figures(figures),
            "sentences": year_in_sentences(figures, before, became=lines),
            "parts": parts_of(shown, shown_year(before) if before else None, cell_links(request.user)),
            "recodable": touched_series(figures, lists_of_year(lines, year)),
            "formats": FORMATS,
        }
        return render(request, "stats/year_read.html", context)

    return kept_by_browser(request, version, make_page)
