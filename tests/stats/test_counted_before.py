"""Figures that still hold are not counted again; figures that may not hold are."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from casereg.actions.cases import register_case
from casereg.models import AuditEvent, Case
from stats import counted_before
from stats.compute import compute_year
from stats.counted_before import (
    counts_version,
    cross_figures,
    forget_figures,
    year_figures,
    years_recorded,
)
from stats.narrowing import Narrowing
from tests.records import content


@pytest.fixture
def register(committed_db):
    """The register with one case. What is kept is of this test."""
    forget_figures()
    add_case()
    yield
    forget_figures()


def add_case(region="nord"):
    register_case(region_code=region, content=content(incident=""), by=None)


def queries(work):
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_with_nothing_changed_a_year_takes_one_query(register):
    asked = [
        lambda: year_figures(2023),
        lambda: year_figures(2023, region_code="nord"),
        lambda: year_figures(2023, narrowing=Narrowing(sex="male")),
        lambda: cross_figures(2023, ["sex", "form"]),
        lambda: years_recorded(None),
    ]
    cold = [queries(ask) for ask in asked]

    assert cold == [3, 3, 3, 3, 2]
    assert [queries(ask) for ask in asked] == [1, 1, 1, 1, 1]


def test_who_has_read_the_version_needs_no_query(register):
    version = counts_version()
    year_figures(2023, version=version)

    assert queries(lambda: year_figures(2023, version=version)) == 0


def test_a_change_is_counted_at_once(register):
    assert year_figures(2023).persons == 1
    add_case()

    assert year_figures(2023).persons == 2


def test_a_reading_changes_no_version(register):
    before = counts_version()
    AuditEvent.objects.append(by=None, action="read", object="a case")
    assert counts_version() == before
    add_case()

    assert int(counts_version()) > int(before)


def test_each_question_has_its_own_answer(register):
    add_case("syd")

    assert year_figures(2023).persons == 2
    assert year_figures(2023, region_code="syd").persons == 1
    assert year_figures(2022).persons == 0
    assert year_figures(2023, narrowing=Narrowing(sex="female")).persons == 0
    assert list(cross_figures(2023, ["sex", "form"]).table.codes) == ["year", "sex", "form"]
    assert list(cross_figures(2023, ["form", "sex"]).table.codes) == ["year", "form", "sex"]


def test_a_change_that_comes_while_figures_are_counted_is_not_lost(register, monkeypatch):
    """Committed after the version was read and before the counting: seen now, and asked for again later."""

    def changed_meanwhile(*given, **named):
        add_case()
        return compute_year(*given, **named)

    monkeypatch.setattr(counted_before, "compute_year", changed_meanwhile)
    assert year_figures(2023).persons == 2
    monkeypatch.undo()

    assert year_figures(2023).persons == 2


def test_a_change_that_comes_after_counting_is_not_hidden_by_what_was_counted(register, monkeypatch):
    def changed_afterwards(*given, **named):
        figures = compute_year(*given, **named)
        add_case()
        return figures

    monkeypatch.setattr(counted_before, "compute_year", changed_afterwards)
    assert year_figures(2023).persons == 1
    monkeypatch.undo()

    assert year_figures(2023).persons == 2


def test_inside_a_transaction_nothing_is_kept(register):
    with transaction.atomic():
        Case.objects.update(sex="female")
        assert year_figures(2023).key_figures["women_and_girls"].value == 1
        transaction.set_rollback(True)

    assert year_figures(2023).key_figures["women_and_girls"].value == 0


def test_no_more_is_kept_than_there_is_room_for(register, monkeypatch):
    monkeypatch.setattr(counted_before, "KEPT", 2)
    for year in (2021, 2022, 2023):
        year_figures(year)

    assert queries(lambda: year_figures(2023)) == 1
    assert queries(lambda: year_figures(2022)) == 1
    assert queries(lambda: year_figures(2021)) == 3
