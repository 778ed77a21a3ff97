"""Forms of regions: their words, for a new one its code, and which counties they have when."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.actions.regions import region_findings
from casereg.counties import COUNTIES
from casereg.forms.worded import WordedForm
from casereg.vocabularies import FIRST_YEAR, swedish_order


class RegionForm(WordedForm):
    use_required_attribute = False  # the page says what is missing, in its own language

    label_sv = forms.CharField(
        label=_("Swedish name"),
        max_length=80,
        error_messages={"required": _("Enter the region’s Swedish name.")},
    )
    label_en = forms.CharField(
        label=_("English name"),
        max_length=80,
        error_messages={"required": _("Enter the region’s English name.")},
    )

    def clean(self) -> None:
        words = {name: self.cleaned_data.get(name, "") for name in ("label_sv", "label_en")}
        self.add_findings(region_findings(**words))


class NewRegionForm(RegionForm):
    field_order = ["code"]

    code = forms.RegexField(
        r"\A[a-z_]{1,40}\Z",
        label=_("Code"),
        help_text=_("Stands in files and never changes. Small letters a to z and underscores, such as ost."),
        widget=forms.TextInput(attrs={"class": "width-reference", "autocapitalize": "none"}),
        error_messages={
            "required": _("Enter a code."),
            "invalid": _("Use 1 to 40 small letters a to z and underscores."),
        },
    )


def _year(label: Any, missing: Any) -> forms.TypedChoiceField:
    errors = {"required": missing, "invalid_choice": missing}
    return forms.TypedChoiceField(label=label, coerce=int, error_messages=errors)


class CountyForm(WordedForm):
    """A county that comes to the region."""

    use_required_attribute = False

    county = forms.ChoiceField(
        label=_("County"),
        error_messages={"required": _("Choose a county."), "invalid_choice": _("Choose a county.")},
    )
    first_year = _year(_("From the year"), _("Choose a year."))

    def __init__(self, *args: Any, belonging: Sequence[str] = (), **kwargs: Any) -> None:
        """`belonging`: the counties that the region has already."""
        super().__init__(*args, **kwargs)
        counties = sorted(COUNTIES.values(), key=lambda county: swedish_order(county.name))
        _offer(
            self.fields["county"],
            [(county.code, county.name) for county in counties if county.code not in belonging],
        )
        _offer(self.fields["first_year"], _years(next_one=True))


class ReleaseForm(WordedForm):
    """The last year in which a county belongs to the region."""

    use_required_attribute = False

    last_year = _year(_("Last year"), _("Choose a year."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["last_year"], _years(next_one=False))


def _offer(field: forms.Field, choices: Sequence[tuple[str, str]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", gettext("Choose")), *choices]


def _years(*, next_one: bool) -> list[tuple[str, str]]:
    last = timezone.localdate().year + int(next_one)
    return [(str(year), str(year)) for year in range(last, FIRST_YEAR - 1, -1)]
