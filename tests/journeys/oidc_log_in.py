"""Logging in by the agency's provider in a browser. Run by tests/casereg/test_oidc.py, where it is on."""

import pytest
from playwright.sync_api import Page, expect

from casereg.models import AuditEvent
from tests.journeys.conftest import assert_accessible
from tests.journeys.keyboard import Typist

pytestmark = pytest.mark.browser

BUTTON = "Log in through The Agency"


@pytest.fixture
def at_log_in(page: Page, site_url, settings, provider, coordinator_nord) -> Page:
    settings.SITE_ADDRESS = site_url
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": site_url}])
    page.goto("/cases/")
    expect(page.locator("main h1")).to_have_text("Log in")
    return page


def test_one_button_opens_the_page_that_was_asked_for(at_log_in: Page, complaints, provider):
    assert_accessible(at_log_in)

    Typist(at_log_in).follow(BUTTON)

    expect(at_log_in.get_by_text("Nora Nord")).to_be_visible()
    assert at_log_in.url.endswith("/cases/")
    assert complaints == []


def test_the_browser_goes_nowhere_that_form_action_does_not_name(
    at_log_in: Page, complaints, provider, settings
):
    """Chromium applies it to where a form's answer leads, too: without the origin the button is dead."""
    settings.SECURE_CSP = settings.SECURE_CSP | {"form-action": ["'self'"]}
    at_log_in.reload()

    at_log_in.get_by_role("button", name=BUTTON).click()
    at_log_in.wait_for_function("() => true")
    at_log_in.wait_for_timeout(500)

    assert any("form-action" in complaint for complaint in complaints)
    assert at_log_in.url.endswith("/account/login/?next=/cases/")
    assert "/authorize" not in [path for path, _sent in provider.asked]


def test_what_went_wrong_is_one_sentence_that_can_be_read_by_everybody(at_log_in: Page, complaints, provider):
    provider.error = "access_denied"

    at_log_in.get_by_role("button", name=BUTTON).click()

    expect(at_log_in.get_by_role("status")).to_have_text("The log-in was cancelled.")
    expect(at_log_in.locator("main h1")).to_have_text("Log in")
    assert_accessible(at_log_in)
    assert complaints == []
    assert AuditEvent.objects.count() == 1
