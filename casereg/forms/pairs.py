"""Forms of the pairs that may be one person: what the list is narrowed to, and the judgement."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.codebook import CodeBook
from casereg.forms.worded import WordedForm
from casereg.models import Verdict
from casereg.months import this_month
from casereg.pair_groups import PairFilter
from casereg.pair_wording import PairInWords
from casereg.vocabularies import FIRST_YEAR

_NOT_A_CHOICE = {"invalid_choice": _("That is not one of the choices.")}
_CHOOSE = {"required": _("Choose an answer."), "invalid_choice": _("Choose an answer.")}
DIFFERENT: Final = "different"


class PairFilterForm(WordedForm):
    year = forms.ChoiceField(label=_("Year"), required=False, error_messages=_NOT_A_CHOICE)
    form = forms.ChoiceField(required=False, error_messages=_NOT_A_CHOICE)
    region = forms.ChoiceField(required=False, error_messages=_NOT_A_CHOICE)
    with_unknown = forms.BooleanField(
        label=_("Also where the form, the sex, the age group or the nationality is unknown"), required=False
    )

    def __init__(self, *args: Any, codebook: CodeBook, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        self.codebook = codebook
        self.present_year = int(this_month()[:4])
        self._offer("year", [(str(year), str(year)) for year in range(self.present_year, FIRST_YEAR - 1, -1)])
        for name in ("form", "region"):
            of_list = [(term.code, capfirst(term.label)) for term in codebook.terms[name].values()]
            self._offer(name, [("", gettext("All")), *of_list])
            self.fields[name].label = capfirst(codebook.variables[name].label)

    def wanted(self) -> PairFilter | None:
        """What the list is narrowed to, the present year unless another is chosen; None where it is wrong."""
        if not self.is_valid():
            return None
        chosen = self.cleaned_data
        return PairFilter(
            year=int(chosen["year"] or self.present_year),
            form=chosen["form"],
            region=chosen["region"],
            with_unknown=chosen["with_unknown"],
        )

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class JudgeForm(WordedForm):
    """Different persons, or the same one; then which of the two records goes on being counted."""

    answer = forms.ChoiceField(
        label=_("Are they the same person?"), widget=forms.RadioSelect, error_messages=_CHOOSE
    )

    def __init__(self, *args: Any, pair: PairInWords, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["answer"]
        assert isinstance(field, forms.ChoiceField)
        same = gettext("The same person. {region}’s record ({reference}) stands, the other is withdrawn.")
        field.choices = [
            (DIFFERENT, gettext("Different persons. Both are counted.")),
            *(
                (str(one.id), same.format(region=one.region, reference=one.reference))
                for one in (pair.first, pair.second)
            ),
        ]

    @property
    def judgement(self) -> tuple[str, UUID | None]:
        """The answer and, of the same person, whose record stands."""
        chosen = self.cleaned_data["answer"]
        if chosen == DIFFERENT:
            return Verdict.Answer.DIFFERENT, None
        return Verdict.Answer.SAME, UUID(chosen)
