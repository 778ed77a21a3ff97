"""Forms that change a stored case: why it is withdrawn or restored, and to which region it is offered."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.codebook import CodeBook
from casereg.forms.worded import WordedForm
from casereg.models import CaseHistory
from casereg.quality import text_findings
from casereg.vocabularies import NOTE_MAX

_REASON = CaseHistory.Reason
WITHDRAWING: Final = (
    _REASON.REGISTERED_IN_ERROR,
    _REASON.REGISTERED_TWICE,
    _REASON.NOT_WITHIN_CRITERION,
    _REASON.OTHER,
)
RESTORING: Final = (_REASON.WITHDRAWN_IN_ERROR, _REASON.WITHIN_CRITERION, _REASON.OTHER)


class ReasonForm(WordedForm):
    """Why a case is withdrawn or restored."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason."), "invalid_choice": _("Choose a reason.")},
    )
    note = forms.CharField(
        label=_("Note (optional)"),
        required=False,
        max_length=NOTE_MAX,
        help_text=_("At most a line. No names, numbers, addresses or places."),
    )

    def __init__(self, *args: Any, reasons: Sequence[CaseHistory.Reason], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(reason.value, capfirst(reason.label)) for reason in reasons]

    def clean(self) -> None:
        self.add_findings(text_findings("note", self.cleaned_data.get("note", "")))


class OfferForm(WordedForm):
    """To which region a case is offered, and why."""

    to_region = forms.ChoiceField(
        label=_("To region"),
        error_messages={"required": _("Choose a region."), "invalid_choice": _("Choose a region.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=NOTE_MAX,
        error_messages={"required": _("Say why the case belongs to the other region.")},
        help_text=_("At most a line. No names, numbers, addresses or places."),
    )

    def __init__(self, *args: Any, codebook: CodeBook, own_region: str, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (term.code, term.label)
            for term in codebook.terms["region"].values()
            if term.last_year is None and term.first_year <= year and term.code != own_region
        ]
        field = self.fields["to_region"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("Choose")), *choices]

    def clean(self) -> None:
        self.add_findings(text_findings("reason", self.cleaned_data.get("reason", "")))
