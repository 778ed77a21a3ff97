"""Two years beside each other on a page: differences, reasons, and what was published before the register."""

import re

import pytest
from django.utils.html import strip_tags

from casereg.models import ExploitationForm
from stats.models import PublishedCount
from tests.factories import CaseFactory
from tests.stats.test_cell_pages import linked_numbers, listed_number, read

pytestmark = pytest.mark.django_db


def row_of(page, table_id, label):
    table = page.split(f'id="{table_id}">')[1].split("</table>")[0]
    rows = [
        re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    ]
    found = [[" ".join(strip_tags(cell).split()) for cell in row] for row in rows]
    return next(row for row in found if row[0].startswith(label))


def two_years():
    """Eight and then seven persons; in 2022 no referral was asked for."""
    before = {"year": 2022, "referral_source_id": None, "joint_inspection": None}
    CaseFactory.create_batch(8, **before, nationality_id="NG")
    CaseFactory.create_batch(6)
    CaseFactory(sex="female", form_id="sexual", industry_id=None, region_id="syd", nationality_id="UA")


def test_figures_and_tables_stand_side_by_side_with_their_differences(client, analyst):
    two_years()

    page = read(client, analyst, "/statistics/compare/?year=2023&with=2022")

    assert row_of(page, "key-figures", "Persons") == ["Persons", "8", "7", "−1", "−12%"]
    assert row_of(page, "key-figures", "Men and boys, of") == [
        "Men and boys, of all persons", "100%8 of 8", "86%6 of 7", "−14 points", "–",
    ]  # fmt: skip
    assert row_of(page, "persons", "Woman") == ["Woman", "0", "1", "+1", "–"]
    assert "what is covered changed" not in page
    assert row_of(page, "nationality", "Nigeria") == ["Nigeria", "8", "0", "−8", "−100%"]
    assert page.count('class="statistics-table"') == 14


def test_one_point_is_singular(client, analyst):
    before = {"year": 2022, "referral_source_id": None, "joint_inspection": None}
    CaseFactory.create_batch(98, **before)
    CaseFactory.create_batch(2, **before, sex="female")
    CaseFactory.create_batch(99)
    CaseFactory(sex="female")

    page = read(client, analyst, "/statistics/compare/?year=2023&with=2022")

    assert row_of(page, "key-figures", "Men and boys, of")[3] == "+1 point"


def test_the_order_of_the_years_in_the_address_does_not_matter_and_the_latest_two_are_shown_first(
    client, analyst
):
    two_years()

    for query in ("", "?year=2022&with=2023", "?year=2023&with=2022"):
        page = read(client, analyst, f"/statistics/compare/{query}")
        assert row_of(page, "key-figures", "Persons")[1:3] == ["8", "7"]


def test_a_year_is_never_compared_with_itself(client, analyst):
    two_years()

    for year in (2022, 2023):
        page = read(client, analyst, f"/statistics/compare/?year={year}&with={year}")
        assert row_of(page, "key-figures", "Persons")[1:3] == ["8", "7"]
        assert "A comparison needs two different years: shown are 2022 and 2023." in page
    assert "two different years" not in read(client, analyst, "/statistics/compare/?year=2023&with=2022")


def test_nationalities_stand_by_the_later_year_then_by_swedish_name_and_unknown_last(client, analyst):
    before = {"year": 2022, "referral_source_id": None, "joint_inspection": None}
    # Of the Swedish names Österrike stands behind Nigeria, of the English ones Austria before it.
    for code, earlier, later in (
        ("AT", 2, 1), ("NG", 0, 1), ("UA", 9, 0), ("TH", 0, 3), ("unknown", 9, 9), ("stateless", 1, 2),
    ):  # fmt: skip
        CaseFactory.create_batch(earlier, **before, nationality_id=code)
        CaseFactory.create_batch(later, nationality_id=code)

    page = read(client, analyst, "/statistics/compare/?year=2023&with=2022")

    table = page.split('id="nationality">')[1].split("</table>")[0]
    found = re.findall(r'<th scope="row">(.*?)</th>', table, re.DOTALL)
    labels = [strip_tags(each).strip() for each in found]
    assert labels == ["Thailand", "Nigeria", "Austria", "Ukraine", "Stateless", "Unknown", "Total"]


def test_what_was_not_collected_is_marked_and_differs_from_nothing(client, analyst):
    two_years()

    page = read(client, analyst, "/statistics/compare/?year=2023&with=2022")

    assert row_of(page, "referral", "Total")[1:] == ["..", "7", "–", "–"]
    notes = page.split('id="referral"')[1].split('<div class="statistics-table"')[0]
    assert "Not comparable." in notes
    assert "is collected since 2023." in notes
    assert "is collected since 2023." in row_of(page, "key-figures", "Identified in joint")[0]
    assert "Not comparable" not in row_of(page, "key-figures", "Persons")[0]


def test_a_value_that_was_added_to_the_list_is_marked_in_its_row(client, analyst):
    two_years()
    CaseFactory.create_batch(2, year=2022, referral_source_id=None, joint_inspection=None, form_id="begging",
                             industry_id=None)  # fmt: skip
    CaseFactory(form_id="begging", industry_id=None)
    ExploitationForm.objects.filter(code="begging").update(first_year=2023)

    page = read(client, analyst, "/statistics/compare/?year=2023&with=2022")

    assert "is on the list from 2023 on." in row_of(page, "form-by-person", "Begging")[0]
    assert row_of(page, "form-by-person", "Begging")[1:] == ["2", "1", "−1", "–"]
    assert "Not comparable" not in row_of(page, "form-by-person", "Total")[0]


def test_published_totals_are_a_side_with_source_and_mark_and_lead_to_no_cases(client, analyst):
    two_years()
    PublishedCount.objects.create(
        year=2019, table="persons-by-year", code="_T", count=14,
        basis_sv="x", basis_en="The basis of it.", source="The agency's report, page 7",
    )  # fmt: skip

    page = read(client, analyst, "/statistics/compare/?year=2023&with=2019")

    # No per cent of a number that covers something else; the difference is marked, and the mark explained.
    assert row_of(page, "persons-by-year", "Total") == ["Total", "14", "7", "−7*", "–"]
    assert "what is covered changed between the years" in page
    assert row_of(page, "persons-by-year", "Women")[1:] == [":", "1", "–", "–"]
    assert "Source of what was published: The agency&#x27;s report, page 7" in page
    assert "2019: The basis of it." in page
    assert "it cannot be recomputed" in page
    assert "From 2021 the published totals cover the coordinators alone." in page
    assert 'id="key-figures"' not in page
    assert not [address for address, _number in linked_numbers(page) if "/2019/" in address]
    assert linked_numbers(page)


def test_beside_a_published_year_nothing_is_taken_from_a_third_year_s_lists(client, analyst):
    two_years()
    ExploitationForm.objects.create(
        code="later", label_sv="senare", label_en="later", position=99, first_year=2026
    )
    CaseFactory(year=2026, month=1)
    for table in ("persons-by-year", "form-by-year"):
        PublishedCount.objects.create(
            year=2019, table=table, code="_T", count=14, basis_sv="x", basis_en="x", source="x"
        )

    page = read(client, analyst, "/statistics/compare/?year=2023&with=2019")

    assert row_of(page, "form-by-year", "Labour")[1:] == [":", "6", "–", "–"]
    assert "Later" not in page


def test_a_region_s_comparison_has_no_other_region_and_nothing_published(client, coordinator_nord):
    two_years()
    PublishedCount.objects.create(
        year=2019, table="persons-by-year", code="_T", count=298, basis_sv="x", basis_en="x", source="x"
    )

    page = read(client, coordinator_nord, "/statistics/compare/")

    assert row_of(page, "key-figures", "Persons")[1:3] == ["8", "6"]
    assert "2019" not in page
    assert "Syd" not in page
    assert "Ukrain" not in page


def test_all_cells_of_a_table_can_be_asked_for_and_lead_to_as_many_cases(client, analyst):
    two_years()

    page = read(client, analyst, "/statistics/compare/?year=2023&with=2022&table=form-by-person")

    numbers = linked_numbers(page)
    assert {number for _address, number in numbers} == {1, 6, 7, 8}
    assert page.count('scope="rowgroup"') > 5
    for address, number in numbers:
        assert listed_number(read(client, analyst, address)) == number


@pytest.mark.parametrize(
    "query",
    ["year=2017", "year=2023&with=2017", "year=x&with=2022", "year=2023&with=2022&table=no-table",
     "year=2023&with=2022&table=persons-by-year"],
)  # fmt: skip
def test_what_cannot_be_compared_is_not_there(client, analyst, query):
    two_years()
    client.force_login(analyst)

    assert client.get(f"/statistics/compare/?{query}").status_code == 404


def test_with_one_year_or_none_the_page_says_what_there_is(client, analyst):
    assert "nothing to count" in read(client, analyst, "/statistics/compare/")
    CaseFactory()
    page = read(client, analyst, "/statistics/compare/")
    assert "Only 2023 has cases, so there is no other year to compare it with." in page
    assert "<table" not in page


def test_a_year_is_compared_with_the_one_before_that_has_records_and_one_in_progress_is_marked(
    client, analyst
):
    two_years()
    CaseFactory(year=2026, month=1)
    PublishedCount.objects.create(
        year=2024, table="persons-by-year", code="_T", count=298, basis_sv="x", basis_en="x", source="x"
    )

    latest = read(client, analyst, "/statistics/compare/")
    of_2023 = read(client, analyst, "/statistics/compare/?year=2023")

    assert row_of(latest, "key-figures", "Persons")[1:3] == ["7", "1"]
    assert "2026 is not over" in latest
    assert row_of(of_2023, "key-figures", "Persons")[1:3] == ["8", "7"]
    assert "is not over" not in of_2023
