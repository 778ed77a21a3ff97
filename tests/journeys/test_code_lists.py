"""An administrator splits a value: enters it, sees what it does, and saves that; on a narrow screen too."""

import pytest
from playwright.sync_api import Page

from casereg.models import Industry
from stats.demo.loading import load_demo
from tests.factories import UserFactory
from tests.journeys.conftest import assert_accessible
from tests.journeys.test_every_page import become

pytestmark = pytest.mark.browser
LONG = "a" * 39 + " " + "b" * 39


class World:
    """Just an administrator."""

    def __init__(self, client) -> None:
        self.clients = {"administrator": client}


@pytest.mark.parametrize(("width", "language"), [(390, "sv"), (1280, "en")])
def test_a_value_is_split_by_way_of_the_preview(page: Page, site_url, client, committed_db, width, language):
    load_demo()
    client.force_login(UserFactory(role="administrator"))
    become(page, World(client), "administrator", site_url, language)
    page.set_viewport_size({"width": width, "height": 900})

    page.goto("/code-lists/industry/values/green/split/")
    assert_accessible(page)
    page.select_option("[name=first_year]", "2027")  # cases of 2026 have the value
    for place, letter in enumerate("xy"):
        page.fill(f"[name=new_{place}-code]", f"green_{letter}")
        page.fill(f"[name=new_{place}-label_sv]", LONG + letter)
        page.fill(f"[name=new_{place}-label_en]", LONG + letter)
        page.fill(f"[name=new_{place}-definition_sv]", "Vad det är.")
        page.fill(f"[name=new_{place}-definition_en]", "What it is.")
    page.click("[name=preview]")

    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    choices = page.locator("select[name=preview-industry] option").all_text_contents()
    assert len([choice for choice in choices if choice.lower().startswith(LONG)]) == 2
    assert not Industry.objects.filter(pk="green_x").exists()
    page.click("[name=save]")

    assert page.url.endswith("/code-lists/industry/")
    assert_accessible(page)
    assert Industry.objects.filter(pk__in=["green_x", "green_y"]).count() == 2
