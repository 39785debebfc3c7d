"""The people of a run: made once for each kind of database, then copied with it."""

from collections.abc import Sequence

from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from faults.house import House
from notifier.binding.synthetic import bind_share
from notifier.campaigns import campaigns
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft
from notifier.ledger import notices
from notifier.ledger.tables import Binding
from notifier.wechat.gateway import open_gateway
from notifier.wechat.templates import sync_templates
from registry.accounts.school_tables import School
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role
from registry.base.clock import utc_now
from registry.population.create import NewSchool, PopulationSize, create
from registry.record.scope import Scope
from registry.record.tables import Graduate
from runtime import schema
from runtime.resources import open_resources
from tests.configuration import settings_for
from tests.databases import DatabaseMaker

YEAR = 2026
SCHOOL = NewSchool("99001", "青禾大学")
KIND = "confirmation_reminder"
AT_ONCE = 2000


def make_template(maker: DatabaseMaker, recipients: int) -> URL:
    """Make a migrated database with a school whose graduates all follow the account."""
    url = maker.make()
    resources = open_resources(
        settings_for(url.render_as_string(hide_password=False), "redis://127.0.0.1:1/0"),
        notices.write,
    )
    schema.upgrade(resources.engine)
    at = utc_now()

    def bind(session: Session, ids: Sequence[int]) -> None:
        bind_share(session, ids, 1.0, at)

    wanted = PopulationSize(YEAR, recipients)
    create(resources.sessions, resources.vault, SCHOOL, wanted, at, bind)
    resources.engine.dispose()
    return url


def give_phones(house: House) -> list[str]:
    """Give everybody a phone in the sandbox, and the account its templates; return the openids."""
    resources = house.resources
    openids = _give_phones(house, SCHOOL)
    gateway = open_gateway(house.settings, resources.redis, resources.clock)
    with resources.sessions.begin() as session:
        sync_templates(session, gateway, resources.clock())
    return openids


def add_school(house: House, school: NewSchool, graduates: int) -> None:
    """Add another school whose graduates all follow the account, and give them phones."""
    resources, at = house.resources, house.resources.clock()

    def bind(session: Session, ids: Sequence[int]) -> None:
        bind_share(session, ids, 1.0, at)

    wanted = PopulationSize(YEAR, graduates)
    create(resources.sessions, resources.vault, school, wanted, at, bind)
    _give_phones(house, school)


def _give_phones(house: House, school: NewSchool) -> list[str]:
    with house.resources.readers.begin() as session:
        bound = (
            select(Binding.openid)
            .join(Graduate, Graduate.id == Binding.graduate_id)
            .join(School, School.id == Graduate.school_id)
            .where(School.code == school.code)
        )
        openids = list(session.scalars(bound.order_by(Binding.id)))
    for first in range(0, len(openids), AT_ONCE):
        house.control.add_phones({"openid": each} for each in openids[first : first + AT_ONCE])
    return openids


def employ_clerk(house: House, school: NewSchool, login: str) -> int:
    """Give a school somebody who does everything there; return her number."""
    at = house.resources.clock()
    with house.resources.sessions.begin() as session:
        found = session.scalars(select(School).where(School.code == school.code)).one()
        new = NewStaff(login, "王老师", Role.SCHOOL, school_id=found.id)
        staff = create_staff(session, new, "made-up-for-faults-7", at)
        session.flush()
        return staff.id


def start_campaign(house: House, school: NewSchool = SCHOOL) -> str:
    """Start a reminder to everybody of a school; return its key."""
    key = draft_campaign(house, school)
    with house.resources.sessions.begin() as session:
        scope = scope_of(session, school)
        campaigns.start(session, scope, key, at=house.resources.clock())
    return key


def draft_campaign(house: House, school: NewSchool) -> str:
    """Write a reminder to everybody of a school down; return its key."""
    draft = Draft("提醒", KIND, Audience(YEAR), {"deadline": "2026-06-30"})
    at = house.resources.clock()
    with house.resources.sessions.begin() as session:
        scope = scope_of(session, school)
        return campaigns.create(session, scope, draft, by="faults", at=at).key


def scope_of(session: Session, school: NewSchool) -> Scope:
    """Return how far somebody of a school sees."""
    return Scope(session.scalars(select(School.id).where(School.code == school.code)).one())
