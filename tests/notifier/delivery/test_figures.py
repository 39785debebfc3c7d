"""The figures that operators watch say what stands in the database, and for how long."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from notifier.delivery import circuit_breaker
from notifier.delivery.circuit_breaker import Stop
from notifier.delivery.exposition import FigureCollector
from notifier.ledger import notices, outcomes
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.audit_log import chain
from registry.interface import sync_days
from registry.tasks.states import TaskState
from registry.tasks.tables import Task
from runtime.resources import Resources, open_resources
from runtime.settings import Settings
from tests.clock import StandingClock
from tests.wxapp.school.records import open_campus


@pytest.fixture
def resources(settings: Settings, clock: StandingClock) -> Iterator[Resources]:
    opened = open_resources(settings, notices.write, clock=clock)
    yield opened
    opened.engine.dispose()
    opened.redis.close()


def figure(resources: Resources, name: str, **labels: str) -> float | None:
    registry = CollectorRegistry()
    registry.register(FigureCollector(resources))
    return registry.get_sample_value(name, labels)


def test_a_pause_is_told_with_its_reason(resources: Resources, clock: StandingClock) -> None:
    assert figure(resources, "quxiang_account_paused", reason="") == 0
    stop = Stop(None, outcomes.PAUSED_BY_OPERATOR, "")
    with resources.sessions.begin() as session:
        circuit_breaker.pause_account(session, resources.settings, stop, clock())
    reason = outcomes.PAUSED_BY_OPERATOR.code
    assert figure(resources, "quxiang_account_paused", reason=reason) == 1


def test_a_task_that_waits_grows_older(resources: Resources, clock: StandingClock) -> None:
    with resources.sessions.begin() as session:
        session.add(Task(kind="graduates", state=TaskState.WAITING, created_at=clock()))
    clock.move(timedelta(minutes=7))
    assert figure(resources, "quxiang_open_tasks", state="waiting") == 1
    assert figure(resources, "quxiang_tasks_oldest_seconds", state="waiting") == 420
    assert figure(resources, "quxiang_tasks_oldest_seconds", state="running") == 0


def test_rows_of_the_audit_log_are_old_until_they_are_chained(
    resources: Resources, clock: StandingClock
) -> None:
    with resources.sessions.begin() as session:
        audit.note(session, AuditRecord("command", "keys_rotate", "keys:", None), clock())
    clock.move(timedelta(minutes=20))
    assert figure(resources, "quxiang_audit_unchained_seconds") == 1200
    chain.extend_all(resources.sessions, clock())
    assert figure(resources, "quxiang_audit_unchained_seconds") == 0


def test_of_a_province_the_school_that_waits_longest_is_told(
    resources: Resources, clock: StandingClock
) -> None:
    for code in ("10001", "10002"):
        with resources.sessions.begin() as session:
            school = open_campus(session, clock(), code).school
            school.correction_system = "山东省高校毕业生就业信息网"
            sync_days.count(session, [(school.id, "created")], clock())
        clock.move(timedelta(hours=1))
    assert figure(resources, "quxiang_sync_age_seconds", province="370000") == 7200
    assert figure(resources, "quxiang_sync_troubled_schools", province="370000") == 0
    clock.move(timedelta(hours=23))
    assert figure(resources, "quxiang_sync_troubled_schools", province="370000") == 1


def test_without_its_tables_the_database_is_told_to_be_away(resources: Resources) -> None:
    assert figure(resources, "quxiang_database_up") == 1
    with resources.sessions.begin() as session:
        session.execute(text("ALTER TABLE account RENAME TO gone"))
    assert figure(resources, "quxiang_database_up") == 0
    assert figure(resources, "quxiang_account_paused", reason="") is None
