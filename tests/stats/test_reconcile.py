"""The reconciliation: each check finds what it is there for in figures made wrong, and nothing else."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from casereg.management.readable import Problems
from casereg.models import ExploitationForm
from stats import reconciliation
from stats.compute import compute_year, recorded_years
from stats.definitions import CellReference, Status
from stats.demo.loading import load_demo
from stats.models import PublishedCount
from stats.reconcile import UNKNOWN, all_hold, reconcile
from stats.reconciliation import counted_year, reconciled
from stats.tabulate import Cell
from tests.factories import CaseFactory
from tests.stats.records import YEARS, records, store

pytestmark = pytest.mark.django_db


def counted(year, region_code=None):
    return counted_year(compute_year(year, region_code=region_code), recorded_years(region_code))


@pytest.fixture
def now():
    """A year with a bit of everything, and one before it."""
    CaseFactory.create_batch(3)
    CaseFactory(sex="female", age_group="minor", form_id="sexual", industry_id=None, region_id="syd")
    CaseFactory(sex="female", form_id="labour", industry_id=None, referral_source_id=None)
    CaseFactory(sex="unknown", age_group="unknown", referral_source_id="unknown", month=2)
    CaseFactory(year=2022, referral_source_id=None, joint_inspection=None)
    return counted(2023)


@pytest.fixture
def before(now):
    return counted(2022)


def with_cell(year, table_id, value, *, status=None, **codes):
    """The year with one cell made another."""
    table = year.tables[table_id]
    codes = {"year": str(year.year), **codes}
    key = tuple(codes.get(name, "_T") for name in table.codes)
    assert key in table.cells
    assert table.cells[key].value != value
    cells = {**table.cells, key: Cell(value, status)}
    return replace(year, tables={**year.tables, table_id: replace(table, cells=cells)})


def findings(checks):
    return {
        check.id: [finding.place.figure for finding in check.findings] for check in checks if not check.holds
    }


def test_a_year_that_is_right_holds_and_every_check_compared_something(now, before):
    checks = reconcile(now, before)

    assert findings(checks) == {}
    assert all_hold(checks)
    assert all(check.compared for check in checks)


def test_the_demo_holds():
    load_demo()

    assert findings(reconcile(counted(2023), None)) == {}


@settings(max_examples=25)
@given(rows=st.lists(records(), min_size=1, max_size=30))
def test_no_records_of_any_kind_break_a_check(rows):
    with transaction.atomic():
        store(rows)
        for year in set(YEARS) & set(recorded_years(None)):
            earlier = counted(year - 1) if year - 1 in recorded_years(None) else None
            assert findings(reconcile(counted(year), earlier)) == {}
        region = rows[0]["region"]
        for year in recorded_years(region):
            assert findings(reconcile(counted(year, region), None)) == {}
        transaction.set_rollback(True)


def test_a_total_that_is_not_its_parts_is_found(now):
    wrong = with_cell(now, "months", 6, month="07", region="nord")

    found = findings(reconcile(wrong, None))

    assert set(found["parts"]) == {"months"}


def test_419_in_one_place_and_416_in_another_is_found(db):
    """The same persons counted twice with two results: one dashboard said 419, the other 416."""
    for persons, month in ((200, 1), (216, 2)):
        CaseFactory.create_batch(persons, month=month)
    year = counted(2023)
    table, wrongly = year.tables["months"], {416: 419, 216: 219}
    cells = {key: Cell(wrongly.get(cell.value, cell.value)) for key, cell in table.cells.items()}
    months = replace(table, cells=cells)
    wrong = replace(year, tables={**year.tables, "months": months})

    checks = {check.id: check for check in reconcile(wrong, None)}

    assert checks["parts"].holds  # the wrong table sums
    numbers = [finding.numbers for finding in checks["same-quantity"].findings]
    assert {"number": 416, "other_number": 419} in numbers


def test_a_group_counted_wrongly_is_found_although_the_totals_are_right(now):
    """A count by group that puts persons into the wrong group: the grand total stays the same."""
    table = now.tables["region-by-form"]
    swapped = {"nord": "syd", "syd": "nord"}
    cells = {
        (year, region, form): table.cells[year, swapped.get(region, region), form]
        for year, region, form in table.cells
    }
    wrong = replace(now, tables={**now.tables, "region-by-form": replace(table, cells=cells)})

    checks = {check.id: check for check in reconcile(wrong, None)}

    assert checks["parts"].holds
    places = {(finding.place.figure, finding.other.figure) for finding in checks["same-quantity"].findings}
    assert places == {("region-by-form", "months")}


@pytest.mark.parametrize(
    ("table_id", "codes"),
    [
        ("form-by-person", {"form": "labour"}),
        ("assessment-by-form", {"form": "labour"}),
        ("joint-by-form", {"form": "labour"}),
        ("region-by-form", {"form": "labour"}),
        ("nationality-by-form", {"form": "labour"}),
        ("form-by-year", {"form": "labour"}),
        ("minors-by-form", {"form": "sexual"}),
        ("minors-by-year", {"form": "sexual"}),
        ("industry", {}),
        ("industry", {"sex": "female"}),
        ("minors-by-form", {"sex": "female"}),
        ("persons", {"sex": "female", "age_group": "minor"}),
        ("persons-by-year", {"person_group": "girl"}),
        ("form-by-person", {"person_group": "other_sex"}),
        ("referral", {"age_group": "minor"}),
        ("nationality", {"nationality": "TH"}),
        ("nationality-by-year", {"nationality": "TH"}),
        ("months", {"region": "syd"}),
        ("incidents", {"unit": "persons"}),
        ("children", {"whereabouts": "abroad"}),
    ],
)
def test_a_quantity_that_stands_in_two_places_is_compared(now, table_id, codes):
    wrong = with_cell(now, table_id, 77, **codes)

    [check] = [check for check in reconcile(wrong, None) if check.id == "same-quantity"]

    assert 77 in {number for finding in check.findings for number in finding.numbers.values()}


def test_last_year_s_table_is_held_against_this_year_s_series(now, before):
    wrong = with_cell(before, "persons", 9)

    assert "same-quantity" in findings(reconcile(now, wrong))


def test_two_published_totals_of_one_year_that_differ_are_found(now):
    for table, count in (("persons-by-year", 298), ("form-by-year", 299)):
        PublishedCount.objects.create(
            year=2019, table=table, code="_T", count=count, basis_sv="x", basis_en="x", source="x"
        )

    assert findings(reconcile(counted(2023), None)) == {"same-quantity": ["persons-by-year"]}


def test_published_parts_need_not_sum(now):
    for code, count in (("TH", 5), ("_T", 40)):
        PublishedCount.objects.create(
            year=2019, table="nationality-by-year", code=code, count=count,
            basis_sv="x", basis_en="x", source="x",
        )  # fmt: skip

    assert findings(reconcile(counted(2023), None)) == {}


def test_unknown_left_out_of_a_total_is_found(now):
    wrong = now
    for age_group in ("unknown", "_T"):
        value = now.tables["referral"].cell("2023", age_group=age_group).value
        wrong = with_cell(wrong, "referral", value - 1, age_group=age_group)

    assert set(findings(reconcile(wrong, None))["emptiness"]) == {"referral"}


def test_a_table_without_a_column_for_what_is_not_recorded_is_found(now):
    """Also while nothing is missing: nobody could tell a blank from a zero."""
    table = now.tables["joint-by-form"]
    listed = tuple(code for code in table.codes["joint_inspection"] if code != "not_recorded")
    codes = {**table.codes, "joint_inspection": listed}
    wrong = replace(now, tables={**now.tables, "joint-by-form": replace(table, codes=codes)})

    assert findings(reconcile(wrong, None)) == {"emptiness": ["joint-by-form"]}


def test_a_group_of_unknown_sex_or_age_is_unknown_and_other_sex_is_not(now):
    from stats.dimensions import PERSON_GROUP
    from stats.reconcile import _is_empty

    groups = now.tables["form-by-person"].codes["person_group"]
    empty = {group for group in groups if _is_empty(group, PERSON_GROUP, now.meaning)}

    assert empty == {group for group in groups if UNKNOWN in group}


@pytest.mark.parametrize("figure_id", ["persons", "men_share_of_adults", "children_abroad"])
def test_a_key_figure_that_is_not_its_cells_is_found(now, figure_id):
    figure = replace(now.key_figures[figure_id], value=99)
    wrong = replace(now, key_figures={**now.key_figures, figure_id: figure})

    assert figure_id in findings(reconcile(wrong, None))["key-figures"]


def test_a_share_that_changed_its_denominator_between_two_years_is_found(now, before):
    """Of adult men and women in one year, of everybody in the other: 19 and 38 are not comparable."""
    share = before.key_figures["men_and_boys_share"]
    adults = (
        CellReference("persons", {"sex": "male", "age_group": "adult"}),
        CellReference("persons", {"sex": "female", "age_group": "adult"}),
    )
    other = replace(share, definition=replace(share.definition, denominator=adults))
    wrong = replace(before, key_figures={**before.key_figures, "men_and_boys_share": other})

    assert findings(reconcile(now, wrong))["shares"] == ["men_and_boys_share"]


def test_a_share_whose_population_means_something_else_is_found(now, before):
    """No definition changed, but what its codes mean did."""
    derived = {**before.meaning.derived["person_group"], ("female", "unknown"): "adult_female"}
    wrong = replace(before, meaning=replace(before.meaning, derived={"person_group": derived}))

    assert findings(reconcile(now, wrong))["shares"] == ["women_share_of_labour"]


def test_a_number_of_a_year_in_which_nobody_asked_is_found(now, before):
    wrong = with_cell(before, "referral", 0, referral_source="_T")

    assert findings(reconcile(now, wrong))["collected"] == ["referral"]
    assert findings(reconcile(wrong, None))["collected"] == ["referral"]


def test_a_key_figure_of_a_year_in_which_nobody_asked_is_found(before):
    figure = replace(before.key_figures["joint_inspection"], value=0)
    wrong = replace(before, key_figures={**before.key_figures, "joint_inspection": figure})

    assert findings(reconcile(wrong, None))["collected"] == ["joint_inspection"]


def test_not_collected_where_it_was_is_found(now):
    wrong = with_cell(now, "persons", None, status=Status.NOT_COLLECTED, sex="male", age_group="minor")

    assert findings(reconcile(wrong, None))["collected"] == ["persons"]


@pytest.fixture
def with_a_new_form(now):
    ExploitationForm.objects.create(
        code="surrogacy", label_sv="surrogat", label_en="surrogacy", position=90, first_year=2024
    )
    CaseFactory(year=2024, form_id="surrogacy", industry_id=None)
    return counted(2024)


def test_a_form_that_was_not_on_a_years_list_is_no_finding_and_its_year_is_still_summed(with_a_new_form):
    table = with_a_new_form.tables["form-by-year"]
    assert table.cells["2023", "surrogacy"].status is Status.NOT_COLLECTED
    assert findings(reconcile(with_a_new_form, None)) == {}

    cells = {**table.cells, ("2023", "_T"): Cell(99)}
    wrong = {**with_a_new_form.tables, "form-by-year": replace(table, cells=cells)}
    assert "form-by-year" in findings(reconcile(replace(with_a_new_form, tables=wrong), None))["parts"]


def test_a_form_that_was_on_the_list_and_is_said_not_to_be_collected_is_found(with_a_new_form):
    table = with_a_new_form.tables["form-by-year"]
    cells = {**table.cells, ("2023", "begging"): Cell(None, Status.NOT_COLLECTED)}
    wrong = {**with_a_new_form.tables, "form-by-year": replace(table, cells=cells)}

    found = findings(reconcile(replace(with_a_new_form, tables=wrong), None))

    assert found["collected"] == ["form-by-year"]


# --- Command and page ----------------------------------------------------------------------------


def test_the_command_says_what_it_compared(now):
    said = StringIO()
    call_command("reconcile", "2023", "--language", "en", stdout=said)

    assert len(said.getvalue().splitlines()) == 6
    assert "Key figures follow from the tables: Agrees (14 comparisons)" in said.getvalue()


def tampered(monkeypatch, table_id, value, **codes):
    real = reconciliation.compute_year

    def compute_wrongly(year, *, region_code=None):
        figures = real(year, region_code=region_code)
        tables = with_cell(figures, table_id, value, **codes).tables
        return replace(figures, tables=tables)

    monkeypatch.setattr(reconciliation, "compute_year", compute_wrongly)


def test_the_command_fails_and_names_both_places(now, monkeypatch):
    tampered(monkeypatch, "persons", 8)

    with pytest.raises(Problems) as raised:
        call_command("reconcile", "2023", "--language", "en", stdout=StringIO())

    assert any(
        "Persons by sex and age group, 2023: 8; " in str(line) and "Both count the same." in str(line)
        for line in raised.value.lines
    )


def test_a_year_without_records_cannot_be_reconciled(now):
    with pytest.raises(Problems, match="2019"):
        call_command("reconcile", "2019")


def test_a_year_that_the_arithmetic_refuses_is_a_finding(now, monkeypatch):
    def refuse(table, counts, vocabulary):
        from stats.tables.persons import PERSONS
        from stats.tabulate import PartsDoNotSum

        raise PartsDoNotSum(PERSONS, {"sex": "female", "age_group": "_T"}, 2, 3)

    monkeypatch.setattr("stats.compute.tabulate", refuse)
    with translation.override("en"):
        [check] = reconciled(2023)

    assert not check.holds
    assert check.findings[0].figure == "persons"


def test_a_year_is_held_against_the_latest_before_it_that_has_records(now):
    CaseFactory.create_batch(3, year=2026, sex="male", age_group="adult")

    with translation.override("en"):
        shares = next(check for check in reconciled(2026) if check.id == "shares")

    assert shares.compared == "3 comparisons"


def test_the_page_shows_each_check_and_each_finding(client, analyst, now, monkeypatch):
    client.force_login(analyst)
    client.cookies["django_language"] = "en"
    right = client.get("/statistics/2023/reconciliation/").content.decode()
    tampered(monkeypatch, "persons", 8)
    wrong = client.get("/statistics/2023/reconciliation/").content.decode()

    assert right.count('<section aria-labelledby="check-') == 6
    assert "Every number of the year agrees with every other." in right
    assert "The year cannot be published before that is cleared up." in wrong
    assert "/statistics/2023/figures/persons/" in wrong


def test_a_coordinator_reconciles_the_own_region(client, coordinator_syd, now):
    client.force_login(coordinator_syd)

    assert client.get("/statistics/2023/reconciliation/").status_code == 200
    assert client.get("/statistics/2022/reconciliation/").status_code == 404
