"""One figure read aloud: a key figure by itself, a table by one of its cells."""

from collections.abc import Mapping

from django.utils.translation import gettext, pgettext

from stats import registry
from stats.compute import YearFigures
from stats.definitions import SHARE_ALOUD, ChartDefinition, Status
from stats.labels import SYMBOLS, code_label
from stats.sentences.parts import LinkedNumber, Parts, Sentence, in_number, number, per_cent, sentence
from stats.sentences.when import when_in_words
from stats.tabulate import per_cent as rounded_per_cent


def key_figure_aloud(figures: YearFigures, key_figure_id: str) -> Sentence:
    """Of what was not collected, and of a share of nothing, the sentence says just that."""
    counted, year = figures.key_figures[key_figure_id], when_in_words(figures)
    definition, figure = counted.definition, registry.id_of_key_figure(key_figure_id)
    if counted.status is not None:
        return _without_number(gettext(definition.label), counted.status, year)
    if counted.value is None:
        text = gettext("{label}, {year}: there is no share, since nobody is in the denominator.")
        return sentence(text, {"label": gettext(definition.label), "year": year})
    places: dict[str, str | Parts] = {"year": year, "count": _number_or_none(counted.value, figure)}
    if definition.is_share:
        places |= {
            "share": per_cent(counted.value, figure),
            "numerator": number(counted.numerator or 0, figure),
            "denominator": number(counted.denominator or 0, figure),
        }
    return sentence(in_number(definition.reads_aloud, counted.value), places)


def _number_or_none(value: int, figure: str) -> Parts:
    """`no` children, not `0` children."""
    return number(value, figure) if value else (LinkedNumber(pgettext("counted", "no"), figure),)


def cell_aloud(figures: YearFigures, table_id: str, codes: Mapping[str, str]) -> Sentence:
    """The cell of the year with these codes, by the words that tables print."""
    table = figures.tables[table_id]
    cell = table.cell(str(figures.year), **codes)
    # A cell of a region names it already.
    year = when_in_words(figures, with_region="region" not in codes)
    if cell.value is None:
        return _without_number(gettext(table.definition.title), cell.status or Status.MISSING, year)
    places: dict[str, str | Parts] = {
        name: code_label(name, code, figures.codebook) for name, code in codes.items()
    }
    places |= {"year": year, "count": number(cell.value, table_id)}
    return sentence(in_number(table.definition.reads_aloud, cell.value), places)


def share_aloud(
    figures: YearFigures, table_id: str, chart: ChartDefinition, codes: Mapping[str, str]
) -> Sentence:
    """The cell as a share of the part of its table that the chart draws."""
    drawn = chart.drawn.codes if chart.drawn is not None else {}
    table, year = figures.tables[table_id], when_in_words(figures)
    part, whole = (table.cell(str(figures.year), **of) for of in ({**codes, **drawn}, drawn))
    title = gettext(chart.title)
    if part.value is None or whole.value is None:
        return _without_number(title, part.status or Status.MISSING, year)
    if not whole.value:
        text = gettext("{label}, {year}: there is no share, since nobody is in the denominator.")
        return sentence(text, {"label": title, "year": year})
    [word] = [code_label(name, code, figures.codebook) for name, code in codes.items() if name not in drawn]
    return sentence(
        in_number(SHARE_ALOUD, part.value),
        {
            "share_of": gettext(chart.share_of),
            "year": year,
            "share": per_cent(rounded_per_cent(part.value, whole.value), chart.id),
            "word": word,
            "numerator": number(part.value, table_id),
            "denominator": number(whole.value, table_id),
        },
    )


def not_collected(title: str, figures: YearFigures) -> Sentence:
    return _without_number(title, Status.NOT_COLLECTED, when_in_words(figures))


def _without_number(title: str, status: Status, year: str) -> Sentence:
    text = gettext("{title}, {year}: {why}.")
    return sentence(text, {"title": title, "year": year, "why": str(SYMBOLS[status][1])})
