"""Every page in both languages, narrow and wide: axe finds nothing, nothing is blocked or cut off."""

import pytest
from playwright.sync_api import Page

from casereg.models import ExploitationForm, Industry, Nationality, ReferralSource, Region, VariableRow
from stats.demo.loading import load_demo
from tests.factories import CaseFactory, IncidentFactory
from tests.guards.access_world import build
from tests.guards.test_access_table import names
from tests.journeys.conftest import assert_accessible

pytestmark = pytest.mark.browser

# Pages that answer with a file, a redirect or nothing; and the person who can open each of the rest.
NOT_PAGES = {
    "case_download", "trail_download", "year_download", "figure_download", "cross_download",
    "upload_example", "language_choose", "healthz", "readyz", "account_link",
    # Looked at in test_passkeys, by people who have a second factor.
    "mfa_authenticate", "mfa_reauthenticate", "passkey_remove", "totp_remove", "recovery_codes_read",
}  # fmt: skip
# Each page is looked at with the eyes of the first who can open it; some look another way to a second.
OPENED_BY = ("anonymous", "of the region", "of another", "administrator", "analyst")
SENT_ONLY = {
    "mend_confirm", "pair_judge", "pair_judge_group", "pair_take_back",
    "draft_save", "draft_discard", "upload_import", "upload_discard",
    "offer_accept", "offer_decline", "offer_take_back", "incident_take_out", "incident_undo",
    "region_reopen", "term_move", "user_reactivate", "user_send_link", "working_region_choose",
    "session_keep", "session_end", "session_end_others", "user_end_sessions",
}  # fmt: skip
LOOKED_AT_TWICE = {"start", "case_list", "case_read", "mend_list", "incident_list", "incident_read"}
OBJECTS = {
    "case_restore": "withdrawn", "offer_read": "offered", "pair_read": "pair",
    "upload_columns": "headings", "upload_words": "words", "upload_check": "ready",
    "upload_import": "ready", "upload_discard": "ready",
}  # fmt: skip


@pytest.fixture
def world(committed_db):
    load_demo()
    return build()


def opened_by(world, person: str) -> dict[str, str]:
    """The address of every page that a GET opens for the person, by its name."""
    found = {}
    for name, parameters in sorted(names().items()):
        kind = OBJECTS.get(name, "standing" if "case_id" in parameters else "–")
        if "offer_id" in parameters:
            kind = "offered"
        if name not in NOT_PAGES | SENT_ONLY:
            address = world.address(name, kind)
            if world.clients[person].get(address).status_code == 200:
                found[name] = address
    return found


def become(page: Page, world, person: str, site_url: str, language: str) -> None:
    page.context.clear_cookies()
    cookies = [{"name": "django_language", "value": language, "url": site_url}]
    if person != "anonymous":
        session = world.clients[person].cookies["sessionid"].value
        cookies.append({"name": "sessionid", "value": session, "url": site_url})
    page.context.add_cookies(cookies)


@pytest.mark.look
@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_page_is_accessible(page: Page, world, site_url, complaints, language):
    looked_at: set[str] = set()
    for person in OPENED_BY:
        become(page, world, person, site_url, language)
        pages = opened_by(world, person)
        for name, address in pages.items():
            if name in looked_at - LOOKED_AT_TWICE:
                continue
            page.goto(address)
            assert page.locator("html").get_attribute("lang") == language
            assert_accessible(page)
        looked_at |= pages.keys()
    page.goto("/there-is-no-such-page/")
    assert_accessible(page)
    assert looked_at == names().keys() - NOT_PAGES - SENT_ONLY
    blocked = [text for text in complaints if "404 (Not Found)" not in text]
    assert blocked == []


@pytest.mark.look
@pytest.mark.parametrize("width", [320, 1280])
def test_long_words_break_no_page(page: Page, world, site_url, width):
    """60 characters in every label, at the narrowest width: no page scrolls sideways."""
    long = "o" * 28 + " " + "ö" * 31
    for model in (ExploitationForm, Industry, Nationality, ReferralSource, VariableRow):
        model.objects.update(label_sv=long, label_en=long)
    Region.objects.update(label_en=long)
    IncidentFactory(reference="o" * 40)
    CaseFactory(reference="o" * 40)
    page.set_viewport_size({"width": width, "height": 800})
    for person in ("of the region", "administrator"):
        become(page, world, person, site_url, "en")
        for address in opened_by(world, person).values():
            page.goto(address)
            widest = page.evaluate("document.documentElement.scrollWidth")
            assert widest <= width, address
