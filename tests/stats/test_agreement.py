"""Tables, key figures, narrowings and crosses against a naive count, over random records; files read back."""

import csv
import io
import json

import pandas
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from pyjstat import pyjstat

from casereg.models import Incident
from casereg.stored_codebook import load_codebook
from casereg.vocabularies import swedish_order
from stats.compute import compute_cross, compute_year
from stats.crossing import BREAKDOWNS
from stats.disclosure.protect import unprotected
from stats.exports import csv_tables, jsonstat
from stats.narrowing import Narrowing
from stats.shown_year import shown_year
from tests.stats import naive
from tests.stats.records import YEARS, narrowings, records, store

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def names(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        nationalities = load_codebook().terms["nationality"]
    return {code: swedish_order(term.label_sv) for code, term in nationalities.items()}


def printed(table):
    """As naive gives it: dimensions, the codes of each, values row-major."""
    codes = [list(codes) for codes in table.codes.values()]
    return list(table.codes), codes, [cell.value for cell in table.in_order()]


@settings(max_examples=40)
@given(rows=st.lists(records(), max_size=40))
def test_every_number_agrees_with_a_naive_count(rows, names):
    with transaction.atomic():
        store(rows)
        for year in YEARS:
            figures = compute_year(year)
            expected = naive.year_tables(rows, year, names) | naive.series_tables(rows, names)
            for table_id, table in figures.tables.items():
                assert printed(table) == expected[table_id], table_id
            assert {
                name: (figure.value, figure.numerator, figure.denominator)
                for name, figure in figures.key_figures.items()
            } == naive.key_figures(rows, year)
            files_say_the_same(figures)
        transaction.set_rollback(True)


@settings(max_examples=10)
@given(rows=st.lists(records(), min_size=1, max_size=25))
def test_a_region_is_counted_as_if_it_were_alone(rows, names):
    region = rows[0]["region"]
    own = [row for row in rows if row["region"] == region]
    with transaction.atomic():
        store(rows)
        figures = compute_year(2023, region_code=region)
        transaction.set_rollback(True)
    expected = naive.year_tables(own, 2023, names) | naive.series_tables(own, names)
    for table_id, table in figures.tables.items():
        if "region" not in table.codes:
            assert printed(table) == expected[table_id], table_id
    assert figures.tables["region-by-form"].codes["region"] == (region, "_T")


@settings(max_examples=30)
@given(rows=st.lists(records(), min_size=1, max_size=40), data=st.data())
def test_a_narrowed_year_is_counted_as_if_the_others_were_not_there(rows, data, names):
    year = data.draw(st.sampled_from(YEARS))
    only, without = data.draw(narrowings(rows))
    with transaction.atomic():
        store(rows)
        figures = compute_year(year, narrowing=narrowing(only, without))
        transaction.set_rollback(True)
    left = naive.narrowed(rows, only, without)
    expected = naive.year_tables(left, year, names, only) | naive.series_tables(rows, names, only, without)
    for table_id, table in figures.tables.items():
        assert printed(table) == expected[table_id], table_id
    assert {
        name: (figure.value, figure.numerator, figure.denominator)
        for name, figure in figures.key_figures.items()
    } == naive.key_figures(left, year)


@settings(max_examples=40)
@given(rows=st.lists(records(), max_size=40), data=st.data())
def test_every_cross_agrees_with_a_naive_count(rows, data, names):
    year = data.draw(st.sampled_from(YEARS))
    wanted = data.draw(st.lists(st.sampled_from(list(BREAKDOWNS)), min_size=2, max_size=3, unique=True))
    only, without = data.draw(narrowings(rows))
    with transaction.atomic():
        store(rows)
        crossed = compute_cross(year, wanted, narrowing=narrowing(only, without))
        transaction.set_rollback(True)
    left = naive.narrowed(rows, only, without)
    assert printed(crossed.table) == naive.cross(left, year, wanted, names, only)


def narrowing(only, without):
    """The product's narrowing for a naive one. Stores nothing; the incident is looked up."""
    month = int(only["month"]) if "month" in only else None
    incident = None
    if without is not None:
        incident = Incident.objects.get(region=without[0], reference=without[1]).pk
    return Narrowing(
        **{name: code for name, code in only.items() if name != "month"},
        month=month,
        without_incident=incident,
    )


def files_say_the_same(figures):
    """JSON-stat by pyjstat and CSV by csv, cell by cell."""
    year, shown = unprotected(figures.tables, figures.key_figures), shown_year(figures)
    for table in year.tables:
        keys = [tuple(key) for key in table.keys_in_order()]
        numbers = dict(zip(keys, [cell.value for cell in table.in_order()], strict=True))
        if not keys:
            continue
        content = json.loads(jsonstat.table_file(table, figures.codebook))
        frame = pyjstat.Dataset.read(json.dumps(content)).write("dataframe", naming="id")
        read = {
            tuple(row[:-1]): None if pandas.isna(value) else int(value)
            for row, value in zip(frame.itertuples(index=False), frame["value"], strict=True)
        }
        assert read == numbers, table.definition.id
        statuses = {str(i): c.status.value for i, c in enumerate(table.in_order()) if c.status}
        assert content.get("status", {}) == statuses
        rows = csv.DictReader(io.StringIO(csv_tables.table_file(table, shown).decode("utf-8-sig")))
        assert {
            tuple(row[name] for name in table.codes): int(row["value"]) if row["value"] else None
            for row in rows
        } == numbers
