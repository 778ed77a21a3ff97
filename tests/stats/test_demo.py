"""The demo: its cases say what was printed of 2023, and it is loaded once or not at all."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from django.db.models import Model
from django.utils import translation
from pytest_django.fixtures import Settings

from casereg.actions.cases import NewCase, register_case
from casereg.case_content import CaseContent
from casereg.management.readable import Problems
from casereg.models import (
    AuditEvent,
    Case,
    CaseHistory,
    DemoLoad,
    ImportedFile,
    Incident,
    Industry,
    ReferenceCounter,
    Role,
    User,
)
from casereg.quality import case_findings
from casereg.stored_codebook import load_codebook
from casereg.vocabularies import person_group
from stats.demo.loading import DemoRefused, load_demo
from stats.demo.people import DEMO_PASSWORD
from stats.demo.persons import Dealer, Person
from stats.demo.present_year import cases_of_present_year
from stats.demo.published import DemoDiffers, check_against, published_2023
from stats.demo.year_2023 import cases_of_2023
from stats.models import PublishedCount

REGIONS = {"stockholm", "bergslagen", "nord", "mitt", "ost", "vast", "syd"}
WRITTEN: list[type[Model]] = [
    AuditEvent, Case, CaseHistory, DemoLoad, ImportedFile, Incident, PublishedCount,
    ReferenceCounter, User,
]  # fmt: skip
ANOTHER_CASE = CaseContent(
    month="2023-12",
    assessment="trafficking",
    form="sexual",
    sex="female",
    age_group="adult",
    nationality="CO",
    referral_source="police",
    joint_inspection="no",
    children_in_sweden="0",
    children_abroad="0",
)

# Figure 2 of the report of 2023, and the two women who follow from its totals.
FIGURE_2 = """
person_group       sexual labour criminality begging forced_marriage household organ_removal multiple other
adult_female          157     55           0       0               8         5             0        2     2
adult_male              3    128           5       1               0         0             1        1     0
girl                    7      2           0       4               0         0             0        0     0
boy                     3      4          11       3               0         0             0        0     0
female_age_unknown      5      0           0       0               0         0             0        0     0
other_sex               2      0           0       0               0         0             0        0     0
unknown_sex_adult       4      0           0       0               0         0             0        0     0
unknown_sex_minor       1      0           0       0               0         0             0        0     0
"""


@pytest.fixture(scope="module")
def cases() -> list[NewCase]:
    return cases_of_2023()


def rows_of(cases: Sequence[NewCase], **values: str) -> list[dict[str, str]]:
    rows = [
        asdict(case.content)
        | {
            "region": case.region_code,
            "person_group": person_group(case.content.sex, case.content.age_group),
        }
        for case in cases
    ]
    return [row for row in rows if values.items() <= row.items()]


def counted(rows: Sequence[dict[str, str]], *variables: str) -> dict[object, int]:
    """By value; by tuples of values where there are several variables."""
    return dict(
        Counter(tuple(row[v] for v in variables) if variables[1:] else row[variables[0]] for row in rows)
    )


def stored_rows() -> dict[str, list[dict[str, object]]]:
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in WRITTEN}


def loaded_output() -> str:
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


class TestPrintedCounts:
    def test_persons_by_sex_and_age(self, cases: list[NewCase]) -> None:
        assert len(cases) == 414
        assert counted(rows_of(cases), "age_group") == {"adult": 374, "minor": 35, "unknown": 5}
        assert counted(rows_of(cases), "sex") == {"female": 247, "male": 160, "other": 2, "unknown": 5}

    def test_form_by_person_group(self, cases: list[NewCase]) -> None:
        (_group, *forms), *lines = [line.split() for line in FIGURE_2.strip().splitlines()]
        printed = {
            (form, group): int(count)
            for group, *counts in lines
            for form, count in zip(forms, counts, strict=True)
            if count != "0"
        }
        assert counted(rows_of(cases), "form", "person_group") == printed

    def test_forms(self, cases: list[NewCase]) -> None:
        assert counted(rows_of(cases), "form") == {
            "sexual": 182, "labour": 189, "criminality": 16, "begging": 8, "forced_marriage": 8,
            "multiple": 3, "household": 5, "organ_removal": 1, "other": 2,
        }  # fmt: skip

    def test_assessments(self, cases: list[NewCase]) -> None:
        assert counted(rows_of(cases), "assessment") == {"trafficking": 237, "exploitation": 177}

    def test_minors(self, cases: list[NewCase]) -> None:
        minors = rows_of(cases, age_group="minor")
        assert counted(minors, "form") == {"sexual": 11, "criminality": 11, "begging": 7, "labour": 6}
        assert counted(minors, "sex") == {"female": 13, "male": 21, "unknown": 1}

    def test_joint_inspections(self, cases: list[NewCase]) -> None:
        inspected = rows_of(cases, joint_inspection="yes")
        assert len(inspected) == 84
        assert counted(inspected, "form") == {"labour": 73, "sexual": 8, "criminality": 2, "begging": 1}

    def test_referral_sources(self, cases: list[NewCase]) -> None:
        sources = counted(rows_of(cases), "referral_source")
        without_count = {"social_services", "civil_society", "self_referral"}
        assert sources.keys() == {"own_outreach", "migration_agency", "police"} | without_count
        assert sources["own_outreach"] == 119
        assert sources["migration_agency"] == 92
        assert sources["police"] == 90
        assert sum(sources[source] for source in without_count) == 113

    def test_industries(self, cases: list[NewCase]) -> None:
        assert counted(rows_of(cases, form="labour"), "industry") == {
            "green": 71, "construction": 21, "beauty": 17, "car_wash": 11, "cleaning": 8,
            "transport": 3, "manufacturing": 1, "other": 2, "unknown": 18, "": 37,
        }  # fmt: skip
        assert {row["industry"] for row in rows_of(cases) if row["form"] != "labour"} == {""}

    def test_nationalities(self, cases: list[NewCase]) -> None:
        persons = counted(rows_of(cases), "nationality")
        printed = {"TH": 62, "RO": 34, "UA": 29, "SE": 23, "NG": 23, "BG": 3}
        assert {code: persons[code] for code in printed} == printed
        others = {code: count for code, count in persons.items() if code not in printed}
        assert max(others.values()) < 23
        assert {"stateless", "unknown"} <= others.keys()

    def test_nationalities_of_adults_and_minors(self, cases: list[NewCase]) -> None:
        adults = counted(rows_of(cases, age_group="adult"), "nationality")
        minors = counted(rows_of(cases, age_group="minor"), "nationality")
        printed = {"TH": (62, 0), "RO": (21, 13), "UA": (28, 1), "SE": (19, 4), "NG": (21, 2)}
        assert {code: (adults[code], minors.get(code, 0)) for code in printed} == printed

    def test_swedish_citizens_stand_in_three_forms(self, cases: list[NewCase]) -> None:
        forms = counted(rows_of(cases, nationality="SE"), "form")
        assert forms.keys() == {"sexual", "labour", "criminality"}

    @pytest.mark.parametrize(("variable", "total"), [("children_in_sweden", 9), ("children_abroad", 33)])
    def test_children(self, cases: list[NewCase], variable: str, total: int) -> None:
        values = [row[variable] for row in rows_of(cases)]
        assert sum(int(value) for value in values if value not in ("", "unknown")) == total
        assert {"", "unknown", "0"} < set(values)

    def test_shares_in_per_cent(self, cases: list[NewCase]) -> None:
        groups = counted(rows_of(cases), "person_group")
        assert (groups["adult_male"], groups["adult_female"]) == (139, 229)
        labour = rows_of(cases, form="labour")
        assert (len([row for row in labour if row["sex"] == "female"]), len(labour)) == (57, 189)


class TestIncidents:
    def test_one_incident_has_forty_persons(self, cases: list[NewCase]) -> None:
        berries = rows_of(cases, incident="bar-2023-1")
        assert counted(berries, "region", "nationality", "form", "industry", "person_group") == {
            ("nord", "TH", "labour", "green", "adult_male"): 36,
            ("nord", "TH", "labour", "green", "adult_female"): 4,
        }

    def test_the_others_are_small(self, cases: list[NewCase]) -> None:
        together = [row for row in rows_of(cases) if row["incident"]]
        sizes = sorted(counted(together, "region", "incident").values())
        assert sizes == [2, 2, 3, 3, 3, 4, 6, 40]


class TestCasesOf2023:
    def test_are_the_same_each_time(self, cases: list[NewCase]) -> None:
        assert cases_of_2023() == cases

    def test_are_numbered_within_their_region_in_the_order_of_months(self, cases: list[NewCase]) -> None:
        assert {case.region_code for case in cases} == REGIONS
        for region_code in REGIONS:
            own = [case for case in cases if case.region_code == region_code]
            assert [case.reference for case in own] == [f"2023-{n:04}" for n in range(1, len(own) + 1)]
            months = [case.content.month for case in own]
            assert months == sorted(months)

    def test_a_difference_names_table_and_cell(self, cases: list[NewCase]) -> None:
        first = replace(cases[0], content=replace(cases[0].content, nationality="NO"))
        with pytest.raises(DemoDiffers, match=r"nationality, [A-Z]{2}: printed \d+, built \d+"):
            check_against(published_2023(), [first, *cases[1:]])

    def test_a_missing_child_is_a_difference(self, cases: list[NewCase]) -> None:
        without = [replace(case, content=replace(case.content, children_abroad="0")) for case in cases]
        with pytest.raises(DemoDiffers, match="children_abroad, all: printed 33, built 0"):
            check_against(published_2023(), without)


class TestDealer:
    def test_counts_what_was_dealt_before(self) -> None:
        persons: list[Person] = [{"form": "labour"}, {}, {}, {}]
        Dealer(1).deal(persons, "form", {"labour": 2}, rest="sexual")
        assert Counter(person["form"] for person in persons) == {"labour": 2, "sexual": 2}

    @pytest.mark.parametrize("counts", [{"labour": 3}, {"sexual": 0}])
    def test_refuses_counts_that_do_not_fit(self, counts: dict[str, int]) -> None:
        with pytest.raises(ValueError, match="form"):
            Dealer(1).deal([{"form": "sexual"}, {}], "form", counts)


class TestCasesOfPresentYear:
    @pytest.mark.parametrize(("month", "months"), [(1, 1), (2, 2), (11, 11), (12, 12)])
    def test_run_from_january_to_the_present_month(self, month: int, months: int) -> None:
        with time_machine.travel(datetime(2026, month, 15, 12, tzinfo=UTC)):
            cases = cases_of_present_year()
            assert cases == cases_of_present_year()
        assert len(cases) == 60
        assert {case.content.month for case in cases} == {f"2026-{n:02}" for n in range(1, months + 1)}

    @time_machine.travel(datetime(2026, 11, 15, 12, tzinfo=UTC))
    def test_fill_every_variable_in_every_region(self, db: None) -> None:
        cases, codebook = cases_of_present_year(), load_codebook()
        for case in cases:
            assert not case_findings(
                case.content, codebook=codebook, latest_month="2026-11", blanks_allowed=False
            )
        assert {case.region_code for case in cases} == REGIONS
        assert "unknown" in {case.content.children_abroad for case in cases}

    def test_one_incident_has_six_persons(self) -> None:
        together = [row for row in rows_of(cases_of_present_year()) if row["incident"]]
        assert list(counted(together, "region", "incident", "month").values()) == [6]


class TestLoading:
    def test_brings_people_cases_and_published_totals(self, db: None) -> None:
        assert load_demo()
        assert Case.objects.of_year(2023).count() == 414
        assert Case.objects.count() == 474
        assert Counter(User.objects.values_list("role", flat=True)) == {
            Role.COORDINATOR: 7,
            Role.ANALYST: 2,
            Role.ADMINISTRATOR: 1,
        }
        assert DemoLoad.objects.count() == 1
        assert AuditEvent.objects.count() == 2

    def test_stores_what_was_built(self, db: None, cases: list[NewCase]) -> None:
        load_demo()
        stored = {
            (case.region_id, case.reference): case.content
            for case in Case.objects.of_year(2023).select_related("incident")
        }
        assert stored == {(case.region_code, case.reference): case.content for case in cases}

    @time_machine.travel(datetime(2027, 1, 1, 12, tzinfo=UTC))
    def test_works_on_the_first_day_of_a_year(self, db: None) -> None:
        assert load_demo()
        assert Case.objects.of_year(2027).count() == 60

    def test_everybody_has_the_printed_password(self, db: None) -> None:
        output = loaded_output()
        for user in User.objects.all():
            assert user.email in output
            assert user.is_active
        assert DEMO_PASSWORD in output
        assert check_password(DEMO_PASSWORD, User.objects.get(email="ost@demo.example").password)

    def test_twice_changes_nothing(self, db: None) -> None:
        loaded_output()
        before = stored_rows()
        assert DEMO_PASSWORD in loaded_output()
        assert stored_rows() == before

    def test_twice_changes_nothing_whatever_was_registered_since(self, db: None) -> None:
        load_demo()
        register_case(region_code="nord", content=ANOTHER_CASE, by=None)
        before = stored_rows()
        assert not load_demo()
        assert stored_rows() == before

    @pytest.mark.parametrize("region_code", sorted(REGIONS))
    def test_the_next_reference_of_2023_is_free(
        self, db: None, cases: list[NewCase], region_code: str
    ) -> None:
        load_demo()
        own = [case for case in cases if case.region_code == region_code]
        case = register_case(region_code=region_code, content=ANOTHER_CASE, by=None)
        assert case.reference == f"2023-{len(own) + 1:04}"


def another_case() -> None:
    register_case(region_code="nord", content=ANOTHER_CASE, by=None)


def a_user_with_the_address() -> None:
    User.objects.create_user("nord@demo.example", name="N", role=Role.ANALYST)


def a_published_total() -> None:
    PublishedCount.objects.create(year=2019, table="persons-by-year", code="_T", count=1)


def an_industry_that_is_retired() -> None:
    Industry.objects.filter(code="car_wash").update(last_year=2022)


class TestRefusal:
    @pytest.mark.parametrize(
        ("arrange", "reason"),
        [
            (another_case, "There are cases already"),
            (a_user_with_the_address, "nord@demo.example"),
            (a_published_total, "There are published totals already"),
            (an_industry_that_is_retired, "industry: "),
        ],
    )
    def test_leaves_nothing_behind(self, db: None, arrange: Callable[[], None], reason: str) -> None:
        arrange()
        before = stored_rows()
        with translation.override("en"), pytest.raises(DemoRefused, match=reason):
            load_demo()
        assert stored_rows() == before

    def test_in_production(self, db: None, settings: Settings) -> None:
        settings.IS_PRODUCTION = True
        before = stored_rows()
        with translation.override("en"), pytest.raises(DemoRefused, match="production"):
            load_demo()
        assert stored_rows() == before

    def test_is_one_line_of_the_command(self, db: None) -> None:
        another_case()
        with pytest.raises(Problems) as raised:
            loaded_output()
        assert len(raised.value.lines) == 1


class TestPublishedTotals:
    @pytest.mark.parametrize(
        ("year", "table", "published"),
        [
            (2018, "persons-by-year",
             {"adult_female": 163, "adult_male": 42, "girl": 19, "boy": 38, "_T": 262}),
            (2019, "persons-by-year",
             {"adult_female": 202, "adult_male": 46, "girl": 23, "boy": 26, "_T": 298}),
            (2021, "persons-by-year",
             {"adult_female": 289, "adult_male": 142, "girl": 32, "boy": 21,
              "unknown_sex_adult": 5, "unknown_sex_minor": 1, "_T": 490}),
            (2022, "persons-by-year", {"other_sex": 2, "_T": 375}),
            (2024, "persons-by-year", {"_T": 430}),
            (2021, "minors-by-year", {"_T": 54}),
            (2022, "minors-by-year", {"_T": 54}),
            (2024, "minors-by-year", {"_T": 22}),
        ],
    )  # fmt: skip
    def test_are_those_published(self, db: None, year: int, table: str, published: dict[str, int]) -> None:
        load_demo()
        stored = PublishedCount.objects.filter(year=year, table=table)
        assert dict(stored.values_list("code", "count")) == published

    def test_years_are_those_with_figures(self, db: None) -> None:
        load_demo()
        assert set(PublishedCount.objects.values_list("year", flat=True)) == {2018, 2019, 2021, 2022, 2024}

    def test_forms_and_nationalities_have_the_persons_total(self, db: None) -> None:
        load_demo()
        totals = {
            table: dict(PublishedCount.objects.filter(table=table, code="_T").values_list("year", "count"))
            for table in ("persons-by-year", "form-by-year", "nationality-by-year")
        }
        assert totals["form-by-year"] == totals["nationality-by-year"] == totals["persons-by-year"]

    def test_each_says_what_it_covers_and_where_it_stands(self, db: None) -> None:
        load_demo()
        for count in PublishedCount.objects.all():
            assert all([count.basis_sv, count.basis_en, count.source])
