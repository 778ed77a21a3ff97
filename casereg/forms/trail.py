"""Forms of the trail: what its list is narrowed to, and the tick by which a month is signed."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.codebook import CodeBook
from casereg.forms.worded import WordedForm
from casereg.models import Outcome
from casereg.trail import NONE, TrailFilter
from casereg.trail_wording import Kind

_NOT_A_CHOICE = {"invalid_choice": _("That is not one of the choices.")}
_NOT_A_DAY = {"invalid": _("Write a day as year, month and day: 2026-11-03.")}
_OUTCOMES: Final = {Outcome.DONE.value: _("Done"), Outcome.DENIED.value: _("Refused")}


def _choice(**options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(required=False, error_messages=_NOT_A_CHOICE, **options)


def _day(**options: Any) -> forms.DateField:
    return forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "width-month"}),
        error_messages=_NOT_A_DAY,
        **options,
    )


class TrailFilterForm(WordedForm):
    """It is sent by GET, so that the address of a list can be kept."""

    first_day = _day(label=_("From day"))
    last_day = _day(label=_("Up to and including day"))
    person = _choice(label=_("Person"))
    region = _choice(label=_("Region"))
    kind = _choice(label=_("Kind of event"))
    outcome = _choice(label=_("Outcome"))

    def __init__(
        self, *args: Any, codebook: CodeBook, people: Sequence[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        nobody, nowhere = gettext("Nobody logged in, or a program"), gettext("No region")
        regions = [(term.code, capfirst(term.label)) for term in codebook.terms["region"].values()]
        self._offer("person", [(NONE, nobody), *((str(pk), label) for pk, label in people)])
        self._offer("region", [(NONE, nowhere), *regions])
        self._offer("kind", [(kind.value, str(kind.label)) for kind in Kind])
        self._offer("outcome", [(value, str(label)) for value, label in _OUTCOMES.items()])

    def clean(self) -> None:
        first, last = self.cleaned_data.get("first_day"), self.cleaned_data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", gettext("The last day is before the first one."))

    def narrows_by(self) -> list[str]:
        """The names of the fields that are filled in."""
        return [name for name in self.fields if self.data.get(name)]

    def wanted(self) -> TrailFilter | None:
        """What the list is narrowed to; None where the form is wrong."""
        return TrailFilter(**self.cleaned_data) if self.is_valid() else None

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("All")), *choices]


class SignForm(WordedForm):
    """`last`: the number of the last event that the page showed."""

    use_required_attribute = False  # the page says what is missing, in its own language

    is_read = forms.BooleanField(
        label=_("I have read what was done in the month"),
        error_messages={"required": _("Tick that you have read it.")},
    )
    last = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
