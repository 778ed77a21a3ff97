"""A list is changed while its values are registered: one of the two comes first, and the other sees it."""

from functools import partial

import pytest

from casereg.actions.cases import register_case
from casereg.actions.code_lists import ListChangeRefused, NewTerm, add_term, retire_term
from casereg.models import Case, ExploitationForm
from tests.conftest import NOW
from tests.records import content
from tests.threads import at_once

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
