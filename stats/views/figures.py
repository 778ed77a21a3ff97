"""One figure of the yearbook: its definition, and its numbers of a year."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, region_scope, requires
from stats import registry
from stats.cell_links import LISTS
from stats.cells import cell_links, part_links
from stats.compute import YearFigures
from stats.counted_before import correspondences, counts_version, year_figures, years_recorded
from stats.drawing import DrawnChart, drawn, picture_of
from stats.facts import drawn_tables, facts, read_aloud
from stats.list_changes import notes_as_recorded
from stats.pages import printed_figures, printed_tables
from stats.recoded_year import lists_of_year, recoded_figures, recoded_in_words, touched_series
from stats.registry import Kind, NotRegistered
from stats.shown_year import shown_year


@requires(Permission.READ_STATISTICS)
@require_safe
def figure_read(request: UserRequest, year: int, figure_id: str) -> HttpResponse:
    scope, version = region_scope(request.user), counts_version()
    try:
        entry = registry.entry(figure_id)
    except NotRegistered:
        raise ObjectDoesNotExist from None
    if year not in years_recorded(scope, version=version):
        raise ObjectDoesNotExist
    figures = year_figures(year, region_code=scope, version=version)
    lines = correspondences(version=version)
    lists = lists_of_year(lines, year)
    own = {table.id for table in entry.tables}
    touched = [figures.tables[name] for name in touched_series(figures, lists) if name in own]
    is_recoded = _is_recoded(request, year, may_be=bool(touched))
    as_shown = recoded_figures(figures, lists) if is_recoded else figures
    links = cell_links(request.user, lists=year if is_recoded else None)
    context = {
        "year": year,
        "region": figures.codebook.label("region", scope) if scope else "",
        "title": gettext(entry.title),
        "name_in_files": entry.definition.id,
        "facts": facts(entry, figures.codebook, published_years=list(figures.published_basis), became=lines),
        "read_aloud": read_aloud(entry, figures),
        "cases_behind": part_links(request.user, entry, figures),
        "figure": next(
            (
                printed
                for printed in printed_figures(figures)
                if entry.kind is Kind.KEY_FIGURE and registry.id_of_key_figure(printed.id) == entry.id
            ),
            None,
        ),
        "tables": [
            table
            for table in printed_tables(
                as_shown, links, notes={} if is_recoded else notes_as_recorded(figures, lines)
            )
            if table.id in own
        ],
        "may_be_recoded": bool(touched),
        "is_recoded": is_recoded,
        "lists": year if is_recoded else None,
        "recoded": [recoded_in_words(table, lists, figures.codebook) for table in touched if is_recoded],
        "made_of": [(each.id, gettext(each.title)) for each in drawn_tables(entry)],
        "chart": _chart(entry, as_shown, scope),
        "charts": [(each.id, gettext(each.title)) for each in _charts_of(entry)],
    }
    return render(request, "stats/figure_read.html", context)


def _is_recoded(request: UserRequest, year: int, *, may_be: bool) -> bool:
    """Whether the address asks for the values of the year's lists; where nothing is recoded, none may."""
    lists = request.GET.get(LISTS, "")
    if lists and not (may_be and lists == str(year)):
        raise ObjectDoesNotExist
    return bool(lists)


def _chart(entry: registry.Entry, figures: YearFigures, scope: str | None) -> DrawnChart | None:
    if entry.kind is not Kind.CHART:
        return None
    has_before = figures.year - 1 in years_recorded(scope)
    before = year_figures(figures.year - 1, region_code=scope) if has_before else None
    shown = shown_year(figures)
    picture = picture_of(entry.id, shown, shown_year(before) if before is not None else None)
    return drawn(picture, shown) if picture is not None else None


def _charts_of(entry: registry.Entry) -> tuple[registry.Entry, ...]:
    return registry.charts_of(entry.id) if entry.kind is Kind.TABLE else ()
