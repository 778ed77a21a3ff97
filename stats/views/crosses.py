"""A cross: two or three breakdowns of a year that the reader puts together."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, region_scope, requires
from casereg.stored_codebook import load_codebook
from stats.cells import cell_links
from stats.counted_before import counts_version, cross_figures, years_recorded
from stats.cross_page import ALONG, printed_cross, printed_shares
from stats.crossing import BREAKDOWNS, MOST, NotACross
from stats.labels import dimension_label

_AT_FIRST = ["form", "sex"]


@requires(Permission.READ_STATISTICS)
@require_safe
def year_cross(request: UserRequest, year: int) -> HttpResponse:
    scope, version = region_scope(request.user), counts_version()
    if year not in years_recorded(scope, version=version):
        raise ObjectDoesNotExist
    wanted = breakdowns_asked_for(request)
    along = along_asked_for(request)
    context: dict[str, object] = {
        "year": year,
        "region": load_codebook().label("region", scope) if scope else "",
        "breakdowns": [(name, dimension_label(name, (each,))) for name, each in BREAKDOWNS.items()],
        "chosen": [wanted[place] if place < len(wanted) else "" for place in range(MOST)],
        "along": along,
    }
    try:
        crossed = cross_figures(year, wanted, region_code=scope, version=version)
    except NotACross:
        return render(request, "stats/year_cross.html", context | {"error": _what_a_cross_is()})
    tables = [printed_cross(crossed, cell_links(request.user))]
    if along:
        tables.append(printed_shares(crossed, along))
    asked_for = QueryDict(mutable=True)
    asked_for.setlist("by", wanted)
    if along:
        asked_for["per_cent"] = along
    return render(
        request, "stats/year_cross.html", context | {"tables": tables, "asked_for": asked_for.urlencode()}
    )


def breakdowns_asked_for(request: UserRequest) -> list[str]:
    if "by" not in request.GET:
        return _AT_FIRST
    return [name for name in request.GET.getlist("by") if name]


def along_asked_for(request: UserRequest) -> str:
    """Of what the cells are to be shown in per cent; blank: of nothing."""
    along = request.GET.get("per_cent", "")
    return along if along in ALONG else ""


def _what_a_cross_is() -> str:
    return gettext("Choose two or three different breakdowns.")
