"""The findings of a year as sentences, made from its tables and key figures and from nothing else.

A share is read from one key figure for both years, so a sentence cannot change its denominator on the way.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from casereg.correspondences import Correspondence
from casereg.vocabularies import swedish_order
from stats import registry
from stats.compute import YearFigures
from stats.definitions import NOT_RECORDED, TOTAL, any_number, gettext_noop, ngettext_lazy
from stats.key_figures import KEY_FIGURES
from stats.labels import PERSONS_WITHOUT_NUMBER, code_label
from stats.sentences.aloud import key_figure_aloud, not_collected
from stats.sentences.parts import (
    Parts,
    Sentence,
    filled,
    in_number,
    listed,
    number,
    one_by_one,
    per_cent,
    sentence,
)
from stats.sentences.ranks import Rank, most_common, ranks
from stats.sentences.when import compared_with_in_words, when_in_words

MOST_COMMON = 5  # nationalities that are named, with all that tie for the last place
UNKNOWN, STATELESS = "unknown", "stateless"
_SHARES = tuple(figure for figure in KEY_FIGURES if figure.is_share)


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    heading: str
    sentences: Sequence[Sentence]


def year_in_sentences(
    now: YearFigures, before: YearFigures | None, *, became: Sequence[Correspondence] = ()
) -> list[Section]:
    """The year in the active language. `before` is the year before it, None where that has no records.

    `became`: what values of the lists became; a value that took another in is not compared without saying so.
    """
    sections = [
        Section("sentences-persons", gettext("Persons"), _persons(now, before)),
        Section("sentences-forms", gettext("Forms of exploitation"), _forms(now, before, became)),
        Section("sentences-shares", gettext("Shares"), _shares(now, before, became)),
        Section("sentences-minors", gettext("Minors"), _minors(now, before)),
        Section(
            "sentences-identification", gettext("How the persons were identified"), _identified(now, before)
        ),
        Section("sentences-industries", gettext("Industries"), _industries(now)),
        Section("sentences-nationalities", gettext("Nationalities"), _nationalities(now)),
        Section("sentences-children", gettext("Children of the persons"), _children(now, before)),
    ]
    return [section for section in sections if section.sentences]


# --- Sections --------------------------------------------------------------------------------------


def _persons(now: YearFigures, before: YearFigures | None) -> list[Sentence]:
    sentences = [
        sentence(
            ngettext(
                "In {year}, the regional coordinators came to know of {count} person of whom there was "
                "reason to assume exposure to human trafficking or human exploitation.",
                "In {year}, the regional coordinators came to know of {count} persons of whom there was "
                "reason to assume exposure to human trafficking or human exploitation.",
                _count(now, "persons"),
            ),
            {"year": when_in_words(now), "count": _figure(now, "persons")},
        ),
        *_change(now, before, "persons"),
    ]
    if before is None:
        text = gettext("The register has no cases of {year}, so nothing is compared with that year.")
        sentences.append(sentence(text, {"year": str(now.year - 1)}))
    sentences.append(
        sentence(
            gettext("By age: {list}."),
            {
                "list": listed(
                    [
                        _phrase(
                            ngettext("{count} adult", "{count} adults", _count(now, "adults")), now, "adults"
                        ),
                        _phrase(
                            ngettext("{count} minor", "{count} minors", _count(now, "minors")), now, "minors"
                        ),
                        _phrase(gettext("{count} of unknown age"), now, "age_unknown"),
                    ]
                )
            },
        )
    )
    for figure_id in ("trafficking", "exploitation", "women_and_girls", "men_and_boys"):
        sentences += [_aloud(now, figure_id), *_change(now, before, figure_id)]
    return sentences


def _forms(now: YearFigures, before: YearFigures | None, became: Sequence[Correspondence]) -> list[Sentence]:
    table = "form-by-person"
    ranked = _ranks(now, table, "form", without={UNKNOWN})
    if not ranked:
        return _empty(now, table, "form")
    sentences = [_largest(now, ranked[0], table)]
    if before is not None:
        for code in ranked[0].codes:
            sentences += _change_of_cell(now, before, table, "form", code)
            sentences += _took_in(now, before, {("form", code)}, became)
    if ranked[1:]:
        sentences.append(
            sentence(
                gettext("Then, in order: {list}."),
                {"list": one_by_one([_ranked(rank, now, table, "form") for rank in ranked[1:]])},
            )
        )
    sentences += _empty(now, table, "form")
    return sentences


def _largest(now: YearFigures, rank: Rank, table: str) -> Sentence:
    places: Mapping[str, str | Parts] = {
        "year": when_in_words(now),
        "forms": listed([(code_label("form", code, now.codebook),) for code in rank.codes]),
        "count": number(rank.count, table),
    }
    if len(rank.codes) > 1:
        text = ngettext(
            "In {year}, the most common forms of exploitation were, with equal numbers, {forms}: {count} "
            "person each.",
            "In {year}, the most common forms of exploitation were, with equal numbers, {forms}: {count} "
            "persons each.",
            rank.count,
        )
    else:
        text = ngettext(
            "In {year}, the most common form of exploitation was {forms}: {count} person.",
            "In {year}, the most common form of exploitation was {forms}: {count} persons.",
            rank.count,
        )
    return sentence(text, places)


def _shares(now: YearFigures, before: YearFigures | None, became: Sequence[Correspondence]) -> list[Sentence]:
    sentences: list[Sentence] = []
    for share in _SHARES:
        sentences.append(_aloud(now, share.id))
        if before is not None and before.key_figures[share.id].value is not None:
            sentences += _change_of_share(now, before, share.id)
            counted_by = {code for cell in registry.cells_of(share) for code in cell.codes.items()}
            sentences += _took_in(now, before, counted_by, became)
    return sentences


def _minors(now: YearFigures, before: YearFigures | None) -> list[Sentence]:
    minors = _count(now, "minors")
    sentences = [_aloud(now, "minors"), *_change(now, before, "minors")]
    if not minors:
        return sentences
    table = "minors-by-form"
    by_sex = [
        filled(in_number(_MINORS_OF_SEX[code], count), {"count": number(count, table)})
        for code, count in _row(now, table, "sex").items()
        if count
    ]
    sentences.append(sentence(gettext("Minors by sex: {list}."), {"list": listed(by_sex)}))
    ranked = _ranks(now, table, "form", without={UNKNOWN})
    if ranked:
        sentences.append(
            sentence(
                gettext("Minors by form of exploitation: {list}."),
                {"list": one_by_one([_ranked(rank, now, table, "form") for rank in ranked])},
            )
        )
    sentences += _empty(now, table, "form")
    return sentences


_MINORS_OF_SEX = {
    "female": ngettext_lazy("{count} girl", "{count} girls"),
    "male": ngettext_lazy("{count} boy", "{count} boys"),
    "other": any_number(gettext_noop("{count} of other sex")),
    "unknown": any_number(gettext_noop("{count} of unknown sex")),
}


def _identified(now: YearFigures, before: YearFigures | None) -> list[Sentence]:
    sentences = [
        _aloud(now, "joint_inspection"),
        *_change(now, before, "joint_inspection"),
        *_empty(now, "joint-by-form", "joint_inspection"),
    ]
    sentences += _breakdown(
        now, "referral", "referral_source", gettext("In {year}, persons by referral source: {list}.")
    )
    return sentences


def _industries(now: YearFigures) -> list[Sentence]:
    return _breakdown(
        now, "industry", "industry", gettext("In {year}, persons exploited for labour, by industry: {list}.")
    )


def _nationalities(now: YearFigures) -> list[Sentence]:
    table = "nationality"
    ranked = _ranks(now, table, "nationality", without={UNKNOWN, STATELESS})
    named = most_common(ranked, MOST_COMMON)
    if not named:
        return _empty(now, table, "nationality", also=(STATELESS,))
    items = [_ranked(rank, now, table, "nationality") for rank in named]
    how_many = sum(len(rank.codes) for rank in named)
    if len(ranked) == 1 and how_many == 1:
        text = gettext("In {year}, the only nationality was {list}.")
    elif named == ranked:
        text = gettext("In {year}, the nationalities, most common first, were {list}.")
    else:
        text = gettext("In {year}, the five most common nationalities were {list}.")
    sentences = [sentence(text, {"list": listed(items), "year": when_in_words(now)})]
    if named != ranked and how_many > MOST_COMMON:
        sentences.append(
            sentence(
                gettext("That names {count}, since those last named have equal numbers."),
                {"count": number(how_many, table)},
            )
        )
    sentences += _empty(now, table, "nationality", also=(STATELESS,))
    return sentences


def _children(now: YearFigures, before: YearFigures | None) -> list[Sentence]:
    sentences: list[Sentence] = []
    for figure_id in ("children_in_sweden", "children_abroad"):
        sentences += [_aloud(now, figure_id), *_change(now, before, figure_id)]
    notes = now.tables["children"].notes
    for note, text in PERSONS_WITHOUT_NUMBER.items():
        if persons := notes.get(note):
            sentences.append(sentence(in_number(text, persons), {"count": number(persons, "children")}))
    return sentences


# --- Key figures -----------------------------------------------------------------------------------


def _count(figures: YearFigures, figure_id: str) -> int:
    return figures.key_figures[figure_id].value or 0


def _figure(figures: YearFigures, figure_id: str) -> Parts:
    return number(_count(figures, figure_id), registry.id_of_key_figure(figure_id))


def _phrase(text: str, figures: YearFigures, figure_id: str) -> Parts:
    return filled(text, {"count": _figure(figures, figure_id)})


def _aloud(figures: YearFigures, figure_id: str) -> Sentence:
    return key_figure_aloud(figures, figure_id)


def _change(now: YearFigures, before: YearFigures | None, figure_id: str) -> list[Sentence]:
    """A count against last year; nothing where one of the two years has none."""
    if before is None:
        return []
    this, last = now.key_figures[figure_id].value, before.key_figures[figure_id].value
    if this is None or last is None:
        return []
    last_year = compared_with_in_words(before, now)
    return [_difference(this, last, last_year, registry.id_of_key_figure(figure_id))]


def _difference(this: int, last: int, last_year: str, figure: str) -> Sentence:
    places: dict[str, str | Parts] = {
        "year": last_year,
        "before": number(last, figure),
        "difference": number(abs(this - last), figure),
    }
    if this == last:
        return sentence(gettext("That is no change from {year} ({before})."), places)
    if this > last:
        return sentence(gettext("That is {difference} more than in {year} ({before})."), places)
    return sentence(gettext("That is {difference} fewer than in {year} ({before})."), places)


def _change_of_share(now: YearFigures, before: YearFigures, figure_id: str) -> list[Sentence]:
    this, last = now.key_figures[figure_id], before.key_figures[figure_id]
    if this.value is None or last.value is None:
        return []
    figure = registry.id_of_key_figure(figure_id)
    places: dict[str, str | Parts] = {
        "year": compared_with_in_words(before, now),
        "share": per_cent(last.value, figure),
        "numerator": number(last.numerator or 0, figure),
        "denominator": number(last.denominator or 0, figure),
    }
    if this.value == last.value:
        text = gettext("The share was the same in {year}: {share} ({numerator} of {denominator}).")
    else:
        text = gettext("The same share was {share} in {year} ({numerator} of {denominator}).")
    return [sentence(text, places)]


# --- Tables ----------------------------------------------------------------------------------------


def _row(figures: YearFigures, table_id: str, dimension: str) -> dict[str, int]:
    """The margin of a table by one dimension, in printed order; empty where it was not collected."""
    table = figures.tables[table_id]
    cells = {
        code: table.cell(str(figures.year), **{dimension: code})
        for code in table.codes[dimension]
        if code != TOTAL
    }
    return {code: cell.value for code, cell in cells.items() if cell.value is not None}


def _ranks(figures: YearFigures, table_id: str, dimension: str, *, without: set[str]) -> list[Rank]:
    counts = {
        code: count
        for code, count in _row(figures, table_id, dimension).items()
        if code not in without | {NOT_RECORDED}
    }
    terms = figures.codebook.terms[dimension]
    return ranks(counts, lambda code: swedish_order(terms[code].label_sv))


def _ranked(rank: Rank, figures: YearFigures, table_id: str, dimension: str) -> Parts:
    """`Thailand (62)`, or `with equal numbers Nigeria and Sweden (23 each)`."""
    names = listed([(code_label(dimension, code, figures.codebook),) for code in rank.codes])
    places: Mapping[str, str | Parts] = {"names": names, "count": number(rank.count, table_id)}
    if len(rank.codes) > 1:
        return filled(gettext("with equal numbers {names} ({count} each)"), places)
    return filled(gettext("{names} ({count})"), places)


def _breakdown(figures: YearFigures, table_id: str, dimension: str, text: str) -> list[Sentence]:
    table = figures.tables[table_id]
    if table.cell(str(figures.year)).value is None:
        return [not_collected(gettext(table.definition.title), figures)]
    ranked = _ranks(figures, table_id, dimension, without={UNKNOWN})
    sentences = []
    if ranked:
        items = [_ranked(rank, figures, table_id, dimension) for rank in ranked]
        sentences.append(sentence(text, {"list": one_by_one(items), "year": when_in_words(figures)}))
    return [*sentences, *_empty(figures, table_id, dimension)]


def _empty(
    figures: YearFigures, table_id: str, dimension: str, *, also: Sequence[str] = ()
) -> list[Sentence]:
    """Of how many it is unknown, and of how many not recorded: apart from each other and from zero."""
    row = _row(figures, table_id, dimension)
    return [
        sentence(in_number(_EMPTY[dimension, code], row[code]), {"count": number(row[code], table_id)})
        for code in (*also, UNKNOWN, NOT_RECORDED)
        if row.get(code)
    ]


_EMPTY = {
    ("nationality", STATELESS): ngettext_lazy(
        "Of the persons, {count} is stateless.", "Of the persons, {count} are stateless."
    ),
    ("nationality", UNKNOWN): ngettext_lazy(
        "For {count} person the nationality is unknown.", "For {count} persons the nationality is unknown."
    ),
    ("form", UNKNOWN): ngettext_lazy(
        "For {count} person the form of exploitation is unknown.",
        "For {count} persons the form of exploitation is unknown.",
    ),
    ("industry", UNKNOWN): ngettext_lazy(
        "For {count} person the industry is unknown.", "For {count} persons the industry is unknown."
    ),
    ("industry", NOT_RECORDED): ngettext_lazy(
        "For {count} person the industry is not recorded.",
        "For {count} persons the industry is not recorded.",
    ),
    ("referral_source", UNKNOWN): ngettext_lazy(
        "For {count} person it is unknown from where they were referred.",
        "For {count} persons it is unknown from where they were referred.",
    ),
    ("referral_source", NOT_RECORDED): ngettext_lazy(
        "For {count} person it is not recorded from where they were referred.",
        "For {count} persons it is not recorded from where they were referred.",
    ),
    ("joint_inspection", UNKNOWN): ngettext_lazy(
        "For {count} person it is unknown whether they were identified in a joint inspection.",
        "For {count} persons it is unknown whether they were identified in a joint inspection.",
    ),
    ("joint_inspection", NOT_RECORDED): ngettext_lazy(
        "For {count} person it is not recorded whether they were identified in a joint inspection.",
        "For {count} persons it is not recorded whether they were identified in a joint inspection.",
    ),
}


def _change_of_cell(
    now: YearFigures, before: YearFigures, table_id: str, dimension: str, code: str
) -> list[Sentence]:
    """One code of a table against last year, by its name; nothing where it was not in force then."""
    if code not in before.tables[table_id].codes[dimension]:
        return []
    this, last = (_row(figures, table_id, dimension).get(code) for figures in (now, before))
    if this is None or last is None:
        return []
    places: dict[str, str | Parts] = {
        "name": code_label(dimension, code, now.codebook),
        "year": compared_with_in_words(before, now),
        "before": number(last, table_id),
        "difference": number(abs(this - last), table_id),
    }
    if this == last:
        text = gettext("For {name} that is no change from {year} ({before}).")
    elif this > last:
        text = gettext("For {name} that is {difference} more than in {year} ({before}).")
    else:
        text = gettext("For {name} that is {difference} fewer than in {year} ({before}).")
    return [sentence(text, places)]


def _took_in(
    now: YearFigures, before: YearFigures, counted_by: Set[tuple[str, str]], became: Sequence[Correspondence]
) -> list[Sentence]:
    """Of the codes by variable, those that since last year stand for cases of another one."""
    text = gettext("{year}: “{value}” stands for cases that before were “{other}”, too.")
    return [
        sentence(
            text,
            {
                "year": str(line.first_year),
                "value": now.codebook.label(line.variable, line.target),
                "other": now.codebook.label(line.variable, line.source),
            },
        )
        for line in became
        if (line.variable, line.target) in counted_by and before.year < line.first_year <= now.year
    ]
