"""Pages about the register: what it is, and its code book, which is drawn from the data."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, public, requires
from casereg.codebook import CodeBook, Definitions, Term, Variable
from casereg.months import this_month
from casereg.quality import CHILDREN
from casereg.stored_codebook import load_codebook, load_definitions
from casereg.vocabularies import CHILDREN_MAX, FIRST_YEAR, UNKNOWN, swedish_order

VALUES_MAX = 30  # a longer list is folded


@dataclass(frozen=True, slots=True)
class PrintedTerm:
    """`definition` is None in a list whose values speak for themselves."""

    code: str
    label: str
    years: str
    is_retired: bool
    asks_for_industry: bool
    definition: str | None


@dataclass(frozen=True, slots=True)
class PrintedVariable:
    """`written_as`: what takes the place of a list. `not_collected`: blank, or that it was not, in words.

    `earlier`: (years, text) of the definitions before, where no one year is asked for.
    """

    code: str
    label: str
    since: str
    not_collected: str
    definition: str
    earlier: list[tuple[str, str]]
    written_as: str
    terms: list[PrintedTerm]

    @property
    def is_long(self) -> bool:
        return len(self.terms) > VALUES_MAX


@public(because="everybody may read what the register is")
@require_safe
def register_about(request: HttpRequest) -> HttpResponse:
    return render(request, "casereg/register_about.html")


@requires(Permission.START)
@require_safe
def codebook_read(request: UserRequest) -> HttpResponse:
    years = range(int(this_month()[:4]), FIRST_YEAR - 1, -1)
    year, error = _chosen_year(request.GET.get("year", ""), years)
    codebook, definitions = load_codebook(), load_definitions()  # in this order: what is listed is defined
    context = {
        "years": years,
        "year": year,
        "error": error,
        "variables": [
            _printed(variable, codebook, definitions, year=year, this_year=years[0])
            for variable in codebook.variables.values()
        ],
    }
    return render(request, "casereg/codebook_read.html", context)


def _chosen_year(text: str, years: range) -> tuple[int | None, str]:
    """The year asked for (None: all of them), and what is wrong with it in words."""
    if not text:
        return None, ""
    by_text = {str(year): year for year in years}
    if text in by_text:
        return by_text[text], ""
    problem = gettext("There is no code book of that year. Choose a year from {first} to {last}.")
    return None, problem.format(first=years[-1], last=years[0])


def _printed(
    variable: Variable, codebook: CodeBook, definitions: Definitions, *, year: int | None, this_year: int
) -> PrintedVariable:
    not_collected = ""
    if year is not None and not codebook.is_collected(variable.code, year):
        not_collected = gettext("Not collected in {year}.").format(year=year)
    definition = definitions.of_variable(variable.code, year or this_year).text
    return PrintedVariable(
        code=variable.code,
        label=variable.label,
        since=gettext("Collected since {year}.").format(year=variable.first_year),
        not_collected=not_collected,
        definition=definition or _not_written(),
        earlier=[] if year else _earlier(variable.code, definitions, this_year),
        written_as=_written_as(variable.code),
        terms=list(_printed_terms(variable.code, codebook, definitions, year=year, this_year=this_year)),
    )


def _earlier(variable: str, definitions: Definitions, this_year: int) -> list[tuple[str, str]]:
    dated = [each for each in definitions.variables[variable] if each.first_year <= this_year]
    return [
        (f"{each.first_year}–{later.first_year - 1}", each.definition.text or _not_written())
        for each, later in pairwise(dated)
    ]


def _printed_terms(
    variable: str, codebook: CodeBook, definitions: Definitions, *, year: int | None, this_year: int
) -> Iterable[PrintedTerm]:
    if variable not in codebook.terms:
        return
    terms = codebook.terms[variable].values() if year is None else codebook.in_force(variable, year)
    if variable == "nationality":
        terms = sorted(terms, key=_countries_first)
    texts = definitions.terms.get(variable)
    for term in terms:
        yield PrintedTerm(
            code=term.code,
            label=term.label,
            years=_years(term),
            is_retired=term.last_year is not None and term.last_year < this_year,
            asks_for_industry=term.asks_for_industry,
            definition=None if texts is None else texts[term.code].text or _not_written(),
        )


def _countries_first(term: Term) -> tuple[bool, bool, str]:
    """A sort key: countries by their names in the reader's language, then stateless, then unknown."""
    return (len(term.code) > 2, term.code == UNKNOWN, swedish_order(term.label))


def _years(term: Term) -> str:
    if term.last_year is None:
        return gettext("From {year}").format(year=term.first_year)
    return f"{term.first_year}–{term.last_year}"


def _not_written() -> str:
    return gettext("No definition has been written yet.")


def _written_as(variable: str) -> str:
    """How a variable without a list is written in the case file."""
    if variable == "month":
        return gettext("Written as year and month: 2023-07.")
    if variable == "incident":
        return gettext("Written with 1 to 40 letters, digits, full stops, underscores and hyphens, or blank.")
    if variable in CHILDREN:
        rule = gettext("Written as a whole number from 0 to {most}, or as “unknown”. 0 means no children.")
        return rule.format(most=CHILDREN_MAX)
    return ""
