"""The table of an incident's persons before they are stored: one row a line, in words, with its sums."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext

from casereg.actions.incident_registering import PersonsAlike
from casereg.case_content import CaseContent
from casereg.codebook import CodeBook
from casereg.quality import CHILDREN
from casereg.shared_values import COMMON, shared_values
from casereg.vocabularies import NOT_RECORDED
from casereg.wording import content_in_words


@dataclass(frozen=True, slots=True)
class Children:
    """Of all persons of a line or of the table: the sum, and of how many persons it is not known."""

    number: int
    unknown: int

    @property
    def words(self) -> str:
        if not self.unknown:
            return str(self.number)
        text = gettext("{number}, and not known of {persons}")
        return text.format(number=self.number, persons=self.unknown)


@dataclass(frozen=True, slots=True)
class Row:
    persons: int
    words: dict[str, str]
    children_in_sweden: Children
    children_abroad: Children
    differs: Sequence[tuple[str, str]]  # (variable, value) in words

    @property
    def counts_children_for_many(self) -> bool:
        """Several persons with children each: the same children may have been entered more than once."""
        return self.persons > 1 and self.children_in_sweden.number + self.children_abroad.number > 0


@dataclass(frozen=True, slots=True)
class IncidentTable:
    """`common` are (variable, value) in words, as most persons have them."""

    incident: str
    common: Sequence[tuple[str, str]]
    rows: Sequence[Row]
    persons: int
    children_in_sweden: Children
    children_abroad: Children

    @property
    def counts_children_for_many(self) -> bool:
        return any(row.counts_children_for_many for row in self.rows)


def incident_table(lines: Sequence[PersonsAlike], codebook: CodeBook) -> IncidentTable:
    everybody = [line.content for line in lines for _person in range(line.number)]
    usual = {name: shared.counts[0][0] for name, shared in shared_values(everybody).items()}
    usual_content = CaseContent(**usual, incident=lines[0].content.incident)
    usual_words = content_in_words(usual_content, codebook)
    return IncidentTable(
        incident=lines[0].content.incident,
        common=[(_label(name, codebook), usual_words[name]) for name in COMMON],
        rows=[_row(line, usual, codebook) for line in lines],
        persons=len(everybody),
        children_in_sweden=_children([c.children_in_sweden for c in everybody]),
        children_abroad=_children([c.children_abroad for c in everybody]),
    )


def _row(line: PersonsAlike, usual: dict[str, str], codebook: CodeBook) -> Row:
    words = content_in_words(line.content, codebook)
    in_sweden, abroad = ([getattr(line.content, name)] * line.number for name in CHILDREN)
    return Row(
        persons=line.number,
        words=words,
        children_in_sweden=_children(in_sweden),
        children_abroad=_children(abroad),
        differs=[
            (_label(name, codebook), words[name])
            for name in COMMON
            if getattr(line.content, name) != usual[name]
        ],
    )


def _children(said: Sequence[str]) -> Children:
    known = [int(text) for text in said if text.isdecimal()]
    not_recorded = sum(text == NOT_RECORDED for text in said)  # not collected in the year
    return Children(sum(known), len(said) - len(known) - not_recorded)


def _label(variable: str, codebook: CodeBook) -> str:
    return capfirst(codebook.variables[variable].label)
