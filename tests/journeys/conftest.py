"""What the journeys share: somebody at a browser, and axe."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from casereg.models import User
from tests.factories import PASSWORD

# What was typed in a journey: (what, key presses, seconds). Told at the end of the tests.
_TYPED = "typed"
# Every rule of WCAG 2.2 AA that axe can check.
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def site_url(live_site) -> str:
    return str(live_site.url)


@pytest.fixture
def page(browser: Browser, site_url: str) -> Iterator[Page]:
    """A browser's page; paths are those of the site."""
    context = browser.new_context(base_url=site_url)
    yield context.new_page()
    context.close()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser's console complains of: a blocked style or script stands here."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.fixture
def log_in(page: Page) -> Callable[[User], None]:
    """By keyboard alone, as everything in these journeys."""

    def as_user(user: User) -> None:
        page.context.clear_cookies()
        page.goto("/account/login/")
        page.get_by_label("E-post").focus()
        page.keyboard.type(user.email)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "login" not in url)

    return as_user


@pytest.fixture
def report_typing(record_property: Callable[[str, object], None]) -> Callable[[str, int, float], None]:
    """Put what a journey measured into the report: what was done, key presses, seconds."""

    def note(what: str, presses: int, seconds: float) -> None:
        record_property(_TYPED, f"{what}: {presses} key presses, {seconds:.1f} seconds")

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # A property of a test comes home from another process; a list of ours would not.
    reports = terminalreporter.stats.get("passed", [])
    typed = [line for report in reports for name, line in report.user_properties if name == _TYPED]
    if typed:
        terminalreporter.section("typed at a person's speed")
        for line in dict.fromkeys(typed):
            terminalreporter.write_line(line)


def assert_accessible(page: Page) -> None:
    results = Axe().run(page, options=WCAG)
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"
