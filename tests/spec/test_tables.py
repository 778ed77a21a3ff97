"""Each table and the key figures as drawn in `tables/` and `key_figures.txt`: cases in, table out."""

import pytest

from stats.compute import YearFigures, compute_year
from stats.definitions import TOTAL, YEAR
from stats.key_figures import KEY_FIGURES
from stats.labels import SYMBOLS
from stats.models import PublishedCount
from stats.tables import TABLES
from tests.records import PERSON
from tests.spec import drawn
from tests.spec.drawn import SPECS, Step
from tests.stats.naive import FIRST_YEARS
from tests.stats.records import store

pytestmark = pytest.mark.django_db
TABLE_IDS = [table.id for table in TABLES]


@pytest.mark.parametrize("table_id", TABLE_IDS)
def test_a_table_is_as_drawn(table_id):
    compared = 0
    for step in drawn.read(SPECS / f"{table_id}.txt"):
        if step.heading == "cases":
            store(cases(step))
        elif step.heading == "published":
            publish(step, table_id)
        else:
            compare(step, table_id, compute_year(step.year))
            compared += 1
    assert compared


def test_the_key_figures_are_as_drawn():
    for step in drawn.read(drawn.KEY_FIGURES):
        if step.heading == "cases":
            store(cases(step))
            continue
        counted = compute_year(step.year).key_figures
        assert [row["figure"] for row in step.by_column()] == [figure.id for figure in KEY_FIGURES]
        for row in step.by_column():
            figure = counted[row["figure"]]
            without = SYMBOLS[figure.status][0] if figure.status else "–"
            made_of = [
                "" if number is None else str(number) for number in (figure.numerator, figure.denominator)
            ]
            value = without if figure.value is None else str(figure.value)
            assert [value, *made_of] == [row["value"], row["numerator"], row["denominator"]], row["figure"]


def test_every_table_is_drawn_and_nothing_else_is():
    assert {path.stem for path in SPECS.iterdir()} == set(TABLE_IDS)


def test_every_variable_that_was_not_always_collected_is_drawn_in_a_year_without_it():
    drawn_without = {
        path.stem for path in SPECS.iterdir() if any("every cell" in step.said for step in drawn.read(path))
    }
    assert drawn_without == {"joint-by-form", "referral", "industry", "children"}


# --- Steps ---------------------------------------------------------------------------------------


def cases(step: Step) -> list[dict[str, str]]:
    rows = []
    ordinary = {name: value for name, value in PERSON.items() if name != "reference"}
    for row in step.by_column():
        times = int(row.pop("times", "1"))
        given = {name: "" if value in ("-", "not_recorded") else value for name, value in row.items()}
        case = ordinary | {"incident": ""} | given
        rows += [without_what_is_not_asked(case, given)] * times
    return rows


def without_what_is_not_asked(case: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    year = int(case["month"][:4])
    since = FIRST_YEARS | dict.fromkeys(["children_in_sweden", "children_abroad"], FIRST_YEARS["children"])
    blank = {name for name, first_year in since.items() if year < first_year}
    if case["form"] != "labour":
        blank.add("industry")
    return {name: "" if name in blank - given.keys() else value for name, value in case.items()}


def publish(step: Step, table_id: str) -> None:
    for row in step.by_column():
        PublishedCount.objects.create(
            year=int(row["year"]), table=table_id, code=row["code"], count=int(row["count"]),
            basis_sv="Ur en rapport.", basis_en="From a report.", source="a report",
        )  # fmt: skip


def compare(step: Step, table_id: str, figures: YearFigures) -> None:
    table = figures.tables[table_id]
    printed = {
        key: SYMBOLS[cell.status][0] if cell.status else str(cell.value) for key, cell in table.cells.items()
    }
    if "every cell" in step.said:
        assert set(printed.values()) == {step.said["every cell"]}
        return
    assert {name: str(number) for name, number in table.notes.items()} == step.said
    (corner, *columns), *rows = step.rows
    down, across = [name.strip() for name in corner.split("\\")] if "\\" in corner else (corner, "")
    names = list(table.codes)

    def key(row: str, column: str) -> tuple[str, ...]:
        codes = {YEAR: str(step.year), down: row, across: column}
        return tuple(codes[name] for name in names)

    expected = {
        key(row[0], column): cell for row in rows for column, cell in zip(columns, row[1:], strict=True)
    }
    assert {place: printed.get(place) for place in expected} == expected
    assert {printed[place] for place in printed.keys() - expected.keys()} <= {"0", ":"}
    listed = [code for code in table.codes[down] if code in {row[0] for row in rows}]
    assert listed == [row[0] for row in rows], "the order of the rows"
    if across:
        assert [code for code in table.codes[across] if code in columns] == columns, (
            "the order of the columns"
        )
    assert rows[-1][0] == TOTAL
