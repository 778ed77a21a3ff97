"""A nationality, typed: its name in Swedish or English, or its code. The browser proposes as one types."""

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext

from casereg.codebook import Term
from casereg.forms.worded import Text
from casereg.vocabularies import swedish_order

# The page draws the list once, with `components/nationalities.html`, however many fields use it.
LIST_ID = "nationalities"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line of the browser's list: what is put into the field, and what else it is found by."""

    name: str
    also: str


class Nationalities:
    """The list, to be searched by what people type; from the code book's terms of `nationality`."""

    def __init__(self, terms: Mapping[str, Term]) -> None:
        self._terms = terms
        self._by_name: dict[str, set[str]] = defaultdict(set)
        for code, term in terms.items():
            for name in (code, term.label_sv, term.label_en):
                self._by_name[_plain(name)].add(code)

    def find(self, typed: str) -> str | None:
        """The code, in any case and with or without accents; None where it is no nationality, or two."""
        if typed in self._terms:
            return typed
        found = self._by_name.get(_plain(typed), set())
        return next(iter(found)) if len(found) == 1 else None

    def name(self, code: str) -> str:
        return capfirst(self._terms[code].label)

    def proposals(self) -> list[Proposal]:
        """What can be said without a country first, then countries in Swedish order."""
        countries = [term for term in self._terms.values() if len(term.code) == 2]
        others = [term for term in self._terms.values() if len(term.code) != 2]
        ordered = [*others, *sorted(countries, key=lambda term: swedish_order(term.label))]
        return [Proposal(capfirst(term.label), _also(term)) for term in ordered]

    def why_not(self, typed: str) -> str:
        """What to say of something that is not in the list."""
        near = difflib.get_close_matches(_plain(typed), self._by_name, n=1, cutoff=0.75)
        if near:
            return gettext("“{typed}” is not in the list. Did you mean {name}?").format(
                typed=typed, name=self.name(min(self._by_name[near[0]]))
            )
        return gettext(
            "“{typed}” is not in the list. Type the country’s name in Swedish or English, or its "
            "two-letter code."
        ).format(typed=typed)


class NationalityInput(forms.TextInput):
    """Shows a stored code by its name; what was typed and is none of the list stays as it was typed."""

    def __init__(self) -> None:
        super().__init__({"list": LIST_ID, "class": "width-nationality", "spellcheck": "false"})
        self.nationalities = Nationalities({})

    def format_value(self, value: Any) -> str | None:
        code = self.nationalities.find(value) if isinstance(value, str) else None
        return self.nationalities.name(code) if code else value


class NationalityField(Text):
    """Cleans to the code; blank stays blank, for the rules to judge."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=NationalityInput(), max_length=80, **options)
        self.nationalities = Nationalities({})

    def offer(self, nationalities: Nationalities) -> None:
        assert isinstance(self.widget, NationalityInput)
        self.nationalities = self.widget.nationalities = nationalities

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value))
        if not typed:
            return ""
        code = self.nationalities.find(typed)
        if code is None:
            raise ValidationError(self.nationalities.why_not(typed))
        return code


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", " ".join(text.split()).casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _also(term: Term) -> str:
    """The name in the other language where it is another, and a country's code."""
    other = term.label_en if term.label == term.label_sv else term.label_sv
    parts = [capfirst(other)] if other != term.label else []
    return " · ".join(parts + ([term.code] if len(term.code) == 2 else []))
