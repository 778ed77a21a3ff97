"""The form in which an administrator writes what a variable means from a year on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casereg.actions.definitions import years_of_definitions
from casereg.forms.worded import WordedForm

_ENTER = {"required": _("Enter the definition.")}


class DefinitionForm(WordedForm):
    use_required_attribute = False  # the page says what is missing, in its own language

    first_year = forms.TypedChoiceField(
        label=_("From the year"),
        coerce=int,
        help_text=_("Records of earlier years keep the definition under which they were made."),
        error_messages={"required": _("Choose a year."), "invalid_choice": _("Choose a year.")},
    )
    definition_sv = forms.CharField(
        label=_("Definition in Swedish"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "sv"}),
        error_messages=_ENTER,
    )
    definition_en = forms.CharField(
        label=_("Definition in English"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "en"}),
        error_messages=_ENTER,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["first_year"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(year), str(year)) for year in years_of_definitions()]
