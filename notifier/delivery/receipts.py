"""Receipts: TEMPLATESENDJOBFINISH moves a message to delivered or failed, whenever it comes.

A receipt names the message by MsgID; where WeChat left it out, or the answer carrying it was lost,
the only open message to that openid is meant. States only rise: order and repeats do not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, String, case, func, select, update
from sqlalchemy.orm import Session

from notifier import outcomes, states
from notifier.states import MessageEvent
from notifier.tables import Message
from registry.database import rows_of

PATIENCE = timedelta(seconds=5)
"""How long the answer with the MsgID may still be on its way to the ledger."""
CLOCK_SLACK = timedelta(seconds=120)  # between WeChat's clock and the database's
MEMORY = timedelta(hours=24)  # how long after its call a message may be meant by openid alone


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt as it was stored."""

    inbox_id: int
    openid: str
    wx_msgid: int | None
    status: str
    happened_at: datetime
    received_at: datetime


def apply(session: Session, receipts: Sequence[Receipt], at: datetime) -> set[int]:
    """Move the messages these receipts are about; return the inbox ids that found theirs."""
    found = _by_msgid(session, receipts)
    orphans = [
        each
        for each in receipts
        if each.inbox_id not in found and each.received_at <= at - PATIENCE
    ]
    found |= _by_openid(session, [each for each in orphans if each.wx_msgid], named=False)
    found |= _by_openid(session, [each for each in orphans if not each.wx_msgid], named=True)
    for reason, event in _outcomes(receipts):
        ids = [
            found[each.inbox_id]
            for each in receipts
            if each.inbox_id in found and outcomes.receipt_reason(each.status) == reason
        ]
        move(session, ids, event, reason or "", at)
    return set(found)


def _outcomes(receipts: Sequence[Receipt]) -> list[tuple[str | None, MessageEvent]]:
    """Return the reasons met, success last: it wins over a failure of the same message."""
    reasons = {outcomes.receipt_reason(each.status) for each in receipts}
    failed = sorted(reason for reason in reasons if reason is not None)
    moves: list[tuple[str | None, MessageEvent]] = [
        (reason, MessageEvent.RECEIPT_FAILED) for reason in failed
    ]
    return [*moves, (None, MessageEvent.RECEIPT_OK)] if None in reasons else moves


def _by_msgid(session: Session, receipts: Sequence[Receipt]) -> dict[int, int]:
    named = [each for each in receipts if each.wx_msgid]
    if not named:
        return {}
    came = rows_of(
        session,
        "came",
        {
            "inbox_id": (BigInteger(), [each.inbox_id for each in named]),
            "msgid": (BigInteger(), [each.wx_msgid for each in named]),
        },
    )
    rows = session.execute(
        select(came.c.inbox_id, Message.id).join(Message, Message.wx_msgid == came.c.msgid)
    )
    return dict(rows.all())


def _by_openid(session: Session, receipts: Sequence[Receipt], *, named: bool) -> dict[int, int]:
    """Match by person: only where exactly one message can be meant.

    A receipt with a MsgID that nobody knows cannot mean one whose MsgID is known; a receipt without
    (0, as is reported where a client_msg_id was given) can: `named` lets those through.
    """
    if not receipts:
        return {}
    others = () if named else (Message.wx_msgid.is_(None),)
    came = rows_of(session, "came", {"openid": (String(), [each.openid for each in receipts])})
    rows = session.execute(
        select(Message.openid, func.min(Message.id), func.min(Message.maybe_since))
        .where(
            Message.openid.in_(select(came.c.openid)),
            *others,
            Message.maybe_since.is_not(None),
            Message.state.in_(states.message_sources(MessageEvent.RECEIPT_OK)),
        )
        .group_by(Message.openid)
        .having(func.count() == 1)
    ).all()
    meant = {openid: (ident, since) for openid, ident, since in rows}
    found = {}
    for each in receipts:
        ident, since = meant.get(each.openid, (None, None))
        if ident and since and _plausible(each.happened_at, since):
            found[each.inbox_id] = ident
    return found


def _plausible(happened: datetime, called: datetime) -> bool:
    return called - CLOCK_SLACK <= happened <= called + MEMORY


def move(
    session: Session, ids: Sequence[int], event: MessageEvent, reason: str, at: datetime
) -> None:
    """Move messages by what a receipt, or what stands for one, says; others are left alone."""
    if not ids:
        return
    targets = {
        source: target
        for (source, candidate), target in states.MESSAGE_MOVES.items()
        if candidate is event
    }
    meant = rows_of(session, "meant", {"id": (BigInteger(), list(ids))})
    session.execute(
        update(Message)
        .where(Message.id.in_(select(meant.c.id)), Message.state.in_(targets))
        .values(
            state=case(targets, value=Message.state),
            reason=reason,
            final_at=at,
            accepted_at=func.coalesce(Message.accepted_at, at),
            claim=None,
            lease_until=None,
        )
        .execution_options(synchronize_session=False)
    )
