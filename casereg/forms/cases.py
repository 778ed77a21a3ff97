"""The form in which a coordinator registers a case: fields to text, text to the rules, findings to fields."""

from dataclasses import asdict, replace
from typing import Any

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.core import signing
from django.forms.widgets import ChoiceWidget
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.case_content import CONTENT_VARIABLES, CaseContent
from casereg.codebook import CodeBook
from casereg.forms.field_help import field_help
from casereg.forms.nationality import Nationalities, NationalityField, Proposal
from casereg.forms.term_choices import term_choices
from casereg.forms.worded import NumberedForm, Text
from casereg.months import this_month, year_of
from casereg.quality import CHILDREN, case_findings, reference_findings, text_findings
from casereg.stored_codebook import load_codebook, load_definitions
from casereg.vocabularies import FIRST_YEAR, NOT_RECORDED, UNKNOWN

_SALT = "casereg.case-form"
_RADIO = ("assessment", "sex", "age_group")
# Lists that are long, and those that an earlier year leaves blank: a radio button cannot be let go.
_SELECT = ("form", "industry", "referral_source", "joint_inspection")
# What is of one person alone: in a case like another it is asked again.
_OWN = ("children_in_sweden", "children_abroad")


class CaseForm(NumberedForm):
    """One person, to register or, with what is stored (`before`), to amend. It is shown back as typed.

    Once it is valid, `recorded` is its content, and `given_reference` the reference of a new case.
    """

    month = Text(
        widget=forms.TextInput(attrs={"type": "month", "class": "width-month"}),
        help_text=_("The month in which you came to know of the person, such as 2023-07."),
    )
    assessment = Text(widget=forms.RadioSelect)
    form = Text(widget=forms.Select)
    industry = Text(widget=forms.Select)
    sex = Text(widget=forms.RadioSelect)
    age_group = Text(widget=forms.RadioSelect)
    nationality = NationalityField(
        help_text=_("Type the country, in Swedish or English, or its code. “Unknown” and “stateless” too.")
    )
    referral_source = Text(widget=forms.Select)
    joint_inspection = Text(
        widget=forms.Select,
        help_text=_("An inspection by several authorities together, against work-related crime."),
    )
    children_in_sweden = Text(
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "width-number"}),
        help_text=_("Enter each child on one person only. 0 means no children."),
    )
    children_in_sweden_unknown = forms.BooleanField(required=False)
    children_abroad = Text(
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "width-number"}),
        help_text=_("Enter each child on one person only. 0 means no children."),
    )
    children_abroad_unknown = forms.BooleanField(required=False)
    incident = Text(
        widget=forms.TextInput(attrs={"class": "width-reference"}),
        help_text=_("The same reference for all persons of one event. No names, no places."),
    )
    reference = Text(
        widget=forms.TextInput(attrs={"class": "width-reference"}),
        help_text=_("Left blank, the register gives one, such as 2023-0042."),
    )

    # What was stored when the form was drawn, signed: what is saved must not run over a colleague's change.
    drawn_from = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        before: CaseContent | None = None,
        like: CaseContent | None = None,
        **kwargs: Any,
    ) -> None:
        initial = kwargs.pop("initial", None)
        if initial is None and before is not None:
            initial = as_fields(before)
        elif initial is None and like is not None:
            initial = as_fields(replace(like, **dict.fromkeys(_OWN, NOT_RECORDED)))
        super().__init__(*args, initial=initial or {"month": this_month()}, **kwargs)
        self.before = before
        self.codebook: CodeBook = load_codebook()
        self.latest_month = this_month()
        self.fields["month"].widget.attrs |= {"min": f"{FIRST_YEAR}-01", "max": self.latest_month}
        self._describe()
        for name in CHILDREN:
            label = gettext("{label}: not known").format(label=self.fields[name].label)
            self.fields[f"{name}_unknown"].label = label
        self.fields["reference"].label = gettext("Reference")
        for name in ("incident", "reference"):
            field = self.fields[name]
            field.label = gettext("{label} (optional)").format(label=field.label)
        if before is not None:
            del self.fields["reference"]  # a case keeps the one that it has
            self.fields["drawn_from"].initial = signed_content(before)
        else:
            del self.fields["drawn_from"]
        for name in _RADIO + _SELECT:
            widget = self.fields[name].widget
            assert isinstance(widget, ChoiceWidget)
            widget.choices = self._choices(name)
        self._nationalities = Nationalities(self.codebook.terms["nationality"])
        nationality = self.fields["nationality"]
        assert isinstance(nationality, NationalityField)
        nationality.offer(self._nationalities)
        # For site.js, which shows the industry where one of these is chosen, or where one stands there.
        asking = [term.code for term in self.codebook.terms["form"].values() if term.asks_for_industry]
        self.fields["form"].widget.attrs["data-forms-with-industry"] = " ".join(asking)
        self.helper.layout = _layout(with_reference=before is None)

    @property
    def proposals(self) -> list[Proposal]:
        return self._nationalities.proposals()

    def clean(self) -> None:
        self.recorded = self._content()
        self.given_reference = str(self.cleaned_data.get("reference", ""))
        findings = case_findings(
            self.recorded,
            codebook=self.codebook,
            latest_month=self.latest_month,
            blanks_allowed=False,
            before=self.before,
        )
        if self.given_reference:
            findings += reference_findings("reference", self.given_reference)
        for name in ("incident", "reference"):
            findings += text_findings(name, str(self.cleaned_data.get(name, "")))
        self.add_findings(findings)

    def was_drawn_from(self) -> CaseContent | None:
        """The content that stood when the form was opened; None where the mark is missing or not ours."""
        return unsigned_content(self.cleaned_data.get("drawn_from", ""))

    def _content(self) -> CaseContent:
        values = {name: self.cleaned_data.get(name, "") for name in CONTENT_VARIABLES}
        for name in CHILDREN:
            if self.cleaned_data.get(f"{name}_unknown"):
                if values[name]:
                    self.add_error(name, gettext("Enter a number or mark “Not known”, not both."))
                values[name] = UNKNOWN
        return CaseContent(**values)

    def _describe(self) -> None:
        """Label, hint and help: what the code book says of each variable in the year of the month."""
        definitions, year = load_definitions(), self._year()
        for name in CONTENT_VARIABLES:
            field, variable = self.fields[name], self.codebook.variables[name]
            assert isinstance(field, Text)
            field.label = capfirst(variable.label)
            hints = [self._industry_hint()] if name == "industry" else [str(field.help_text)]
            if variable.first_year > year:
                text = gettext("Collected since {since}: leave it blank for {year}.")
                hints.append(text.format(since=variable.first_year, year=year))
            field.help_text = " ".join(filter(None, hints))
            field.help = field_help(name, codebook=self.codebook, definitions=definitions, year=year)

    def _year(self) -> int:
        source, name = (self.data, self.add_prefix("month")) if self.is_bound else (self.initial, "month")
        return year_of(str(source.get(name, "")))

    def _choices(self, name: str) -> list[tuple[str, str]]:
        nothing = gettext("Not asked for this form") if name == "industry" else gettext("Choose")
        return term_choices(self.codebook, name, blank=nothing if name in _SELECT else None)

    def _industry_hint(self) -> str:
        year = int(self.latest_month[:4])
        asking = [term.label for term in self.codebook.in_force("form", year) if term.asks_for_industry]
        return gettext("Only where the form is: {forms}.").format(forms=", ".join(asking))


def _children(name: str) -> Div:
    return Div(name, f"{name}_unknown", css_class="children")


def signed_content(content: CaseContent) -> str:
    """Content that a page carries and nobody can change on the way."""
    return signing.dumps(asdict(content), salt=_SALT)


def unsigned_content(text: str) -> CaseContent | None:
    """None where it was not signed here."""
    try:
        return CaseContent(**signing.loads(text, salt=_SALT))
    except (signing.BadSignature, TypeError):
        return None


def as_fields(content: CaseContent) -> dict[str, str | bool]:
    """Stored content as the form's fields hold it."""
    values: dict[str, str | bool] = dict(asdict(content))
    for name in CHILDREN:
        if values[name] == UNKNOWN:
            values |= {name: "", f"{name}_unknown": True}
    return values


def _layout(*, with_reference: bool) -> Layout:
    return Layout(
        Fieldset(_("The case"), "month", "assessment", "form", "industry"),
        Fieldset(_("The person"), "sex", "age_group", "nationality"),
        Fieldset(_("How the person was identified"), "referral_source", "joint_inspection"),
        Fieldset(
            _("The person's children"),
            Div(_children("children_in_sweden"), _children("children_abroad"), css_class="children-pair"),
        ),
        Fieldset(_("References"), "incident", *(["reference"] if with_reference else [])),
        *([] if with_reference else ["drawn_from"]),
        "number",
    )
