"""The rules that a record must satisfy: pure functions that return findings, for forms and files alike."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.case_content import CONTENT_VARIABLES, CaseContent
from casereg.codebook import CodeBook
from casereg.vocabularies import (
    CHILDREN_MAX,
    FIRST_YEAR,
    NOT_RECORDED,
    REFERENCE_PATTERN,
    UNKNOWN,
)

CODED: Final = (
    "assessment",
    "form",
    "sex",
    "age_group",
    "nationality",
    "referral_source",
    "joint_inspection",
    "industry",
)
CHILDREN: Final = ("children_in_sweden", "children_abroad")
# What a record may leave blank when it comes from a file; `incident` may always be blank.
MAY_BE_BLANK_IN_FILES: Final = ("referral_source", "joint_inspection", "industry", *CHILDREN)

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_CHILDREN = re.compile(r"0|[1-9]\d?", re.ASCII)
_EMAIL = re.compile(r"[^\s@]@[^\s@]")
# Year, month and day (a co-ordination number adds 60 to the day), then four digits.
_IDENTITY_NUMBER = re.compile(
    r"(?<!\d)(?:19|20)?\d\d-?(?:0[1-9]|1[0-2])-?(?:[06][1-9]|[1278]\d|[39][01])[-+ ]?\d{4}(?!\d)", re.ASCII
)
# From 0, +46 or 46: with what people write between the digits.
_TELEPHONE = re.compile(r"(?<![\w.-])(?:\+|\(?0[1-9]|46)(?:[ /()-]{0,2}\d){6,}", re.ASCII)
_DASHES = re.compile(r" ?[\u2010-\u2015\u2212-] ?")  # where any blanks have become one space
_REFERENCE = re.compile(REFERENCE_PATTERN)
_ACCEPTED_REFERENCES = (_("1 to 40 letters, digits, full stops, underscores and hyphens"),)


Words = str | Promise  # a text that may still have to choose its language


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one variable's value. `accepted` is codes, or one phrase where the value is free."""

    variable: str
    value: str
    problem: Words
    accepted: tuple[Words, ...] = ()

    def in_words(self, codebook: CodeBook) -> str:
        """For a form: what is wrong, and what is accepted where the field does not list it already."""
        if not self.accepted or self.variable in codebook.terms:
            return str(self.problem)
        words = [gettext("not known") if code == UNKNOWN else str(code) for code in self.accepted]
        return gettext("{problem} Accepted: {accepted}.").format(
            problem=self.problem, accepted=", ".join(words)
        )


class Refused(Exception):
    """What was entered breaks a rule; `findings` say which, by the field that it was entered in."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{finding.variable}: {finding.problem}" for finding in findings))
        self.findings = findings


def case_findings(
    content: CaseContent,
    *,
    codebook: CodeBook,
    latest_month: str,
    blanks_allowed: bool,
    before: CaseContent | None = None,
) -> list[Finding]:
    """Everything that is wrong with one record, in the order of its variables.

    `latest_month` is the present month, "2026-11". `blanks_allowed`: the record comes from a file, where
    a blank means that nothing was recorded. `before`: the record as it is stored; what was recorded under
    earlier lists, or left blank, may stay as it is.
    """
    found = list(_month_findings(content.month, latest_month))
    # Without a month nothing can be said of years, so values are held against the present year's lists.
    year = int((latest_month if found else content.month)[:4])
    form_is_known = content.form in codebook.terms["form"]
    asked = codebook.asks_for_industry(content.form) if form_is_known else None
    for variable in CONTENT_VARIABLES:
        value = getattr(content, variable)
        if variable in CODED + CHILDREN:
            found += _variable_findings(variable, value, year, asked, codebook, blanks_allowed)
        elif variable == "incident" and value != NOT_RECORDED:
            found += reference_findings("incident", value)
    if before is not None:
        found = [finding for finding in found if not _is_as_before(finding.variable, content, before)]
    return found


def _is_as_before(variable: str, content: CaseContent, before: CaseContent) -> bool:
    """Neither the value nor what its rule looks at has changed."""
    if variable == "industry" and content.form != before.form:
        return False
    if content.month[:4] != before.month[:4]:
        return False
    return bool(getattr(content, variable) == getattr(before, variable))


def region_findings(region_code: str, month: str, *, codebook: CodeBook) -> list[Finding]:
    """A region takes cases of the years from its first to the one in which it was retired."""
    regions = codebook.terms["region"]
    if region_code not in regions:
        return [Finding("region", region_code, _("It is not a region."), tuple(regions))]
    # A month that is none, or before the register, has its own finding.
    if not _MONTH.fullmatch(month) or int(month[:4]) < FIRST_YEAR:
        return []
    if regions[region_code].is_in_force(int(month[:4])):
        return []
    problem = format_lazy(_("The region takes no cases of {year}."), year=month[:4])
    return [Finding("region", region_code, problem)]


def other_year_findings(
    region_code: str, before: CaseContent, after: CaseContent, codebook: CodeBook
) -> list[Finding]:
    """Where an amendment takes a case into another year: its region must have taken cases then."""
    if before.month[:4] == after.month[:4]:
        return []
    found = region_findings(region_code, after.month, codebook=codebook)
    return [Finding("month", after.month, finding.problem) for finding in found]


def text_findings(variable: str, text: str) -> list[Finding]:
    """For any text that a person types: nothing in it may point to a person."""
    shown = _DASHES.sub("-", " ".join(unicodedata.normalize("NFKC", text[:200]).split()))
    if _EMAIL.search(shown):
        problem = _("It looks like an e-mail address. The register is anonymous: leave it out.")
    elif _IDENTITY_NUMBER.search(shown):
        problem = _("It looks like a personal identity number. The register is anonymous: leave it out.")
    elif _TELEPHONE.search(shown):
        problem = _("It looks like a telephone number. The register is anonymous: leave it out.")
    else:
        return []
    return [Finding(variable, text, problem)]


def reference_findings(variable: str, value: str) -> list[Finding]:
    """For a reference or an incident's reference that is not blank."""
    if _REFERENCE.fullmatch(value):
        return []
    return [Finding(variable, value, _OTHER_CHARACTERS, _ACCEPTED_REFERENCES)]


def _month_findings(value: str, latest_month: str) -> Iterable[Finding]:
    if value == NOT_RECORDED:
        yield Finding("month", value, _NO_MONTH, _months(latest_month))
    elif not _MONTH.fullmatch(value):
        yield Finding("month", value, _NOT_A_MONTH, _months(latest_month))
    elif value < _FIRST_MONTH:
        yield Finding("month", value, _BEFORE_FIRST_MONTH, _months(latest_month))
    elif value > latest_month:
        yield Finding("month", value, _IN_THE_FUTURE, _months(latest_month))


def _variable_findings(
    variable: str, value: str, year: int, asked: bool | None, codebook: CodeBook, blanks_allowed: bool
) -> Iterable[Finding]:
    blank = value == NOT_RECORDED
    if not codebook.is_collected(variable, year):
        if not blank:
            since = codebook.variables[variable].first_year
            yield Finding(variable, value, _collected_since(since, year), _BLANK)
        return
    # Where the form itself is wrong nobody knows whether it asks (None): only the list is held against it.
    if variable == "industry" and not asked and blank:
        return
    if variable == "industry" and asked is False:
        forms = [t.label for t in codebook.in_force("form", year) if t.asks_for_industry]
        yield Finding(variable, value, _industry_not_asked(", ".join(forms)), _BLANK)
        return
    accepted = _accepted(variable, year, codebook)
    if blank:
        if not (blanks_allowed and variable in MAY_BE_BLANK_IN_FILES):
            yield Finding(variable, value, _MISSING[variable], accepted)
    elif variable in CHILDREN:
        if value != UNKNOWN and not (_CHILDREN.fullmatch(value) and int(value) <= CHILDREN_MAX):
            yield Finding(variable, value, _NOT_A_NUMBER_OF_CHILDREN, accepted)
    elif value not in codebook.terms[variable]:
        yield Finding(variable, value, _NOT_IN_THE_LIST, accepted)
    elif not codebook.terms[variable][value].is_in_force(year):
        yield Finding(variable, value, _not_in_the_list_for(year), accepted)


def _accepted(variable: str, year: int, codebook: CodeBook) -> tuple[Words, ...]:
    if variable in CHILDREN:
        return _ACCEPTED_CHILDREN
    if variable == "nationality":
        return _ACCEPTED_NATIONALITIES
    return _one_copy(tuple(term.code for term in codebook.in_force(variable, year)))


# A file of 100,000 rows may be wrong in every cell: its findings share their words, one copy of each.
_FIRST_MONTH: Final = f"{FIRST_YEAR}-01"
_NO_MONTH: Final = _("Enter the month.")
_NOT_A_MONTH: Final = _("It is not a month written as 2023-07.")
_BEFORE_FIRST_MONTH: Final = _("It is before the register's first month.")
_IN_THE_FUTURE: Final = _("It is in the future.")
_NOT_IN_THE_LIST: Final = _("It is not a value of the list.")
_NOT_A_NUMBER_OF_CHILDREN: Final = _("It is not a number of children.")
_OTHER_CHARACTERS: Final = _("It has other characters or is too long.")
_BLANK: Final = (_("blank"),)
_ACCEPTED_CHILDREN: Final = (_("0 to 50"), UNKNOWN)
_ACCEPTED_NATIONALITIES: Final = (_("a country's two-letter code (ISO 3166-1), XK"), "stateless", UNKNOWN)


@lru_cache(maxsize=500)
def _one_copy(codes: tuple[Words, ...]) -> tuple[Words, ...]:
    return codes


@lru_cache(maxsize=2)
def _months(latest_month: str) -> tuple[Words, ...]:
    return (format_lazy(_("a month from {first} to {last}"), first=_FIRST_MONTH, last=latest_month),)


@cache
def _collected_since(since: int, year: int) -> Words:
    text = _("It is collected since {since}, so a record of {year} leaves it blank.")
    return format_lazy(text, since=since, year=year)


@cache
def _not_in_the_list_for(year: int) -> Words:
    return format_lazy(_("It is not a value of the list for {year}."), year=year)


@lru_cache(maxsize=50)
def _industry_not_asked(forms: str) -> Words:
    return format_lazy(_("Industry is recorded only where the form is {forms}; leave it blank."), forms=forms)


_MISSING: Final[dict[str, Words]] = {
    "assessment": _("Enter the assessment."),
    "form": _("Enter the form of exploitation."),
    "sex": _("Enter the sex."),
    "age_group": _("Enter the age group."),
    "nationality": _("Enter the nationality."),
    "referral_source": _("Enter from whom the person was referred."),
    "joint_inspection": _("Enter whether the person was identified in a joint inspection."),
    "industry": _("Enter the industry. It is needed where the form asks for it."),
    "children_in_sweden": _("Enter the children in Sweden: a number, or not known."),
    "children_abroad": _("Enter the children abroad: a number, or not known."),
}
