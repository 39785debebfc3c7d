"""A person's thumb on a phone: it taps what it sees, and counts."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect


@dataclass
class Thumb:
    """Taps on one page, or in one window of it; what is typed is no tap."""

    page: Page
    taps: int = 0

    def button(self, name: str, within: Locator | None = None) -> None:
        """Tap the one button of this name."""
        self._tap((within or self.page).get_by_role("button", name=name))

    def link(self, name: str, within: Locator | None = None) -> None:
        """Tap the one link of this name."""
        self._tap((within or self.page).get_by_role("link", name=name))

    def choice(self, words: str, within: Locator | None = None) -> None:
        """Tap the choice that these words stand beside."""
        self._tap((within or self.page).locator("label, summary", has_text=words).first)

    def type_over(self, label: str, text: str) -> None:
        """Write into a field, which a tap opens."""
        field = self.page.get_by_label(label, exact=True)
        self._tap(field)
        field.fill(text)

    def _tap(self, target: Locator) -> None:
        expect(target).to_be_visible()
        target.tap()
        self.taps += 1
