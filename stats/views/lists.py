"""The year in whose lists an address asks for figures: blank, those of each record's own year."""

from django.core.exceptions import ObjectDoesNotExist

from casereg.access import UserRequest
from casereg.stored_codebook import load_correspondences
from casereg.vocabularies import FIRST_YEAR
from stats.cell_links import LISTS
from stats.recoded_year import ListsOfYear, lists_of_year


def asked_lists(request: UserRequest) -> ListsOfYear | None:
    """Raises `ObjectDoesNotExist` where the address names something that is no year of the register."""
    text = request.GET.get(LISTS, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and FIRST_YEAR <= int(text[:5]) < 10_000):
        raise ObjectDoesNotExist
    return lists_of_year(load_correspondences(), int(text))
