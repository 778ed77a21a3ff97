"""Forms of the yearbook. They are sent by GET: the address of a page says what it shows."""

from collections.abc import Mapping, Sequence, Set
from typing import Any
from uuid import UUID

from django import forms
from django.utils.dates import MONTHS
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.codebook import CodeBook
from casereg.forms.worded import WordedForm
from stats.narrowed_year import IncidentOfYear, incident_in_words
from stats.narrowing import Narrowing

_LISTS = ("region", "form", "sex", "age_group", "assessment")
_NOT_A_CHOICE = {"invalid_choice": _("That is not one of the choices.")}


def _choice(**options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(required=False, error_messages=_NOT_A_CHOICE, **options)


class NarrowingForm(WordedForm):
    region = _choice()
    form = _choice()
    sex = _choice()
    age_group = _choice()
    assessment = _choice()
    month = _choice(label=_("Month"))
    without_incident = _choice(label=_("Without the incident"))

    def __init__(
        self,
        *args: Any,
        codebook: CodeBook,
        year: int,
        occurring: Mapping[str, Set[str]],
        incidents: Sequence[IncidentOfYear],
        with_region: bool,
        **kwargs: Any,
    ) -> None:
        """`occurring`: by variable, values that persons of the year have, in force in it or not."""
        super().__init__(*args, auto_id="narrow_%s", **kwargs)
        self.codebook = codebook
        for name in _LISTS:
            offered = [
                (term.code, capfirst(term.label))
                for term in codebook.terms[name].values()
                if term.is_in_force(year) or term.code in occurring.get(name, ())
            ]
            self._offer(name, offered)
            self.fields[name].label = capfirst(codebook.variables[name].label)
        self._offer("month", [(str(number), capfirst(name)) for number, name in MONTHS.items()])
        self._offer(
            "without_incident",
            [(str(incident.id), incident_in_words(incident, codebook)) for incident in incidents],
            blank=gettext("None"),
        )
        if not with_region:
            del self.fields["region"]

    def _offer(self, name: str, choices: list[tuple[str, str]], blank: str = "") -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", blank or gettext("All")), *choices]

    def narrowing(self) -> Narrowing | None:
        """None where the form is wrong."""
        if not self.is_valid():
            return None
        chosen = self.cleaned_data
        return Narrowing(
            **{name: chosen.get(name, "") for name in _LISTS},
            month=int(chosen["month"]) if chosen["month"] else None,
            without_incident=UUID(chosen["without_incident"]) if chosen["without_incident"] else None,
        )
