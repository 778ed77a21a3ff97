"""One figure read aloud: a key figure by itself, a table by one of its cells."""

from collections.abc import Mapping

from django.utils.translation import gettext

from casereg.codebook import CodeBook
from stats import registry
from stats.definitions import SHARE_ALOUD, ChartDefinition, Status
from stats.labels import SYMBOLS, code_label
from stats.sentences.parts import Parts, Sentence, in_number, number, per_cent, sentence
from stats.tabulate import CountedFigure, CountedTable
from stats.tabulate import per_cent as rounded_per_cent


def key_figure_aloud(counted: CountedFigure, year: int) -> Sentence:
    """Of what was not collected, and of a share of nothing, the sentence says just that."""
    definition, figure = counted.definition, registry.id_of_key_figure(counted.definition.id)
    if counted.status is not None:
        return _without_number(gettext(definition.label), counted.status, str(year))
    if counted.value is None:
        text = gettext("{label}, {year}: there is no share, since nobody is in the denominator.")
        return sentence(text, {"label": gettext(definition.label), "year": str(year)})
    places: dict[str, str | Parts] = {"year": str(year), "count": number(counted.value, figure)}
    if definition.is_share:
        places |= {
            "share": per_cent(counted.value, figure),
            "numerator": number(counted.numerator or 0, figure),
            "denominator": number(counted.denominator or 0, figure),
        }
    return sentence(in_number(definition.reads_aloud, counted.value), places)


def cell_aloud(table: CountedTable, codes: Mapping[str, str], year: int, codebook: CodeBook) -> Sentence:
    """The cell of the year with these codes, by the words that tables print."""
    cell = table.cell(str(year), **codes)
    if cell.value is None:
        return _without_number(gettext(table.definition.title), cell.status or Status.MISSING, str(year))
    places: dict[str, str | Parts] = {name: code_label(name, code, codebook) for name, code in codes.items()}
    places |= {"year": str(year), "count": number(cell.value, table.definition.id)}
    return sentence(in_number(table.definition.reads_aloud, cell.value), places)


def share_aloud(
    table: CountedTable, chart: ChartDefinition, codes: Mapping[str, str], year: int, codebook: CodeBook
) -> Sentence:
    """The cell as a share of the part of its table that the chart draws."""
    drawn = chart.drawn.codes if chart.drawn is not None else {}
    part, whole = table.cell(str(year), **{**codes, **drawn}), table.cell(str(year), **drawn)
    title = gettext(chart.title)
    if part.value is None or whole.value is None:
        return _without_number(title, part.status or Status.MISSING, str(year))
    if not whole.value:
        text = gettext("{label}, {year}: there is no share, since nobody is in the denominator.")
        return sentence(text, {"label": title, "year": str(year)})
    [word] = [code_label(name, code, codebook) for name, code in codes.items() if name not in drawn]
    figure = table.definition.id
    return sentence(
        in_number(SHARE_ALOUD, part.value),
        {
            "share_of": gettext(chart.share_of),
            "year": str(year),
            "share": per_cent(rounded_per_cent(part.value, whole.value), chart.id),
            "word": word,
            "numerator": number(part.value, figure),
            "denominator": number(whole.value, figure),
        },
    )


def not_collected(title: str, year: int) -> Sentence:
    return _without_number(title, Status.NOT_COLLECTED, str(year))


def _without_number(title: str, status: Status, year: str) -> Sentence:
    text = gettext("{title}, {year}: {why}.")
    return sentence(text, {"title": title, "year": year, "why": str(SYMBOLS[status][1])})
