"""Settling: what came of a batch of claimed messages is written by bulk UPDATEs behind the fence.

Every write carries the claim, so what a revived or overtaken worker writes changes nothing, and
nothing is noted of its answers.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String, Update, bindparam, case, literal, select, update
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from notifier.delivery.claim import Claimed
from notifier.delivery.verdict import Verdict, new_values
from notifier.ledger import quota, states
from notifier.ledger.states import MessageEvent
from notifier.ledger.tables import Follower, Message, Refusal
from registry.base import moves
from registry.base.database import UtcDateTime, database_now, insert_new, made_once
from registry.base.value_tables import Columns, parameters_of, rows_of, rows_to_come


def settle(session: Session, verdicts: Sequence[Verdict]) -> set[int]:
    """Write what came of each message, and what it says of the person and of the quota.

    Of those that were not accepted return the ids that were written. The others' claims are over:
    somebody else has the message, or this batch was written before, and nothing of theirs is noted
    a second time. Of who was accepted nothing else is noted, so that nobody has to ask.
    """
    at = database_now(session)
    _accept(session, [each for each in verdicts if each.accepted], at)
    others = [each for each in verdicts if not each.accepted]
    written = _write(session, others, at)
    held = [each for each in others if each.message.id in written]
    _mind_the_person(session, held, at)
    _give_quota_back(session, [each.message for each in held if not each.called])
    return written


def _give_quota_back(session: Session, messages: Sequence[Claimed]) -> None:
    """Give back what was reserved and not called, to the day on which it was reserved."""
    claimed = Counter(quota.day_of(each.claimed_at) for each in messages)
    for day, number in sorted(claimed.items()):
        quota.give_back(session, day, number)


def _accept(session: Session, verdicts: Sequence[Verdict], at: datetime) -> None:
    if not verdicts:
        return
    came: Columns = {
        "id": (BigInteger(), [each.message.id for each in verdicts]),
        "claim": (String(), [each.message.claim for each in verdicts]),
        "msgid": (BigInteger(), [each.answer and each.answer.msgid for each in verdicts]),
    }
    given = {_AT.key: at, **parameters_of(session, "came", came)}
    session.execute(_accepting(session), given)


_AT = bindparam("settled_at", type_=UtcDateTime())


@made_once
def _accepting(session: Session) -> Update:
    types: dict[str, TypeEngine[Any]] = {
        "id": BigInteger(),
        "claim": String(),
        "msgid": BigInteger(),
    }
    came = rows_to_come(session, "came", types).c
    return moves.moving_each(
        Message.state,
        states.MessageState.SENDING,
        literal(moves.moved_by(states.MESSAGE, states.MessageState.SENDING, MessageEvent.ACCEPT)),
        Message.id == came.id,
        Message.claim == came.claim,
        wx_msgid=came.msgid,
        accepted_at=_AT,
        reason="",
        detail="",
        claim=None,
        lease_until=None,
    )


_WRITTEN: dict[str, TypeEngine[Any]] = {
    "state": String(),
    "next_at": UtcDateTime(),
    "forget": BigInteger(),
    "maybe_before": UtcDateTime(),
    "reason": String(),
    "detail": String(),
    "final_at": UtcDateTime(),
    "tries": BigInteger(),
}


def _write(session: Session, verdicts: Sequence[Verdict], at: datetime) -> set[int]:
    if not verdicts:
        return set()
    rows = [{"tries": each.message.tries, **new_values(each, at)} for each in verdicts]
    came = rows_of(
        session,
        "came",
        {
            "id": (BigInteger(), [each.message.id for each in verdicts]),
            "claim": (String(), [each.message.claim for each in verdicts]),
            **{name: (kind, [row[name] for row in rows]) for name, kind in _WRITTEN.items()},
        },
    ).c
    written = moves.moving_each(
        Message.state,
        states.MessageState.SENDING,
        came.state,
        Message.id == came.id,
        Message.claim == came.claim,
        next_at=came.next_at,
        maybe_since=case((came.forget == 1, came.maybe_before), else_=Message.maybe_since),
        reason=came.reason,
        detail=came.detail,
        final_at=came.final_at,
        tries=came.tries,
        claim=None,
        lease_until=None,
    )
    return set(session.scalars(written.returning(Message.id)))


def _mind_the_person(session: Session, verdicts: Sequence[Verdict], at: datetime) -> None:
    """Keep what a refusal says of the person: no longer following, or this kind switched off."""
    codes = [(each.answer.outcome.code, each.message) for each in verdicts if each.answer]
    gone = [message.openid for code, message in codes if code == "not_following"]
    if gone:
        left = rows_of(session, "gone", {"openid": (String(), gone)})
        session.execute(
            update(Follower)
            .where(Follower.openid.in_(select(left.c.openid)), Follower.changed_at < at)
            .values(subscribed=False, changed_at=at)
            .execution_options(synchronize_session=False)
        )
    refused = [
        {"openid": message.openid, "kind": message.kind, "refused_at": at}
        for code, message in codes
        if code == "refused"
    ]
    if refused:
        session.execute(insert_new(session, Refusal), refused)
