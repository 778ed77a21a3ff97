"""The form of a user: who it is, how to reach the person, and what he or she may do."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.actions.users import role_findings
from casereg.codebook import CodeBook
from casereg.forms.worded import WordedForm
from casereg.models import Role
from casereg.people import Person
from casereg.quality import text_findings

ACTIVE, INVITED, DEACTIVATED = "active", "invited", "deactivated"


class UserFilterForm(WordedForm):
    """Above the list, sent by GET: what it is narrowed to."""

    name = forms.CharField(
        label=_("Name or e-mail address"), required=False, max_length=80, help_text=_("Or a part of it.")
    )
    role = forms.ChoiceField(label=_("Role"), required=False)
    region = forms.ChoiceField(
        label=_("Region"), required=False, help_text=_("The own one, or one that is covered.")
    )
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, data: QueryDict, *, codebook: CodeBook) -> None:
        super().__init__(data, auto_id="filter_%s")
        states = [
            (ACTIVE, gettext("Active")),
            (INVITED, gettext("Invited and not yet in")),
            (DEACTIVATED, gettext("Deactivated")),
        ]
        self._offer("role", [(value, capfirst(str(label))) for value, label in Role.choices])
        self._offer("region", [(term.code, term.label) for term in codebook.terms["region"].values()])
        self._offer("state", states)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("All")), *choices]
        field.error_messages["invalid_choice"] = gettext("That is not one of the choices.")

    def is_narrowing(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def matching(self, everybody: Iterable[Person]) -> list[Person]:
        """Those who are wanted. Nobody where the form is wrong: everybody is not what was asked for."""
        return [person for person in everybody if self._matches(person)] if self.is_valid() else []

    def _matches(self, person: Person) -> bool:
        wanted, user = self.cleaned_data, person.user
        part = wanted["name"].casefold()
        regions = {user.region_id, *(cover.region_code for cover in person.covers if cover.is_in_force)}
        states = {ACTIVE: user.is_active, INVITED: person.is_invited, DEACTIVATED: not user.is_active}
        return (
            (part in user.name.casefold() or part in user.email)
            and wanted["role"] in ("", user.role)
            and (not wanted["region"] or wanted["region"] in regions)
            and states.get(wanted["state"], True)
        )


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
