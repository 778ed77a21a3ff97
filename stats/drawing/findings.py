"""The line under a chart: what is to be seen in it, counted, without adjectives."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext

from casereg.vocabularies import swedish_order
from stats.definitions import NOT_RECORDED
from stats.labels import SYMBOLS, code_label
from stats.pages import capital, number_in_words
from stats.sentences.parts import listed, text_of
from stats.sentences.ranks import Rank, most_common, ranks
from stats.shown_year import ShownYear
from stats.tabulate import Cell

UNKNOWN, STATELESS = "unknown", "stateless"
_NO_ANSWER = (UNKNOWN, NOT_RECORDED)


def most_of(
    dimension: str,
    cells: Mapping[str, Cell],
    total: Cell,
    shown: ShownYear,
    *,
    places: int = 3,
    apart: Sequence[str] = _NO_ANSWER,
) -> str:
    """The codes with the largest numbers, ties named as ties; then those without an answer; then the total.

    `apart`: codes that have no rank. They are named after the others where they occur.
    """
    if total.status is not None:
        return _sentence(str(SYMBOLS[total.status][1]))
    if not total.value:
        return gettext("Nobody is counted.")
    counts = {code: cell.value for code, cell in cells.items() if cell.value}
    ranked = ranked_codes(dimension, {c: n for c, n in counts.items() if c not in apart}, shown)
    texts = []
    if ranked:
        items = [rank_in_words(rank, dimension, shown) for rank in most_common(ranked, places)]
        texts.append(gettext("Most: {list}.").format(list=_one_by_one(items)))
    aside = [(code, counts[code]) for code in apart if code in counts]
    if aside:
        texts.append(_sentence(", ".join(_named(dimension, code, count, shown) for code, count in aside)))
    texts.append(total_in_words(total.value))
    return " ".join(texts)


def ranked_codes(dimension: str, counts: Mapping[str, int], shown: ShownYear) -> list[Rank]:
    """Ranks by number; equal numbers in the order of the Swedish names, or of the printed table."""
    terms = shown.codebook.terms.get(dimension, {})
    printed = {code: f"{place:04}" for place, code in enumerate(counts)}

    def key(code: str) -> str:
        return swedish_order(terms[code].label_sv) if code in terms else printed[code]

    return ranks(counts, key)


def rank_in_words(rank: Rank, dimension: str, shown: ShownYear) -> str:
    """`Thailand (62)`, or `with equal numbers Nigeria and Sweden (23 each)`."""
    names = text_of(listed([(code_label(dimension, code, shown.codebook),) for code in rank.codes]))
    text = (
        gettext("{names} ({count})")
        if len(rank.codes) == 1
        else gettext("with equal numbers {names} ({count} each)")
    )
    return text.format(names=names, count=number_in_words(rank.count))


def total_in_words(total: int) -> str:
    return gettext("Total: {count}.").format(count=number_in_words(total))


def _named(dimension: str, code: str, count: int, shown: ShownYear) -> str:
    name = code_label(dimension, code, shown.codebook)
    return gettext("{names} ({count})").format(names=name, count=number_in_words(count))


def _one_by_one(items: Sequence[str]) -> str:
    """An item of several names has commas of its own."""
    return ("; " if any(", " in item for item in items) else ", ").join(items)


def _sentence(text: str) -> str:
    return f"{capital(text)}."
