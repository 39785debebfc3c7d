"""Settling: what came of a batch of claimed messages is written by bulk UPDATEs behind the fence.

Every write carries the claim, so what a revived or overtaken worker writes changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String, bindparam, case, select, update
from sqlalchemy.orm import Session

from notifier.delivery.verdict import Verdict, new_values
from notifier.ledger import quota, states
from notifier.ledger.states import MessageEvent
from notifier.ledger.tables import Follower, Message, Refusal
from registry.base import moves
from registry.base.database import UtcDateTime, database_now, insert_new, rows_of


def settle(session: Session, verdicts: Sequence[Verdict]) -> None:
    """Write what came of each message, and what it says of the person."""
    at = database_now(session)
    _accept(session, [each for each in verdicts if each.accepted], at)
    others = [each for each in verdicts if not each.accepted]
    _write(session, others, at)
    _mind_the_person(session, others, at)
    quota.reserve(session, at, -sum(not each.called for each in verdicts))


def _accept(session: Session, verdicts: Sequence[Verdict], at: datetime) -> None:
    if not verdicts:
        return
    came = rows_of(
        session,
        "came",
        {
            "id": (BigInteger(), [each.message.id for each in verdicts]),
            "claim": (String(), [each.message.claim for each in verdicts]),
            "msgid": (BigInteger(), [each.answer and each.answer.msgid for each in verdicts]),
        },
    )
    session.execute(
        moves.moving(
            states.MESSAGE,
            Message.state,
            MessageEvent.ACCEPT,
            Message.id == came.c.id,
            Message.claim == came.c.claim,
            wx_msgid=came.c.msgid,
            accepted_at=at,
            reason="",
            detail="",
            claim=None,
            lease_until=None,
        )
    )


_WRITE = moves.moving_each(
    Message.state,
    states.MessageState.SENDING,
    Message.id == bindparam("message_id"),
    Message.claim == bindparam("message_claim"),
    next_at=bindparam("new_next_at"),
    maybe_since=case(
        (bindparam("forget"), bindparam("maybe_before", type_=UtcDateTime())),
        else_=Message.maybe_since,
    ),
    reason=bindparam("new_reason"),
    detail=bindparam("new_detail"),
    final_at=bindparam("new_final_at"),
    tries=bindparam("new_tries"),
    claim=None,
    lease_until=None,
)


def _write(session: Session, verdicts: Sequence[Verdict], at: datetime) -> None:
    rows: list[dict[str, Any]] = [
        {
            "message_id": each.message.id,
            "message_claim": each.message.claim,
            "new_tries": each.message.tries,
            **new_values(each, at),
        }
        for each in verdicts
    ]
    if rows:
        session.connection().execute(_WRITE, rows)


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
