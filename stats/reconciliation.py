"""The reconciliation of a stored year: it and the year before are counted, checked, and put into words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from casereg.codebook import CodeBook
from casereg.vocabularies import AgeGroup, Sex, person_group
from stats import registry
from stats.compute import YearFigures, compute_year, listed_years, recorded_years
from stats.counted_before import counts_version
from stats.definitions import TOTAL, YEAR, gettext_noop
from stats.labels import code_label, dimension_label
from stats.pages import number_in_words
from stats.reconcile import Check, CountedYear, Finding, Meaning, Place, reconcile
from stats.tabulate import PartsDoNotSum


@dataclass(frozen=True, slots=True)
class WordedFinding:
    """`figure` is the registry's id of what does not agree; blank where that is not known."""

    text: str
    figure: str


@dataclass(frozen=True, slots=True)
class WordedCheck:
    id: str
    title: str
    what: str
    compared: str
    outcome: str
    holds: bool
    findings: Sequence[WordedFinding]


class NoRecords(Exception):
    """The year has no standing cases: there is nothing to reconcile."""


def reconciled(year: int, *, region_code: str | None = None) -> list[WordedCheck]:
    """All checks of the year, in the active language. Raises `NoRecords`."""
    try:
        recorded, now, before = _of_one_state(year, region_code)
    except PartsDoNotSum as error:
        # The arithmetic refuses such a year before anything can be compared.
        return [_refused(error)]
    checks = reconcile(
        counted_year(now, recorded), counted_year(before, recorded) if before is not None else None
    )
    return [_worded(check, now.codebook) for check in checks]


def _of_one_state(year: int, region_code: str | None) -> tuple[list[int], YearFigures, YearFigures | None]:
    """The years with records, the year's figures and those of the latest year before it that has records.

    Counted afresh, and again where something was registered between the two years' counts: the series of
    the one would differ from the tables of the other. After that the last is taken as it is.
    """
    for _attempt in range(3):
        version = counts_version()
        recorded = recorded_years(region_code)
        if year not in recorded:
            raise NoRecords
        now = compute_year(year, region_code=region_code)
        earlier = max((each for each in recorded if each < year), default=None)
        before = compute_year(earlier, region_code=region_code) if earlier is not None else None
        if counts_version() == version:
            break
    return recorded, now, before


def counted_year(figures: YearFigures, recorded: Sequence[int]) -> CountedYear:
    """A year's figures as values to check. `recorded`: the years that have records."""
    shown = {year for table in figures.tables.values() for year in table.codes[YEAR]}
    return CountedYear(
        year=figures.year,
        tables=figures.tables,
        key_figures=figures.key_figures,
        meaning=_meaning(figures.codebook, figures.region_code),
        published_years=frozenset(shown - set(map(str, recorded))),
    )


def _meaning(codebook: CodeBook, region_code: str | None) -> Meaning:
    forms = codebook.terms["form"]
    return Meaning(
        first_years={name: variable.first_year for name, variable in codebook.variables.items()},
        values={name: frozenset(terms) for name, terms in codebook.terms.items()},
        derived={
            "person_group": {
                (sex, age_group): str(person_group(sex, age_group))
                for sex in Sex.values
                for age_group in AgeGroup.values
            }
        },
        populations={
            "minors": {"age_group": frozenset({str(AgeGroup.MINOR)})},
            "industry_asked": {
                "form": frozenset(code for code, term in forms.items() if term.asks_for_industry)
            },
        },
        scope={} if region_code is None else {"region": region_code},
        listed=listed_years(codebook),
    )


# --- Words ---------------------------------------------------------------------------------------


def _refused(error: PartsDoNotSum) -> WordedCheck:
    return WordedCheck(
        id="parts",
        title=gettext(_PARTS),
        what=gettext("Every total is held against its parts while it is counted; nothing else was compared."),
        compared="",
        outcome=_outcome(1),
        holds=False,
        findings=[WordedFinding(str(error), error.table.id)],
    )


_PARTS = gettext_noop("Parts equal totals")


def _worded(check: Check, codebook: CodeBook) -> WordedCheck:
    return WordedCheck(
        id=check.id,
        title=gettext(check.title),
        what=gettext(check.what),
        compared=_comparisons(check.compared) if check.compared else "",
        outcome=_outcome(len(check.findings), check.compared),
        holds=check.holds,
        findings=[_worded_finding(finding, codebook) for finding in check.findings],
    )


def _comparisons(number: int) -> str:
    return ngettext("{count} comparison", "{count} comparisons", number).format(count=number_in_words(number))


def _outcome(findings: int, compared: int = 1) -> str:
    if findings:
        return ngettext("{count} finding", "{count} findings", findings).format(
            count=number_in_words(findings)
        )
    return gettext("Agrees") if compared else gettext("Nothing to compare")


def _worded_finding(finding: Finding, codebook: CodeBook) -> WordedFinding:
    numbers = {
        name: "–" if number is None else number_in_words(number) if isinstance(number, int) else number
        for name, number in finding.numbers.items()
    }
    places = {"place": _worded_place(finding.place, codebook)}
    if finding.other is not None:
        places["other"] = _worded_place(finding.other, codebook)
    return WordedFinding(gettext(finding.text).format_map(numbers | places), _registered_id(finding.place))


def _registered_id(place: Place) -> str:
    return registry.id_of_key_figure(place.figure) if place.is_key_figure else place.figure


def _worded_place(place: Place, codebook: CodeBook) -> str:
    """The figure's title, and the codes of the cell that are not totals, in words."""
    entry = registry.entry(_registered_id(place))
    words = [gettext(entry.title)]
    if YEAR in place.codes:
        words.append(place.codes[YEAR])
    words += _worded_codes(place.codes, entry, codebook)
    return ", ".join(words)


def _worded_codes(codes: Mapping[str, str], entry: registry.Entry, codebook: CodeBook) -> list[str]:
    named = {name: code for name, code in codes.items() if name != YEAR and code != TOTAL}
    return [
        f"{dimension_label(name, entry.dimensions).lower()}: {code_label(name, code, codebook)}"
        for name, code in named.items()
    ]
