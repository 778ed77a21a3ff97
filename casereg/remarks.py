"""What is legal and yet worth a second look: pure rules that return remarks, for forms and stored records."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.case_content import CaseContent
from casereg.codebook import CodeBook
from casereg.quality import MAY_BE_BLANK_IN_FILES, Words, case_findings
from casereg.vocabularies import NOT_RECORDED, UNKNOWN, AgeGroup, Assessment, Sex

# Where nearly every record has a known value, "unknown" may be a value that nobody has asked for.
USUALLY_KNOWN: Final = ("form", "sex", "age_group", "nationality")
REGISTERED_ALREADY: Final = "registered_already"
INCIDENT_HAS_PERSONS: Final = "incident_has_persons"


_IT_IS_RIGHT: Final = _("Yes, it is right.")


class Kind(Enum):
    """Why a remark is made. What cannot be confirmed goes away only when the record is mended."""

    UNUSUAL = auto()  # asked for when it is entered, and once
    UNKNOWN = auto()
    NOT_RECORDED = auto()
    RULE = auto()  # a rule that came after the record


@dataclass(frozen=True, slots=True)
class Remark:
    """`key` names the rule and the values that it is about: for other values it is another remark."""

    key: str
    kind: Kind
    variable: str
    text: Words
    yes: Words = _IT_IS_RIGHT  # what whoever confirms it says

    @property
    def can_be_confirmed(self) -> bool:
        return self.kind in (Kind.UNUSUAL, Kind.UNKNOWN)


def unusual(content: CaseContent, codebook: CodeBook) -> list[Remark]:
    """What is asked before a record is stored: is it really so?"""
    return [*_offence_does_not_cover(content, codebook), *_forced_marriage_of_unknown_sex(content)]


def remarks_on(content: CaseContent, *, codebook: CodeBook, latest_month: str) -> list[Remark]:
    """Everything that is to be mended or confirmed in a stored record, in the order of its variables' rules.

    `latest_month` is the present month, "2026-11".
    """
    return [
        *_later_rules(content, codebook, latest_month),
        *_not_recorded(content, codebook),
        *_unknown(content),
        *unusual(content, codebook),
    ]


def registered_already(number: int, reference: str) -> Remark:
    """`number` standing cases of the region and month say the same, `reference` is one of them."""
    if number == 1:
        text: Words = format_lazy(
            _("Case {reference} has exactly these values, in the same month. Is this another person?"),
            reference=reference,
        )
    else:
        text = format_lazy(
            _(
                "{number} cases have exactly these values, in the same month, among them {reference}. "
                "Is this another person?"
            ),
            number=number,
            reference=reference,
        )
    return Remark(REGISTERED_ALREADY, Kind.UNUSUAL, "", text, _("Yes, another person."))


def persons_registered_already(number: int) -> Remark:
    """As `registered_already`, of the persons of an incident together."""
    if number == 1:
        text: Words = _(
            "A case of your region says exactly the same as persons here, in the same month. Are these "
            "other persons?"
        )
    else:
        text = format_lazy(
            _(
                "{number} cases of your region say exactly the same as persons here, in the same month. Are "
                "these other persons?"
            ),
            number=number,
        )
    return Remark(REGISTERED_ALREADY, Kind.UNUSUAL, "", text, _("Yes, other persons."))


def incident_has_persons(reference: str, number: int) -> Remark:
    """Asked where persons are registered under a reference that stands already."""
    if number == 1:
        text: Words = format_lazy(
            _("The incident {reference} has 1 person already. Are these more persons of it?"),
            reference=reference,
        )
    else:
        text = format_lazy(
            _("The incident {reference} has {number} persons already. Are these more persons of it?"),
            reference=reference,
            number=number,
        )
    return Remark(f"{INCIDENT_HAS_PERSONS}:{reference}", Kind.UNUSUAL, "incident", text)


def without_incident(content: CaseContent) -> CaseContent:
    """What two records of one person would share, whatever they are tied to."""
    return replace(content, incident=NOT_RECORDED)


def confirmed_in_words(key: str, codebook: CodeBook) -> str:
    """What somebody has confirmed, for a history: by its key, since the record may be another by now."""
    rule, *values = key.split(":")
    if rule == REGISTERED_ALREADY:
        return gettext("another person than the case with the same values")
    if rule == INCIDENT_HAS_PERSONS:
        return gettext("one more person of an incident that stood already")
    if rule == "unknown":
        return gettext("{variable} is not known").format(variable=codebook.variables[values[0]].label)
    if rule == "offence":
        return gettext("{assessment}, though the form is {form}").format(
            assessment=codebook.label("assessment", values[0]), form=codebook.label("form", values[1])
        )
    return gettext("a minor in a forced marriage whose sex is not known")


def _offence_does_not_cover(content: CaseContent, codebook: CodeBook) -> Iterator[Remark]:
    form = codebook.terms["form"].get(content.form)
    if content.assessment != Assessment.EXPLOITATION or form is None:
        return
    if form.covered_by_exploitation is False:
        yield Remark(
            f"offence:{content.assessment}:{content.form}",
            Kind.UNUSUAL,
            "assessment",
            format_lazy(
                _(
                    "Human exploitation covers forced labour, work under obviously unreasonable conditions "
                    "and begging, not {form}. Is the assessment right?"
                ),
                form=form.label,
            ),
        )


def _forced_marriage_of_unknown_sex(content: CaseContent) -> Iterator[Remark]:
    values = (content.form, content.age_group, content.sex)
    if values == ("forced_marriage", AgeGroup.MINOR, Sex.UNKNOWN):
        yield Remark(
            "sex:forced_marriage:minor:unknown",
            Kind.UNUSUAL,
            "sex",
            _("A minor in a forced marriage, and the sex is not known. Is that right?"),
        )


def _later_rules(content: CaseContent, codebook: CodeBook, latest_month: str) -> Iterator[Remark]:
    for found in case_findings(content, codebook=codebook, latest_month=latest_month, blanks_allowed=True):
        yield Remark(f"rule:{found.variable}:{found.value}", Kind.RULE, found.variable, found.problem)


def _not_recorded(content: CaseContent, codebook: CodeBook) -> Iterator[Remark]:
    year = int(content.month[:4])
    for variable in MAY_BE_BLANK_IN_FILES:
        if getattr(content, variable) != NOT_RECORDED or not codebook.is_collected(variable, year):
            continue
        if variable == "industry" and not codebook.asks_for_industry(content.form):
            continue
        yield Remark(
            f"not_recorded:{variable}",
            Kind.NOT_RECORDED,
            variable,
            format_lazy(_("Not recorded: {variable}."), variable=codebook.variables[variable].label),
        )


def _unknown(content: CaseContent) -> Iterator[Remark]:
    for variable in USUALLY_KNOWN:
        if getattr(content, variable) == UNKNOWN:
            text = _STILL_UNKNOWN[variable]
            yield Remark(f"unknown:{variable}", Kind.UNKNOWN, variable, text, _("Still not known"))


_STILL_UNKNOWN: Final[dict[str, Words]] = {
    "form": _("The form of exploitation is not known. Is it known by now?"),
    "sex": _("The sex is not known. Is it known by now?"),
    "age_group": _("The age group is not known. Is it known by now?"),
    "nationality": _("The nationality is not known. Is it known by now?"),
}
assert set(_STILL_UNKNOWN) == set(USUALLY_KNOWN)
