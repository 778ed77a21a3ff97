"""Values that were split or merged: a chain of changes to one answer, and tables recoded by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casereg.correspondences import Correspondence, recoding
from stats.definitions import TOTAL, YEAR, Population, Status, Table
from stats.dimensions import FORM, SEX
from stats.recoding import ListRecoding, recode
from stats.tabulate import Cell, CountedTable

EVERYBODY = Population(id="all_persons", label="all persons")
SERIES = Table(id="s", title="s", dimensions=(FORM,), population=EVERYBODY, is_series=True)
BY_FORM_AND_SEX = Table(id="t", title="t", dimensions=(FORM, SEX), population=EVERYBODY)


def lines(*changes):
    """("a", "b", 2024): from 2024 on, b is recorded in place of a."""
    return [Correspondence("form", source, target, year) for source, target, year in changes]


def test_values_that_were_merged_became_the_one():
    found = recoding(lines(("a", "c", 2024), ("b", "c", 2024)), "form", year=2024)

    assert found.target_of == {"a": "c", "b": "c"}
    assert found.apart == {}


def test_a_change_of_a_later_year_is_not_known_yet():
    assert not recoding(lines(("a", "c", 2024)), "form", year=2023)


def test_a_value_that_was_split_stands_apart():
    found = recoding(lines(("a", "b", 2024), ("a", "c", 2024)), "form", year=2026)

    assert found.target_of == {}
    assert found.apart == {"a": {"b", "c"}}


def test_changes_are_followed_to_the_last_and_a_split_that_was_merged_again_is_none():
    changes = lines(("a", "b", 2022), ("a", "c", 2022), ("b", "d", 2025), ("c", "d", 2025), ("d", "e", 2026))

    assert recoding(changes, "form", year=2025).target_of == {"a": "d", "b": "d", "c": "d"}
    assert recoding(changes, "form", year=2026).target_of == {"a": "e", "b": "e", "c": "e", "d": "e"}
    assert recoding(changes, "form", year=2024).apart == {"a": {"b", "c"}}


def test_a_chain_that_comes_back_ends_where_the_years_do():
    found = recoding(lines(("a", "b", 2022), ("b", "a", 2024)), "form", year=2026)

    assert found.target_of == {"a": "a", "b": "a"}


def test_only_years_before_the_change_are_recoded():
    """A value that stays in force after it became another: who is recorded under it then stays there."""
    table = series(y2023={"a": 5, "b": 1}, y2024={"a": 3, "b": 2}, y2025={"a": 0, "b": 7})
    change = ListRecoding({"a": "b"}, {"a": 2018, "b": 2018}, ("a", "b"), until={"a": 2024})

    recoded = recode(table, {"form": change})

    assert [recoded.cell(year, form="a").value for year in ("2023", "2024", "2025")] == [0, 3, 0]
    assert [recoded.cell(year, form="b").value for year in ("2023", "2024", "2025")] == [6, 2, 7]
    assert {key: cell for key, cell in recoded.cells.items() if key[0] >= "2024"} == {
        key: cell for key, cell in table.cells.items() if key[0] >= "2024"
    }


def test_a_value_that_nobody_has_after_the_change_is_not_listed():
    table = series(y2023={"a": 5, "b": 1}, y2025={"a": 0, "b": 7})
    change = ListRecoding({"a": "b"}, {"a": 2018, "b": 2018}, ("a", "b"), until={"a": 2024})

    assert recode(table, {"form": change}).codes["form"] == ("b", TOTAL)


def test_another_variable_s_changes_are_not_this_one_s():
    assert not recoding(lines(("a", "c", 2024)), "industry", year=2026)


def series(**years):
    """Cells by year: {"a": 5, "b": None}; None is what was not published. The total is given or summed."""
    codes = tuple(dict.fromkeys(code for row in years.values() for code in row if code != TOTAL))
    cells = {}
    for year, row in years.items():
        numbers = row | {TOTAL: row.get(TOTAL, sum(number or 0 for number in row.values()))}
        for code in (*codes, TOTAL):
            number = numbers.get(code)
            cells[year[1:], code] = Cell(number) if number is not None else Cell(None, Status.MISSING)
    return CountedTable(SERIES, {YEAR: tuple(y[1:] for y in years), "form": (*codes, TOTAL)}, cells)


def by_form(target_of, *, printed=("a", "b", "c", "d"), last_years=None, **first_years):
    first = dict.fromkeys(printed, 2018) | first_years
    return {"form": ListRecoding(target_of, first, printed, last_years or {})}


def rows_of(table):
    return {
        code: [table.cells[year, code].value for year in table.codes[YEAR]] for code in table.codes["form"]
    }


def test_merged_values_are_summed_in_the_years_before_too():
    table = series(y2023={"a": 5, "b": 3, "c": 0}, y2024={"a": 0, "b": 0, "c": 9})

    recoded = recode(table, by_form({"a": "c", "b": "c"}, c=2024))

    assert rows_of(recoded) == {"c": [8, 9], TOTAL: [8, 9]}


def test_a_value_that_others_were_merged_into_keeps_its_own():
    table = series(y2023={"a": 5, "b": 3}, y2024={"a": 0, "b": 9})

    assert rows_of(recode(table, by_form({"a": "b"}))) == {"b": [8, 9], TOTAL: [8, 9]}


def test_a_value_that_was_split_keeps_its_row():
    table = series(y2023={"a": 5, "b": 0, "c": 1}, y2024={"a": 0, "b": 4, "c": 2})

    assert recode(table, by_form({})) is table


def test_the_one_that_others_became_is_printed_where_it_stands_in_the_list_though_the_table_lacked_it():
    table = series(y2023={"a": 5, "d": 1})

    assert list(rows_of(recode(table, by_form({"a": "c"})))) == ["c", "d", TOTAL]


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        # Every part was published: summed, though the new value was not among them.
        ({"a": 5, "b": 3, "c": None, TOTAL: 8}, {"c": 8}),
        # A part was not: its sister stays apart with what was published.
        ({"a": 5, "b": None, "c": None, TOTAL: 9}, {"a": 5, "b": None, "c": None}),
        # Nothing was.
        ({"a": None, "b": None, "c": None, TOTAL: 9}, {"c": None}),
    ],
)
def test_of_a_published_year_only_what_is_whole_is_summed(published, expected):
    table = series(y2018=published, y2023={"a": 1, "b": 1, "c": 0}, y2024={"a": 0, "b": 0, "c": 9})

    recoded = recode(table, by_form({"a": "c", "b": "c"}, c=2024))

    rows = rows_of(recoded)
    assert {code: rows[code][0] for code in rows if code != TOTAL} == expected
    assert rows["c"][1:] == [2, 9]
    assert rows[TOTAL] == [published[TOTAL], 2, 9]
    assert all(rows[code][1:] == [0, 0] for code in rows if code not in ("c", TOTAL))


def test_of_a_published_year_a_part_that_no_row_has_makes_the_sum_short():
    table = series(y2018={"a": 5, "c": None, TOTAL: 9}, y2023={"a": 2, "c": 0})

    recoded = recode(table, by_form({"a": "c", "b": "c"}, c=2024))

    assert rows_of(recoded)["a"] == [5, 0]
    assert rows_of(recoded)["c"] == [None, 2]


@pytest.mark.parametrize(
    ("year", "published"), [("y2018", {"a": 5, "b": None}), ("y2022", {"a": None, "b": 5})]
)
def test_a_value_that_was_not_on_the_list_is_no_missing_part_of_a_published_year(year, published):
    """a became b in 2020, and b became c in 2023: in each year one of them stood for all of it."""
    table = series(**{year: published | {"c": None, TOTAL: 9}, "y2023": {"a": 0, "b": 0, "c": 2}})

    recoded = recode(table, by_form({"a": "c", "b": "c"}, b=2020, c=2023, last_years={"a": 2019, "b": 2022}))

    assert rows_of(recoded) == {"c": [5, 2], TOTAL: [9, 2]}


def test_every_cell_of_a_table_of_two_breakdowns_moves_with_its_margins():
    cells = {
        ("2023", form, sex): Cell(number)
        for (form, sex), number in {
            ("a", "female"): 1, ("a", "male"): 2, ("a", TOTAL): 3,
            ("b", "female"): 10, ("b", "male"): 20, ("b", TOTAL): 30,
            (TOTAL, "female"): 11, (TOTAL, "male"): 22, (TOTAL, TOTAL): 33,
        }.items()
    }  # fmt: skip
    codes = {YEAR: ("2023",), "form": ("a", "b", TOTAL), "sex": ("female", "male", TOTAL)}
    table = CountedTable(BY_FORM_AND_SEX, codes, cells)

    recoded = recode(table, by_form({"a": "b"}))

    assert recoded.codes["form"] == ("b", TOTAL)
    assert [cell.value for cell in recoded.in_order()] == [11, 22, 33, 11, 22, 33]


@given(
    numbers=st.lists(st.lists(st.integers(0, 50), min_size=5, max_size=5), min_size=1, max_size=4),
    changes=st.lists(
        st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde"), st.integers(2019, 2026)), max_size=6
    ),
)
def test_whatever_the_changes_the_parts_of_a_recoded_year_sum_to_the_total_it_had(numbers, changes):
    table = series(**{f"y{2019 + n}": dict(zip("abcde", row, strict=True)) for n, row in enumerate(numbers)})
    found = recoding(lines(*((s, t, year) for s, t, year in changes if s != t)), "form", year=2026)

    recoded = recode(table, by_form(found.target_of, printed=tuple("abcde")))

    for year in table.codes[YEAR]:
        parts = [recoded.cells[year, code].value for code in recoded.codes["form"] if code != TOTAL]
        assert sum(parts) == recoded.cells[year, TOTAL].value == table.cells[year, TOTAL].value
    gone = {source for source, target in found.target_of.items() if source != target}
    assert not (gone - set(found.target_of.values())) & set(recoded.codes["form"])
