"""The clockwork: wakes workers for due work, does it itself without Redis, keeps its duties."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue as RqQueue
from sqlalchemy import delete, false, func, select

from notifier.campaigns import automatic_reminders
from notifier.ledger import account, notices, states
from notifier.ledger.tables import Account, AccountTemplate, Campaign, Follower
from notifier.providers.sms import Sms
from notifier.wechat import templates
from registry.accounts import audit, one_time
from registry.accounts.audit import AuditRecord
from registry.accounts.audit_log import chain
from registry.accounts.tables import OneTimeState
from registry.base import files
from registry.base.clock import SHANGHAI
from registry.base.file_tables import StoredFile
from registry.base.files import Incoming
from registry.record.count_tables import GraduateCount
from registry.review.seasons import SeasonRules, set_season
from registry.review.states import LEVEL_CHOICES
from registry.tasks.earlier_tables import RosterImport
from registry.tasks.states import TaskState
from registry.tasks.tables import Task
from runtime.jobs import Queue
from runtime.object_store import Bucket
from runtime.resources import open_resources
from runtime.settings import Settings
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.buckets import running_bucket
from tests.clock import StandingClock
from tests.configuration import settings_for
from tests.notifier.stage import Stage, open_stage
from workers import duties, jobs
from workers.clockwork import Clockwork
from workers.duties import Duty
from workers.failures import JobFailed
from workers.process import WorkerResources
from workers.wakeups import open_wakeups

PEOPLE = 5
LIST = "/cgi-bin/template/get_all_private_template"
NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox(Config(receipt_delay=0)) as running:
        yield running


@pytest.fixture
def settings(database_url: str, redis_url: str, sandbox: RunningSandbox) -> Settings:
    return settings_for(
        database_url,
        redis_url,
        wechat_app_id=sandbox.config.app_id,
        wechat_app_secret=sandbox.config.app_secret,
        wechat_api_url=sandbox.url,
        send_rate=0,
        quiet_hours="",
    )


def _open(settings: Settings, sandbox: RunningSandbox) -> Stage:
    resources = open_resources(settings, notices.write, open_wakeups(settings.redis_url))
    stage = open_stage(resources, sandbox)
    stage.scope = stage.open_school(graduates=PEOPLE)
    return stage


@pytest.fixture
def stage(settings: Settings, sandbox: RunningSandbox) -> Iterator[Stage]:
    stage = _open(settings, sandbox)
    yield stage
    stage.resources.engine.dispose()


@pytest.fixture
def without_redis(
    request: pytest.FixtureRequest,
    settings: Settings,
    sandbox: RunningSandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    choice = getattr(request, "param", "go_on")
    alone = settings.model_copy(update={"redis_url": NOBODY, "without_redis": choice})
    stage = _open(alone, sandbox)
    monkeypatch.setattr(jobs, "resources", lambda: of_worker(stage))
    yield stage
    stage.resources.engine.dispose()


def of_worker(stage: Stage, **changed: object) -> WorkerResources:
    """Return the stage's open things as a worker has them, by another clock if one is given."""
    shared = vars(stage.resources) | changed
    sms = Sms(stage.resources.settings, stage.resources.clock)
    return WorkerResources(**shared, gateway=stage.gateway, sms=sms)


def _clockwork(stage: Stage, *chosen: Duty) -> Clockwork:
    return Clockwork(of_worker(stage), chosen)


def test_it_wakes_workers_for_what_is_due_and_once(stage: Stage, valkey: Redis) -> None:
    stage.start_campaign()
    clockwork = _clockwork(stage)
    valkey.flushall()
    for second in range(3):
        clockwork.tick(second)
    names = RqQueue(Queue.DELIVERY, connection=valkey).get_job_ids()
    assert [name.partition("-")[0] for name in names] == ["DELIVER"]


def test_a_duty_that_found_nothing_is_left_alone_for_longer(stage: Stage) -> None:
    found, turns = iter([True, False, True]), list[int]()

    def do(_: WorkerResources) -> bool:
        turns.append(second)
        return next(found)

    clockwork = _clockwork(stage, Duty("forget", 60.0, do, idle_seconds=600.0))
    for second in (0, 59, 60, 120, 659, 660):
        clockwork.tick(second)
    assert turns == [0, 60, 660]


def test_what_is_kept_long_enough_is_looked_for_again_at_once_only_where_some_was(
    stage: Stage,
) -> None:
    stage.start_campaign()
    stage.message(state=states.MessageState.DELIVERED, created_at=datetime(2020, 1, 1, tzinfo=UTC))
    forget, worker = duty("retention"), of_worker(stage)
    assert [forget.do(worker) for _ in range(2)] == [True, False]
    assert forget.idle_seconds > forget.every_seconds


def test_it_wakes_nobody_where_nothing_is_due(stage: Stage, valkey: Redis) -> None:
    assert _clockwork(stage).tick(0) == set()
    assert RqQueue(Queue.DELIVERY, connection=valkey).get_job_ids() == []


def test_without_redis_it_sends_by_itself(without_redis: Stage) -> None:
    without_redis.start_campaign()
    clockwork = _clockwork(without_redis)
    for second in range(5):
        clockwork.tick(second)
    assert list(without_redis.seen().values()) == [1] * PEOPLE


def test_two_of_them_remind_each_person_of_the_last_day_once(
    without_redis: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automatic_reminders, "HOUR", time.min)
    close_soon(without_redis)
    both = [_clockwork(without_redis, duty("reminders")) for _ in range(2)]
    with ThreadPoolExecutor() as threads:
        for second in range(0, 3000, 600):
            list(threads.map(Clockwork.tick, both, [second, second]))
    assert list(without_redis.seen().values()) == [1] * PEOPLE
    with without_redis.resources.readers() as session:
        (made,) = session.scalars(select(Campaign))
    assert made.state == states.CampaignState.FINISHED


def close_soon(stage: Stage) -> None:
    """Let the school's year end six days from now, by the clock of the machine."""
    now = stage.resources.clock()
    last = now.astimezone(SHANGHAI).date() + timedelta(days=6)
    year = last.year + 1  # a season may close before its year, never after its August
    stage.graduates(year=year)
    with stage.resources.sessions.begin() as session:
        rules = SeasonRules(year, LEVEL_CHOICES[0], None, last)
        set_season(session, stage.scope.school_id, rules, "test", now)


def duty(name: str) -> Duty:
    return next(each for each in duties.DUTIES if each.name == name)


@pytest.mark.parametrize("without_redis", ["wait"], indirect=True)
def test_without_redis_it_waits_where_that_was_chosen(without_redis: Stage) -> None:
    without_redis.start_campaign()
    _clockwork(without_redis).tick(0)
    assert without_redis.seen() == {}


def test_a_duty_that_fails_keeps_no_other_from_being_done(stage: Stage) -> None:
    done = []

    def fail(_: WorkerResources) -> None:
        raise KeyError("a name")

    clockwork = _clockwork(
        stage, Duty("fail", 60, fail), Duty("count", 60, lambda _: done.append(1))
    )
    with pytest.raises(JobFailed, match="KeyError at") as failed:
        clockwork.tick(0)
    assert "a name" not in str(failed.value)
    clockwork.tick(1)
    assert done == [1]


def test_a_duty_is_done_at_once_and_then_at_its_hours(stage: Stage) -> None:
    done = []
    clockwork = _clockwork(stage, Duty("count", 60, lambda _: done.append(1)))
    for second in (0, 30, 59, 60, 61, 119, 121):
        clockwork.tick(second)
    assert len(done) == 3


def test_a_slow_object_store_holds_the_clockwork_up_for_seconds_only(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = stage.resources.clock()
    with stage.resources.sessions.begin() as session:
        for _ in range(3):
            content = Incoming(stage.scope.school_id, "协议.pdf", "application/pdf", b"x" * 2000)
            files.store(session, stage.resources.vault, content, at, at + timedelta(days=400))
    with running_bucket() as host:
        worker = of_worker(stage, objects=Bucket(host.access, stage.resources.clock))
        monkeypatch.setattr(duties, "FILES_SECONDS", -1.0)
        duty("files").do(worker)
        assert len(host.objects) == 1
        monkeypatch.undo()
        duty("files").do(worker)
        assert len(host.objects) == 3


def test_what_is_over_is_deleted_and_the_rest_kept(stage: Stage, clock: StandingClock) -> None:
    clock.set(stage.resources.clock())
    later = replace(stage.resources, clock=clock)
    for days in (-1, 1):
        at = clock() + timedelta(days=days)
        with later.sessions.begin() as session:
            content = Incoming(stage.scope.school_id, "名单.csv", "text/csv", b"x")
            files.store(session, later.vault, content, at, at + timedelta(hours=1))
            one_time.give_out(session, "session", "home", at)
    duties.DUTIES[0].do(of_worker(stage, clock=clock))
    with later.sessions() as session:
        for table in (StoredFile, OneTimeState):
            assert session.scalar(select(func.count()).select_from(table)) == 1


def test_what_the_version_before_still_writes_becomes_a_task(stage: Stage) -> None:
    with stage.resources.sessions.begin() as session:
        about = {"file_name": "名单.xlsx", "policy": "valid_rows", "state": "waiting"}
        at, school_id = stage.resources.clock(), stage.scope.school_id
        session.add(RosterImport(**about, school_id=school_id, created_at=at))
    duty("tasks").do(of_worker(stage))
    with stage.resources.readers() as session:
        assert session.scalars(select(Task.state)).all() == [TaskState.WAITING]


def test_the_audit_log_is_chained_and_its_head_written_elsewhere(
    stage: Stage, tmp_path: Path
) -> None:
    file = tmp_path / "heads"
    resources = of_worker(stage)
    settings = resources.settings.model_copy(update={"audit_heads": str(file)})
    resources = replace(resources, settings=settings)
    duty("audit head").do(resources)
    assert not file.exists(), "there is no chain yet"
    for total in (1, 2):
        with resources.sessions.begin() as session:
            audit.note(session, AuditRecord("command", "sign_in", "", None), resources.clock())
        duty("audit chain").do(resources)
        with resources.readers() as session:
            head = chain.head(session)
            assert chain.unchained(session)[0] == 0
        assert head is not None
        assert head.total == total
        duty("audit head").do(resources)
        written = json.loads(file.read_text().splitlines()[-1])
        assert (written["link"], written["hash"]) == (head.link, head.hash)


def test_followers_are_read_at_night_once(stage: Stage, clock: StandingClock) -> None:
    stage.sandbox.control.add_phones([{"following": True}] * 2)
    resources = of_worker(stage, clock=clock)
    read = duty("followers")
    clock.set(datetime(2026, 6, 10, 4, tzinfo=UTC))  # noon in Shanghai
    read.do(resources)
    assert _followers(stage) == PEOPLE
    clock.set(datetime(2026, 6, 10, 19, tzinfo=UTC))  # three in the morning
    read.do(resources)
    assert _followers(stage) == PEOPLE + 2
    asked = stage.sandbox.control.counts()["paths"]["/cgi-bin/user/get"]
    read.do(resources)
    assert stage.sandbox.control.counts()["paths"]["/cgi-bin/user/get"] == asked


def test_followers_are_read_by_day_once_an_operator_has_asked(
    stage: Stage, clock: StandingClock
) -> None:
    resources = of_worker(stage, clock=clock)
    clock.set(datetime(2026, 6, 10, 4, tzinfo=UTC))  # noon in Shanghai
    with stage.resources.sessions.begin() as session:
        app_id = stage.resources.settings.wechat_app_id
        account.note(session, app_id, followers_asked_at=clock())
    duty("followers").do(resources)
    asked = stage.sandbox.control.counts()["paths"]["/cgi-bin/user/get"]
    assert asked
    duty("followers").do(resources)
    assert stage.sandbox.control.counts()["paths"]["/cgi-bin/user/get"] == asked


def _followers(stage: Stage) -> int:
    with stage.resources.sessions() as session:
        return session.scalar(select(func.count()).select_from(Follower)) or 0


def test_templates_are_read_again_after_some_hours(stage: Stage, clock: StandingClock) -> None:
    resources = of_worker(stage, clock=clock)
    read = duty("templates")
    for hours in (0, 1, 7):
        clock.set(datetime(2026, 6, 10, hours, tzinfo=UTC))
        read.do(resources)
    with stage.resources.sessions() as session:
        synced = session.scalar(select(Account.templates_synced_at))
    assert synced == clock()


def test_templates_are_looked_for_again_soon_where_one_is_missing(
    stage: Stage, clock: StandingClock
) -> None:
    resources, read = of_worker(stage, clock=clock), duty("templates")
    assert read.every_seconds <= duties.MINUTE
    clock.set(datetime(2026, 6, 10, tzinfo=UTC))
    read.do(resources)
    stage.sandbox.control.fault("body", path=LIST, body='{"template_list": []}', times=1)
    for minutes in (7 * 60, 1, 5):
        clock.move(timedelta(minutes=minutes))
        read.do(resources)
    assert stage.sandbox.control.counts()["paths"][LIST] == 4  # with the stage's own
    with stage.resources.sessions() as session:
        assert set(session.scalars(select(AccountTemplate.present))) == {True}


@pytest.mark.parametrize("gone", [True, False])
def test_templates_are_read_within_a_minute_where_wechat_refused_one(
    stage: Stage, clock: StandingClock, *, gone: bool
) -> None:
    resources, read = of_worker(stage, clock=clock), duty("templates")
    clock.set(datetime(2026, 6, 10, tzinfo=UTC))
    read.do(resources)
    with stage.resources.sessions.begin() as session:
        templates.note_refused(
            session, stage.sandbox.config.app_id, "confirmation_reminder", clock(), gone=gone
        )
    clock.move(timedelta(minutes=1))
    read.do(resources)
    with stage.resources.sessions() as session:
        assert session.scalar(select(Account.templates_synced_at)) == clock()


def test_the_clockwork_says_that_it_runs(stage: Stage, clock: StandingClock) -> None:
    resources = of_worker(stage, clock=clock)
    say = duty("alive")
    for seconds in (0, 10):
        clock.move(timedelta(seconds=seconds))
        say.do(resources)
        with stage.resources.sessions() as session:
            assert session.scalar(select(Account.clockwork_at)) == clock()


def test_wechat_being_away_stops_no_duty(stage: Stage) -> None:
    stage.sandbox.control.fault("errcode", path="/cgi-bin/user/get", errcode=45009)
    stage.sandbox.control.fault("errcode", path=LIST, errcode=45009)
    for each in duties.DUTIES:
        each.do(of_worker(stage))


def test_the_night_puts_right_what_drifted_and_each_minute_folds_it(stage: Stage) -> None:
    with stage.resources.sessions.begin() as session:
        session.execute(delete(GraduateCount))
    by_day, by_night = datetime(2026, 6, 10, 4, tzinfo=UTC), datetime(2026, 6, 10, 19, tzinfo=UTC)
    for at, people in ((by_day, 0), (by_night, PEOPLE)):
        worker = of_worker(stage, clock=StandingClock(at))
        for name in ("recount", "counts"):
            duty(name).do(worker)
        with stage.resources.readers() as session:
            added = func.count().filter(GraduateCount.folded == false())
            found = session.execute(select(func.sum(GraduateCount.number), added)).one()
        assert (found[0] or 0, found[1]) == (people, 0)
