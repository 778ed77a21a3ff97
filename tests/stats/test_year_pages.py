"""The yearbook's pages: what is shown to whom, and four kinds of emptiness told apart."""

import re

import pytest
from django.utils.html import strip_tags

from stats.models import PublishedCount
from tests.factories import CaseFactory

pytestmark = pytest.mark.django_db


def page_of(client, user, year=2023, language="sv"):
    client.force_login(user)
    client.cookies["django_language"] = language
    return client.get(f"/statistics/{year}/").content.decode()


def table_of(page, table_id):
    """The table's rows as lists of words."""
    section = page.split(f'<div class="statistics-table" id="{table_id}">')[1].split("</table>")[0]
    rows = re.findall(r"<tr.*?</tr>", section, flags=re.DOTALL)
    cells = [re.findall(r"<t[hd].*?</t[hd]>", row, flags=re.DOTALL) for row in rows]
    return {strip_tags(row[0]).strip(): [strip_tags(cell).strip() for cell in row[1:]] for row in cells}


def test_every_table_and_key_figure_is_shown(client, analyst):
    CaseFactory()

    page = page_of(client, analyst)

    assert page.count('class="statistics-table"') == 17
    assert page.count('<div id="figure-') == 14


def test_zero_unknown_not_recorded_and_not_collected_are_told_apart(client, analyst):
    CaseFactory(referral_source_id="unknown", age_group="adult")
    CaseFactory(referral_source_id=None, age_group="adult")
    CaseFactory(year=2021, referral_source_id=None, joint_inspection=None, industry_id=None,
                children_in_sweden=None, children_abroad=None)  # fmt: skip

    collected = table_of(page_of(client, analyst, 2023), "referral")
    before = page_of(client, analyst, 2021)

    assert collected["Polismyndigheten"] == ["0", "0", "0", "0"]
    assert collected["Okänd"] == ["1", "0", "0", "1"]
    assert collected["Ej angivet"] == ["1", "0", "0", "1"]
    for table_id in ("referral", "industry", "joint-by-form"):
        rows = list(table_of(before, table_id).values())[1:]  # without the header
        assert {cell for row in rows for cell in row} == {".."}
    assert "samlas in från och med 2022" in before


def test_a_published_total_is_shown_where_there_are_no_records(client, analyst):
    CaseFactory()
    PublishedCount.objects.create(
        year=2019, table="persons-by-year", code="_T", count=1298,
        basis_sv="Ur en rapport.", basis_en="From a report.", source="a report",
    )  # fmt: skip

    swedish, english = page_of(client, analyst), page_of(client, analyst, language="en")

    assert table_of(swedish, "persons-by-year")["Totalt"] == ["1298", "1"]
    assert table_of(swedish, "persons-by-year")["Kvinnor"] == [":", "0"]
    assert "2019: Ur en rapport." in swedish
    assert table_of(english, "persons-by-year")["Total"] == ["1298", "1"]
    assert "2019: From a report." in english


def test_shares_are_printed_as_the_language_has_it(client, analyst):
    CaseFactory(sex="male", age_group="adult")

    assert "100\N{NO-BREAK SPACE}%" in page_of(client, analyst)
    assert "100%" in page_of(client, analyst, language="en")


def test_a_coordinator_reads_the_own_region_s_yearbook_and_no_other_number(client, coordinator_nord):
    CaseFactory.create_batch(2, region_id="nord")
    CaseFactory.create_batch(5, region_id="syd", nationality_id="UA")
    PublishedCount.objects.create(
        year=2019, table="persons-by-year", code="_T", count=298, basis_sv="x", basis_en="x", source="x"
    )

    page = page_of(client, coordinator_nord)

    assert re.search(r'id="figure-persons">.*?class="value">2<', page, flags=re.DOTALL)
    assert "Ukraina" not in page
    assert "298" not in page
    assert list(table_of(page, "region-by-form")) == ["Region", "Nord", "Totalt"]


def test_a_year_without_own_cases_is_not_there(client, coordinator_syd):
    CaseFactory(region_id="nord", year=2023)

    client.force_login(coordinator_syd)

    assert client.get("/statistics/2023/").status_code == 404


def test_an_administrator_sees_no_figure(client, administrator):
    CaseFactory()
    client.force_login(administrator)

    assert client.get("/statistics/2023/").status_code == 403
    assert client.get("/statistics/").status_code == 403


def test_withdrawn_cases_are_counted_nowhere(client, analyst):
    CaseFactory()
    CaseFactory(withdrawn_at="2026-01-01T00:00:00Z")

    assert table_of(page_of(client, analyst), "persons")["Totalt"][-1] == "1"


def test_published_parts_need_not_sum(client, analyst):
    CaseFactory(nationality_id="TH")
    for code, count in (("TH", 5), ("_T", 40)):
        PublishedCount.objects.create(
            year=2021, table="nationality-by-year", code=code, count=count,
            basis_sv="x", basis_en="x", source="x",
        )  # fmt: skip

    assert table_of(page_of(client, analyst), "nationality-by-year")["Totalt"] == ["40", "1"]
