"""The cases behind a number: of a cell of a table or a cross, of a part of a key figure."""

from collections.abc import Callable
from dataclasses import replace

from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, cases_of, record_read, region_scope, requires
from casereg.case_filter import NEWEST_FIRST, SORTS
from casereg.stored_codebook import load_codebook
from casereg.views.columns import case_columns
from casereg.wording import case_in_words
from stats.behind import NotACell
from stats.cell_links import LISTS, WITHIN
from stats.cells import Asked, Behind, behind_cell, behind_part
from stats.counted_before import counts_version, year_figures, years_recorded
from stats.forms import NarrowingForm
from stats.narrowed_year import largest_incidents, narrowed_to, occurring_values
from stats.views.lists import asked_lists

CASES_ON_A_PAGE = 50
_NO_CODES = {"page", "sort", LISTS}


@requires(Permission.READ_STATISTICS)
@requires(Permission.READ_CASES)
@require_safe
def cell_read(request: UserRequest, year: int, table_id: str) -> HttpResponse:
    """A dimension that the address does not name is at its total."""
    codes = {
        name: str(request.GET[name])
        for name in request.GET
        if name not in _NO_CODES and not name.startswith(f"{WITHIN}-")
    }
    lists = asked_lists(request)
    return _cases_behind(
        request, year, lambda asked: behind_cell(replace(asked, lists=lists), table_id, codes)
    )


@requires(Permission.READ_STATISTICS)
@requires(Permission.READ_CASES)
@require_safe
def key_figure_cases(request: UserRequest, year: int, key_figure_id: str) -> HttpResponse:
    part = request.GET.get("part", "numerator")
    return _cases_behind(request, year, lambda asked: behind_part(asked, key_figure_id, part))


def _cases_behind(request: UserRequest, year: int, find: Callable[[Asked], Behind]) -> HttpResponse:
    scope, version = region_scope(request.user), counts_version()
    if year not in years_recorded(scope, version=version):
        raise ObjectDoesNotExist
    codebook, cases = load_codebook(), cases_of(request.user)
    without = request.GET.get(f"{WITHIN}-without_incident", "")
    incidents = largest_incidents(cases, year, also=without) if without else []
    is_narrowed = any(name.startswith(f"{WITHIN}-") for name in request.GET)
    whole = year_figures(year, region_code=scope, version=version) if is_narrowed else None
    form = NarrowingForm(
        request.GET,
        prefix=WITHIN,
        codebook=codebook,
        year=year,
        occurring=occurring_values(whole) if whole is not None else {},
        incidents=incidents,
        with_region=scope is None,
    )
    known = {form.add_prefix(name) for name in form.fields}
    narrowing = form.narrowing()
    if narrowing is None or any(n.startswith(f"{WITHIN}-") and n not in known for n in request.GET):
        raise ObjectDoesNotExist
    try:
        behind = find(Asked(cases=cases, year=year, region_code=scope, version=version, narrowing=narrowing))
    except NotACell:
        raise ObjectDoesNotExist from None
    record_read(request.user, behind.trail)
    sort = request.GET.get("sort", NEWEST_FIRST)
    sort = sort if sort.removeprefix("-") in SORTS else NEWEST_FIRST
    in_order = behind.cases.select_related("incident", "region").in_order(sort)
    page = Paginator(in_order, CASES_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "year": year,
        "region": codebook.label("region", scope) if scope else "",
        "behind": behind,
        "narrowed_to": narrowed_to(narrowing, codebook, incidents),
        "columns": case_columns(sort, with_region=scope is None),
        "with_region": scope is None,
        "page": page,
        "page_numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "rows": [case_in_words(case, codebook) for case in page],
    }
    return render(request, "stats/cell_read.html", context)
