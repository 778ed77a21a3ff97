"""Somebody who types: the keys that are pressed on a page, counted."""

from playwright.sync_api import Page

TABS_MAX = 90
_FOCUSED = "(document.activeElement.labels?.[0] ?? document.activeElement).innerText?.trim() ?? ''"


class Typist:
    """`delay`: milliseconds between two keys, as a person would take."""

    def __init__(self, page: Page, *, delay: float = 0) -> None:
        self.page = page
        self.delay = delay
        self.presses = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.presses += 1
        if self.delay:
            self.page.wait_for_timeout(self.delay)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text, delay=self.delay)
        self.presses += len(text)

    def tab_to(self, words: str) -> None:
        """Press Tab until what has the focus is called so, by its label or by its text."""
        passed = []
        for _ in range(TABS_MAX):
            self.press("Tab")
            focused = self.page.evaluate(_FOCUSED)
            if focused == words:
                return
            passed.append(focused[:40])
        raise AssertionError(f"{words!r} is not reached by Tab on {self.page.url}, but {passed}")

    def follow(self, words: str) -> None:
        """Go to a link or a button by Tab, and press Enter."""
        self.tab_to(words)
        with self.page.expect_navigation():
            self.press("Enter")
