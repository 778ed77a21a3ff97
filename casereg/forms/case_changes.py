"""Forms that change a stored case: why it is withdrawn or restored, and to which region it is offered."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.codebook import CodeBook
from casereg.forms.worded import WordedForm
from casereg.models import CaseHistory
from casereg.quality import text_findings
from casereg.vocabularies import NOTE_MAX


class ReasonForm(WordedForm):
    """Why a case is withdrawn or restored."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        widget=forms.RadioSelect,
        choices=CaseHistory.Reason.choices,
        error_messages={"required": _("Choose a reason."), "invalid_choice": _("Choose a reason.")},
    )
    note = forms.CharField(
        label=_("Note (optional)"),
        required=False,
        max_length=NOTE_MAX,
        help_text=_("At most a line. No names, numbers, addresses or places."),
    )

    def clean(self) -> None:
        self.add_findings(text_findings("note", self.cleaned_data.get("note", "")))


class OfferForm(WordedForm):
    """To which region a case is offered, and why."""

    to_region = forms.ChoiceField(
        label=_("Region"),
        error_messages={"required": _("Choose a region."), "invalid_choice": _("Choose a region.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=NOTE_MAX,
        error_messages={"required": _("Say why the case belongs to the other region.")},
        help_text=_("At most a line. No names, numbers, addresses or places."),
    )

    def __init__(self, *args: Any, codebook: CodeBook, own_region: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (term.code, term.label)
            for term in codebook.terms["region"].values()
            if term.last_year is None and term.code != own_region
        ]
        field = self.fields["to_region"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("Choose")), *choices]

    def clean(self) -> None:
        self.add_findings(text_findings("reason", self.cleaned_data.get("reason", "")))
