"""Forms of regions: their words, and for a new one its code."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casereg.actions.regions import region_findings
from casereg.forms.worded import WordedForm


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
    counties = forms.CharField(
        label=_("Counties (optional)"),
        required=False,
        max_length=200,
        help_text=_("The counties that belong to the region, with commas between them."),
    )

    def clean(self) -> None:
        words = {name: self.cleaned_data.get(name, "") for name in ("label_sv", "label_en", "counties")}
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
