"""The registry: every figure once, with every fact; its page of documentation is not stale."""

from dataclasses import replace

import pytest
from django.core.management import call_command
from django.utils import translation

from casereg.codebook import Term
from casereg.management.readable import Problems
from casereg.stored_codebook import load_codebook
from stats import registry
from stats.chart_definitions import CHARTS
from stats.definitions import ChartKind
from stats.facts import facts
from stats.key_figures import KEY_FIGURES
from stats.registry import Kind, NotRegistered
from stats.tables import TABLES


def of_kind(kind):
    return [entry for entry in registry.entries() if entry.kind is kind]


def facts_of(figure_id, codebook, **options):
    with translation.override("en"):
        return {fact.term: list(fact.lines) for fact in facts(registry.entry(figure_id), codebook, **options)}


def test_every_table_key_figure_and_chart_is_there_once():
    ids = [entry.id for entry in registry.entries()]

    assert len(ids) == len(set(ids)) == len(TABLES) + len(KEY_FIGURES) + len(CHARTS)
    assert {entry.id for entry in of_kind(Kind.TABLE)} == {table.id for table in TABLES}
    assert {entry.id for entry in of_kind(Kind.KEY_FIGURE)} == {f"key-{figure.id}" for figure in KEY_FIGURES}


def test_two_figures_of_one_id_stop_the_start():
    twice = [registry.entry("persons"), registry.entry("persons")]

    with pytest.raises(ValueError, match="two figures have the id persons"):
        registry._by_id(twice)


def test_what_is_not_registered_is_not_found():
    with pytest.raises(NotRegistered):
        registry.entry("no-such-figure")


def test_the_six_figures_of_the_report_have_charts():
    assert {chart.report_figure for chart in CHARTS} - {None} == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("entry", registry.entries(), ids=lambda entry: entry.id)
def test_every_figure_says_what_it_counts_and_how_it_is_read_aloud(entry):
    assert all([entry.title, entry.counts, entry.rounding, entry.decided_by, entry.populations])
    assert entry.reads_aloud.one
    assert entry.reads_aloud.many
    assert "{year}" in entry.reads_aloud.many


@pytest.mark.parametrize("entry", registry.entries(), ids=lambda entry: entry.id)
def test_a_share_and_nothing_else_has_a_denominator(entry):
    assert bool(entry.share_of) == entry.definition.is_share if entry.kind is not Kind.TABLE else True
    assert ("per cent" in entry.rounding) == entry.is_share
    if entry.kind is Kind.CHART and entry.definition.kind is ChartKind.SHARES:
        assert entry.definition.drawn.table == entry.tables[0].id


def test_collected_since_comes_from_the_code_book(db):
    codebook = load_codebook()
    since = {figure_id: facts_of(figure_id, codebook)["Collected since"] for figure_id in
             ("persons", "industry", "key-children_abroad", "joint-by-form", "incidents")}  # fmt: skip

    assert since == {
        "persons": ["2018"], "industry": ["2022"], "key-children_abroad": ["2022"],
        "joint-by-form": ["2023"], "incidents": ["2018"],
    }  # fmt: skip


def test_a_variable_that_came_later_is_a_break(db):
    assert facts_of("industry", load_codebook())["Breaks"] == ["“Industry” is collected since 2022."]


def test_a_list_that_was_changed_is_a_break(db):
    stored = load_codebook()
    changed = {
        "surrogacy": Term("surrogacy", "Surrogat", "surrogacy", 2026),
        "begging": Term("begging", "tiggeri", "begging", 2018, last_year=2025),
    }
    codebook = replace(stored, terms={**stored.terms, "form": {**stored.terms["form"], **changed}})

    assert facts_of("form-by-person", codebook)["Breaks"] == [
        "“begging” is on the list up to and including 2025.",
        "“surrogacy” is on the list from 2026 on.",
    ]


def test_a_key_figure_tells_only_of_values_that_it_counts_by(db):
    stored = load_codebook()
    labour = replace(stored.terms["form"]["labour"], first_year=2020)
    begging = Term("begging", "tiggeri", "begging", 2018, last_year=2025)
    forms = {**stored.terms["form"], "labour": labour, "begging": begging}
    codebook = replace(stored, terms={**stored.terms, "form": forms})

    assert facts_of("key-women_share_of_labour", codebook)["Breaks"] == [
        "“labour” is on the list from 2020 on."
    ]
    assert "Breaks" not in facts_of("key-trafficking", codebook)
    assert facts_of("key-joint_inspection", codebook)["Breaks"] == [
        "“Identified in a joint inspection” is collected since 2023."
    ]


def test_the_population_of_a_share_is_that_of_its_denominator(db):
    found = facts_of("key-men_share_of_adults", load_codebook())

    assert found["Population"] == found["Denominator"] == ["Adult men and women"]
    assert facts_of("key-adults", load_codebook())["Population"] == ["All persons"]


def test_a_series_tells_of_breaks_where_published_totals_are_shown(db):
    codebook = load_codebook()

    assert "Breaks" not in facts_of("form-by-year", codebook)
    shown = facts_of("form-by-year", codebook, published_years=["2021", "2022"])["Breaks"]
    assert [line[:5] for line in shown] == ["2022:", "2023:"]


def test_the_page_of_documentation_is_what_the_registry_says(db):
    call_command("document_tables", "--check")


def test_a_stale_page_of_documentation_fails_the_check(db, tmp_path):
    page = tmp_path / "tables.md"
    call_command("document_tables", out=page)
    call_command("document_tables", "--check", out=page)
    page.write_text(page.read_text().replace("2022", "2021", 1))

    with pytest.raises(Problems, match="document_tables"):
        call_command("document_tables", "--check", out=page)
