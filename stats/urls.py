"""The addresses of the yearbook."""

from django.urls import path

from stats.views import (
    cells,
    comparison,
    crosses,
    downloads,
    figures,
    narrowing,
    reconciliation,
    sentences,
    sheets,
    years,
)

urlpatterns = [
    path("", years.year_list, name="year_list"),
    path("compare/", comparison.year_compare, name="year_compare"),
    path("<int:year>/", years.year_read, name="year_read"),
    path("<int:year>/narrowed/", narrowing.year_narrow, name="year_narrow"),
    path("<int:year>/cross/", crosses.year_cross, name="year_cross"),
    path("<int:year>/cross/download/<slug:format>/", downloads.cross_download, name="cross_download"),
    path("<int:year>/download/<slug:format>/", downloads.year_download, name="year_download"),
    path(
        "<int:year>/download/<slug:format>/<slug:figure_id>/",
        downloads.figure_download,
        name="figure_download",
    ),
    path("<int:year>/sheet/", sheets.year_sheet, name="year_sheet"),
    path("<int:year>/figures/<slug:figure_id>/", figures.figure_read, name="figure_read"),
    path(
        "<int:year>/figures/key-<slug:key_figure_id>/cases/", cells.key_figure_cases, name="key_figure_cases"
    ),
    path("<int:year>/<str:table_id>/cases/", cells.cell_read, name="cell_read"),
    path("<int:year>/reconciliation/", reconciliation.reconciliation_read, name="reconciliation_read"),
    path("<int:year>/sentences/", sentences.sentences_read, name="sentences_read"),
]
