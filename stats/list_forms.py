"""Forms of the code lists: a value's words, its years, and what comes in place of what."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.actions.changed_list import LABEL_MAX, NewTerm, first_years, last_years
from casereg.codebook import CodeBook, Term
from casereg.forms.worded import WordedForm
from casereg.quality import Finding
from casereg.vocabularies import UNKNOWN

NEW_MAX = 4  # values into which one is split, beside those of the list
_COVERED = {"yes": True, "no": False, "unsaid": None}
_NOT_A_CHOICE = {"invalid_choice": _("That is not one of the choices.")}


def _text(label: Any, language: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "lang": language}),
        error_messages={"required": _("Enter the definition.")},
    )


def _label(label: Any, language: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LABEL_MAX,
        widget=forms.TextInput(attrs={"lang": language}),
        error_messages={"required": _("Enter the word as forms and tables show it.")},
    )


class _YearField(forms.TypedChoiceField):
    """Offers the years that can succeed. Of another year of a change the action says why it cannot."""

    of_changes: Sequence[int] = ()

    def valid_value(self, value: Any) -> bool:
        return str(value) in map(str, self.of_changes)


def _year(label: Any, help_text: Any) -> _YearField:
    errors = {"required": _("Choose a year."), "invalid_choice": _("Choose a year.")}
    return _YearField(label=label, coerce=int, help_text=help_text, error_messages=errors)


def _offer_years(field: forms.Field, of_changes: Sequence[int], possible: Sequence[int]) -> None:
    """Where none can succeed all are offered: the refusal says why."""
    assert isinstance(field, _YearField)
    field.of_changes = of_changes
    field.choices = [("", gettext("Choose")), *((str(year), str(year)) for year in possible or of_changes)]


class ChangeForm(WordedForm):
    """What is entered of a change. `blocks` are the forms of new values that are entered with it."""

    use_required_attribute = False  # the page says what is missing, in its own language
    blocks: Sequence["TermForm"] = ()

    @property
    def has_errors(self) -> bool:
        return bool(self.errors) or any(block.errors for block in self.blocks)

    @property
    def filled_blocks(self) -> list["TermForm"]:
        return [block for block in self.blocks if block.is_filled]

    def is_valid(self) -> bool:
        judged = [
            super().is_valid(),
            *(block.is_valid() for block in self.filled_blocks),
        ]  # each says its own
        return all(judged)

    def new_terms(self) -> list[NewTerm]:
        return [block.term() for block in self.filled_blocks]

    def add_refusal(self, findings: Iterable[Finding]) -> None:
        """What only the action could see: `new_0-code` is of the first value that is entered."""
        filled = self.filled_blocks
        for finding in findings:
            prefix, _dash, name = finding.variable.rpartition("-")
            if prefix.startswith("new_"):
                filled[int(prefix.removeprefix("new_"))].add_findings([replace(finding, variable=name)])
            else:
                self.add_findings([finding])


class WordsForm(ChangeForm):
    """What a value is called and what it means, in both languages."""

    label_sv = _label(_("Label in Swedish"), "sv")
    label_en = _label(_("Label in English"), "en")
    definition_sv = _text(_("Definition in Swedish"), "sv")
    definition_en = _text(_("Definition in English"), "en")

    def clean_label_sv(self) -> str:
        return " ".join(self.cleaned_data["label_sv"].split())

    def clean_label_en(self) -> str:
        return " ".join(self.cleaned_data["label_en"].split())


class _Rules(forms.Form):
    """What else holds for a form of exploitation."""

    asks_for_industry = forms.BooleanField(label=_("The industry is asked for"), required=False)
    covered_by_exploitation = forms.ChoiceField(
        label=_("Covered by the offence of human exploitation"),
        widget=forms.RadioSelect,
        initial="unsaid",
        choices=[("yes", _("Yes")), ("no", _("No")), ("unsaid", _("It cannot be said"))],
        help_text=_(
            "Where it is not covered, whoever registers it as human exploitation is asked to confirm it."
        ),
        error_messages={**_NOT_A_CHOICE, "required": _("Choose one of the three.")},
    )


class TermForm(WordsForm):
    """A value to add; of a form of exploitation also what is asked with it."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Stands in files and never changes. Small letters a to z and underscores."),
        widget=forms.TextInput(
            attrs={"class": "width-reference", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": _("Enter a code.")},
    )
    field_order = ("first_year", "code")

    def __init__(self, *args: Any, variable: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if variable == "form":
            self.fields.update(_Rules().fields)

    @property
    def is_filled(self) -> bool:
        return self.is_bound and self.has_changed()

    def term(self) -> NewTerm:
        words = self.cleaned_data
        return NewTerm(
            code=words["code"],
            label_sv=words["label_sv"],
            label_en=words["label_en"],
            definition_sv=words["definition_sv"],
            definition_en=words["definition_en"],
            asks_for_industry=words.get("asks_for_industry", False),
            covered_by_exploitation=_COVERED[words.get("covered_by_exploitation", "unsaid")],
        )


class AddTermForm(TermForm):
    first_year = _year(_("First year"), _("Records of earlier years cannot have it."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_years(self.fields["first_year"], first_years(), first_years())


class WordingForm(WordsForm):
    """Other words for a value that is in use: the meaning stays."""

    same_meaning = forms.BooleanField(
        label=_(
            "The value means the same as before, or what a merger has made it mean: only the words are "
            "corrected"
        ),
        required=False,
    )

    def __init__(self, *args: Any, is_used: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_used:
            del self.fields["same_meaning"]


class RulesForm(ChangeForm, _Rules):
    """Of a form that nobody has yet."""

    @property
    def is_covered(self) -> bool | None:
        return _COVERED[self.cleaned_data["covered_by_exploitation"]]


def as_entered(term: Term) -> dict[str, object]:
    """A form's rules as `RulesForm` holds them."""
    covered = next(word for word, value in _COVERED.items() if value is term.covered_by_exploitation)
    return {"asks_for_industry": term.asks_for_industry, "covered_by_exploitation": covered}


class RetireForm(ChangeForm):
    last_year = _year(_("Last year"), _("Records of later years cannot have it."))

    def __init__(self, *args: Any, years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_years(self.fields["last_year"], last_years(), years)


class _ReplacingForm(ChangeForm):
    """Values that come in place of others: of the list, or new."""

    first_year = _year(
        _("From the year"),
        _("The values that are replaced are recorded for the last time in the year before."),
    )
    new_blocks = 1

    def __init__(
        self,
        data: Any = None,
        *,
        variable: str,
        offered: Sequence[Term],
        years: Sequence[int] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        _offer_years(self.fields["first_year"], first_years(), years)
        self.offered = [(term.code, capfirst(term.label)) for term in offered]
        self.blocks = [
            TermForm(data, variable=variable, prefix=f"new_{place}", empty_permitted=True)
            for place in range(self.new_blocks)
        ]


class SplitForm(_ReplacingForm):
    existing = forms.MultipleChoiceField(
        label=_("Values of the list that take over a part"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=_NOT_A_CHOICE,
    )
    new_blocks = NEW_MAX

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        existing = self.fields["existing"]
        assert isinstance(existing, forms.ChoiceField)
        existing.choices = self.offered


class MergeForm(_ReplacingForm):
    codes = forms.MultipleChoiceField(
        label=_("Values that are merged"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={**_NOT_A_CHOICE, "required": _("Choose the values that are merged.")},
    )
    existing = forms.ChoiceField(
        label=_("Into a value of the list"),
        required=False,
        help_text=_(
            "Leave it blank to enter a new value below. A value of the list means more than before once it "
            "takes in another: correct its definition when the merger is saved."
        ),
        error_messages=_NOT_A_CHOICE,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes, existing = self.fields["codes"], self.fields["existing"]
        assert isinstance(codes, forms.ChoiceField)
        assert isinstance(existing, forms.ChoiceField)
        codes.choices = [(code, label) for code, label in self.offered if code != UNKNOWN]
        existing.choices = [("", gettext("A new value")), *self.offered]


def offered_terms(codebook: CodeBook, variable: str, *, without: str = "") -> list[Term]:
    """The values that go on: what others may become, or be merged from."""
    return [
        term for term in codebook.terms[variable].values() if term.last_year is None and term.code != without
    ]
