"""The arithmetic of two years beside each other, and what is marked as not comparable."""

from dataclasses import replace

import pytest

from stats.comparison import (
    Became,
    ListedValue,
    Lists,
    Mark,
    Pair,
    Recoded,
    Why,
    change_in_per_cent,
    difference,
    left_when_recoded,
    margin,
    marks,
    marks_of,
    pairs,
)
from stats.definitions import Break, Population, Status, Table
from stats.dimensions import FORM, INDUSTRY, INDUSTRY_ASKED, SEX
from stats.tabulate import Cell, CountedTable

EVERYBODY = Population(id="all_persons", label="all persons")
BY_FORM = Table(id="t", title="t", dimensions=(FORM,), population=EVERYBODY)
LISTS = Lists(
    first_years={"form": 2018, "industry": 2022, "region": 2018},
    values={
        "form": [
            ListedValue("sexual", 2018),
            ListedValue("organ_removal", 2024),
            ListedValue("old", 2018, 2023),
            ListedValue("brief", 2020, 2021),
        ],
        "region": [ListedValue("new", 2024)],
    },
)


@pytest.mark.parametrize(
    ("earlier", "later", "moved", "per_cent"),
    [
        (8, 9, 1, 13),  # 12.5
        (8, 7, -1, -12),  # -12.5: half up
        (200, 201, 1, 1),
        (3, 4, 1, 33),
        (4, 0, -4, -100),
        (5, 5, 0, 0),
        (0, 5, 5, None),
        (0, 0, 0, None),
        (None, 5, None, None),
        (5, None, None, None),
    ],
)
def test_a_difference_in_number_and_in_whole_per_cent_of_the_earlier(earlier, later, moved, per_cent):
    assert difference(earlier, later) == moved
    assert change_in_per_cent(earlier, later) == per_cent


def test_a_variable_that_was_not_collected_is_marked_with_its_first_year():
    table = Table(id="t", title="t", dimensions=(INDUSTRY, SEX), population=EVERYBODY)

    assert marks(table, (2021, 2023), LISTS, published=frozenset()) == [
        Mark(why=Why.NOT_COLLECTED, year=2022, variable="industry")
    ]
    assert marks(table, (2022, 2023), LISTS, published=frozenset()) == []


def test_a_list_that_changed_is_marked_by_value_whichever_year_stands_first():
    expected = [
        Mark(why=Why.ADDED, year=2024, variable="form", code="organ_removal"),
        Mark(why=Why.REMOVED, year=2023, variable="form", code="old"),
    ]

    assert marks(BY_FORM, (2023, 2024), LISTS, published=frozenset()) == expected
    assert marks(BY_FORM, (2024, 2023), LISTS, published=frozenset()) == expected
    assert marks(BY_FORM, (2022, 2023), LISTS, published=frozenset()) == []


def test_a_break_between_a_published_year_and_another_is_marked():
    table = Table(
        id="t", title="t", dimensions=(SEX,), population=EVERYBODY, breaks=(Break(year=2021, why="wider"),)
    )

    assert marks(table, (2019, 2023), LISTS, published=frozenset({2019})) == [
        Mark(why=Why.PUBLISHED, year=2019),
        Mark(why=Why.BREAK, year=2021, text="wider"),
    ]
    assert [mark.why for mark in marks(table, (2021, 2023), LISTS, published=frozenset({2021}))] == [
        Why.PUBLISHED
    ]
    assert marks(table, (2019, 2023), LISTS, published=frozenset()) == []


def counted(year, codes, cells):
    return CountedTable(
        BY_FORM, {"year": (year,), "form": codes}, {(year, code): cell for code, cell in cells.items()}
    )


def test_codes_of_either_year_stand_in_the_order_of_the_later_before_the_totals():
    earlier = counted("2022", ("old", "a", "_T"), {"old": Cell(1), "a": Cell(2), "_T": Cell(3)})
    later = counted("2023", ("a", "b", "_T"), {"a": Cell(4), "b": Cell(1), "_T": Cell(5)})

    found = pairs(earlier, later, (2022, 2023))

    assert found == [
        Pair(("a",), Cell(2), Cell(4)),
        Pair(("b",), Cell(0), Cell(1)),
        Pair(("old",), Cell(1), Cell(0)),
        Pair(("_T",), Cell(3), Cell(5)),
    ]
    assert [pair.difference for pair in found] == [2, 1, -1, 2]
    assert [pair.per_cent for pair in found] == [100, None, -100, 67]


def test_what_was_not_collected_differs_from_nothing():
    not_collected = Cell(None, Status.NOT_COLLECTED)
    earlier = counted("2022", ("_T",), {"_T": not_collected})
    later = counted("2023", ("a", "_T"), {"a": Cell(1), "_T": Cell(1)})

    for pair in pairs(earlier, later, (2022, 2023)):
        assert (pair.earlier, pair.difference, pair.per_cent) == (not_collected, None, None)


def test_the_margin_is_the_rows_whose_other_breakdowns_are_at_their_total():
    inner, row = Pair(("a", "x"), Cell(1), Cell(1)), Pair(("a", "_T"), Cell(2), Cell(2))

    assert margin([inner, row]) == [row]


def test_a_mark_of_a_value_is_of_its_own_rows():
    found = marks(BY_FORM, (2023, 2024), LISTS, published=frozenset())

    [mark] = marks_of(Pair(("old",), Cell(1), Cell(0)), (FORM,), found)
    assert mark.code == "old"
    assert marks_of(Pair(("sexual",), Cell(1), Cell(0)), (FORM,), found) == []


BY_INDUSTRY = Table(id="t", title="t", dimensions=(INDUSTRY,), population=INDUSTRY_ASKED)


def test_of_a_population_s_variable_only_changes_of_who_is_in_it_are_marked():
    lists = replace(LISTS, counted={"industry_asked": frozenset({"organ_removal"})})

    assert marks(BY_INDUSTRY, (2023, 2024), lists, published=frozenset()) == [
        Mark(why=Why.ADDED, year=2024, variable="form", code="organ_removal")
    ]
    nobody = replace(LISTS, counted={"industry_asked": frozenset({"sexual"})})
    assert marks(BY_INDUSTRY, (2023, 2024), nobody, published=frozenset()) == []
    # Broken down by it, the table has all of them.
    assert len(marks(BY_FORM, (2023, 2024), nobody, published=frozenset())) == 2


def test_splits_and_merges_of_a_value_are_marked():
    lists = Lists(
        first_years={"form": 2018},
        values={
            "form": [
                ListedValue("whole", 2018, 2023),
                ListedValue("one", 2018, 2023),
                ListedValue("two", 2018, 2023),
                ListedValue("stays", 2018),
                *(ListedValue(code, 2024) for code in ("part_a", "part_b", "both")),
            ]
        },
        became=[
            Became("form", "whole", "part_a", 2024),
            Became("form", "whole", "part_b", 2024),
            Became("form", "one", "both", 2024),
            Became("form", "two", "both", 2024),
            Became("form", "two", "stays", 2023),
        ],
    )

    found = marks(BY_FORM, (2023, 2024), lists, published=frozenset())

    assert [mark for mark in found if mark.why not in (Why.ADDED, Why.REMOVED)] == [
        Mark(why=Why.SPLIT, year=2024, variable="form", code="whole", others=("part_a", "part_b")),
        Mark(why=Why.MERGED, year=2024, variable="form", code="both", others=("one", "two")),
    ]
    assert {mark.why for mark in marks(BY_FORM, (2024, 2025), lists, published=frozenset())} == set()
    mended = left_when_recoded(
        found, {"form": Recoded({"one": "both", "two": "both"}, frozenset({"part_a", "part_b"}))}
    )
    assert {(mark.why, mark.code) for mark in mended} == {
        (Why.REMOVED, "whole"), (Why.SPLIT, "whole"), (Why.ADDED, "part_a"), (Why.ADDED, "part_b"),
    }  # fmt: skip
