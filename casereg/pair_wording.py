"""Pairs, their groups and the verdicts on them, in words. Only analysts read these."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext

from casereg.codebook import CodeBook
from casereg.models import Case, Verdict
from casereg.pair_groups import PairGroup, Side
from casereg.pairs import Alike, Pair
from casereg.wording import content_in_words


@dataclass(frozen=True, slots=True)
class GroupInWords:
    """A group of the list. `sides` are (region, month, persons)."""

    values: list[str]
    sides: list[tuple[str, str, int]]
    pairs: int
    example: tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Row:
    """One variable of a pair."""

    label: str
    first: str
    second: str

    @property
    def differs(self) -> bool:
        return self.first != self.second


@dataclass(frozen=True, slots=True)
class OneOfPair:
    """Whose record it is."""

    id: UUID
    reference: str
    region: str
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class VerdictInWords:
    id: UUID
    answer: str
    stands: str  # whose record counts, blank where the persons are different
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class PairInWords:
    first: OneOfPair
    second: OneOfPair
    rows: list[Row]
    verdict: VerdictInWords | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A case of the group, to compare with the one on the other side of the page."""

    id: UUID
    reference: str
    is_shown: bool
    is_judged: bool  # with the one on the other side


@dataclass(frozen=True, slots=True)
class JudgedInWords:
    """Verdicts that were given in one go. `example` is one of them."""

    example: VerdictInWords
    pairs: int
    first: OneOfPair
    second: OneOfPair
    values: list[str]
    months: tuple[str, str]
    counts_nobody: bool  # of the same person: the record that stood is withdrawn since


def group_in_words(group: PairGroup, codebook: CodeBook) -> GroupInWords:
    return GroupInWords(
        values=[codebook.label(name, code) for name, code in group.values.items()],
        sides=[_side(side, codebook) for side in group.sides],
        pairs=group.pairs,
        example=group.example,
    )


def _side(side: Side, codebook: CodeBook) -> tuple[str, str, int]:
    return codebook.label("region", side.region), f"{side.year}-{side.month:02}", side.persons


def pair_in_words(pair: Pair, codebook: CodeBook) -> PairInWords:
    """Every variable of both. Of an incident only how many persons it has: one query."""
    cases = (pair.first, pair.second)
    words = [content_in_words(case.content, codebook) for case in cases]
    sizes = _incident_sizes(cases)
    for case, of_case in zip(cases, words, strict=True):
        of_case["incident"] = _of_incident(sizes.get(case.incident_id))
    return PairInWords(
        first=one_of_pair(pair.first, codebook),
        second=one_of_pair(pair.second, codebook),
        rows=[
            Row(capfirst(codebook.variables[name].label), text, words[1][name])
            for name, text in words[0].items()
        ],
        verdict=verdict_in_words(pair.verdict, codebook) if pair.verdict else None,
    )


def one_of_pair(case: Case, codebook: CodeBook) -> OneOfPair:
    return OneOfPair(
        id=case.pk,
        reference=case.reference,
        region=codebook.label("region", case.region_id),
        is_withdrawn=case.is_withdrawn,
    )


def verdict_in_words(verdict: Verdict, codebook: CodeBook) -> VerdictInWords:
    return VerdictInWords(
        id=verdict.pk,
        answer=verdict.get_answer_display(),
        stands=codebook.label("region", verdict.stands.region_id) if verdict.stands else "",
        at=verdict.at,
        by=verdict.by.name if verdict.by else gettext("the system"),
    )


def neighbours(group: Alike, pair: Pair) -> tuple[list[Neighbour], list[Neighbour]]:
    """The cases on both sides of the group; each is compared with the shown case of the other side."""
    first, second = pair.first, pair.second
    return (
        [_neighbour(case, shown=first, other=second, group=group) for case in group.first.values()],
        [_neighbour(case, shown=second, other=first, group=group) for case in group.second.values()],
    )


def _neighbour(case: Case, *, shown: Case, other: Case, group: Alike) -> Neighbour:
    return Neighbour(case.pk, case.reference, case.pk == shown.pk, not group.is_open(case.pk, other.pk))


def judged_in_words(
    verdict: Verdict, *, pairs: int, counts_nobody: bool, codebook: CodeBook
) -> JudgedInWords:
    first, second = verdict.first, verdict.second
    return JudgedInWords(
        example=verdict_in_words(verdict, codebook),
        pairs=pairs,
        first=one_of_pair(first, codebook),
        second=one_of_pair(second, codebook),
        values=[
            codebook.label("form", first.form_id),
            codebook.label("sex", first.sex),
            codebook.label("age_group", first.age_group),
            codebook.label("nationality", first.nationality_id),
        ],
        months=(f"{first.year}-{first.month:02}", f"{second.year}-{second.month:02}"),
        counts_nobody=counts_nobody,
    )


def _incident_sizes(cases: Iterable[Case]) -> dict[UUID | None, int]:
    named = [case.incident_id for case in cases if case.incident_id]
    of_incidents = Case.objects.standing().filter(incident__in=named).order_by()
    return dict(of_incidents.values_list("incident").annotate(Count("pk")))


def _of_incident(persons: int | None) -> str:
    if persons is None:
        return gettext("none")
    return ngettext("of {count} person", "of {count} persons", persons).format(count=persons)
