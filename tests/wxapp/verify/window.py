"""The receivers' window under test: one graduate with numbers, and browsers anywhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from flask import Flask
from sqlalchemy import select

from registry.accounts.school_tables import School
from registry.accounts.tables import Puzzle
from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import Lookup
from registry.record.tables import Graduate
from runtime.resources import Resources
from tests.clock import StandingClock
from tests.pages import Browser
from tests.registry.numbers.office import Case
from tests.wxapp.applications import make_app
from tests.wxapp.school.conftest import NoWeChat

NAME = "欧阳·娜仁"
STRANGER = "198.51.100.7"


@dataclass
class Window:
    """The public pages, and the graduate they are about."""

    app: Flask
    resources: Resources
    clock: StandingClock
    graduate_id: int

    @contextmanager
    def case(self) -> Iterator[Case]:
        """Give the graduate and her school, to do something with; it is committed."""
        with self.resources.sessions.begin() as session:
            graduate = session.get_one(Graduate, self.graduate_id)
            school = session.get_one(School, graduate.school_id)
            yield Case(session, self.clock, school, graduate)

    def do(self, work: Callable[[Case], object]) -> None:
        """Have something happen to her."""
        with self.case() as case:
            work(case)

    def number(self, issue: Issue = Issue.TRANSFER, kind: Kind = Kind.FILE) -> str:
        """Return her newest number."""
        with self.case() as case:
            return case.number(issue, kind)

    def link(self, issue: Issue = Issue.TRANSFER, kind: Kind = Kind.FILE) -> str:
        """Return where the QR code of her newest number leads."""
        with self.case() as case:
            return f"/v/{case.token(issue, kind)}"

    def browser(self, address: str = STRANGER) -> Browser:
        """Open a browser nobody has used, at an address."""
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        return Browser(client)

    def ask(
        self,
        number: str,
        name: str = NAME,
        browser: Browser | None = None,
        kind: Kind = Kind.FILE,
        **typed: str,
    ) -> Browser:
        """Fill in the form and send it."""
        browser = browser or self.browser()
        return browser.get(f"/verify/{kind}").submit("main form", name=name, number=number, **typed)

    def again(self, browser: Browser, **typed: str) -> Browser:
        """Send the form that is shown, changed."""
        return browser.submit("main form", **typed)

    @property
    def puzzles(self) -> list[str]:
        """Return the answers of the puzzles that are out, newest first."""
        with self.resources.readers.begin() as session:
            return list(session.scalars(select(Puzzle.digits).order_by(Puzzle.id.desc())))

    @property
    def log(self) -> list[Lookup]:
        """Return the lookups that were logged, in their order."""
        with self.resources.readers.begin() as session:
            return list(session.scalars(select(Lookup).order_by(Lookup.id)))

    @property
    def results(self) -> list[str]:
        """Return what came of the lookups."""
        return [each.result for each in self.log]

    def with_settings(self, **changes: object) -> "Window":
        """Open the same window under other settings."""
        settings = self.resources.settings.model_copy(update=changes)
        resources = replace(self.resources, settings=settings)
        app = make_app(resources, NoWeChat(), NoWeChat())
        return Window(app, resources, self.clock, self.graduate_id)
