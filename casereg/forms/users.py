"""The form of a user: who it is, how to reach the person, and what he or she may do."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.actions.users import role_findings
from casereg.codebook import CodeBook
from casereg.forms.worded import WordedForm
from casereg.models import Role
from casereg.quality import text_findings


class UserForm(WordedForm):
    use_required_attribute = False  # the page says what is missing, in its own language

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("As colleagues know the person. It stands in the history of the cases."),
        error_messages={"required": _("Enter the name.")},
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The person logs in with it, and links to set a password are sent to it."),
        error_messages={
            "required": _("Enter the e-mail address."),
            "invalid": _("It is not an e-mail address. It is written as name@example.se."),
        },
    )
    role = forms.ChoiceField(
        label=_("Role"),
        widget=forms.RadioSelect,
        help_text=_(
            "A coordinator registers the cases of one region. An analyst reads the cases of all. An "
            "administrator keeps regions and users, and sees no cases."
        ),
        error_messages={"required": _("Choose a role."), "invalid_choice": _("Choose a role.")},
    )
    region = forms.ChoiceField(
        label=_("Region, for a regional coordinator"),
        required=False,
        error_messages={"invalid_choice": _("Choose a region of the list.")},
    )

    def __init__(self, *args: Any, codebook: CodeBook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own, retired = self.initial.get("region"), gettext("{region} (retired)")
        regions = [
            (term.code, term.label if term.last_year is None else retired.format(region=term.label))
            for term in codebook.terms["region"].values()
            if term.last_year is None or term.code == own
        ]
        role, region = self.fields["role"], self.fields["region"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(region, forms.ChoiceField)
        role.choices = [(value, capfirst(str(label))) for value, label in Role.choices]
        region.choices = [("", gettext("No region")), *regions]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> None:
        self.add_findings(text_findings("name", self.cleaned_data.get("name", "")))
        # Without a role the message at the role is enough.
        if "role" in self.cleaned_data and "region" in self.cleaned_data:
            self.add_findings(
                role_findings(role=self.cleaned_data["role"], region_code=self.cleaned_data["region"])
            )
