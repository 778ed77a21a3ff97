"""What is recorded of a case, in the words on screen. The four states of emptiness stay apart here too."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from casereg.case_content import CONTENT_VARIABLES, CaseContent
from casereg.codebook import CodeBook
from casereg.models import Case, CaseHistory, Incident, IncidentHistory, Offer
from casereg.remarks import confirmed_in_words
from casereg.shared_values import DIFFERED
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


@dataclass(frozen=True, slots=True)
class WithdrawnPerson:
    """A withdrawn case of an incident, with when and why it was withdrawn."""

    id: UUID
    reference: str
    at: datetime
    by: str
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class IncidentChange:
    """One entry of an incident's history; `fields` are (name, before, after) in words."""

    at: datetime
    by: str
    action: str
    reason: str
    note: str
    fields: list[tuple[str, str, str]]
    references: list[str]


def incident_changes_in_words(incident: Incident, codebook: CodeBook) -> list[IncidentChange]:
    """The incident's history, latest first, with the withdrawals and restorations of its persons."""
    changes = [
        IncidentChange(
            at=entry.at,
            by=_who(entry),
            action=entry.get_action_display(),
            reason="",
            note="",
            fields=[
                (
                    codebook.variables[name].label if name in codebook.variables else gettext("reference"),
                    _words(name, before, codebook) or gettext("blank"),
                    _words(name, after, codebook) or gettext("blank"),
                )
                for name, (before, after) in entry.changes.items()
            ],
            references=entry.references,
        )
        for entry in IncidentHistory.objects.filter(incident=incident).select_related("by")
    ]
    for entry in _withdrawn_and_restored(incident):
        if entry.reason == CaseHistory.Reason.UNDONE:
            continue  # the incident's own entry tells it of all of them
        changes.append(
            IncidentChange(
                at=entry.at,
                by=_who(entry),
                action=entry.get_action_display(),
                reason=entry.get_reason_display(),
                note=entry.note,
                fields=[],
                references=[entry.case.reference],
            )
        )
    return sorted(changes, key=lambda change: change.at)[::-1]


def withdrawn_persons(incident: Incident) -> list[WithdrawnPerson]:
    """The persons of the incident that are withdrawn now."""
    last = {entry.case_id: entry for entry in _withdrawn_and_restored(incident) if entry.case.is_withdrawn}
    return sorted(
        (
            WithdrawnPerson(
                id=case_id,
                reference=entry.case.reference,
                at=entry.at,
                by=_who(entry),
                reason=entry.get_reason_display(),
                note=entry.note,
            )
            for case_id, entry in last.items()
        ),
        key=lambda person: person.reference,
    )


def _withdrawn_and_restored(incident: Incident) -> Iterable[CaseHistory]:
    actions = (CaseHistory.Action.WITHDRAW, CaseHistory.Action.RESTORE)
    entries = CaseHistory.objects.filter(case__incident=incident, action__in=actions)
    return entries.select_related("by", "case").order_by("at", "id")


def _who(entry: CaseHistory | IncidentHistory) -> str:
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


def value_in_words(variable: str, value: str, codebook: CodeBook) -> str:
    """One value; blank where nothing is recorded, and in a history `…` where it was not the same for all."""
    return _words(variable, value, codebook)


def _words(variable: str, value: str, codebook: CodeBook) -> str:
    if value == DIFFERED:
        return gettext("different values")
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
