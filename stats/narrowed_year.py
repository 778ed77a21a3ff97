"""A narrowed year in words: to what it is narrowed, beside the whole year, what moves its figures most."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext

from casereg.codebook import CodeBook
from casereg.models.case import CaseQuerySet
from stats.behind import counted_cases
from stats.cell_links import CellLinks
from stats.compute import YearFigures
from stats.definitions import gettext_noop
from stats.influence import Influence, LeftOut
from stats.labels import code_label
from stats.narrowing import Narrowing
from stats.pages import PrintedFigure, number_in_words, printed_figure
from stats.tabulate import CountedFigure

OFFERED = 20  # incidents to choose among
NAMED = 3  # of many that move a figure as much


@dataclass(frozen=True, slots=True)
class IncidentOfYear:
    """An incident with the number of its persons who are counted in a year."""

    id: UUID
    reference: str
    region_code: str
    persons: int


@dataclass(frozen=True, slots=True)
class FigureBesideWhole:
    """A key figure as narrowed, the same of the whole year, and what moves the narrowed one most."""

    narrowed: PrintedFigure
    whole: PrintedFigure
    address: str
    footnotes: Sequence[str]


def largest_incidents(cases: CaseQuerySet, year: int, *, also: str = "") -> list[IncidentOfYear]:
    """The year's incidents with most persons, and `also`, where that is the id of one of them."""
    of_year = counted_cases(cases, year).filter(incident__isnull=False).order_by()
    sized = of_year.values("incident", reference_of=F("incident__reference"), region_of=F("region")).annotate(
        persons=Count("pk")
    )
    found = list(sized.order_by("-persons", "region_of", "reference_of")[:OFFERED])
    wanted = _uuid(also)
    if wanted is not None and wanted not in (row["incident"] for row in found):
        found += list(sized.filter(incident=wanted))
    return [
        IncidentOfYear(row["incident"], row["reference_of"], row["region_of"], row["persons"])
        for row in found
    ]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def incident_in_words(incident: IncidentOfYear, codebook: CodeBook) -> str:
    return gettext("{incident} ({region}, {persons})").format(
        incident=incident.reference,
        region=codebook.label("region", incident.region_code),
        persons=_persons(incident.persons),
    )


def occurring_values(figures: YearFigures) -> Mapping[str, frozenset[str]]:
    """By variable, the values that tables of the year list: those that occur among them."""
    found: dict[str, frozenset[str]] = {}
    for table in figures.tables.values():
        if not table.definition.is_series:
            for name, codes in table.codes.items():
                found[name] = found.get(name, frozenset()) | frozenset(codes)
    return found


def narrowed_to(narrowing: Narrowing, codebook: CodeBook, incidents: Sequence[IncidentOfYear]) -> str:
    """The narrowing in a sentence or two; blank where nothing is narrowed."""
    sentences = []
    if narrowing.codes:
        listed = "; ".join(
            f"{codebook.variables[name].label if name in codebook.variables else gettext('month')}: "
            f"{code_label(name, code, codebook)}"
            for name, code in narrowing.codes.items()
        )
        sentences.append(gettext("Only persons with {list}.").format(list=listed))
    left_out = next((each for each in incidents if each.id == narrowing.without_incident), None)
    if left_out is not None:
        words = incident_in_words(left_out, codebook)
        sentences.append(gettext("Without the incident {incident}.").format(incident=words))
    return " ".join(sentences)


def beside_the_whole(
    narrowed: YearFigures, whole: YearFigures, moved_by: Mapping[str, Influence], links: CellLinks | None
) -> list[FigureBesideWhole]:
    """The key figures of the narrowed year, in print order. With `links` they lead to their cases."""
    return [
        FigureBesideWhole(
            narrowed=printed_figure(figure),
            whole=printed_figure(whole.key_figures[name]),
            address=links.to_part(name, narrowed.year, "numerator") if links and _has_cases(figure) else "",
            footnotes=list(_footnotes(moved_by[name], narrowed.codebook)),
        )
        for name, figure in narrowed.key_figures.items()
    ]


def _has_cases(figure: CountedFigure) -> bool:
    return bool(figure.numerator if figure.definition.is_share else figure.value)


def _footnotes(influence: Influence, codebook: CodeBook) -> Iterator[str]:
    """Sentences for incidents and for regions, each ready to stand under the figure."""

    def incident(left_out: LeftOut) -> str:
        region = codebook.label("region", left_out.region_code)
        return gettext("{incident} ({region}, {persons})").format(
            incident=left_out.name, region=region, persons=_persons(left_out.persons)
        )

    def region(left_out: LeftOut) -> str:
        return gettext("{region} ({persons})").format(
            region=codebook.label("region", left_out.code), persons=_persons(left_out.persons)
        )

    yield from _of_kind(
        influence.figure, influence.incidents, incident, gettext("the incident {name}"), _ANY_INCIDENT
    )
    yield from _of_kind(
        influence.figure, influence.regions, region, gettext("the region {name}"), _ANY_REGION
    )


_ANY_INCIDENT = gettext_noop("any one of the incidents {names}")
_ANY_REGION = gettext_noop("any one of the regions {names}")


def _of_kind(
    figure: CountedFigure, tied: Sequence[LeftOut], name: Callable[[LeftOut], str], one: str, any_of: str
) -> Iterator[str]:
    """Ties said as ties: those that would leave the same number in one sentence, the others after it."""
    by_number: dict[tuple[int, int | None, int | None], list[LeftOut]] = {}
    for each in tied:
        by_number.setdefault((each.value, each.numerator, each.denominator), []).append(each)
    for place, same in enumerate(list(by_number.values())[:NAMED]):
        who = (
            one.format(name=name(same[0]))
            if len(same) == 1
            else gettext(any_of).format(names=_some(list(map(name, same))))
        )
        yield _footnote(figure, same[0], who, is_first=place == 0, are_several=len(same) > 1)
    if others := sum(len(same) for same in list(by_number.values())[NAMED:]):
        yield ngettext("{number} other moves it as much.", "{number} others move it as much.", others).format(
            number=number_in_words(others)
        )


def _some(names: Sequence[str]) -> str:
    """All of the names, or the first of them and how many others there are."""
    if len(names) <= NAMED + 1:
        return get_text_list(list(names), gettext("and"))
    others = len(names) - NAMED
    return ngettext("{names} and {number} other", "{names} and {number} others", others).format(
        names=", ".join(names[:NAMED]), number=number_in_words(others)
    )


def _footnote(
    figure: CountedFigure, left_out: LeftOut, who: str, *, is_first: bool, are_several: bool
) -> str:
    if not is_first:
        text = gettext("It is moved as much without {who}: it would be {value}, not {whole}.")
    elif are_several:
        text = gettext("Without {who} it would be {value}, not {whole}: they move it equally.")
    else:
        text = gettext("Without {who} it would be {value}, not {whole}.")
    return text.format(
        who=who,
        value=_value(figure, left_out.value, left_out.numerator, left_out.denominator),
        whole=_value(figure, figure.value or 0, figure.numerator, figure.denominator),
    )


def _value(figure: CountedFigure, value: int, numerator: int | None, denominator: int | None) -> str:
    number = number_in_words(value)
    if not figure.definition.is_share:
        return number
    return gettext("{share} ({part} of {whole})").format(
        share=gettext("{number}%").format(number=number),
        part=number_in_words(numerator or 0),
        whole=number_in_words(denominator or 0),
    )


def _persons(number: int) -> str:
    return ngettext("{number} person", "{number} persons", number).format(number=number_in_words(number))
