"""Receipts move messages, whenever and however often they come."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from notifier.ledger import states
from notifier.ledger.receipts import MEMORY, PATIENCE, Receipt, apply
from notifier.ledger.tables import Campaign, Message
from registry.base.clock import utc_now
from tests.notifier.conftest import PEOPLE
from tests.notifier.stage import Stage


def receipts(stage: Stage, status: str = "success", **changes: object) -> list[Receipt]:
    """Make the receipt WeChat would send for each message."""
    now = utc_now()
    with stage.resources.readers.begin() as session:
        rows = session.execute(select(Message.id, Message.openid, Message.wx_msgid)).all()
    fields = [
        {
            "push_id": ident,
            "openid": openid,
            "wx_msgid": msgid,
            "status": status,
            "happened_at": now,
            "received_at": now,
        }
        for ident, openid, msgid in rows
    ]
    return [Receipt(**(each | changes)) for each in fields]  # type: ignore[arg-type]  # made above


def hear(stage: Stage, heard: list[Receipt]) -> set[int]:
    with stage.resources.sessions.begin() as session:
        return apply(session, heard, utc_now())


@pytest.fixture
def key(stage: Stage) -> str:
    """Give a campaign that WeChat has accepted whole."""
    key = stage.start_campaign()
    stage.deliver_until_done(key)
    return key


def test_a_receipt_makes_a_message_delivered(stage: Stage, key: str) -> None:
    assert len(hear(stage, receipts(stage))) == PEOPLE
    assert stage.progress(key).counts["delivered"] == PEOPLE


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("failed:user block", "user_block"),
        ("failed: system failed", "system_failed"),
        ("failed:freq limit", "freq_limit"),
        ("failed:never heard of", "receipt_failed"),
    ],
)
def test_a_failed_receipt_says_why(stage: Stage, key: str, status: str, reason: str) -> None:
    hear(stage, receipts(stage, status))
    assert stage.progress(key).by_reason == {reason: PEOPLE}


def test_a_repeated_receipt_changes_nothing(stage: Stage, key: str) -> None:
    hear(stage, receipts(stage))
    hear(stage, receipts(stage, "failed:user block"))
    assert stage.progress(key).counts["delivered"] == PEOPLE


def test_of_two_receipts_in_one_batch_success_wins(stage: Stage, key: str) -> None:
    both = receipts(stage)[:1] + receipts(stage, "failed:user block")[:1]
    for order in itertools.permutations(both):
        stage.message(state=states.MessageState.ACCEPTED)
        hear(stage, list(order))
        assert stage.progress(key).counts["delivered"] == 1


def test_a_receipt_without_an_id_finds_the_one_message_it_can_mean(stage: Stage, key: str) -> None:
    stage.message(wx_msgid=None)
    early = receipts(stage, wx_msgid=None)
    assert hear(stage, early) == set(), "the answer may still be on its way"
    later = receipts(stage, wx_msgid=None, received_at=utc_now() - PATIENCE)
    assert len(hear(stage, later)) == PEOPLE
    assert stage.progress(key).counts["delivered"] == PEOPLE


def test_a_receipt_without_an_id_is_of_use_when_the_answer_had_one(stage: Stage, key: str) -> None:
    heard = receipts(stage, wx_msgid=None, received_at=utc_now() - PATIENCE)
    assert len(hear(stage, heard)) == PEOPLE
    assert stage.progress(key).counts["delivered"] == PEOPLE


def test_a_receipt_with_an_unknown_id_means_no_message_with_another(stage: Stage, key: str) -> None:
    assert hear(stage, receipts(stage, wx_msgid=1, received_at=utc_now() - PATIENCE)) == set()
    assert stage.progress(key).counts["delivered"] == 0


@pytest.mark.parametrize(("calls", "delivered"), [(1, PEOPLE), (2, 0)])
def test_a_receipt_with_an_unknown_id_may_mean_an_earlier_call_of_a_repeated_message(
    stage: Stage, key: str, calls: int, delivered: int
) -> None:
    stage.message(tries=calls)
    stage.deliver_until_done(later := stage.start_campaign())
    with stage.resources.sessions.begin() as session:
        second = select(Campaign.id).where(Campaign.key == later).scalar_subquery()
        unanswered = update(Message).where(Message.campaign_id == second)
        session.execute(unanswered.values(wx_msgid=None))
    heard = receipts(stage, wx_msgid=1, received_at=utc_now() - PATIENCE)
    one_each = list({each.openid: each for each in heard}.values())
    assert len(hear(stage, one_each)) == delivered
    assert stage.progress(key).counts["delivered"] == 0
    assert stage.progress(later).counts["delivered"] == delivered


def test_a_receipt_from_before_the_call_means_another_message(stage: Stage, key: str) -> None:
    stage.message(wx_msgid=None)
    old = utc_now() - timedelta(hours=1)
    assert hear(stage, receipts(stage, wx_msgid=None, received_at=old, happened_at=old)) == set()
    assert stage.progress(key).counts["delivered"] == 0


def test_what_was_accepted_days_ago_without_a_receipt_is_not_in_the_way(
    stage: Stage, key: str
) -> None:
    stage.message(maybe_since=utc_now() - 2 * MEMORY)
    stage.deliver_until_done(later := stage.start_campaign())
    heard = receipts(stage, wx_msgid=None, received_at=utc_now() - PATIENCE)
    assert len(hear(stage, heard)) == 2 * PEOPLE
    assert stage.progress(later).counts["delivered"] == PEOPLE
    assert stage.progress(key).counts["delivered"] == 0


def test_a_probe_to_a_colleague_is_found_by_openid_too(stage: Stage, key: str) -> None:
    assert key
    stage.message(graduate_id=None)
    heard = receipts(stage, wx_msgid=None, received_at=utc_now() - PATIENCE)
    assert len(hear(stage, heard)) == PEOPLE


def test_a_receipt_before_the_answer_is_written_wins(stage: Stage, key: str) -> None:
    stage.message(state=states.MessageState.SENDING)
    hear(stage, receipts(stage))
    assert stage.progress(key).counts["delivered"] == PEOPLE


def test_a_receipt_lifts_what_had_been_given_up_as_unknown(stage: Stage, key: str) -> None:
    stage.message(state=states.MessageState.UNKNOWN)
    hear(stage, receipts(stage))
    assert stage.progress(key).counts["delivered"] == PEOPLE


def test_a_receipt_nobody_waits_for_is_left(stage: Stage, key: str) -> None:
    assert hear(stage, receipts(stage, wx_msgid=1)[:1]) == set()
    assert stage.count(state=states.MessageState.ACCEPTED) == PEOPLE
    assert key
