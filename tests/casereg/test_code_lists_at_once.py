"""A list is changed while its values are registered: one of the two comes first, and the other sees it."""

import time
from functools import partial
from threading import Event

import pytest
from django.db import connection, transaction

from casereg.actions.cases import register_case
from casereg.actions.code_lists import ListChangeRefused, NewTerm, add_term, retire_term
from casereg.actions.definitions import DefinitionRefused, add_definition
from casereg.models import Case, ExploitationForm, VariableDefinition
from tests.conftest import NOW
from tests.factories import CaseFactory
from tests.records import content
from tests.threads import PATIENCE, at_once

pytestmark = pytest.mark.usefixtures("committed_db")


def register() -> Case:
    said = content(form="begging", industry="", incident="", month=f"{NOW.year}-02")
    return register_case(region_code="nord", content=said, by=None)


@pytest.mark.parametrize("attempt", range(4))
def test_no_case_of_this_year_has_a_value_that_ended_with_the_last(administrator, attempt):
    retire = partial(retire_term, variable="form", code="begging", last_year=NOW.year - 1, by=administrator)

    *registered, retired = at_once(*[register] * 4, retire)

    stored = [outcome for outcome in registered if isinstance(outcome, Case)]
    assert Case.objects.count() == len(stored)
    if stored:
        assert isinstance(retired, ListChangeRefused)
        assert ExploitationForm.objects.get(pk="begging").last_year is None
    else:
        assert retired is None
        assert ExploitationForm.objects.get(pk="begging").last_year == NOW.year - 1


def test_two_administrators_who_add_the_same_value_add_one(administrator):
    term = NewTerm(
        code="surrogacy", label_sv="surrogat", label_en="surrogacy", definition_sv="x", definition_en="x"
    )
    add = partial(add_term, variable="form", term=term, first_year=NOW.year, by=administrator)

    outcomes = at_once(add, add)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ListChangeRefused", "NoneType"]
    assert ExploitationForm.objects.filter(pk="surrogacy").count() == 1


def test_a_definition_waits_for_the_case_that_is_being_stored(administrator):
    is_stored, definer = Event(), []

    def store() -> None:
        with transaction.atomic():
            CaseFactory(region_id="nord", year=NOW.year)
            is_stored.set()
            until_somebody_waits(definer)

    def define() -> None:
        is_stored.wait(PATIENCE)
        definer.append(pid())
        words = {"definition_sv": "x", "definition_en": "x"}
        add_definition(variable="industry", first_year=NOW.year, **words, by=administrator)

    stored, defined = at_once(store, define)

    assert stored is None
    assert isinstance(defined, DefinitionRefused)
    assert not VariableDefinition.objects.exists()


def pid() -> int:
    """Of this connection, where the database is a server."""
    if connection.vendor == "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def until_somebody_waits(whom: list[int]) -> None:
    """Until the other waits for this transaction, or long enough to have gone by without doing so."""
    end = time.monotonic() + 3
    while time.monotonic() < end:
        if connection.vendor == "postgresql" and whom:
            with connection.cursor() as cursor:
                cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", whom)
                if cursor.fetchone()[0]:
                    return
        time.sleep(0.05)
        if connection.vendor == "sqlite" and time.monotonic() > end - 2:
            return
