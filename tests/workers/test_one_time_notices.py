"""The clockwork reads the mini program's templates, and wakes a worker for notices that are due."""

from collections.abc import Iterator

import pytest
from redis import Redis
from rq import Queue as RqQueue
from sqlalchemy import func, select

from notifier.ledger import notices
from notifier.ledger.mini_tables import MiniTemplate
from notifier.providers.sms import Sms
from runtime.jobs import Job, Queue
from runtime.resources import open_resources
from runtime.settings import Settings
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.configuration import settings_for
from tests.notifier.delivery.mini_stage import TEMPLATES, MiniStage, with_mini_program
from tests.notifier.stage import open_stage
from workers import jobs
from workers.clockwork import Clockwork
from workers.duties import DUTIES
from workers.process import WorkerResources
from workers.wakeups import open_wakeups


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
        quiet_hours="",
    )


@pytest.fixture
def mini(settings: Settings, sandbox: RunningSandbox) -> Iterator[MiniStage]:
    resources = open_resources(settings, notices.write, open_wakeups(settings.redis_url))
    stage = open_stage(resources, sandbox)
    stage.scope = stage.open_school(graduates=1)
    yield with_mini_program(stage, read=False)
    resources.engine.dispose()


def of_worker(mini: MiniStage) -> WorkerResources:
    shared = vars(mini.stage.resources)
    sms = Sms(mini.stage.resources.settings, mini.stage.resources.clock)
    return WorkerResources(**shared, gateway=mini.stage.gateway, sms=sms, mini_program=mini.mini)


def test_what_is_due_wakes_a_worker_who_sends_it(
    mini: MiniStage, valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    (her,) = mini.stage.openids
    own = tuple(each for each in DUTIES if each.name in {"mini templates", "notices"})
    clockwork = Clockwork(of_worker(mini), own)
    waiting = RqQueue(Queue.WORK, connection=valkey)
    clockwork.tick(0)
    with mini.stage.resources.readers() as session:
        assert session.scalar(select(func.count()).select_from(MiniTemplate)) == len(TEMPLATES)
    assert waiting.job_ids == []
    mini.allows(her, kind="review_result")
    mini.missed(her)
    clockwork.tick(11)
    assert [each.partition("-")[0] for each in waiting.job_ids] == [Job.SEND_NOTICES.name]
    monkeypatch.setattr(jobs, "resources", lambda: of_worker(mini))
    jobs.BY_NAME[Job.SEND_NOTICES]()
    assert [each["openid"] for each in mini.notices()] == [mini.stage.openids[her]]
    assert mini.rows() == [("sent", "")]
