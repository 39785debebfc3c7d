"""The operator's pages over real servers, with WeChat played by the sandbox."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from notifier.ledger.tables import Campaign, Message
from registry.accounts import sessions
from registry.accounts.tables import Role
from registry.record.tables import Graduate
from runtime.resources import Resources
from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.pages import Browser
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site, find_campus

CANARY = "金丝雀"
FIRST_DEPARTMENT = {Role.DEPARTMENT: 0}


@dataclass
class Platform:
    """The platform under test, and browsers of everybody who could come."""

    site: Site

    @property
    def resources(self) -> Resources:
        return self.site.resources

    @property
    def sandbox(self) -> RunningSandbox:
        return self.site.sandbox

    @property
    def clock(self) -> StandingClock:
        return self.site.clock

    def browser(self, role: Role = Role.OPERATOR) -> Browser:
        """Open a browser signed in as a role, by a session of its own."""
        token = sessions.new_token()
        with self.resources.sessions.begin() as session:
            member = find_campus(session, self.site).staff(role, FIRST_DEPARTMENT.get(role))
            sessions.start(session, token, sessions.proven(member), {}, self.clock())
        browser = self.site.browser()
        browser.client.set_cookie("quxiang", token)
        return browser

    def campaign(self, state: str = "sending", reason: str = "", **about: object) -> str:
        """Add a school's reminder with one message delivered and one waiting; return its key."""

        def add(campus: Campus, graduate: Graduate) -> None:
            campaign = Campaign(
                school_id=campus.school.id,
                created_by="system",
                title=CANARY,
                kind="confirmation_reminder",
                state=state,
                reason=reason,
                created_at=campus.at,
                started_at=campus.at,
                **about,
            )
            campus.session.add(campaign)
            campus.session.flush()
            keys.append(campaign.key)
            for became, person in (("delivered", graduate), ("waiting", campus.graduate(CANARY))):
                self._message(campus, person, became, campaign_id=campaign.id)

        keys: list[str] = []
        self.site.graduate(add)
        return keys[0]

    def event(self, state: str, reason: str = "", **about: object) -> None:
        """Add an event message in a state."""
        values = {"kind": "registration_changed", "reason": reason, **about}
        self.site.graduate(
            lambda campus, graduate: self._message(campus, graduate, state, **values)
        )

    def _message(self, campus: Campus, graduate: Graduate, state: str, **about: object) -> None:
        values: dict[str, object] = {
            "client_msg_id": f"m{graduate.id}",
            "business_key": f"test:{graduate.id}",
            "kind": "confirmation_reminder",
            "school_id": campus.school.id,
            "graduate_id": graduate.id,
            "state": state,
            "next_at": campus.at,
            "created_at": campus.at,
        }
        campus.session.add(Message(**{**values, **about}))
        campus.session.flush()

    def change(self, work: Callable[..., object], *arguments: object, **named: object) -> None:
        """Call a rule in a transaction of its own."""
        with self.resources.sessions.begin() as session:
            work(session, *arguments, **named)


@pytest.fixture
def platform(site: Site) -> Platform:
    return Platform(site)
