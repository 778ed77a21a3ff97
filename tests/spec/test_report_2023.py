"""Every number that the 2023 report prints, against the demo's 2023. The list is `report_2023.txt`."""

import re
from decimal import ROUND_HALF_UP, Decimal

import pytest

from stats import registry
from stats.compute import YearFigures, compute_year
from stats.demo.loading import load_demo
from tests.spec import manifest
from tests.spec.manifest import NOTHING, PAGE, Printed, page, printed_numbers

PRINTED = printed_numbers()
OUTCOMES = {"equal", "contradicts", "not printed", "other year", "outside", "not checkable"}


def with_outcome(*outcomes: str) -> list[Printed]:
    return [printed for printed in PRINTED if printed.outcome in outcomes]


@pytest.fixture(scope="module")
def figures(django_db_setup, django_db_blocker):
    """The demo's 2023, counted once; the database is left as it was."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        load_demo()
        yield compute_year(2023)
        transaction.set_rollback(True)


@pytest.mark.parametrize("printed", with_outcome("equal"), ids=str)
def test_the_register_gives_the_printed_number(printed, figures):
    assert registered(printed.cell, figures) == printed.number


@pytest.mark.parametrize("printed", with_outcome("contradicts"), ids=str)
def test_a_contradiction_of_the_report_is_one_and_says_why(printed, figures):
    assert registered(printed.cell, figures) == printed.registered != printed.number
    assert printed.why


@pytest.mark.parametrize("printed", with_outcome("not printed"), ids=str)
def test_what_is_drawn_without_a_number_has_one_in_the_register(printed, figures):
    assert registered(printed.cell, figures) == printed.registered
    assert printed.number is None


def test_what_the_register_cannot_say_is_not_made_up():
    unsaid = with_outcome("other year", "outside", "not checkable")
    assert {printed.cell for printed in unsaid} == {NOTHING}
    assert all(printed.cell != NOTHING for printed in PRINTED if printed not in unsaid)
    assert {printed.outcome for printed in PRINTED} == OUTCOMES


def test_every_number_is_given_by_a_figure_of_the_registry():
    named = {name for printed in PRINTED for name in printed.figures}
    assert named <= {entry.id for entry in registry.entries()}
    without = [printed.cell for printed in PRINTED if not printed.figures and printed.cell != NOTHING]
    assert {cell.split("[")[0] for cell in without} == {"year", "years", "since"}


def test_the_contradictions_that_are_known_are_all_listed():
    """The forms, the industries, the sources, the share and its first year, the tie, the head, "about 50"."""
    listed = [(printed.number, printed.registered) for printed in with_outcome("contradicts")]
    assert sorted(listed) == sorted(
        [(412, 414), (152, 189), (301, 414), (38, 39), (19, 24), (5, 4), (2022, 2023), (50, 57)]
    )


def test_the_page_of_documentation_is_what_the_list_says():
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run python -m tests.spec.manifest"


def test_a_stale_page_fails_the_check(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(manifest, "PAGE", tmp_path / "page.md")
    assert manifest.main(["--check"]) == 1
    assert manifest.main([]) == 0
    assert manifest.main(["--check"]) == 0


# --- Cells in words of the list ------------------------------------------------------------------


def registered(cell: str, figures: YearFigures) -> int | None:
    if rounded := re.fullmatch(r"(.*) to (10|100)", cell):
        step = int(rounded[2])
        return half_up(Decimal(added(rounded[1], figures)) / step) * step
    if cell == "year":
        return figures.year
    if found := re.fullmatch(r"years\[(\d+), (\d+)\]", cell):
        return int(found[2]) - int(found[1]) + 1
    if found := re.fullmatch(r"since\[(\w+)\]", cell):
        return figures.codebook.variables[found[1]].first_year
    if found := re.fullmatch(r"rank\[(.*)\]", cell):
        return rank(pairs(found[1]), figures)
    if found := re.fullmatch(r"common\[(\d+)\](?: - (\d+))?", cell):
        countries = [code for code in figures.tables["nationality"].codes["nationality"] if len(code) == 2]
        within = [c for c in countries if c != "_T" and rank({"nationality": c}, figures) <= int(found[1])]
        return len(within) - int(found[2] or 0)
    if found := re.fullmatch(r"occurring\[([a-z-]+)\]", cell):
        table = figures.tables[found[1]]
        name = table.definition.dimensions[0].id
        return sum(bool(table.cell("2023", **{name: code}).value) for code in table.codes[name][:-1])
    if cell.startswith("key:"):
        return figures.key_figures[cell[4:]].value
    if cell.startswith("{"):
        part, whole = (added(side, figures) for side in re.findall(r"\{(.*?)\}", cell))
        return half_up(Decimal(100) * part / whole)
    return added(cell, figures)


def half_up(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def rank(codes: dict[str, str], figures: YearFigures) -> int:
    """One more than the number of countries with more persons."""
    table = figures.tables["nationality"]
    own = table.cell("2023", **codes).value or 0
    countries = [code for code in table.codes["nationality"] if len(code) == 2 and code != "_T"]
    return 1 + sum(
        (table.cell("2023", **{**codes, "nationality": code}).value or 0) > own for code in countries
    )


def pairs(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split(", ") if pair)


def added(cells: str, figures: YearFigures) -> int:
    total = 0
    for table, codes in re.findall(r"([a-z-]+)\[(.*?)\]", cells):
        named = pairs(codes)
        value = figures.tables[table].cell(named.pop("year", "2023"), **named).value
        assert value is not None
        total += value
    return total
