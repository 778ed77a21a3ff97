"""Files of a year: all of it, or one figure, in each format."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, region_scope, requires
from stats.counted_before import correspondences, counts_version, cross_figures, year_figures, years_recorded
from stats.crossing import NotACross
from stats.exports import downloads
from stats.exports.downloads import Download
from stats.exports.year_files import NoSuchFile
from stats.list_changes import notes_as_recorded
from stats.recoded_year import recoded_shown_year
from stats.shown_year import ShownYear, shown_year
from stats.views.crosses import along_asked_for, breakdowns_asked_for
from stats.views.lists import recodable_series


@requires(Permission.READ_STATISTICS)
@require_safe
def year_download(request: UserRequest, year: int, format: str) -> HttpResponse:
    shown, _before = _years_shown(request, year)
    try:
        download = downloads.year_download(shown, format=format, by=request.user)
    except NoSuchFile:
        raise ObjectDoesNotExist from None
    return _as_file(download)


@requires(Permission.READ_STATISTICS)
@require_safe
def figure_download(request: UserRequest, year: int, format: str, figure_id: str) -> HttpResponse:
    shown, before = _years_shown(request, year, figure_id)
    try:
        download = downloads.figure_download(
            shown, before, figure_id=figure_id, format=format, by=request.user
        )
    except NoSuchFile:
        raise ObjectDoesNotExist from None
    return _as_file(download)


@requires(Permission.READ_STATISTICS)
@require_safe
def cross_download(request: UserRequest, year: int, format: str) -> HttpResponse:
    scope, version = region_scope(request.user), counts_version()
    if year not in years_recorded(scope, version=version):
        raise ObjectDoesNotExist
    try:
        crossed = cross_figures(year, breakdowns_asked_for(request), region_code=scope, version=version)
        return _as_file(
            downloads.cross_download(crossed, format=format, by=request.user, along=along_asked_for(request))
        )
    except (NotACross, NoSuchFile):
        raise ObjectDoesNotExist from None


def _years_shown(request: UserRequest, year: int, figure_id: str = "") -> tuple[ShownYear, ShownYear | None]:
    """The year within the reader's scope, and the year before it where it has records.

    A figure's series are recoded where the address asks for the values of the year's lists.
    """
    scope, version = region_scope(request.user), counts_version()
    years = years_recorded(scope, version=version)
    if year not in years:
        raise ObjectDoesNotExist
    figures = year_figures(year, region_code=scope, version=version)
    series = recodable_series(request, figures, figure_id)
    shown = (
        shown_year(figures, list_notes=notes_as_recorded(figures, correspondences(version=version)))
        if series is None
        else recoded_shown_year(figures, *series)
    )
    if year - 1 not in years:
        return shown, None
    return shown, shown_year(year_figures(year - 1, region_code=scope, version=version))


def _as_file(download: Download) -> HttpResponse:
    return HttpResponse(
        download.content,
        content_type=download.content_type,
        headers={"Content-Disposition": f'attachment; filename="{download.name}"'},
    )
