"""The page of a figure: its definition, its numbers, and the sentence that reads it aloud."""

import re

import pytest
from django.utils.html import strip_tags

from stats import registry
from stats.models import PublishedCount
from tests.factories import CaseFactory

pytestmark = pytest.mark.django_db


def page_of(client, user, figure_id, year=2023, language="en"):
    client.force_login(user)
    client.cookies["django_language"] = language
    return client.get(f"/statistics/{year}/figures/{figure_id}/").content.decode()


def facts_of(page):
    section = page.split('id="definition"')[1].split("</section>")[0]
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", section, flags=re.DOTALL)
    return {strip_tags(term).strip(): strip_tags(text.replace("<br>", "; ")).strip() for term, text in pairs}


@pytest.mark.parametrize("entry", registry.entries(), ids=lambda entry: entry.id)
def test_every_figure_has_a_page_with_its_facts(client, analyst, entry):
    CaseFactory()
    facts = facts_of(page_of(client, analyst, entry.id))

    assert facts.keys() >= {
        "What it is", "Population", "What is counted", "Denominator", "Rounding", "Collected since",
        "Who decides the definition", "Read aloud", "Name in files",
    }  # fmt: skip


def test_a_share_shows_its_number_its_denominator_and_its_table(client, analyst):
    CaseFactory.create_batch(2)
    CaseFactory(sex="female")
    page = page_of(client, analyst, "key-men_share_of_adults")
    facts = facts_of(page)

    assert '<dd class="value">67%</dd>' in page
    assert facts["Denominator"] == "Adult men and women"
    assert facts["Read aloud"] == "Of adult men and women in 2023, 67% were men (2 of 3)."
    assert 'id="persons"' in page


def test_a_table_shows_its_numbers_and_the_charts_that_draw_it(client, analyst):
    CaseFactory()
    page = page_of(client, analyst, "minors-by-form")

    assert 'id="minors-by-form"' in page
    assert "/statistics/2023/figures/chart-boys-by-form/" in page


def test_a_chart_of_shares_reads_a_share_aloud(client, analyst):
    CaseFactory(age_group="minor", form_id="sexual", industry_id=None)
    CaseFactory(age_group="minor")

    assert facts_of(page_of(client, analyst, "chart-boys-by-form"))["Read aloud"] == (
        "Of all boys in 2023, 50% are counted under “sexual purposes” (1 of 2)."
    )
    assert "there is no share" in facts_of(page_of(client, analyst, "chart-girls-by-form"))["Read aloud"]


def test_a_figure_that_was_not_collected_says_so(client, analyst):
    CaseFactory(year=2021, referral_source_id=None, joint_inspection=None, industry_id=None,
                children_in_sweden=None, children_abroad=None)  # fmt: skip
    page = page_of(client, analyst, "industry", year=2021)

    assert facts_of(page)["Collected since"] == "2022"
    assert facts_of(page)["Read aloud"].endswith("2021: not collected that year.")


def test_breaks_of_published_totals_are_told_to_who_sees_them(client, analyst, coordinator_nord):
    CaseFactory()
    PublishedCount.objects.create(
        year=2022, table="persons-by-year", code="_T", count=375, basis_sv="x", basis_en="x", source="x"
    )

    assert "2023: Before 2023" in facts_of(page_of(client, analyst, "persons-by-year"))["Breaks"]
    assert "Breaks" not in facts_of(page_of(client, coordinator_nord, "persons-by-year"))


def test_the_year_leads_to_every_definition(client, analyst):
    CaseFactory()
    client.force_login(analyst)
    page = client.get("/statistics/2023/").content.decode()
    charts = {entry.id for entry in registry.entries() if entry.id.startswith("chart-")}

    linked = set(re.findall(r"/statistics/2023/figures/([\w-]+)/", page))
    assert linked >= {entry.id for entry in registry.entries()} - charts


def test_a_figure_of_another_name_or_year_is_not_there(client, analyst):
    CaseFactory()
    client.force_login(analyst)

    assert client.get("/statistics/2023/figures/no-such-figure/").status_code == 404
    assert client.get("/statistics/2019/figures/persons/").status_code == 404


def test_a_coordinator_reads_the_figure_of_the_own_region(client, coordinator_nord):
    CaseFactory.create_batch(2, region_id="nord")
    CaseFactory.create_batch(5, region_id="syd", nationality_id="UA")

    page = page_of(client, coordinator_nord, "nationality")

    assert "Ukraine" not in page
    assert '<dd class="value">2</dd>' in page_of(client, coordinator_nord, "key-persons")


def test_an_internal_table_says_so_in_swedish(client, analyst):
    CaseFactory()
    client.force_login(analyst)

    page = client.get("/statistics/2023/figures/months/").content.decode()

    assert "Tabell (intern)" in page
