"""A series and a comparison after a list was changed: as recorded, and in the values of the later year."""

import re

import pytest
from django.utils.html import strip_tags

from casereg.models import ExploitationForm, FormCorrespondence
from stats.models import PublishedCount
from tests.factories import CaseFactory
from tests.stats.test_cell_pages import linked_numbers, listed_number, read
from tests.stats.test_comparison_pages import row_of

pytestmark = pytest.mark.django_db

SERIES = "/statistics/2025/figures/form-by-year/"
COMPARED = "/statistics/compare/?year=2025&with=2023"
LISTS = "lists=2025"


@pytest.fixture
def changed_list(database):
    """From 2024 on begging and criminality are one; household work was split in two."""
    ExploitationForm.objects.filter(code__in=["begging", "criminality", "household"]).update(last_year=2023)
    for position, code in enumerate(("forced_crime", "live_in", "day_work"), start=80):
        ExploitationForm.objects.create(
            code=code, label_sv=f"sv {code}", label_en=f"new {code}", position=position, first_year=2024
        )
    for source, target in [
        ("begging", "forced_crime"),
        ("criminality", "forced_crime"),
        ("household", "live_in"),
        ("household", "day_work"),
    ]:
        FormCorrespondence.objects.create(source_id=source, target_id=target, first_year=2024)
    form = {"industry_id": None}
    CaseFactory.create_batch(3, form_id="begging", **form)
    CaseFactory.create_batch(2, form_id="criminality", **form)
    CaseFactory.create_batch(4, form_id="household", **form)
    CaseFactory.create_batch(6, form_id="forced_crime", year=2025, **form)
    CaseFactory(form_id="live_in", year=2025, **form)


def row(page, label):
    table = page.split('class="statistics')[-1]
    for found in re.findall(r"<tr.*?</tr>", table, re.DOTALL):
        cells = [
            " ".join(strip_tags(cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", found, re.DOTALL)
        ]
        if cells[0] == label:
            return cells[1:]
    return None


def test_a_series_is_shown_as_recorded_until_it_is_asked_for_in_the_later_values(
    client, analyst, changed_list
):
    page = read(client, analyst, SERIES)

    assert row(page, "Begging") == ["3", "0"]
    assert row(page, "New forced_crime") == ["0", "6"]
    assert f'href="?{LISTS}"' in page
    assert "is counted as" not in page


def test_recoded_what_was_merged_is_one_row_and_what_was_split_stands_apart(client, analyst, changed_list):
    page = read(client, analyst, f"{SERIES}?{LISTS}")

    assert row(page, "New forced_crime") == ["5", "6"]
    assert row(page, "Begging") is None
    assert "“begging” is counted as “new forced_crime”." in page
    label = ExploitationForm.objects.get(pk="household").label_en
    assert row(page, label[0].upper() + label[1:]) == ["4", "0"]
    assert f"“{label}” was split into “new live_in” and “new day_work”." in page
    assert row(page, "Total") == ["9", "7"]


def test_every_number_of_a_recoded_series_and_comparison_leads_to_as_many_cases(
    client, analyst, changed_list
):
    numbers = [
        *linked_numbers(read(client, analyst, f"{SERIES}?{LISTS}")),
        *linked_numbers(read(client, analyst, f"{COMPARED}&{LISTS}")),
    ]

    assert any("form=forced_crime&lists=2025" in address and number == 5 for address, number in numbers)
    for address, number in numbers:
        if "/children/" in address or "unit=incidents" in address:
            continue
        assert listed_number(read(client, analyst, address)) == number, address


def test_the_list_behind_a_recoded_number_says_so(client, analyst, changed_list):
    page = read(client, analyst, "/statistics/2023/form-by-year/cases/?form=forced_crime&lists=2025")

    assert "Those of the lists of 2025" in page
    assert listed_number(page) == 5


@pytest.mark.parametrize("lists", ["2024", "nonsense", "20250", "²⁰²⁵"])
def test_lists_of_another_year_than_the_page_s_are_not_there(client, analyst, changed_list, lists):
    client.force_login(analyst)

    assert client.get(SERIES, {"lists": lists}).status_code == 404
    assert client.get(f"{COMPARED}&lists={lists}").status_code == 404


def test_where_no_list_was_changed_nothing_is_offered_and_nothing_is_there(client, analyst):
    CaseFactory(year=2025)

    assert "lists=" not in read(client, analyst, SERIES)
    assert client.get(f"{SERIES}?{LISTS}").status_code == 404


def test_a_comparison_marks_what_was_changed_and_recoded_only_what_cannot_be_mapped(
    client, analyst, changed_list
):
    recorded = read(client, analyst, COMPARED)
    recoded = read(client, analyst, f"{COMPARED}&{LISTS}")

    assert row_of(recorded, "form-by-person", "Begging")[1:] == ["3", "0", "−3", "−100%"]
    assert "was used for the last time" in row_of(recorded, "form-by-person", "Begging")[0]
    assert row_of(recoded, "form-by-person", "New forced_crime") == [
        "New forced_crime", "5", "6", "+1", "+20%",
    ]  # fmt: skip
    label = ExploitationForm.objects.get(pk="household").label_en
    apart = row_of(recoded, "form-by-person", label[0].upper() + label[1:])
    assert "was used for the last time" in apart[0]
    assert "was added to the list" in row_of(recoded, "form-by-person", "New live_in")[0]
    assert "was split into" in recoded


def test_a_value_that_took_another_in_is_marked_until_it_is_recoded(client, analyst):
    ExploitationForm.objects.filter(code="begging").update(last_year=2023)
    FormCorrespondence.objects.create(source_id="begging", target_id="criminality", first_year=2024)
    CaseFactory(form_id="begging", industry_id=None)
    CaseFactory.create_batch(2, form_id="criminality", industry_id=None, year=2025)

    recorded = row_of(read(client, analyst, COMPARED), "form-by-person", "Criminality")
    recoded = row_of(read(client, analyst, f"{COMPARED}&{LISTS}"), "form-by-person", "Criminality")

    assert "2024: “criminality” stands for cases that before were “begging”, too." in recorded[0]
    assert recorded[1:] == ["0", "2", "+2", "–"]
    assert recoded == ["Criminality", "1", "2", "+1", "+100%"]


def test_of_a_year_that_was_published_only_a_part_that_is_missing_is_not_added_up(
    client, analyst, changed_list
):
    said = {"basis_sv": "av en källa", "basis_en": "of a source", "source": "a source"}
    for code, number in {"_T": 9, "begging": 4}.items():
        PublishedCount.objects.create(table="form-by-year", year=2018, code=code, count=number, **said)

    page = read(client, analyst, f"{SERIES}?{LISTS}")

    assert row(page, "Begging") == ["4", "0", "0"]
    assert row(page, "New forced_crime") == [":", "5", "6"]


def test_what_became_of_values_is_said_beside_a_published_year_too(client, analyst, changed_list):
    said = {"basis_sv": "av en källa", "basis_en": "of a source", "source": "a source"}
    for table, code in (
        ("persons-by-year", "_T"),
        ("form-by-year", "begging"),
        ("form-by-year", "criminality"),
    ):
        PublishedCount.objects.create(table=table, year=2018, code=code, count=4, **said)

    page = read(client, analyst, f"/statistics/compare/?year=2025&with=2018&{LISTS}")

    assert row_of(page, "form-by-year", "New forced_crime")[1:3] == ["8", "6"]
    assert page.count("“begging” is counted as “new forced_crime”.") == 1


def test_behind_a_value_that_became_another_one_there_is_no_case(client, analyst, changed_list):
    said = {"basis_sv": "av en källa", "basis_en": "of a source", "source": "a source"}
    PublishedCount.objects.create(table="form-by-year", year=2018, code="begging", count=4, **said)
    cell = "/statistics/2023/form-by-year/cases/?form=begging"

    assert listed_number(read(client, analyst, cell)) == 3
    assert client.get(f"{cell}&{LISTS}").status_code == 404


def test_a_published_year_is_recoded_by_the_values_that_were_on_its_list(client, analyst, changed_list):
    """Of begging and criminality only begging was on the list of 2018."""
    ExploitationForm.objects.filter(code="criminality").update(first_year=2019)
    said = {"basis_sv": "av en källa", "basis_en": "of a source", "source": "a source"}
    for code, number in {"_T": 9, "begging": 4}.items():
        PublishedCount.objects.create(table="form-by-year", year=2018, code=code, count=number, **said)

    page = read(client, analyst, f"{SERIES}?{LISTS}")

    assert row(page, "Begging") is None
    assert row(page, "New forced_crime") == ["4", "5", "6"]


def test_a_value_that_came_back_to_itself_is_not_said_to_have_become_one(client, analyst):
    ExploitationForm.objects.filter(code="begging").update(first_year=2020, last_year=2021)
    for source, target, year in (("criminality", "begging", 2020), ("begging", "criminality", 2022)):
        FormCorrespondence.objects.create(source_id=source, target_id=target, first_year=year)
    CaseFactory(form_id="criminality", industry_id=None, year=2025)
    not_asked = dict.fromkeys(
        ["referral_source_id", "joint_inspection", "children_in_sweden", "children_abroad"]
    )
    CaseFactory(form_id="begging", industry_id=None, year=2021, **not_asked)

    page = read(client, analyst, f"{SERIES}?{LISTS}")

    assert row(page, "Criminality") == ["1", "1"]
    assert "“begging” is counted as “criminality”." in page
    assert "“criminality” is counted as" not in page


def test_a_coordinator_s_recoded_series_is_of_the_own_region(client, coordinator_syd, changed_list):
    CaseFactory(region_id="syd", form_id="begging", industry_id=None)
    CaseFactory(region_id="syd", year=2025)

    page = read(client, coordinator_syd, f"{SERIES}?{LISTS}")

    assert row(page, "New forced_crime") == ["1", "0"]
    assert row(page, "Total") == ["1", "1"]
