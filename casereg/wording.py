"""What is recorded of a case, in the words on screen. The four states of emptiness stay apart here too."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from casereg.case_content import CONTENT_VARIABLES, CaseContent
from casereg.codebook import CodeBook
from casereg.models import Case, CaseHistory, Offer
from casereg.remarks import confirmed_in_words
from casereg.vocabularies import NOT_RECORDED, UNKNOWN


@dataclass(frozen=True, slots=True)
class CaseInWords:
    """A case as pages show it: `words` by variable, ready to print."""

    id: UUID
    reference: str
    region: str
    is_withdrawn: bool
    incident: str  # its reference, blank where there is none
    words: dict[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a case's history; `fields` are (variable, before, after) in words."""

    at: datetime
    by: str
    action: str
    reason: str
    note: str
    fields: list[tuple[str, str, str]]
    confirmed: list[str]


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed a field last, and when."""

    at: datetime
    by: str


def case_in_words(case: Case, codebook: CodeBook) -> CaseInWords:
    return CaseInWords(
        id=case.pk,
        reference=case.reference,
        region=codebook.label("region", case.region_id),
        is_withdrawn=case.is_withdrawn,
        incident=case.content.incident,
        words=content_in_words(case.content, codebook),
    )


def content_in_words(content: CaseContent, codebook: CodeBook) -> dict[str, str]:
    """`{variable: words}` for every variable."""
    return {
        name: _words(name, getattr(content, name), codebook) or _why_blank(name, content, codebook)
        for name in CONTENT_VARIABLES
    }


def changes_in_words(case: Case, codebook: CodeBook) -> Iterable[Change]:
    """The case's history, latest first."""
    for entry in case.history.select_related("by").order_by("-at", "-id"):
        yield Change(
            at=entry.at,
            by=_who(entry),
            action=entry.get_action_display(),
            reason=entry.get_reason_display() if entry.reason else "",
            note=entry.note,
            fields=[
                (
                    codebook.variables[name].label if name in codebook.variables else gettext("reference"),
                    _words(name, before, codebook) or gettext("blank"),
                    _words(name, after, codebook) or gettext("blank"),
                )
                for name, (before, after) in entry.changes.items()
            ],
            confirmed=[confirmed_in_words(key, codebook) for key in entry.confirmed or ()],
        )


def last_changes(case: Case) -> dict[str, LastChange]:
    """`{variable: who changed it last}`, of the variables that were ever amended."""
    return {
        name: LastChange(entry.at, _who(entry))
        for entry in case.history.select_related("by").order_by("at", "id")
        for name in entry.changes
    }


def _who(entry: CaseHistory) -> str:
    return entry.by.name if entry.by else gettext("the system")


@dataclass(frozen=True, slots=True)
class OfferInWords:
    """An offer as both regions see it."""

    id: UUID
    case_id: UUID
    reference: str
    from_region: str
    to_region: str
    reason: str
    state: str
    is_open: bool
    offered_at: datetime
    answered_at: datetime | None


def offer_in_words(offer: Offer, codebook: CodeBook) -> OfferInWords:
    return OfferInWords(
        id=offer.pk,
        case_id=offer.case_id,
        reference=offer.reference,
        from_region=codebook.label("region", offer.from_region_id),
        to_region=codebook.label("region", offer.to_region_id),
        reason=offer.reason,
        state=offer.get_state_display(),
        is_open=offer.is_open,
        offered_at=offer.offered_at,
        answered_at=offer.answered_at,
    )


def open_offer_in_words(case: Case, codebook: CodeBook) -> OfferInWords | None:
    """The offer of a case that waits for an answer, if there is one."""
    offer = case.offers.filter(state=Offer.State.OPEN).first()
    return offer_in_words(offer, codebook) if offer else None


def offered_case_in_words(case: Case, codebook: CodeBook) -> list[tuple[str, str]]:
    """The fields of one case for another region: not its incident, which ties it to other cases."""
    words = content_in_words(case.content, codebook)
    return [(codebook.variables[name].label, words[name]) for name in words if name != "incident"]


def _words(variable: str, value: str, codebook: CodeBook) -> str:
    if value == NOT_RECORDED:
        return ""
    if variable in codebook.terms:
        return codebook.label(variable, value)
    return gettext("not known") if value == UNKNOWN else value


def _why_blank(variable: str, content: CaseContent, codebook: CodeBook) -> str:
    if variable == "incident":
        return gettext("none")
    if not codebook.is_collected(variable, int(content.month[:4])):
        return gettext("not collected that year")
    if variable == "industry" and not codebook.asks_for_industry(content.form):
        return gettext("not asked for this form")
    return gettext("not recorded")
