"""A backup that was restored, while Redis or a person does something in between."""

from dataclasses import replace

import pytest
from redis import Redis
from redis.exceptions import BusyLoadingError
from sqlalchemy import select, update
from typing_extensions import override

from notifier.delivery import restored
from notifier.ledger import mark
from notifier.ledger.tables import Account
from tests.notifier.stage import Stage


class LoadingOnce(Redis):
    """A Redis that reads its data from the disk as it is first asked."""

    asked = False

    @override
    def get(self, name: object) -> object:  # type: ignore[override]  # narrower: only what is asked here
        """Answer from the second time on."""
        if not self.asked:
            self.asked = True
            raise BusyLoadingError("Redis is loading the dataset in memory")
        return super().get(str(name))


def pause_reason(stage: Stage) -> str | None:
    with stage.resources.readers.begin() as session:
        return session.scalar(select(Account.pause_reason))


def restore_a_backup(stage: Stage) -> None:
    """Put the mark where an earlier state of the ledger has it."""
    with stage.resources.sessions.begin() as session:
        session.execute(update(Account).values(ledger_mark=2))


@pytest.fixture
def counted(stage: Stage) -> Stage:
    """Give a stage whose clockwork has run for a while."""
    for _ in range(5):
        restored.keep(stage.resources)
    return stage


def test_a_restore_is_noticed_though_redis_was_unreadable_for_a_moment(
    counted: Stage, redis_url: str
) -> None:
    restore_a_backup(counted)
    loading = LoadingOnce.from_url(redis_url)
    for _ in range(2):
        restored.keep(replace(counted.resources, redis=loading))
    loading.close()
    assert pause_reason(counted) == "ledger_restored"


def test_a_clockwork_that_was_overtaken_lowers_no_mark(counted: Stage) -> None:
    mark.let_redis_remember(counted.resources, 2)
    restore_a_backup(counted)
    assert mark.is_behind(counted.resources)
