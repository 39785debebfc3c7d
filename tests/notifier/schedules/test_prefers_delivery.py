"""A campaign that would rather send twice: what came is never called failed or not sent."""

import pytest

from notifier.campaigns import campaigns
from registry.base.clock import utc_now
from tests.notifier.conftest import PEOPLE
from tests.notifier.schedules.interleaving import (
    SEND,
    let_the_window_close,
    send_and_lose_the_answers,
)
from tests.notifier.stage import Stage


@pytest.fixture
def seen(stage: Stage) -> str:
    """Start a campaign that prefers delivery, which everybody saw, with no answer kept."""
    key = stage.start_campaign(prefers="delivery")
    send_and_lose_the_answers(stage, PEOPLE)
    let_the_window_close(stage)
    return key


def test_who_saw_it_and_then_refuses_is_not_failed(stage: Stage, seen: str) -> None:
    stage.sandbox.control.fault("errcode", path=SEND, errcode=43101, times=PEOPLE)
    done = stage.deliver_until_done(seen)
    assert done.counts["unknown"] == PEOPLE
    assert done.by_reason == {"refused": PEOPLE}


def test_who_saw_it_is_not_skipped_when_it_is_cancelled(stage: Stage, seen: str) -> None:
    with stage.resources.sessions.begin() as session:
        campaigns.cancel(session, stage.scope, seen, at=utc_now())
    assert stage.progress(seen).counts["unknown"] == PEOPLE


def test_who_saw_it_is_sent_it_again(stage: Stage, seen: str) -> None:
    assert stage.deliver_until_done(seen).counts["accepted"] == PEOPLE
    assert set(stage.seen().values()) == {2}
