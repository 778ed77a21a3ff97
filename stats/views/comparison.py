"""Two years beside each other."""

from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, region_scope, requires
from stats.cell_links import LISTS
from stats.cells import cell_links
from stats.comparison_page import TwoYears, compared_figures, compared_table, compared_tables
from stats.counted_before import correspondences, counts_version, year_figures, years_recorded
from stats.definitions import Table
from stats.published_totals import published_sources
from stats.recoded_year import RECODED_VARIABLES, RecodedInWords, lists_of_year, recoded_in_words
from stats.tables import TABLES


@requires(Permission.READ_STATISTICS)
@require_safe
def year_compare(request: UserRequest) -> HttpResponse:
    """`year` and `with` in the address, in any order; without them the two latest. `table`: all its cells."""
    scope, version = region_scope(request.user), counts_version()
    recorded = years_recorded(scope, version=version)
    context: dict[str, object] = {"region": "", "years": []}
    if recorded:
        context["recorded_year"] = recorded[0]
        latest = year_figures(recorded[0], region_code=scope, version=version)
        published = [int(year) for year in latest.published_basis]
        years = sorted([*recorded, *published], reverse=True)
        context["region"] = latest.codebook.label("region", scope) if scope else ""
        if len(years) < 2:
            return render(request, "stats/year_compare.html", context)
        year, with_year = _asked_for(request, years, recorded)
        other = with_year if with_year != year else _before(year, years, recorded)
        earlier, later = sorted((year, other))
        figures = {
            year: year_figures(year, region_code=scope, version=version)
            for year in (earlier, later)
            if year in recorded
        }
        # Of a year without records the other's series tell, with the codes of that year's lists.
        of_published = next(iter(figures.values()), latest)
        figures = {year: figures.get(year, of_published) for year in (earlier, later)}
        only_published = frozenset({earlier, later} - set(recorded))
        lines = correspondences(version=version)
        is_recoded = _is_recoded(request, later)
        two = TwoYears(
            earlier=earlier,
            later=later,
            figures=figures,
            published=only_published,
            links=cell_links(request.user, lists=later if is_recoded else None),
            lists=lists_of_year(lines, later),
            correspondences=lines,
            is_recoded=is_recoded,
        )
        context = {
            "region": latest.codebook.label("region", scope) if scope else "",
            "years": years,
            "published_years": published,
            "two": two,
            "is_one_year": year == with_year,
            "figures": compared_figures(two),
            "recoded": _recoded_in_words(two),
            "sources": published_sources(sorted(only_published)) if only_published else [],
            "bases": [(year, latest.published_basis[str(year)]) for year in sorted(only_published)],
            "unfinished": [year for year in two.years if year >= timezone.localdate().year],
            "headings": [_heading(year, two) for year in two.years],
            **_tables(request, two),
        }
    return render(request, "stats/year_compare.html", context)


def _asked_for(request: UserRequest, years: list[int], recorded: list[int]) -> tuple[int, int]:
    """Of the years that there are; one that the address does not name is the year before with records."""
    of_text = {str(year): year for year in years}
    try:
        year = of_text[request.GET.get("year") or str(recorded[0])]
        return year, of_text[request.GET.get("with") or str(_before(year, years, recorded))]
    except KeyError:
        raise ObjectDoesNotExist from None


def _is_recoded(request: UserRequest, later: int) -> bool:
    lists = request.GET.get(LISTS, "")
    if lists and lists != str(later):
        raise ObjectDoesNotExist
    return bool(lists)


def _before(year: int, years: list[int], recorded: list[int]) -> int:
    """With records, if there is one; else what was published of a year before; else any other year."""
    earlier = [other for other in recorded if other < year] or [other for other in years if other < year]
    return max(earlier, default=next((other for other in years if other != year), year))


def _recoded_in_words(two: TwoYears) -> list[RecodedInWords]:
    """Once for each list, from the first of the tables shown that is broken down by it."""
    if not two.is_recoded:
        return []
    tables = [t for t in two.figures[two.earlier].tables.values() if _is_shown(t.definition, two)]
    of_list = {name: [t for t in tables if name in t.codes][:1] for name in RECODED_VARIABLES}
    in_words = (
        recoded_in_words(table, two.lists, two.codebook, only=name)
        for name, found in of_list.items()
        for table in found
    )
    return [each for each in in_words if each.counted_as or each.apart]


def _is_shown(table: Table, two: TwoYears) -> bool:
    return table.is_series == bool(two.published)


def _heading(year: int, two: TwoYears) -> str:
    return gettext("{year} (published)").format(year=year) if year in two.published else str(year)


def _tables(request: UserRequest, two: TwoYears) -> dict[str, object]:
    wanted = request.GET.get("table", "")
    if not wanted:
        lists = {LISTS: two.later} if two.is_recoded else {}
        whole_address = "?" + urlencode({"with": two.earlier, "year": two.later, **lists, "table": ""})
        return {"tables": compared_tables(two), "whole_address": whole_address}
    table = next((table for table in TABLES if table.id == wanted), None)
    if table is None or not _is_shown(table, two):
        raise ObjectDoesNotExist
    return {"tables": [compared_table(table, two, whole=True)], "whole_table": wanted}
