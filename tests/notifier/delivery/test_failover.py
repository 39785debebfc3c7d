"""A standby takes over: what it has in full goes on, what lacks a claim waits for an operator."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from notifier.delivery import restored
from notifier.ledger import mark
from notifier.ledger.tables import Account
from runtime import schema
from sandbox.testing import RunningSandbox
from tests.notifier.conftest import PEOPLE, stage_over
from tests.notifier.delivery.standby import run_pair
from tests.notifier.stage import Stage
from tests.servers import has_postgresql
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_postgresql(), reason="PostgreSQL is not installed"),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give one that the server's own user may look into."""
    with TemporaryDirectory(prefix="quxiang-pair-") as name:
        yield Path(name)


@contextmanager
def counting(url: str, redis_url: str, sandbox: RunningSandbox) -> Iterator[Stage]:
    """Open a stage that has sent a campaign, and whose clockwork has run for a while."""
    with stage_over(url, redis_url, sandbox, prepare=schema.upgrade) as stage:
        for _ in range(3):
            restored.keep(stage.resources)
        assert stage.deliver_until_done(stage.start_campaign()).counts["accepted"] == PEOPLE
        yield stage


def takes_writes(stage: Stage) -> bool:
    try:
        restored.keep(stage.resources)
    except OperationalError:
        return False
    return True


def paused(stage: Stage) -> str | None:
    with stage.resources.readers.begin() as session:
        return session.scalar(select(Account.pause_reason))


def test_after_a_failover_that_lost_no_claim_nothing_is_held(
    folder: Path, redis_url: str, sandbox: RunningSandbox
) -> None:
    with (
        run_pair(folder, synchronous=True) as pair,
        counting(pair.url, redis_url, sandbox) as stage,
    ):
        pair.fail_over()  # right behind the last claim
        wait_until(lambda: takes_writes(stage), "the standby takes writes")
        assert not mark.is_behind(stage.resources)
        assert paused(stage) is None
        assert stage.deliver_until_done(stage.start_campaign()).counts["accepted"] == PEOPLE
        assert set(stage.seen().values()) == {2}


def test_after_a_failover_however_quick_that_lost_a_claim_all_is_held(
    folder: Path, redis_url: str, sandbox: RunningSandbox
) -> None:
    with (
        run_pair(folder, synchronous=False) as pair,
        counting(pair.url, redis_url, sandbox) as stage,
    ):
        stage.start_campaign()
        pair.stop("standby")
        stage.deliver()
        seen = stage.seen()
        assert set(seen.values()) == {2}
        pair.fail_over()
        wait_until(lambda: takes_writes(stage), "the standby takes writes")
        assert paused(stage) == "ledger_restored"
        stage.deliver()
        assert stage.seen() == seen
