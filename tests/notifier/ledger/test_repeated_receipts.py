"""A failed receipt of a repeat says nothing of the copy before it, which may have come."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from notifier.delivery import circuit_breaker, restored
from notifier.delivery.claim import WINDOW
from notifier.delivery.sweep import sweep
from notifier.ledger import states
from notifier.ledger.tables import Account, Follower, Message
from registry.base.clock import utc_now
from tests.notifier.conftest import PEOPLE
from tests.notifier.ledger.test_receipts import hear, receipts
from tests.notifier.schedules.interleaving import send_and_lose_the_answers
from tests.notifier.stage import Stage

BLOCKED = "failed:user block"


@pytest.fixture
def key(stage: Stage) -> str:
    """Give a campaign that prefers delivery, whose first answers were lost."""
    key = stage.start_campaign(prefers="delivery")
    send_and_lose_the_answers(stage, PEOPLE)
    return key


def let_time_pass(stage: Stage, seconds: float) -> None:
    """Have the first call be so long ago, and the next be due."""
    now = utc_now()
    stage.message(maybe_since=now - timedelta(seconds=seconds), next_at=now)


def reasons(stage: Stage, key: str) -> dict[str, int]:
    return dict(stage.progress(key).by_reason)


def test_what_was_sent_again_after_the_window_is_unknown_where_the_copy_fails(
    stage: Stage, key: str
) -> None:
    let_time_pass(stage, WINDOW.total_seconds() + 1)
    assert stage.deliver_until_done(key).counts["accepted"] == PEOPLE
    for _ in range(2):  # WeChat may push it again
        hear(stage, receipts(stage, BLOCKED))
        assert stage.progress(key).counts["unknown"] == PEOPLE
    assert reasons(stage, key) == {"repeat_failed": PEOPLE}


def test_a_receipt_that_the_first_copy_came_lifts_it(stage: Stage, key: str) -> None:
    let_time_pass(stage, WINDOW.total_seconds() + 1)
    stage.deliver_until_done(key)
    hear(stage, receipts(stage, BLOCKED))
    hear(stage, receipts(stage))
    assert stage.progress(key).counts["delivered"] == PEOPLE


def test_a_repeat_that_wechat_recognises_is_the_one_copy_and_fails(stage: Stage, key: str) -> None:
    let_time_pass(stage, WINDOW.total_seconds() / 2)
    assert stage.deliver_until_done(key).counts["accepted"] == PEOPLE
    hear(stage, receipts(stage, BLOCKED))
    assert reasons(stage, key) == {"user_block": PEOPLE}
    assert stage.progress(key).counts["failed"] == PEOPLE


def test_a_copy_to_another_wechat_is_not_recognised_however_soon(stage: Stage, key: str) -> None:
    with stage.resources.sessions.begin() as session:
        session.execute(update(Message).values(openid="her-wechat-before", next_at=utc_now()))
        session.add(Follower(openid="her-wechat-before", subscribed=True, changed_at=utc_now()))
    assert stage.deliver_until_done(key).counts["accepted"] == PEOPLE
    hear(stage, receipts(stage, BLOCKED))
    assert reasons(stage, key) == {"repeat_failed": PEOPLE}


def test_the_answers_of_all_copies_lost_a_failed_receipt_leaves_it_unknown(
    stage: Stage, key: str
) -> None:
    let_time_pass(stage, WINDOW.total_seconds() + 1)  # its next try is later than the window
    hear(stage, receipts(stage, BLOCKED, received_at=utc_now() - timedelta(minutes=1)))
    assert reasons(stage, key) == {"repeat_failed": PEOPLE}


def test_where_duplicates_are_not_wanted_a_late_failed_receipt_is_of_the_one_copy(
    stage: Stage,
) -> None:
    key = stage.start_campaign()
    send_and_lose_the_answers(stage, PEOPLE)
    let_time_pass(stage, WINDOW.total_seconds() + 1)
    sweep(stage.resources)
    assert stage.count(state=states.MessageState.UNKNOWN) == PEOPLE
    hear(stage, receipts(stage, BLOCKED, received_at=utc_now() - timedelta(minutes=1)))
    assert reasons(stage, key) == {"user_block": PEOPLE}


def test_what_may_have_come_before_a_restore_is_unknown_where_the_copy_fails(stage: Stage) -> None:
    for _ in range(3):
        restored.keep(stage.resources)
    key = stage.start_campaign(prefers="delivery")
    with stage.resources.sessions.begin() as session:
        session.execute(update(Account).values(ledger_mark=1))
    restored.keep(stage.resources)
    with stage.resources.sessions.begin() as session:
        circuit_breaker.resume_account(session, stage.resources.settings, utc_now())
    assert stage.deliver_until_done(key).counts["accepted"] == PEOPLE
    hear(stage, receipts(stage, BLOCKED))
    assert reasons(stage, key) == {"repeat_failed": PEOPLE}
