"""Every number that the 2023 report prints, against the demo's 2023. The list is `report_2023.txt`."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from stats.compute import YearFigures, compute_year
from stats.demo.loading import load_demo

LIST = Path(__file__).with_name("report_2023.txt")


@dataclass(frozen=True)
class Printed:
    place: str
    what: str
    number: int
    cell: str
    outcome: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def printed_numbers() -> list[Printed]:
    rows = [line.split(" | ") for line in LIST.read_text(encoding="utf-8").splitlines() if " | " in line]
    return [
        Printed(place, what, int(number), cell, outcome)
        for place, what, number, cell, outcome in rows
        if not place.startswith("#")
    ]


PRINTED = printed_numbers()


@pytest.fixture(scope="module")
def figures(django_db_setup, django_db_blocker):
    """The demo's 2023, counted once; the database is left as it was."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        load_demo()
        yield compute_year(2023)
        transaction.set_rollback(True)


@pytest.mark.parametrize("printed", [p for p in PRINTED if p.outcome == "equal"], ids=str)
def test_the_register_gives_the_printed_number(printed, figures):
    assert registered(printed.cell, figures) == printed.number


@pytest.mark.parametrize("printed", [p for p in PRINTED if p.outcome.startswith("contradicts: ")], ids=str)
def test_a_contradiction_of_the_report_is_one(printed, figures):
    assert registered(printed.cell, figures) != printed.number


def test_what_is_of_another_year_is_not_made_up():
    assert {p.cell for p in PRINTED if p.outcome == "other year"} == {"–"}
    assert {p.outcome.split(":")[0] for p in PRINTED} == {"equal", "contradicts", "other year"}


def test_the_contradictions_that_are_known_are_all_listed():
    listed = {p.number for p in PRINTED if p.outcome.startswith("contradicts")}
    assert listed == {412, 152, 301, 38, 50}


def registered(cell: str, figures: YearFigures) -> int | None:
    if cell.startswith("key:"):
        return figures.key_figures[cell[4:]].value
    if cell.startswith("{"):
        part, whole = (added(side, figures) for side in re.findall(r"\{(.*?)\}", cell))
        return int((Decimal(100) * part / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return added(cell, figures)


def added(cells: str, figures: YearFigures) -> int:
    total = 0
    for table, codes in re.findall(r"([a-z-]+)\[(.*?)\]", cells):
        named = dict(pair.split("=") for pair in codes.split(", ") if pair)
        value = figures.tables[table].cell(named.pop("year", "2023"), **named).value
        assert value is not None
        total += value
    return total
