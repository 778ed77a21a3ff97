"""The form in which a coordinator registers a case: fields to text, text to the rules, findings to fields."""

from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Fieldset, Layout
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.case_content import CONTENT_VARIABLES, CaseContent
from casereg.codebook import CodeBook, Term
from casereg.months import this_month
from casereg.quality import CHILDREN, Finding, case_findings, reference_findings
from casereg.stored_codebook import load_codebook
from casereg.vocabularies import UNKNOWN, swedish_order

_RADIO = ("assessment", "sex", "age_group", "joint_inspection")
_SELECT = ("form", "industry", "nationality", "referral_source")


class _Text(forms.CharField):
    """Text that `quality` will judge: never required here, so that there is one message for one fault."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)


class CaseForm(forms.Form):
    """One person. Shown back as typed; `content` and `reference` are there once it is valid."""

    month = _Text(
        widget=forms.TextInput(attrs={"type": "month", "maxlength": 7}),
        help_text=_("The month in which you came to know of the person, such as 2023-07."),
    )
    assessment = _Text(widget=forms.RadioSelect)
    form = _Text(widget=forms.Select)
    industry = _Text(widget=forms.Select)
    sex = _Text(widget=forms.RadioSelect)
    age_group = _Text(widget=forms.RadioSelect)
    nationality = _Text(widget=forms.Select)
    referral_source = _Text(widget=forms.Select)
    joint_inspection = _Text(
        widget=forms.RadioSelect,
        help_text=_("An inspection by several authorities together, against work-related crime."),
    )
    children_in_sweden = _Text(
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 2}),
        help_text=_("Enter each child on one person only. 0 means no children."),
    )
    children_in_sweden_unknown = forms.BooleanField(label=_("Not known"), required=False)
    children_abroad = _Text(widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 2}))
    children_abroad_unknown = forms.BooleanField(label=_("Not known"), required=False)
    incident = _Text(
        widget=forms.TextInput(attrs={"maxlength": 40, "autocomplete": "off"}),
        help_text=_("The same reference for all persons of one event. No names, no places."),
    )
    reference = _Text(
        widget=forms.TextInput(attrs={"maxlength": 40, "autocomplete": "off"}),
        help_text=_("Left blank, the register gives one, such as 2023-0042."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codebook = load_codebook()
        self.latest_month = this_month()
        self.fields["month"].widget.attrs["max"] = self.latest_month
        for name in CONTENT_VARIABLES:
            self.fields[name].label = self.codebook.variables[name].label.capitalize()
        for name in ("incident", "reference"):
            label = self.fields[name].label or gettext("Reference")
            self.fields[name].label = gettext("{label} (optional)").format(label=label)
        self.fields["industry"].help_text = self._industry_hint()
        for name in _RADIO + _SELECT:
            widget = self.fields[name].widget
            assert isinstance(widget, forms.ChoiceWidget)
            widget.choices = self._choices(name)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = _layout()

    def clean(self) -> None:
        self.content = self._content()
        self.reference: str = self.cleaned_data.get("reference", "")
        findings = case_findings(
            self.content,
            codebook=self.codebook,
            latest_month=self.latest_month,
            blanks_allowed=False,
        )
        if self.reference:
            findings += reference_findings("reference", self.reference)
        self.add_findings(findings)

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Put each finding to its field, in words."""
        for finding in findings:
            if finding.variable not in self.errors:
                self.add_error(finding.variable, finding.in_words(self.codebook))

    def _content(self) -> CaseContent:
        values = {name: self.cleaned_data.get(name, "") for name in CONTENT_VARIABLES}
        for name in CHILDREN:
            if self.cleaned_data.get(f"{name}_unknown"):
                if values[name]:
                    self.add_error(name, gettext("Enter a number or mark “Not known”, not both."))
                values[name] = UNKNOWN
        return CaseContent(**values)

    def _choices(self, name: str) -> list[tuple[str, str]]:
        terms = list(self.codebook.terms[name].values())
        if name == "nationality":
            countries = [term for term in terms if len(term.code) == 2]
            others = [term for term in terms if len(term.code) != 2]
            terms = [*others, *sorted(countries, key=lambda term: swedish_order(term.label))]
        blank = [("", gettext("Choose"))] if name in _SELECT else []
        return blank + [(term.code, _with_years(term)) for term in terms]

    def _industry_hint(self) -> str:
        year = int(self.latest_month[:4])
        asking = [
            term.label for term in self.codebook.in_force("form", year) if term.asks_for_industry
        ]
        return gettext("Only where the form is: {forms}.").format(forms=", ".join(asking))


def _with_years(term: Term) -> str:
    if term.last_year is None:
        return term.label.capitalize()
    return f"{term.label.capitalize()} ({term.first_year}–{term.last_year})"


def _children(name: str) -> Div:
    return Div(
        Field(name, wrapper_class="children-number"),
        Field(f"{name}_unknown"),
        css_class="children",
    )


def _layout() -> Layout:
    return Layout(
        Fieldset(_("The case"), "month", "assessment", "form", "industry"),
        Fieldset(_("The person"), "sex", "age_group", "nationality"),
        Fieldset(_("How the person was identified"), "referral_source", "joint_inspection"),
        Fieldset(
            _("The person's children"), _children("children_in_sweden"), _children("children_abroad")
        ),
        Fieldset(_("References"), "incident", "reference"),
    )
