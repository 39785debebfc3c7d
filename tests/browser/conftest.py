"""A real Chromium that sees this machine only, and complains about whatever its console does."""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from commands.story.stage import Stage
from tests.browser.cast import whole_story
from tests.browser.devices import DESK, PHONE
from tests.browser.turns import turn
from tests.lacking import do_without

Open = Callable[..., Page]

ONLY_HERE = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
PATIENCE_MS = 10_000
REFUSED = "the server responded with a status of 400"
"""What Chromium says of a form that comes back with what is wrong: a page like others."""


@dataclass
class Windows:
    """The windows of a test, each with cookies of its own, and what their consoles said."""

    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, **options: object) -> Page:
        """Open one, with any option Playwright has."""
        context = self.browser.new_context(
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,  # type: ignore[arg-type]  # its own types of each option
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def close(self) -> None:
        """Close those that are open."""
        while self.contexts:
            self.contexts.pop().close()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and REFUSED not in message.text:
            self.errors.append(f"{message.text} ({message.location.get('url')})")


WINDOWS = pytest.StashKey[Windows]()


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark that only tests of this folder bear."""
    config.addinivalue_line("markers", "alone: measures time, and looks while no other does")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in this folder."""
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True, tryfirst=True)  # a test's time limit begins when it is let in
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test look beside another process, from what is opened for it to what is closed."""
    with nullcontext() if _looks_alone(item) else turn(alone=False):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test look alone that is marked so; what it looks at was made beside others.

    Its windows are closed while all that serves them is there: what a page still asks for would
    be refused by a server that has ended, and its console say so.
    """
    windows = item.stash.get(WINDOWS, None)
    try:
        with turn(alone=True) if _looks_alone(item) else nullcontext():
            result = yield
    finally:
        if windows is not None:
            windows.close()
    assert windows is None or windows.errors == []
    return result


def _looks_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium; without it, skip (in CI: fail)."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        do_without("Chromium is not installed (Debian: apt-get install chromium)")
    options = [f"--host-resolver-rules={ONLY_HERE}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=options, chromium_sandbox=os.getuid() != 0
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Open windows, each with cookies of its own: `open_page(**PHONE, java_script_enabled=False)`.

    An error in a window's console, also one of the content policy, fails the test at its end.
    """
    windows = request.node.stash[WINDOWS] = Windows(chromium)
    yield windows.open
    windows.close()


@pytest.fixture
def phone(open_page: Open) -> Page:
    """Open a window as wide as a small phone, 360 points."""
    return open_page(**PHONE)


@pytest.fixture
def desk(open_page: Open) -> Page:
    """Open a window as on a desk."""
    return open_page(**DESK)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Play the whole story once; what it leaves behind is there to be looked at."""
    with whole_story(tmp_path_factory.mktemp("story")) as played:
        yield played
