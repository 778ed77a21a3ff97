"""The form above the list of cases to mend. The buttons of the list send its fields along, to come back."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.forms.worded import WordedForm
from casereg.months import this_month
from casereg.remarks import Kind
from casereg.to_mend import ToMendFilter
from casereg.vocabularies import FIRST_YEAR

_KINDS: Final = {
    Kind.NOT_RECORDED: _("Not recorded"),
    Kind.UNKNOWN: _("Unknown"),
    Kind.UNUSUAL: _("Unusual"),
    Kind.RULE: _("A rule that came later"),
}
_NOT_A_CHOICE = {"invalid_choice": _("That is not one of the choices.")}


class ToMendForm(WordedForm):
    kind = forms.ChoiceField(label=_("What is to mend"), required=False, error_messages=_NOT_A_CHOICE)
    year = forms.ChoiceField(label=_("Year"), required=False, error_messages=_NOT_A_CHOICE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        kinds = [(kind.name.lower(), str(label)) for kind, label in _KINDS.items()]
        years = [(str(year), str(year)) for year in range(int(this_month()[:4]), FIRST_YEAR - 1, -1)]
        for name, choices in (("kind", kinds), ("year", years)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", gettext("All")), *choices]

    def chosen(self) -> dict[str, str]:
        """What is filled in, for an address; nothing where the form is wrong."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}

    def wanted(self) -> ToMendFilter | None:
        """What the list is narrowed to; None where the form is wrong."""
        if not self.is_valid():
            return None
        chosen = self.cleaned_data
        return ToMendFilter(
            year=int(chosen["year"]) if chosen["year"] else None,
            kind=Kind[chosen["kind"].upper()] if chosen["kind"] else None,
        )
