"""The yearbook at a browser: tables sorted, copied and scrolled, charts that fit, paper."""

import re

import pytest
from playwright.sync_api import Page, expect

from casereg.models import ExploitationForm
from stats.demo.loading import load_demo
from tests.factories import CaseFactory

pytestmark = pytest.mark.browser


def column(page: Page, table_id: str, place: int) -> list[str]:
    cells = page.locator(f"#{table_id} tbody tr").all()
    return [row.locator("th, td").nth(place).inner_text().strip() for row in cells]


@pytest.mark.look
def test_a_table_is_sorted_by_a_column_and_its_total_stays_last(page: Page, log_in, complaints, analyst):
    load_demo()
    log_in(analyst)
    page.goto("/statistics/2023/")
    printed = column(page, "form-by-person", 0)
    total = page.locator("#form-by-person thead th").last
    first = page.locator("#form-by-person thead th").first

    total.get_by_role("button").focus()
    page.keyboard.press("Enter")
    numbers = [int(text) for text in column(page, "form-by-person", 11)]
    assert numbers[:-1] == sorted(numbers[:-1], reverse=True)
    assert (numbers[-1], column(page, "form-by-person", 0)[-1]) == (414, "Totalt")
    assert total.get_attribute("aria-sort") == "descending"

    page.keyboard.press("Enter")
    numbers = [int(text) for text in column(page, "form-by-person", 11)]
    assert numbers[:-1] == sorted(numbers[:-1])
    assert numbers[-1] == 414

    page.keyboard.press("Enter")
    assert column(page, "form-by-person", 0) == printed
    assert total.get_attribute("aria-sort") is None

    first.get_by_role("button").click()
    assert column(page, "form-by-person", 0)[:2] == ["Annat", "Arbetskraft"]
    assert column(page, "form-by-person", 0)[-1] == "Totalt"
    assert complaints == []


@pytest.mark.look
def test_signs_are_sorted_last(page: Page, log_in, analyst):
    load_demo()
    log_in(analyst)
    page.goto("/statistics/2023/")
    heading = page.locator("#persons-by-year thead th").nth(2).get_by_role("button")

    for _direction in ("descending", "ascending"):
        heading.click()
        texts = column(page, "persons-by-year", 2)[:-1]
        signs = [text == ":" for text in texts]
        assert True in signs
        assert False in signs
        assert signs == sorted(signs)


@pytest.mark.look
@pytest.mark.parametrize("language", ["sv", "en"])
def test_numbers_are_copied_as_digits_by_selecting_and_by_the_button(
    page: Page, site_url, log_in, analyst, language
):
    CaseFactory.create_batch(1200, form_id="labour", sex="male", age_group="adult")
    log_in(analyst)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": site_url}])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/statistics/2023/")
    shown = page.locator("#persons tbody tr.total td").last
    drawn_between = shown.locator(".thousands").evaluate("each => getComputedStyle(each, '::after').content")
    gap = shown.locator(".thousands").evaluate("each => parseFloat(getComputedStyle(each).marginRight)")
    assert drawn_between.startswith('"') is (language == "en")
    assert (gap > 2) is (language == "sv")

    page.evaluate("getSelection().selectAllChildren(document.querySelector('#persons table'))")
    selected = page.evaluate("getSelection().toString()")
    page.locator("#persons [data-copy] button").click()
    expect(page.locator("#persons [role=status]")).not_to_be_empty()
    copied = page.evaluate("navigator.clipboard.readText()")

    last = copied.split("\n")[-1].split("\t")
    assert last[-1] == "1200"
    assert len({line.count("\t") for line in copied.split("\n")}) == 1
    assert re.search(r"\t1200\s*$", selected)
    assert not re.search(r"1\D200", selected + copied)


@pytest.mark.look
@pytest.mark.parametrize("width", [390, 1280])
def test_one_drawing_of_each_chart_is_shown_and_none_is_cut_off(page: Page, log_in, analyst, width):
    load_demo()
    log_in(analyst)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/statistics/2023/")

    shown = page.locator("figure svg:visible")

    assert shown.count() == page.locator("figure.chart-figure").count() == 13
    layout = "chart-narrow" if width == 390 else "chart-wide"
    assert page.locator(f"figure svg.{layout}:visible").count() == 13
    cut_off = page.evaluate(
        """() => [...document.querySelectorAll('figure svg')].filter((svg) => svg.checkVisibility())
          .flatMap((svg) => [...svg.querySelectorAll('text')].filter((text) => {
            const [outer, inner] = [svg.getBoundingClientRect(), text.getBoundingClientRect()];
            return inner.left < outer.left - 1 || inner.right > outer.right + 1;
          })).map((text) => text.textContent)"""
    )
    assert cut_off == []
    letters = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll('figure svg')]
          .filter((svg) => svg.checkVisibility())
          .map((svg) => 12.5 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width))"""
    )
    assert letters > 11  # pixels of the smallest words


@pytest.mark.look
def test_a_table_says_that_it_scrolls_where_it_is_wider_than_the_page(page: Page, log_in, analyst):
    CaseFactory()
    log_in(analyst)
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto("/statistics/2023/")

    assert page.locator("#form-by-person .scroll-cue").is_visible()
    assert not page.locator("#children .scroll-cue").is_visible()
    first = page.locator("#form-by-person tbody th").first
    before = first.bounding_box()
    page.locator("#form-by-person .table-wrap").evaluate("wrap => wrap.scrollTo(300, 0)")
    assert first.bounding_box() == before  # the first column stays

    page.set_viewport_size({"width": 1400, "height": 900})
    expect(page.locator("#form-by-person .scroll-cue")).to_be_hidden()


@pytest.mark.look
def test_a_sheet_for_a_municipality_is_one_side_of_paper(page: Page, log_in, coordinator_nord):
    """Every form and every group occurs, and there is a year before to compare with."""
    forms = ExploitationForm.objects.values_list("code", flat=True)
    for form in forms:
        industry = "green" if form == "labour" else None
        for sex in ("female", "male", "other", "unknown"):
            for age_group in ("adult", "minor", "unknown"):
                CaseFactory(year=2024, form_id=form, industry_id=industry, sex=sex, age_group=age_group)
    CaseFactory(year=2023)
    log_in(coordinator_nord)
    page.goto("/statistics/2024/sheet/")

    paper = page.pdf(format="A4", prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    page.emulate_media(media="print")
    assert page.locator(".internal").first.is_visible()
    assert page.get_by_text("De visar inte problemets omfattning").is_visible()
    assert not page.locator(".site-nav").is_visible()


@pytest.mark.look
def test_a_year_is_printed_without_what_only_leads_elsewhere_and_tables_whole(page: Page, log_in, analyst):
    load_demo()
    log_in(analyst)
    page.goto("/statistics/2023/")

    page.emulate_media(media="print")

    for gone in (".site-nav", ".contents", ".year-ways", ".take-along", ".scroll-cue", ".year-nav"):
        assert not page.locator(gone).first.is_visible(), gone
    hidden = page.evaluate(
        """() => [...document.querySelectorAll('.table-wrap')]
          .filter((wrap) => getComputedStyle(wrap).overflowY !== 'visible').length"""
    )
    assert hidden == 0
    assert page.locator("figure svg.chart-wide:visible").count() == 13
