"""What a year costs, in what can be pinned: queries, rows that leave the database, memory. Time is measured
by `make bench`."""

import gc
import tracemalloc

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from casereg.models import Case
from stats.compute import compute_cross, compute_year, count_records, recorded_years
from stats.counting_sql import FOLDS, FOLDS_OF_ALL_YEARS, by_fold
from stats.counts import in_order
from stats.definitions import Measure
from stats.narrowing import Narrowing
from stats.tables import TABLES
from stats.tabulate import wanted_groupings
from tests.factories import CaseFactory, IncidentFactory


def queries(work):
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


@pytest.mark.django_db
def test_a_year_takes_two_queries_however_it_is_narrowed():
    CaseFactory()

    assert queries(lambda: compute_year(2023)) == 2
    assert queries(lambda: compute_year(2023, region_code="nord")) == 2
    assert queries(lambda: compute_year(2023, narrowing=Narrowing(form="labour", month=7))) == 2
    assert queries(lambda: compute_cross(2023, ["form", "nationality", "month"])) == 2


def test_a_connection_plans_the_statement_once_and_a_new_one_again(committed_db):
    """On SQLite there is nothing to plan: the same numbers, by the same path."""
    for _connection in range(2):
        connection.close()
        for _turn in range(3):
            with transaction.atomic():
                assert compute_year(2023).persons == 0
                transaction.set_rollback(True)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT COUNT(*) FROM pg_prepared_statements WHERE name LIKE 'casereg%%'", [])
                assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_memory_does_not_grow_with_the_records():
    incident = IncidentFactory()
    CaseFactory.create_batch(20, incident=incident)
    compute_year(2023)
    few = peak_bytes(lambda: compute_year(2023))
    CaseFactory.create_batch(800, incident=incident)

    # Fetching the records, in whatever form, takes more than the whole of what a few take.
    assert peak_bytes(lambda: compute_year(2023)) < few * 1.3
    assert peak_bytes(lambda: list(Case.objects.values_list())) > few


def peak_bytes(work):
    """The least of three: what else is going on only ever adds."""
    peaks = []
    for _ in range(3):
        gc.collect()
        tracemalloc.start()
        work()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return min(peaks)


@pytest.mark.django_db
def test_a_grand_total_is_counted_apart_from_the_cells_of_its_table():
    """Were it made of them, no difference could ever be found: the fold of the cells is not the total's."""
    year_groupings, _series = wanted_groupings(TABLES)
    folds = by_fold(year_groupings, [*FOLDS, *(fold[1:] for fold in FOLDS_OF_ALL_YEARS)])
    fold_of = {grouping: fold for fold, groupings in folds.items() for grouping in groupings}
    for table in TABLES:
        if table.is_series or table.measure is not Measure.PERSONS:
            continue
        groupings = {len(kept): in_order(variables) for kept, variables in table.groupings()}
        cells, total = groupings[len(table.dimensions)], groupings[0]
        assert fold_of[cells] != fold_of[total], table.id


@pytest.mark.django_db
def test_the_years_with_records_are_found_latest_first():
    for year in (2019, 2023, 2021):
        CaseFactory(year=year, referral_source_id=None, joint_inspection=None, industry_id=None,
                    children_in_sweden=None, children_abroad=None)  # fmt: skip
    CaseFactory(year=2024, withdrawn_at="2026-01-01T00:00:00Z")
    CaseFactory(year=2025, region_id="syd")

    assert recorded_years(None) == [2025, 2023, 2021, 2019]
    assert recorded_years("nord") == [2023, 2021, 2019]
    assert recorded_years("mitt") == []


@pytest.mark.django_db
def test_no_record_leaves_the_database():
    """What is fetched is as many rows as there are codes, not as there are records."""
    CaseFactory.create_batch(50)

    counts = count_records(2023, None)

    assert all(len(counted) == 1 for counted in counts.persons.values())
