"""A file's findings in the words on screen: the file's own headings, and labels where the file had words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext

from casereg.case_files import FileFinding, printable
from casereg.codebook import CodeBook
from casereg.vocabularies import UNKNOWN


@dataclass(frozen=True, slots=True)
class FindingInWords:
    """One problem, ready to print. `line` 0: the file as a whole; a blank column: the line as a whole."""

    line: int
    column: str
    found: str
    problem: str
    accepted: str


def finding_in_words(
    finding: FileFinding, codebook: CodeBook, headings: Mapping[str, str] | None
) -> FindingInWords:
    """`headings` are the file's own, by variable; None where it has the register's, and its codes."""
    column = finding.column
    return FindingInWords(
        line=finding.line,
        column=column if headings is None else headings.get(column) or _label(column, codebook),
        found=_word(column, printable(finding.value), codebook, headings is not None),
        problem=str(finding.problem),
        accepted=", ".join(
            _word(column, str(code), codebook, headings is not None) for code in finding.accepted
        ),
    )


def _label(column: str, codebook: CodeBook) -> str:
    if column in codebook.variables:
        return capfirst(codebook.variables[column].label)
    return gettext("Reference") if column else ""


def _word(column: str, text: str, codebook: CodeBook, as_label: bool) -> str:
    if not as_label:
        return text
    if text in codebook.terms.get(column, {}):
        return codebook.label(column, text)
    return gettext("not known") if text == UNKNOWN else text
