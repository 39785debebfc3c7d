"""A school with graduates who follow the account, and everything that sends to them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from notifier.campaigns import campaigns, expansion, progress
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft
from notifier.delivery.run import Delivered, deliver
from notifier.delivery.sweep import sweep
from notifier.ledger import states
from notifier.ledger.tables import Binding, Campaign, Follower, Message
from notifier.wechat.gateway import Gateway, open_gateway
from notifier.wechat.templates import sync_templates
from registry.accounts.school_tables import Department, School
from registry.base.clock import SHANGHAI, utc_now
from registry.record.confirmation.states import ConfirmationState
from registry.record.scope import Scope
from registry.record.tables import Graduate
from runtime.resources import Resources
from sandbox.testing import RunningSandbox

AT = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
YEAR = 2026


@dataclass
class Stage:
    """The resources, the sandbox, and one school's scope."""

    resources: Resources
    gateway: Gateway
    sandbox: RunningSandbox
    scope: Scope = field(default_factory=lambda: Scope(0))
    openids: dict[int, str] = field(default_factory=dict)

    def open_school(self, code: str = "10001", graduates: int = 3) -> Scope:
        """Make a school whose graduates are unconfirmed, bound and following."""
        with self.resources.sessions.begin() as session:
            school = School(code=code, name="某某大学", created_at=AT)
            session.add(school)
            session.flush()
            department = Department(school_id=school.id, name="计算机学院")
            session.add(department)
            session.flush()
            people = [_graduate(school, department, number) for number in range(graduates)]
            session.add_all(people)
            session.flush()
            self._bind(session, people)
            return Scope(school.id)

    def _bind(self, session: Session, people: list[Graduate]) -> None:
        openids = self.sandbox.control.add_phones(
            {"label": f"{each.school_id}-{each.student_number}", "following": True}
            for each in people
        )
        for person, openid in zip(people, openids, strict=True):
            self.openids[person.id] = openid
            session.add(Follower(openid=openid, subscribed=True, changed_at=AT))
            session.add(Binding(openid=openid, graduate_id=person.id, bound_at=AT))

    def start_campaign(self, scope: Scope | None = None, **draft: object) -> str:
        """Start a reminder to everybody of the school and write its rows; return its key."""
        scope = scope or self.scope
        wanted = {
            "title": "提醒",
            "kind": "confirmation_reminder",
            "audience": Audience(YEAR),
            "texts": {"deadline": "2026-06-30"},
        }
        with self.resources.sessions.begin() as session:
            made = campaigns.create(session, scope, Draft(**(wanted | draft)), by="test", at=AT)  # type: ignore[arg-type]  # a test's own words
            campaigns.start(session, scope, made.key, at=AT)
            key = made.key
        expansion.expand_due(self.resources)
        return key

    def deliver(
        self, seconds: float = 20, *, stop: Callable[[], bool] = lambda: False
    ) -> Delivered:
        """Send what is due, until `stop` says so."""
        return deliver(self.resources, self.gateway, seconds=seconds, stop=stop)

    def deliver_until_done(self, key: str, seconds: float = 30) -> progress.Progress:
        """Let the clockwork and the workers do their part until the campaign stands still."""
        deadline = utc_now() + timedelta(seconds=seconds)
        while True:
            self.deliver()
            sweep(self.resources)
            shown = self.progress(key)
            still = shown.state is not states.CampaignState.SENDING
            if still or utc_now() > deadline:
                return shown

    def progress(self, key: str) -> progress.Progress:
        """Return how a campaign stands."""
        with self.resources.readers.begin() as session:
            campaign = session.scalars(select(Campaign).where(Campaign.key == key)).one()
            return progress.progress(session, campaign, at=utc_now())

    def message(self, **columns: object) -> None:
        """Put every message into a state, as a crash or the past would have."""
        with self.resources.sessions.begin() as session:
            session.execute(update(Message).values(**columns))

    def graduates(self, **columns: object) -> None:
        """Change every graduate."""
        with self.resources.sessions.begin() as session:
            session.execute(update(Graduate).values(**columns))

    def seen(self) -> dict[str, int]:
        """Return how many messages each person sees on the phone."""
        counted: dict[str, int] = {}
        for message in self.sandbox.control.messages():
            counted[message["openid"]] = counted.get(message["openid"], 0) + 1
        return counted

    def count(self, **columns: object) -> int:
        """Return how many messages of the ledger are so."""
        with self.resources.readers.begin() as session:
            conditions = [getattr(Message, name) == value for name, value in columns.items()]
            return session.scalar(select(func.count(Message.id)).where(*conditions)) or 0


def _graduate(school: School, department: Department, number: int) -> Graduate:
    return Graduate(
        school_id=school.id,
        department_id=department.id,
        year=YEAR,
        student_number=f"S{number:05}",
        name="李娟",
        identity_sealed="sealed",
        identity_index="index",
        graduation_month="202606",
        confirmation=ConfirmationState.UNCONFIRMED,
        created_at=AT,
        updated_at=AT,
    )


def open_stage(resources: Resources, sandbox: RunningSandbox) -> Stage:
    """Open the gateway to the sandbox and match its templates to our kinds."""
    gateway = open_gateway(resources.settings, resources.redis, resources.clock)
    with resources.sessions.begin() as session:
        sync_templates(session, gateway, AT)
    return Stage(resources, gateway, sandbox)


def changed(stage: Stage, **settings: object) -> Stage:
    """Return the stage with other settings."""
    now = stage.resources.settings.model_copy(update=settings)
    return replace(stage, resources=replace(stage.resources, settings=now))


def quiet_now() -> tuple[time, time]:
    """Return quiet hours that began an hour ago and end in an hour."""
    local = utc_now().astimezone(SHANGHAI)
    return ((local - timedelta(hours=1)).time(), (local + timedelta(hours=1)).time())
