"""The help behind a field: what the code book says of its variable, and of each of its values that year."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import capfirst

from casereg.codebook import CodeBook, Definitions


@dataclass(frozen=True, slots=True)
class FieldHelp:
    """`values` are (label, definition) of the values in force that year that somebody has defined."""

    definition: str
    values: Sequence[tuple[str, str]]


def field_help(variable: str, *, codebook: CodeBook, definitions: Definitions, year: int) -> FieldHelp | None:
    """None where nobody has written anything."""
    of_values = definitions.terms.get(variable, {})
    terms = codebook.in_force(variable, year) if variable in codebook.terms else []
    values = [
        (capfirst(term.label), of_values[term.code].text)
        for term in terms
        if term.code in of_values and of_values[term.code].text
    ]
    text = definitions.of_variable(variable, year).text
    return FieldHelp(text, values) if text or values else None
