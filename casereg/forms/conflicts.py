"""Two people amended the same case: the second chooses, field by field, what is to stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.case_content import CaseContent
from casereg.codebook import CodeBook
from casereg.forms.worded import WordedForm
from casereg.wording import LastChange, content_in_words

MINE: Final = "mine"
STORED: Final = "stored"


@dataclass(frozen=True, slots=True)
class ConflictingField:
    """One field in which what was typed differs from what is stored now; all in words."""

    name: str
    label: str
    mine: str
    stored: str
    opened: str  # what stood when the form was opened; blank where that is not known
    is_mine_changed: bool  # since the form was opened, if that is known
    changed: LastChange | None  # by whom the stored value was changed since, if it was


class ConflictForm(WordedForm):
    """`base` is what stood when the form was opened, if that is known, `mine` what was typed, `stored` what
    stands now.

    Where only one of the two has changed a field, that one is proposed; where both have, neither is.
    """

    def __init__(
        self,
        *args: Any,
        base: CaseContent | None,
        mine: CaseContent,
        stored: CaseContent,
        codebook: CodeBook,
        changed: Mapping[str, LastChange],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, prefix="keep", **kwargs)
        self.stored = stored
        of_mine, of_stored = content_in_words(mine, codebook), content_in_words(stored, codebook)
        of_base = content_in_words(base, codebook) if base else {}
        self.conflicting: list[ConflictingField] = []
        for name in mine.differences(stored):
            label = capfirst(codebook.variables[name].label)
            self.conflicting.append(
                ConflictingField(
                    name,
                    label,
                    mine=of_mine[name],
                    stored=of_stored[name],
                    opened=of_base.get(name, ""),
                    is_mine_changed=base is None or getattr(mine, name) != getattr(base, name),
                    changed=None if of_base.get(name) == of_stored[name] else changed.get(name),
                )
            )
            self.fields[name] = forms.ChoiceField(
                label=label,
                choices=[(MINE, of_mine[name]), (STORED, of_stored[name])],
                widget=forms.RadioSelect,
                initial=_proposed(name, mine, stored, base),
                error_messages={"required": _("Choose what is to stand.")},
            )

    def rows(self) -> Sequence[tuple[ConflictingField, forms.BoundField]]:
        return [(field, self[field.name]) for field in self.conflicting]

    def kept_as_stored(self) -> set[str]:
        """The variables for which the stored value was chosen."""
        return {field.name for field in self.conflicting if self.cleaned_data.get(field.name) == STORED}

    def clean(self) -> None:
        if self.errors:
            self.add_error(None, gettext("Choose for each field what is to stand."))


def _proposed(name: str, mine: CaseContent, stored: CaseContent, base: CaseContent | None) -> str | None:
    if base is None:
        return None
    if getattr(stored, name) == getattr(base, name):
        return MINE
    return STORED if getattr(mine, name) == getattr(base, name) else None
