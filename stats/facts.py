"""What is known of a figure's definition, in words: from the registry and the register's code book."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from casereg.codebook import CodeBook
from casereg.correspondences import Correspondence
from stats import registry
from stats.comparison import Lists, Mark, changes_that_matter
from stats.compute import YearFigures
from stats.definitions import TOTAL, YEAR, ChartDefinition, KeyFigure
from stats.labels import dimension_label
from stats.list_changes import change_in_words, lists_of
from stats.registry import Entry, Kind, collected_since
from stats.sentences import Sentence, cell_aloud, key_figure_aloud, share_aloud


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of a definition: what it is about, and one line or several."""

    term: str
    lines: Sequence[str]


def facts(
    entry: Entry,
    codebook: CodeBook,
    *,
    published_years: Sequence[str] = (),
    became: Sequence[Correspondence] = (),
) -> list[Fact]:
    """Everything that the registry says of the figure. Breaks of published totals, where some are shown.

    `became`: what the values of the lists became.
    """
    found = [
        (gettext("What it is"), [_kind(entry)]),
        (_text_term(entry), [gettext(entry.definition_text)] if entry.definition_text else []),
        (gettext("Population"), _population(entry)),
        (gettext("What is counted"), [gettext(entry.counts)]),
        (gettext("Denominator"), [_denominator(entry)]),
        (gettext("Breakdowns"), _breakdowns(entry)),
        (gettext("Rounding"), [gettext(entry.rounding)]),
        (gettext("Collected since"), _collected_since(entry, codebook)),
        (gettext("Breaks"), _in_year_order(_breaks(entry, codebook, published_years, became))),
        (gettext("Who decides the definition"), [gettext(entry.decided_by)]),
    ]
    return [Fact(term, lines) for term, lines in found if lines]


def read_aloud(entry: Entry, figures: YearFigures) -> Sentence | None:
    """The figure as a sentence, filled from one cell: of a table the first, of a key figure its own.

    None where nothing occurs that could be read.
    """
    definition = entry.definition
    if isinstance(definition, KeyFigure):
        return key_figure_aloud(figures, definition.id)
    table = figures.tables[entry.tables[0].id]
    codes = {name: _first_code(listed) for name, listed in table.codes.items() if name != YEAR}
    if not all(codes.values()):
        return None
    if isinstance(definition, ChartDefinition) and definition.is_share:
        return share_aloud(figures, table.definition.id, definition, codes)
    return cell_aloud(figures, table.definition.id, codes)


def _first_code(codes: Sequence[str]) -> str:
    return next((code for code in codes if code != TOTAL), "")


# --- The facts -----------------------------------------------------------------------------------


def _kind(entry: Entry) -> str:
    kind = _capital(gettext(entry.kind.value))
    if isinstance(entry.definition, ChartDefinition):
        kind = f"{kind}: {gettext(entry.definition.kind.value)}"
    if entry.is_share and not isinstance(entry.definition, ChartDefinition):
        kind = gettext("Key figure, a share")
    return f"{kind} ({gettext('Internal').lower()})" if entry.is_internal else kind


def _text_term(entry: Entry) -> str:
    if entry.kind is Kind.CHART:
        return gettext("What to see")
    return gettext("Definition") if entry.kind is Kind.KEY_FIGURE else gettext("Note")


def _population(entry: Entry) -> list[str]:
    """Of a share those whose share it is, not all of the table that they are counted in."""
    if entry.is_share:
        return [_capital(gettext(entry.share_of))]
    return [_capital(gettext(each.label)) for each in entry.populations]


def _denominator(entry: Entry) -> str:
    if entry.is_share:
        return _capital(gettext(entry.share_of))
    return gettext("None: it is a count.")


def _breakdowns(entry: Entry) -> list[str]:
    if entry.kind is Kind.KEY_FIGURE:
        return []
    labels = [dimension_label(dimension.id, (dimension,)) for dimension in entry.dimensions]
    if any(table.is_series for table in entry.tables):
        labels.append(gettext("Year"))
    return [", ".join(labels)]


def _collected_since(entry: Entry, codebook: CodeBook) -> list[str]:
    first_years = {name: variable.first_year for name, variable in codebook.variables.items()}
    return [str(collected_since(entry.variables, first_years))]


def _breaks(
    entry: Entry, codebook: CodeBook, published_years: Sequence[str], became: Sequence[Correspondence]
) -> Iterator[tuple[int, str]]:
    """Variables that came later than the first, lists that changed, published totals of other coverage."""
    first_years = {name: codebook.variables[name].first_year for name in _in_order(entry, codebook)}
    for name, first_year in first_years.items():
        if first_year > min(variable.first_year for variable in codebook.variables.values()):
            text = gettext("“{variable}” is collected since {year}.")
            yield first_year, text.format(variable=_capital(codebook.variables[name].label), year=first_year)
    lists = lists_of(codebook, became)
    for mark in dict.fromkeys(mark for name in first_years for mark in _changes(entry, name, lists)):
        yield mark.year, change_in_words(mark, codebook)
    shown = [int(year) for year in published_years]
    for each in entry.breaks:
        if shown and min(shown) < each.year <= max(shown) + 1:
            yield each.year, f"{each.year}: {gettext(each.why)}"


def _in_year_order(found: Iterable[tuple[int, str]]) -> list[str]:
    return [text for _year, text in sorted(found, key=lambda each: each[0])]


def _changes(entry: Entry, variable: str, lists: Lists) -> Iterator[Mark]:
    """What changed in a variable's list, year by year."""
    values = lists.values.get(variable, ())
    years = {value.first_year for value in values if value.first_year > lists.first_years[variable]}
    years |= {value.last_year + 1 for value in values if value.last_year is not None}
    years |= {line.first_year for line in lists.became if line.variable == variable}
    for year in sorted(years):
        for table in entry.tables:
            for mark in changes_that_matter(table, variable, (year - 1, year), lists):
                if _is_of(entry, mark):
                    yield mark


def _is_of(entry: Entry, mark: Mark) -> bool:
    """Whether the figure counts by the value: a table by all of a list, a key figure by its cells' own."""
    if not isinstance(entry.definition, KeyFigure):
        return True
    return any(cell.codes.get(mark.variable) == mark.code for cell in registry.cells_of(entry.definition))


def _in_order(entry: Entry, codebook: CodeBook) -> list[str]:
    return [name for name in codebook.variables if name in entry.variables]


def drawn_tables(entry: Entry) -> list[Entry]:
    """The tables that a chart draws, or a key figure is made of."""
    if entry.kind is Kind.TABLE:
        return []
    return [registry.entry(table.id) for table in entry.tables]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
