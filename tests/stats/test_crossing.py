"""Crosses that a reader puts together: which there are, what they count, and their per cent."""

from itertools import combinations, permutations

import pytest

from stats.compute import compute_cross
from stats.crossing import BREAKDOWNS, NotACross, cross_definition, per_cent_along
from stats.definitions import Status
from stats.narrowing import Narrowing
from stats.tables.identification import INCIDENTS
from stats.tabulate import Cell, CountedTable
from tests.factories import CaseFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "breakdowns",
    [
        [],
        ["sex"],
        ["sex", "sex"],
        ["sex", "form", "sex"],
        ["sex", "children"],
        ["sex", "form", "month", "region"],
    ],
)
def test_a_cross_is_of_two_or_three_different_breakdowns(breakdowns):
    with pytest.raises(NotACross):
        cross_definition(breakdowns)


def test_every_pair_of_breakdowns_can_be_crossed():
    CaseFactory.create_batch(3)

    for pair in combinations(BREAKDOWNS, 2):
        table = compute_cross(2023, pair).table
        assert table.cell("2023").value == 3, pair


def test_the_order_of_the_breakdowns_turns_the_table_and_changes_no_number():
    CaseFactory(sex="female", form_id="sexual", industry_id=None)
    CaseFactory.create_batch(2, sex="male")
    names = ("sex", "form", "age_group")
    one_way = compute_cross(2023, names).table

    for turned in permutations(names):
        table = compute_cross(2023, turned).table
        assert list(table.codes) == ["year", *turned]
        for key, cell in table.cells.items():
            codes = dict(zip(turned, key[1:], strict=True))
            assert one_way.cell("2023", **codes) == cell


def test_with_industry_only_those_are_counted_whose_form_asks_for_it():
    CaseFactory(form_id="labour", industry_id=None, nationality_id="TH")
    CaseFactory(form_id="sexual", industry_id=None, nationality_id="UA")

    table = compute_cross(2023, ["industry", "nationality"]).table

    assert table.definition.population.id == "industry_asked"
    assert table.codes["nationality"] == ("TH", "_T")
    assert table.cell("2023", industry="not_recorded").value == 1
    assert table.cell("2023").value == 1


def test_the_four_kinds_of_emptiness_are_those_of_the_tables():
    CaseFactory(referral_source_id="unknown")
    CaseFactory(referral_source_id=None)
    CaseFactory(year=2022, referral_source_id=None, joint_inspection=None)

    crossed = compute_cross(2023, ["referral_source", "sex"]).table
    before = compute_cross(2022, ["referral_source", "sex"]).table

    assert crossed.cell("2023", referral_source="unknown").value == 1
    assert crossed.cell("2023", referral_source="not_recorded").value == 1
    assert crossed.cell("2023", referral_source="police").value == 0
    assert {cell.status for cell in before.cells.values()} == {Status.NOT_COLLECTED}


def test_a_cross_of_a_region_and_a_narrowing_counts_no_others():
    CaseFactory(region_id="nord", sex="male")
    CaseFactory(region_id="nord", sex="female")
    CaseFactory(region_id="syd", sex="male")

    crossed = compute_cross(
        2023, ["sex", "region"], region_code="nord", narrowing=Narrowing(sex="male")
    ).table

    assert crossed.codes["region"] == ("nord", "_T")
    assert crossed.codes["sex"] == ("male", "_T")
    assert crossed.cell("2023").value == 1


def counted(values):
    """A table of three forms by sex: (women, men, both) a form, the last row the totals."""
    forms, sexes = ("sexual", "labour", "begging", "_T"), ("female", "male", "_T")
    cells = {
        ("2023", form, sex): Cell(value)
        for form, row in zip(forms, values, strict=True)
        for sex, value in zip(sexes, row, strict=True)
    }
    return CountedTable(
        cross_definition(["form", "sex"]), {"year": ("2023",), "form": forms, "sex": sexes}, cells
    )


def test_per_cent_by_row_and_by_column_are_whole_half_up_and_not_forced_to_a_hundred():
    table = counted([(1, 2, 3), (1, 7, 8), (0, 0, 0), (2, 9, 11)])

    by_row, by_column = per_cent_along(table, "sex"), per_cent_along(table, "form")

    assert list(by_row.values())[:6] == [33, 67, 100, 13, 88, 100]  # 12.5 and 87.5: 101
    assert list(by_row.values())[6:9] == [None, None, None]  # a share of nothing
    assert [by_column["2023", form, "male"] for form in ("sexual", "labour", "_T")] == [22, 78, 100]


def test_what_was_not_collected_has_no_share_and_a_breakdown_without_total_none_either():
    not_collected = Cell(None, Status.NOT_COLLECTED)
    table = counted([(1, 2, 3), (1, 7, 8), (0, 0, 0), (2, 9, 11)])
    table = CountedTable(table.definition, table.codes, dict.fromkeys(table.cells, not_collected))

    assert set(per_cent_along(table, "sex").values()) == {None}
    with pytest.raises(ValueError, match="unit"):
        per_cent_along(CountedTable(INCIDENTS, {"year": ("2023",), "unit": ("incidents",)}, {}), "unit")
