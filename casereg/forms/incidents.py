"""Forms of incidents: their reference, and the cases that are put into them."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from casereg.forms.worded import RegionalForm, Text, WordedForm
from casereg.quality import reference_findings, text_findings


class IncidentForm(WordedForm):
    reference = Text(
        label=_("Incident"),
        help_text=_("Such as bar-2023-1. No names, no places."),
        widget=forms.TextInput(attrs={"class": "width-reference"}),
    )

    def clean(self) -> None:
        reference = self.cleaned_data.get("reference", "")
        self.add_findings(reference_findings("reference", reference) or text_findings("reference", reference))


class NewIncidentForm(IncidentForm, RegionalForm):
    """The reference of an incident that the region does not have yet."""


class AddPersonsForm(WordedForm):
    references = Text(
        label=_("References of the cases"),
        help_text=_("One or more, with a comma or a space between them."),
        widget=forms.TextInput,
    )

    def listed(self) -> list[str]:
        return [part for part in re.split(r"[,;\s]+", self.cleaned_data["references"]) if part]
