"""The arithmetic on counts: shares, ties, and totals that do not fit."""

import pytest

from stats.counts import Counts, Vocabulary
from stats.definitions import TOTAL, Status
from stats.tables.persons import NATIONALITIES, PERSONS
from stats.tables.series import FORM_BY_YEAR
from stats.tabulate import Cell, CountedTable, PartsDoNotSum, per_cent, tabulate

SEXES, AGES = ("female", "male"), ("adult", "minor")


def vocabulary(**names):
    return Vocabulary(
        year=2023,
        known={"sex": SEXES, "age_group": AGES, "nationality": tuple(names)},
        in_force={"sex": frozenset(SEXES), "age_group": frozenset(AGES)},
        derived={},
        populations={},
        collected=frozenset({"sex", "age_group", "nationality"}),
        names={"nationality": names},
        listed_last=frozenset({"stateless", "unknown"}),
    )


def counts(total, *, sex=None, age_group=None):
    return Counts(
        {
            ("sex", "age_group"): {("female", "adult"): 2, ("male", "minor"): 1},
            ("sex",): sex or {("female",): 2, ("male",): 1},
            ("age_group",): age_group or {("adult",): 2, ("minor",): 1},
            (): {(): total},
        }
    )


def test_cells_and_margins_are_those_that_were_counted():
    table = tabulate(PERSONS, counts(3), vocabulary())

    assert [cell.value for cell in table.in_order()] == [2, 0, 2, 0, 1, 1, 2, 1, 3]


def test_a_total_that_differs_from_its_parts_names_table_and_cell():
    with pytest.raises(PartsDoNotSum, match=r"table persons, cell .*the parts sum to 3, the total is 4"):
        tabulate(PERSONS, counts(4), vocabulary())


def test_a_margin_that_differs_from_its_cells_names_the_row():
    with pytest.raises(PartsDoNotSum, match=r"sex=female, age_group=_T: the parts sum to 2, the total is 3"):
        tabulate(PERSONS, counts(3, sex={("female",): 3, ("male",): 0}), vocabulary())


def test_a_margin_that_differs_from_its_cells_names_the_column():
    with pytest.raises(PartsDoNotSum, match=r"sex=_T, age_group=adult: the parts sum to 2, the total is 1"):
        tabulate(PERSONS, counts(3, age_group={("adult",): 1, ("minor",): 2}), vocabulary())


def test_a_code_that_no_list_knows_is_found_by_its_total():
    right = counts(3).persons
    cells = {**right["sex", "age_group"], ("robot", "adult"): 1}
    stray = Counts({**right, ("sex", "age_group"): cells, (): {(): 4}})

    with pytest.raises(PartsDoNotSum):
        tabulate(PERSONS, stray, vocabulary())


def test_nationalities_stand_most_common_first_then_by_swedish_name_then_stateless_and_unknown():
    counted = {("SE",): 2, ("AT",): 2, ("NG",): 2, ("TH",): 5, ("unknown",): 9, ("stateless",): 1, ("ZW",): 0}
    groups = {("age_group", "nationality"): {("adult", code): n for (code,), n in counted.items()}}
    total = {("adult",): sum(counted.values())}
    table = tabulate(
        NATIONALITIES,
        Counts({**groups, ("nationality",): counted, ("age_group",): total, (): {(): sum(counted.values())}}),
        vocabulary(AT="}sterrike", NG="nigeria", SE="sverige", TH="thailand", stateless="", unknown=""),
    )

    assert table.codes["nationality"] == ("TH", "NG", "SE", "AT", "stateless", "unknown", TOTAL)


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [(1, 200, 1), (1, 201, 0), (139, 368, 38), (46, 248, 19), (3, 3, 100), (0, 7, 0)],
)
def test_a_share_is_rounded_half_up(part, whole, share):
    assert per_cent(part, whole) == share


def test_a_code_that_is_not_listed_has_the_state_of_its_own_year_and_of_no_other():
    missing, not_collected = Cell(None, Status.MISSING), Cell(None, Status.NOT_COLLECTED)
    cells = {
        ("2018", "labour"): missing, ("2018", TOTAL): Cell(9),
        ("2019", "labour"): Cell(5), ("2019", TOTAL): Cell(5),
        ("2021", "labour"): not_collected, ("2021", TOTAL): not_collected,
        ("2023", "labour"): Cell(7), ("2023", TOTAL): Cell(7),
    }  # fmt: skip
    years = ("2018", "2019", "2021", "2023")
    table = CountedTable(
        FORM_BY_YEAR, {"year": years, "form": ("labour", TOTAL)}, cells, published_years=frozenset(years[:2])
    )

    assert table.cell("2023", form="begging") == Cell(0)
    assert table.cell("2021", form="begging").status is Status.NOT_COLLECTED
    assert table.cell("2018", form="begging") == missing
    assert table.cell("2019", form="begging") == missing  # all that was published is no list of all there was
    assert table.cell("2020", form="labour") == missing


def series(*, total_of_2023):
    """Forms of which one is on the list from 2024 on, counted in 2023 and 2024."""
    by_form = {("2023", "labour"): 2, ("2024", "labour"): 1, ("2024", "surrogacy"): 3}
    counted = Counts({("year", "form"): by_form, ("year",): {("2023",): total_of_2023, ("2024",): 4}})
    words = Vocabulary(
        year=2024,
        known={"form": ("labour", "begging", "surrogacy")},
        in_force={"form": frozenset({"labour", "begging", "surrogacy"})},
        derived={},
        populations={},
        collected=frozenset({"form"}),
        names={},
        listed={"form": {"labour": (2018, None), "begging": (2018, None), "surrogacy": (2024, None)}},
    )
    return tabulate(FORM_BY_YEAR, counted, words)


def test_what_was_not_on_the_years_list_is_not_collected_and_no_zero():
    table = series(total_of_2023=2)

    assert table.cells["2023", "surrogacy"] == Cell(None, Status.NOT_COLLECTED)
    assert table.cells["2023", "begging"] == Cell(0)
    assert table.cells["2024", "surrogacy"] == Cell(3)


def test_the_parts_of_a_year_are_summed_though_one_was_not_on_its_list():
    with pytest.raises(PartsDoNotSum, match="the parts sum to 2, the total is 3"):
        series(total_of_2023=3)
