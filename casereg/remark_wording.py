"""The open remarks on stored cases, in words: the rules are run again, and what is not open is left out."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext

from casereg.codebook import CodeBook
from casereg.models import Case
from casereg.months import this_month
from casereg.remarks import Kind, Remark, remarks_on

# These are asked by radio buttons: their first one is what a link leads to.
_RADIO: Final = ("assessment", "sex", "age_group")
KEY_MAX: Final = 120  # of a key as it is stored


@dataclass(frozen=True, slots=True)
class RemarkInWords:
    """`field` is the id of the form's field that the remark is about."""

    key: str
    text: str
    can_be_confirmed: bool
    yes: str
    field: str


def remarks_in_words(case: Case, keys: Collection[str], codebook: CodeBook) -> list[RemarkInWords]:
    """Those with the keys, which are of the case's open remarks."""
    if not keys:
        return []
    remarks = remarks_on(case.content, codebook=codebook, latest_month=this_month())
    return [_in_words(remark) for remark in remarks if remark.key[:KEY_MAX] in keys]


def open_remarks_in_words(case: Case, codebook: CodeBook) -> list[RemarkInWords]:
    """The case's open remarks, for its own page."""
    keys = set(case.remarks.open().values_list("key", flat=True))
    return remarks_in_words(case, keys, codebook)


def _in_words(remark: Remark) -> RemarkInWords:
    field = f"id_{remark.variable}_0" if remark.variable in _RADIO else f"id_{remark.variable}"
    yes = str(remark.yes) if remark.kind is Kind.UNKNOWN else gettext("It is so")
    return RemarkInWords(remark.key, str(remark.text), remark.can_be_confirmed, yes, field)
