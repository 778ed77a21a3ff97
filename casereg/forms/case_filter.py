"""The form above a case list. It is sent by GET, so that the address of a list can be kept."""

from typing import Any

from django import forms
from django.utils.dates import MONTHS
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.case_filter import ANY_STATE, NEWEST_FIRST, SORTS, WITHDRAWN, CaseFilter
from casereg.codebook import CodeBook
from casereg.forms.worded import Text, WordedForm
from casereg.months import this_month
from casereg.vocabularies import FIRST_YEAR

_LISTS = ("region", "form", "sex", "age_group", "nationality")
_NOT_A_CHOICE = {"invalid_choice": _("That is not one of the choices.")}


def _choice(**options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(required=False, error_messages=_NOT_A_CHOICE, **options)


class CaseFilterForm(WordedForm):
    year = _choice(label=_("Year"))
    month = _choice(label=_("Month"))
    region = _choice()
    form = _choice()
    sex = _choice()
    age_group = _choice()
    nationality = _choice()
    incident = Text(max_length=40)
    reference = Text(label=_("Reference"), max_length=40)
    state = _choice(label=_("State"))

    def __init__(self, *args: Any, codebook: CodeBook, with_region: bool, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        self.codebook = codebook
        self._offer("year", [(str(y), str(y)) for y in range(int(this_month()[:4]), FIRST_YEAR - 1, -1)])
        self._offer("month", [(str(number), capfirst(name)) for number, name in MONTHS.items()])
        states = [(WITHDRAWN, gettext("Withdrawn")), (ANY_STATE, gettext("All"))]
        self._offer("state", states, blank=gettext("Standing"))
        for name in _LISTS:
            self._offer(name, [(t.code, capfirst(t.label)) for t in codebook.terms[name].values()])
            self.fields[name].label = capfirst(codebook.variables[name].label)
        self.fields["incident"].label = capfirst(codebook.variables["incident"].label)
        if not with_region:
            del self.fields["region"]

    def narrows_by(self) -> list[str]:
        """The names of the fields that are filled in."""
        return [name for name in self.fields if self.data.get(name)]

    def _offer(self, name: str, choices: list[tuple[str, str]], blank: str = "") -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", blank or gettext("All")), *choices]

    def wanted(self, sort: str) -> CaseFilter | None:
        """What the list is narrowed to; None where the form is wrong. An unknown sort is the usual one."""
        if sort.removeprefix("-") not in SORTS:
            sort = NEWEST_FIRST
        if not self.is_valid():
            return None
        chosen = self.cleaned_data
        return CaseFilter(
            year=int(chosen["year"]) if chosen["year"] else None,
            month=int(chosen["month"]) if chosen["month"] else None,
            **{name: chosen.get(name, "") for name in _LISTS},
            incident=chosen["incident"],
            reference=chosen["reference"],
            state=chosen["state"],
            sort=sort,
        )
