"""What a change of a code list will look like, before it is saved: the form's field, the series, the records.

The change is stored, read back through the same code as every page, and taken back again.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.core import signing
from django.forms import BoundField
from django.forms.widgets import ChoiceWidget
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext

from casereg.actions.code_lists import list_mark, tried_out
from casereg.codebook import CodeBook, Definition, Term
from casereg.forms.cases import CaseForm
from casereg.list_use import use_by_year
from casereg.row_security import EVERYTHING, within
from casereg.stored_codebook import load_codebook, load_correspondences, load_definitions
from stats.compute import YearFigures, count_series, tabulate_series
from stats.counts import Counts
from stats.key_figures import KEY_FIGURES
from stats.list_pages import PrintedTerm, printed_terms, terms_in_words, years_in_words
from stats.list_series import SERIES
from stats.pages import PrintedTable, printed_table
from stats.recoded_year import ListsOfYear, RecodedInWords, lists_of_year, recoded_in_words, recoded_table
from stats.shown_year import shown_year
from stats.tabulate import CountedTable

_SALT = "stats.list-preview"


@dataclass(frozen=True, slots=True)
class Preview:
    """`saved`: the values that are new or whose rules change, as they will be stored, with their years.
    `year`: the first that the change concerns. `touched`: the values that it concerns, with their use
    in `use_years`. `gone`: in words, what a form offers the year before and not in the year. `recoded` is
    None where no value of an earlier year is another now."""

    saved: Sequence[tuple[Term, str, Definition]]
    year: int
    field: BoundField
    values: Sequence[tuple[Term, bool]]  # those of the year; whether it is new in it
    gone: str
    as_recorded: PrintedTable
    recoded: PrintedTable | None
    in_words: RecodedInWords | None
    use_years: Sequence[int]
    touched: Sequence[PrintedTerm]
    records: int
    key_figures: Sequence[str]
    mark: str


def preview_of(
    apply: Callable[[], None], *, variable: str, year: int, touched: Sequence[str], entered: str
) -> Preview:
    """`apply` makes the change; what it refuses is raised. `entered`: what was typed, for the mark."""
    with tried_out():
        mark, use, before = list_mark(variable), use_by_year(variable), load_codebook()
        apply()
        codebook, lines = load_codebook(), load_correspondences()
        definitions = load_definitions().terms[variable]
        form = CaseForm(prefix="preview", initial={"month": f"{year}-01"})
        _offer_values_of(year, form, variable, codebook)
    # The lists are as they were again. What is counted does not depend on them.
    with within(EVERYTHING):  # of the whole country, for whoever keeps its lists
        counts = count_series(SERIES[variable], year)
    counted = tabulate_series(SERIES[variable], counts, year=year, codebook=codebook)
    lists = lists_of_year(lines, year)
    is_recoded = lists.touch(counted)
    use_years = sorted({by_year for code in touched for by_year in use.get(code, {})})
    last_years = use_years or [timezone.localdate().year]
    return Preview(
        saved=[
            (term, years_in_words(term), definitions[term.code])
            for term in codebook.terms[variable].values()
            if _is_otherwise(term, before.terms[variable].get(term.code))
        ],
        year=year,
        field=form[variable],
        values=[
            (term, term.code not in before.terms[variable]) for term in codebook.in_force(variable, year)
        ],
        gone=terms_in_words(
            [
                term
                for term in before.in_force(variable, year - 1)
                if not codebook.terms[variable].get(term.code, term).is_in_force(year)
            ]
        ),
        as_recorded=_printed(counted, counts, codebook, year),
        recoded=_recoded(counted, counts, codebook, lists) if is_recoded else None,
        in_words=recoded_in_words(counted, lists, codebook) if is_recoded else None,
        use_years=use_years,
        touched=printed_terms(variable, before, (), use, years=last_years, only=touched),
        records=sum(sum(use.get(code, {}).values()) for code in touched),
        key_figures=[
            gettext(figure.label)
            for figure in KEY_FIGURES
            if any(cell.codes.get(variable) in touched for cell in (*figure.numerator, *figure.denominator))
        ],
        mark=signing.dumps([variable, entered, mark], salt=_SALT),
    )


def _offer_values_of(year: int, form: CaseForm, variable: str, codebook: CodeBook) -> None:
    """A form offers the values of all years, since the month may change; here only those of the year."""
    widget = form.fields[variable].widget
    assert isinstance(widget, ChoiceWidget)
    blank = [(code, label) for code, label in widget.choices if code == ""]
    widget.choices = [
        *blank,
        *((term.code, capfirst(term.label)) for term in codebook.in_force(variable, year)),
    ]


def _is_otherwise(term: Term, before: Term | None) -> bool:
    """A value is new, or something else is asked with it. Its years are told apart from that."""
    return before is None or replace(before, last_year=term.last_year) != term


def shown_mark(text: str, *, variable: str, entered: str) -> str | None:
    """The list's mark of the preview that was shown of exactly this; None where there was none."""
    try:
        of_variable, of_entered, mark = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return str(mark) if (of_variable, of_entered) == (variable, entered) else None


def entered_mark(fields: Mapping[str, Sequence[str]], *, path: str) -> str:
    """Tells one change from another: what was sent, and to which page."""
    return hashlib.sha256(json.dumps([path, sorted(fields.items())]).encode()).hexdigest()


def _recoded(counted: CountedTable, counts: Counts, codebook: CodeBook, lists: ListsOfYear) -> PrintedTable:
    recoded = recoded_table(counted, lists, codebook)
    definition = replace(counted.definition, id=f"{counted.definition.id}-recoded")
    return _printed(replace(recoded, definition=definition), counts, codebook, lists.year)


def _printed(counted: CountedTable, counts: Counts, codebook: CodeBook, year: int) -> PrintedTable:
    basis = {
        basis_year: in_both_languages
        for basis_year, in_both_languages in sorted(counts.published_basis.items())
        if basis_year not in counts.recorded_years
    }
    tables = {counted.definition.id: counted}
    figures = YearFigures(year, None, codebook, tables, {}, basis_in_both_languages=basis)
    shown = shown_year(figures)
    return printed_table(shown.protected.tables[0], shown)
