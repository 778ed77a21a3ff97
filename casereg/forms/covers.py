"""The form of a cover: which other region a coordinator works in, from when and until when."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.codebook import CodeBook
from casereg.forms.worded import WordedForm


def _day(label: Any, missing: Any, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "width-month"}),
        error_messages={
            "required": missing,
            "invalid": _("It is not a day. It is written as year-month-day, such as 2026-12-31."),
        },
        **options,
    )


class CoverForm(WordedForm):
    use_required_attribute = False  # the page says what is missing, in its own language

    region = forms.ChoiceField(
        label=_("Region to cover"),
        error_messages={
            "required": _("Choose the region."),
            "invalid_choice": _("Choose a region of the list."),
        },
    )
    first_day = _day(_("First day"), _("Enter the first day."))
    last_day = _day(
        _("Last day"),
        _("Enter the last day."),
        help_text=_("At most a year. The cover ends by itself when the day is over."),
    )

    def __init__(self, *args: Any, codebook: CodeBook, own_region: str, **kwargs: Any) -> None:
        super().__init__(*args, initial={"first_day": timezone.localdate()}, **kwargs)
        region = self.fields["region"]
        assert isinstance(region, forms.ChoiceField)
        active = [term for term in codebook.terms["region"].values() if term.last_year is None]
        regions = [(term.code, term.label) for term in active if term.code != own_region]
        region.choices = [("", gettext("Choose a region")), *regions]
