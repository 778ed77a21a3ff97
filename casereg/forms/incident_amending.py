"""The form that amends what the persons of an incident have in common, for all of them at once."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.codebook import CodeBook
from casereg.forms.incident_registering import offer_choices
from casereg.forms.term_choices import term_choices
from casereg.forms.worded import NumberedForm, Text
from casereg.months import this_month
from casereg.shared_values import COMMON, SharedValue
from casereg.vocabularies import FIRST_YEAR
from casereg.wording import value_in_words


class IncidentAmendForm(NumberedForm):
    """A field left blank leaves the value of each person as it is."""

    month = Text(widget=forms.TextInput(attrs={"type": "month", "class": "width-month"}))
    assessment = Text(widget=forms.Select)
    form = Text(widget=forms.Select)
    industry = Text(widget=forms.Select)
    referral_source = Text(widget=forms.Select)
    joint_inspection = Text(widget=forms.Select)

    # What stood when the page was opened: what is saved must not run over a colleague's change.
    drawn_from = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, codebook: CodeBook, shared: Mapping[str, SharedValue], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.codebook = codebook
        self.fields["month"].widget.attrs |= {"min": f"{FIRST_YEAR}-01", "max": this_month()}
        for name in COMMON:
            field = self.fields[name]
            field.label = capfirst(codebook.variables[name].label)
            field.help_text = _now(shared[name], codebook)
            if name != "month":
                offer_choices(field, term_choices(codebook, name, blank=gettext("Leave as it is")))
        hint = gettext("With a form that does not ask for industry it becomes blank.")
        self.fields["industry"].help_text = f"{self.fields['industry'].help_text} {hint}"

    def clean(self) -> None:
        if not self.chosen():
            self.add_error(None, _("Choose at least one new value."))

    def chosen(self) -> dict[str, str]:
        """The values to be given to all."""
        said = {name: str(self.cleaned_data.get(name, "")) for name in COMMON}
        return {name: value for name, value in said.items() if value}

    def draw_from(self, mark: str) -> None:
        """Show what stands now: the next time it is saved, it is over this."""
        if isinstance(self.data, QueryDict):
            sent = self.data.copy()
            sent["drawn_from"] = mark
            self.data = sent


def _now(shared: SharedValue, codebook: CodeBook) -> str:
    if shared.agreed is not None:
        words = value_in_words(shared.variable, shared.agreed, codebook) or gettext("blank")
        return gettext("Now: {value}.").format(value=words)
    parts = [
        gettext("{value} ({persons})").format(
            value=value_in_words(shared.variable, value, codebook) or gettext("blank"), persons=persons
        )
        for value, persons in shared.counts
    ]
    return gettext("Now it differs: {values}.").format(values=", ".join(parts))
