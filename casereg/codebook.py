"""The register's words in force: variables with their years, values with theirs. Plain values, no queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import get_language


def _reads_swedish() -> bool:
    return (get_language() or "sv").startswith("sv")


@dataclass(frozen=True, slots=True)
class _InTwoLanguages:
    code: str
    label_sv: str
    label_en: str
    first_year: int

    @property
    def label(self) -> str:
        return self.label_sv if _reads_swedish() else self.label_en


@dataclass(frozen=True, slots=True)
class Term(_InTwoLanguages):
    """One value of a coded variable, in force from `first_year` to `last_year` (None: still)."""

    last_year: int | None = None
    asks_for_industry: bool = False
    covered_by_exploitation: bool | None = None  # of a form: by the offence; None where it cannot be said

    def is_in_force(self, year: int) -> bool:
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)


@dataclass(frozen=True, slots=True)
class Variable(_InTwoLanguages):
    """What is asked about a person, and since when."""


@dataclass(frozen=True)
class CodeBook:
    """`variables` by name; `terms` by variable, then code, both in printed order."""

    variables: Mapping[str, Variable]
    terms: Mapping[str, Mapping[str, Term]] = field(repr=False)

    def is_collected(self, variable: str, year: int) -> bool:
        return self.variables[variable].first_year <= year

    def in_force(self, variable: str, year: int) -> list[Term]:
        """The values of a variable that a record of the year may have, in printed order."""
        if not self.is_collected(variable, year):
            return []
        return [term for term in self.terms[variable].values() if term.is_in_force(year)]

    def asks_for_industry(self, form: str) -> bool:
        term = self.terms["form"].get(form)
        return term is not None and term.asks_for_industry

    def label(self, variable: str, code: str) -> str:
        return self.terms[variable][code].label


@dataclass(frozen=True, slots=True)
class Definition:
    """What a variable or a value means and where it ends. Blank where nobody has written it yet."""

    text_sv: str
    text_en: str

    @property
    def text(self) -> str:
        return self.text_sv if _reads_swedish() else self.text_en


@dataclass(frozen=True, slots=True)
class DatedDefinition:
    """What a variable means from a year on, until the next one."""

    first_year: int
    definition: Definition


@dataclass(frozen=True)
class Definitions:
    """`variables` by name, each with its definitions from the first on; `terms` by variable, then code.

    Regions and nationalities have none.
    """

    variables: Mapping[str, Sequence[DatedDefinition]]
    terms: Mapping[str, Mapping[str, Definition]]

    def of_variable(self, name: str, year: int) -> Definition:
        """What the variable means in a record of the year. Raises `KeyError` for what is no variable."""
        first, *later = self.variables[name]
        in_force = [dated.definition for dated in later if dated.first_year <= year]
        return in_force[-1] if in_force else first.definition
