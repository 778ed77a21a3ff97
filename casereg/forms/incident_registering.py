"""The form that registers an incident in one go: what is common, then lines of persons who are alike."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from crispy_forms.layout import Div, Layout
from django import forms
from django.forms.widgets import ChoiceWidget
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.actions.incident_registering import (
    PERSONS_MAX,
    PersonsAlike,
    incident_findings,
    number_findings,
)
from casereg.case_content import CaseContent
from casereg.codebook import CodeBook, Definitions
from casereg.forms.field_help import FieldHelp, field_help
from casereg.forms.nationality import Nationalities, NationalityField, Proposal
from casereg.forms.term_choices import term_choices
from casereg.forms.worded import NumberedForm, Text, WordedForm
from casereg.months import this_month, year_of
from casereg.quality import CHILDREN, Finding, case_findings
from casereg.stored_codebook import load_codebook, load_definitions
from casereg.vocabularies import FIRST_YEAR, NOT_RECORDED, UNKNOWN

LINES_AT_FIRST: Final = 3
LINES_MORE: Final = 3
LINES_MAX: Final = 80  # a form may have a thousand fields
_PERSON: Final = ("sex", "age_group", "nationality", *CHILDREN)
_MAY_DIFFER: Final = ("assessment", "form", "industry", "referral_source", "joint_inspection")
_LINE_FIELD = re.compile(r"lines-(\d{1,4})-[a-z_]+", re.ASCII)


def offer_choices(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    assert isinstance(field.widget, ChoiceWidget)
    field.widget.choices = choices


class CommonForm(NumberedForm):
    """What is said once for all persons."""

    incident = Text(
        widget=forms.TextInput(attrs={"class": "width-reference", "spellcheck": "false"}),
        help_text=_("Such as bar-2023-1. No names, no places."),
    )
    month = Text(widget=forms.TextInput(attrs={"type": "month", "class": "width-month"}))
    assessment = Text(widget=forms.Select)
    form = Text(widget=forms.Select)
    industry = Text(widget=forms.Select)
    referral_source = Text(widget=forms.Select)
    joint_inspection = Text(widget=forms.Select)

    def __init__(
        self,
        *args: Any,
        codebook: CodeBook,
        definitions: Definitions,
        incident: str | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.codebook = codebook
        self.known_incident = incident
        if incident is not None:
            del self.fields["incident"]
        self.fields["month"].widget.attrs |= {"min": f"{FIRST_YEAR}-01", "max": this_month()}
        for name in _MAY_DIFFER:
            blank = gettext("Not asked for this form") if name == "industry" else gettext("Choose")
            offer_choices(self.fields[name], term_choices(codebook, name, blank=blank))
        asking = [term.code for term in codebook.terms["form"].values() if term.asks_for_industry]
        self.fields["form"].widget.attrs["data-forms-with-industry"] = " ".join(asking)
        for name, field in self.fields.items():
            if name != "number":
                assert isinstance(field, Text)
                field.label = capfirst(codebook.variables[name].label)
                field.help = field_help(name, codebook=codebook, definitions=definitions, year=self.year)
        self.helper.layout = Layout(
            Div(*(name for name in self.fields if name != "number"), css_class="side-by-side"),
            "number",
        )

    @property
    def year(self) -> int:
        """That of the month which is typed, or drawn."""
        return year_of(str((self.data if self.is_bound else self.initial).get("month", "")))

    def content(self) -> CaseContent:
        values = {name: str(self.cleaned_data.get(name, "")) for name in self.fields if name != "number"}
        if self.known_incident is not None:
            values["incident"] = self.known_incident
        return CaseContent(**values)


class LineForm(WordedForm):
    """Persons of whom the same is recorded: how many, and in what they differ from what is common."""

    persons = Text(initial="1", widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    sex = Text(widget=forms.Select)
    age_group = Text(widget=forms.Select)
    nationality = NationalityField()
    children_in_sweden = Text(widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    children_in_sweden_unknown = forms.BooleanField(required=False)
    children_abroad = Text(widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    children_abroad_unknown = forms.BooleanField(required=False)
    assessment = Text(widget=forms.Select)
    form = Text(widget=forms.Select)
    industry = Text(widget=forms.Select)
    referral_source = Text(widget=forms.Select)
    joint_inspection = Text(widget=forms.Select)

    def __init__(self, *args: Any, codebook: CodeBook, nationalities: Nationalities, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        self.codebook = codebook
        self.fields["persons"].label = gettext("Persons")
        for name in _PERSON + _MAY_DIFFER:
            self.fields[name].label = capfirst(codebook.variables[name].label)
        for name in CHILDREN:
            self.fields[f"{name}_unknown"].label = gettext("Not known")
        for name in ("sex", "age_group"):
            offer_choices(self.fields[name], term_choices(codebook, name, blank=gettext("Choose")))
        for name in _MAY_DIFFER:
            offer_choices(self.fields[name], term_choices(codebook, name, blank=gettext("As the others")))
        nationality = self.fields["nationality"]
        assert isinstance(nationality, NationalityField)
        nationality.offer(nationalities)
        for field in self.fields.values():
            _style(field.widget)

    @property
    def exceptions(self) -> list[forms.BoundField]:
        return [self[name] for name in _MAY_DIFFER]

    @property
    def differs(self) -> bool:
        """Whether one of the exceptions is filled in, or wrong: then they are shown open."""
        return any(field.value() or field.errors for field in self.exceptions)

    @property
    def is_blank(self) -> bool:
        """Nothing was said, but perhaps the one person that stands there to begin with."""
        said = {name: self[name].value() for name in self.fields}
        return not any(value for name, value in said.items() if name != "persons") and (
            (said["persons"] or "").strip() in ("", "1")
        )

    def number(self) -> int:
        """How many persons; 0 where it is not a number that can be."""
        text = str(self.cleaned_data.get("persons", ""))
        return int(text) if re.fullmatch(r"[1-9]\d{0,2}", text, re.ASCII) else 0

    def content(self, common: CaseContent) -> CaseContent:
        """What is recorded of each of the persons."""
        values = {name: str(self.cleaned_data.get(name, "")) for name in _PERSON}
        for name in CHILDREN:
            if self.cleaned_data.get(f"{name}_unknown"):
                if values[name]:
                    self.add_error(name, gettext("Enter a number or mark “Not known”, not both."))
                values[name] = UNKNOWN
        own = self._own()
        if "form" in own and "industry" not in own and not self._asks_for_industry(own["form"]):
            own["industry"] = NOT_RECORDED
        return replace(common, **values, **own)

    def owns(self, variable: str) -> bool:
        """Whether a fault in the variable is the line's, and not that of what is common."""
        own = self._own()
        return variable in _PERSON or variable in own or (variable == "industry" and "form" in own)

    def _own(self) -> dict[str, str]:
        said = {name: str(self.cleaned_data.get(name, "")) for name in _MAY_DIFFER}
        return {name: value for name, value in said.items() if value}

    def _asks_for_industry(self, form: str) -> bool:
        assert self.codebook is not None
        return self.codebook.asks_for_industry(form)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, for the summary above the form. `line` is 0 for what is common."""

    line: int
    label: str
    anchor: str
    text: str


class IncidentEntry:
    """The whole form. `known_incident`: the reference of the incident that persons are added to.

    With `sent` it is judged; with `typed` it is shown as it was typed, with `more` blank lines, and not
    judged. Once it is valid, `lines` are the persons.
    """

    def __init__(
        self,
        *,
        sent: QueryDict | None = None,
        typed: QueryDict | None = None,
        more: int = 0,
        initial: Mapping[str, str] | None = None,
        known_incident: str | None = None,
    ) -> None:
        self.codebook = load_codebook()
        self.definitions = load_definitions()
        self.nationalities = Nationalities(self.codebook.terms["nationality"])
        self._sent, self._typed = sent, typed
        data = sent if sent is not None else typed
        drawn, self.has_too_many = _lines_in(data) if data is not None else (LINES_AT_FIRST, False)
        self.common = CommonForm(
            sent,
            initial=dict(typed.items()) if typed is not None else initial,
            codebook=self.codebook,
            definitions=self.definitions,
            incident=known_incident,
        )
        more = min(more, LINES_MAX - drawn)
        drawn += more
        self.all_lines = [self._line(f"lines-{position}") for position in range(drawn)]
        if more:  # typing goes on in the first of the new ones
            self.all_lines[-more].fields["persons"].widget.attrs["autofocus"] = True
        self.lines: list[PersonsAlike] = []

    @property
    def proposals(self) -> list[Proposal]:
        return self.nationalities.proposals()

    @property
    def spare(self) -> LineForm:
        """A blank line, for site.js to copy."""
        return LineForm(codebook=self.codebook, nationalities=self.nationalities, prefix="lines-__line__")

    @property
    def lines_max(self) -> int:
        return LINES_MAX

    @property
    def may_have_more(self) -> bool:
        return len(self.all_lines) < LINES_MAX

    @property
    def helps(self) -> list[tuple[str, FieldHelp]]:
        """What the code book says of the variables of a line: (label, help)."""
        found = [
            (
                capfirst(self.codebook.variables[name].label),
                field_help(name, codebook=self.codebook, definitions=self.definitions, year=self.common.year),
            )
            for name in _PERSON
        ]
        return [(label, said) for label, said in found if said is not None]

    def is_valid(self) -> bool:
        """Judge what was sent."""
        common = self.common.content() if self.common.is_valid() else CaseContent()
        filled = [line for line in self.all_lines if not line.is_blank]
        self.common.add_findings(incident_findings(common.incident))
        latest_month = this_month()
        judged = [line for line in filled if line.is_valid()]
        for line in judged:
            content = line.content(common)
            findings = case_findings(
                content, codebook=self.codebook, latest_month=latest_month, blanks_allowed=False
            )
            line.add_findings(found for found in findings if line.owns(found.variable))
            self.common.add_findings(found for found in findings if not line.owns(found.variable))
            if not line.number():
                line.add_error("persons", _how_many())
            self.lines.append(PersonsAlike(line.number(), content))
        if not judged:
            findings = case_findings(
                common, codebook=self.codebook, latest_month=latest_month, blanks_allowed=False
            )
            self.common.add_findings(found for found in findings if found.variable not in _PERSON)
        self._judge_number_of_lines(filled)
        return self.common.is_valid() and all(line.is_valid() for line in filled)

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """What only the action could see."""
        self.common.add_findings(findings)

    def sent_fields(self) -> list[tuple[str, str]]:
        """Everything that was typed, for the page that shows it before it is saved: (name, value)."""
        assert self._sent is not None
        drawn = [self.common, *(line for line in self.all_lines if not line.is_blank)]
        names = [form.add_prefix(name) for form in drawn for name in form.fields]
        return [(name, str(self._sent[name])) for name in names if name in self._sent]

    def faults(self) -> list[Fault]:
        faults = [Fault(0, "", "", str(error)) for error in self.common.non_field_errors()]
        faults += _faults(0, self.common)
        for number, line in enumerate(self.all_lines, start=1):
            if not line.is_blank:
                faults += _faults(number, line)
        return faults

    def _line(self, prefix: str) -> LineForm:
        initial = _typed_line(self._typed, prefix) if self._typed is not None else None
        return LineForm(
            self._sent,
            initial=initial,
            codebook=self.codebook,
            nationalities=self.nationalities,
            prefix=prefix,
        )

    def _judge_number_of_lines(self, filled: Sequence[LineForm]) -> None:
        if self.has_too_many:
            text = gettext("There are more than {most} lines. Register the others after these.")
            self.common.add_error(None, text.format(most=LINES_MAX))
        elif not filled:
            self.common.add_error(None, gettext("Enter at least one line of persons."))
        elif all(line.number for line in self.lines):
            self.common.add_findings(number_findings([line.number for line in self.lines]))


def _how_many() -> str:
    return gettext("Enter how many persons: a whole number from 1 to {most}.").format(most=PERSONS_MAX)


def _lines_in(data: QueryDict) -> tuple[int, bool]:
    """How many lines the data has, counted to the last, and whether these are more than there may be."""
    positions = [int(found[1]) for name in data if (found := _LINE_FIELD.fullmatch(name))]
    lines = max(positions, default=-1) + 1
    return max(min(lines, LINES_MAX), 1), lines > LINES_MAX


def _typed_line(typed: QueryDict, prefix: str) -> dict[str, str]:
    """The fields of a line as they were typed. One that is new has the usual beginning."""
    start = f"{prefix}-"
    return {name.removeprefix(start): str(typed[name]) for name in typed if name.startswith(start)}


def _faults(number: int, form: forms.BaseForm) -> list[Fault]:
    return [
        Fault(number, str(field.label), field.auto_id, str(error)) for field in form for error in field.errors
    ]


def _style(widget: forms.Widget) -> None:
    """The classes that crispy gives to fields that it draws."""
    if isinstance(widget, forms.Select):
        style = "form-select"
    elif isinstance(widget, forms.CheckboxInput):
        style = "form-check-input"
    else:
        style = "form-control"
    widget.attrs["class"] = f"{widget.attrs.get('class', '')} {style}".strip()
