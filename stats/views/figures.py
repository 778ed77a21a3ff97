"""One figure of the yearbook: its definition, and its numbers of a year."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, region_scope, requires
from stats import registry
from stats.cells import cell_links, part_links
from stats.compute import YearFigures
from stats.counted_before import year_figures, years_recorded
from stats.drawing import DrawnChart, drawn, picture_of
from stats.facts import drawn_tables, facts, read_aloud
from stats.pages import printed_figures, printed_tables
from stats.registry import Kind, NotRegistered
from stats.shown_year import shown_year


@requires(Permission.READ_STATISTICS)
@require_safe
def figure_read(request: UserRequest, year: int, figure_id: str) -> HttpResponse:
    scope = region_scope(request.user)
    try:
        entry = registry.entry(figure_id)
    except NotRegistered:
        raise ObjectDoesNotExist from None
    if year not in years_recorded(scope):
        raise ObjectDoesNotExist
    figures = year_figures(year, region_code=scope)
    shown = {table.id for table in entry.tables}
    context = {
        "year": year,
        "region": figures.codebook.label("region", scope) if scope else "",
        "title": gettext(entry.title),
        "name_in_files": entry.definition.id,
        "facts": facts(entry, figures.codebook, published_years=list(figures.published_basis)),
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
        "tables": [table for table in printed_tables(figures, cell_links(request.user)) if table.id in shown],
        "made_of": [(each.id, gettext(each.title)) for each in drawn_tables(entry)],
        "chart": _chart(entry, figures, scope),
        "charts": [(each.id, gettext(each.title)) for each in _charts_of(entry)],
    }
    return render(request, "stats/figure_read.html", context)


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
