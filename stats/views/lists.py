"""The year in whose lists an address asks for figures: blank, those of each record's own year."""

from django.core.exceptions import ObjectDoesNotExist

from casereg.access import UserRequest
from casereg.stored_codebook import load_correspondences
from casereg.vocabularies import FIRST_YEAR
from stats import registry
from stats.cell_links import LISTS
from stats.compute import YearFigures
from stats.counted_before import correspondences
from stats.recoded_year import ListsOfYear, lists_of_year, touched_series
from stats.registry import NotRegistered


def asked_lists(request: UserRequest) -> ListsOfYear | None:
    """Raises `ObjectDoesNotExist` where the address names something that is no year of the register."""
    text = request.GET.get(LISTS, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and FIRST_YEAR <= int(text[:5]) < 10_000):
        raise ObjectDoesNotExist
    return lists_of_year(load_correspondences(), int(text))


def recodable_series(
    request: UserRequest, figures: YearFigures, figure_id: str
) -> tuple[ListsOfYear, list[str]] | None:
    """The lists of the figures' year, and the series of a figure that they change; None: as recorded.

    Raises `ObjectDoesNotExist` where the address asks for other lists, or they change nothing.
    """
    asked = request.GET.get(LISTS, "")
    if not asked:
        return None
    lists = lists_of_year(correspondences(), figures.year)
    try:
        tables = {table.id for table in registry.entry(figure_id).tables}
    except NotRegistered:
        raise ObjectDoesNotExist from None
    series = [name for name in touched_series(figures, lists) if name in tables]
    if asked != str(figures.year) or not series:
        raise ObjectDoesNotExist
    return lists, series
