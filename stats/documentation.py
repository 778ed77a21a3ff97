"""The registry as a page of documentation: every figure with its facts, in Markdown."""

from collections.abc import Iterator

from django.utils.translation import gettext

from casereg.codebook import CodeBook
from stats import registry
from stats.definitions import ChartDefinition
from stats.facts import drawn_tables, facts
from stats.registry import Entry, Kind

_INTRODUCTION = """# Tables, key figures and charts

Generated from the registry (`stats/registry.py`) by `python manage.py document_tables`; a test fails when it
is stale. The first years are those of the seeded code book. What a table shows of a handful of cases is drawn
in `tests/spec/tables/`, and that of the key figures in `tests/spec/key_figures.txt`.
"""
_HEADINGS = {Kind.KEY_FIGURE: "Key figures", Kind.TABLE: "Tables", Kind.CHART: "Charts"}
# Of breaks in published totals, all that there are.
_ALL_YEARS = ("2018", "2100")


def document(codebook: CodeBook) -> str:
    """The page in the active language."""
    return "\n".join(_lines(codebook))


def _lines(codebook: CodeBook) -> Iterator[str]:
    yield _INTRODUCTION
    for kind, heading in _HEADINGS.items():
        yield f"## {heading}\n"
        for entry in registry.entries():
            if entry.kind is kind:
                yield from _described(entry, codebook)


def _described(entry: Entry, codebook: CodeBook) -> Iterator[str]:
    yield f"### {entry.id}\n"
    yield f"**{gettext(entry.title)}**\n"
    yield "| | |"
    yield "|---|---|"
    for fact in facts(entry, codebook, published_years=_ALL_YEARS):
        yield f"| {fact.term} | {'<br>'.join(fact.lines)} |"
    if isinstance(entry.definition, ChartDefinition) and entry.definition.report_figure is not None:
        yield f"| In the agency's report | Figure {entry.definition.report_figure} |"
    made_of = ", ".join(f"[{each.id}](#{each.id})" for each in drawn_tables(entry))
    if made_of:
        yield f"| Made from | {made_of} |"
    yield f"| Read aloud | {entry.reads_aloud.many} |"
    if entry.kind is Kind.TABLE:
        yield f"| Drawn as text | [{entry.id}.txt](../tests/spec/tables/{entry.id}.txt) |"
    yield ""
