"""Receipts: TEMPLATESENDJOBFINISH moves a message to delivered or failed, whenever it comes.

A receipt names the message by MsgID; where WeChat left it out, or the answer carrying it was lost,
the only open message to that openid is meant. States only rise: order and repeats do not matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    String,
    case,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from notifier.ledger import bindings, outcomes, states
from notifier.ledger.states import MessageEvent
from notifier.ledger.tables import Binding, Campaign, Message
from registry.base import moves
from registry.base.database import UtcDateTime
from registry.base.value_tables import rows_of
from runtime import tracing

PATIENCE = timedelta(seconds=5)
"""How long the answer with the MsgID may still be on its way to the ledger."""
CLOCK_SLACK = timedelta(seconds=120)  # between WeChat's clock and the database's
MEMORY = timedelta(hours=24)  # how long after its call a message may be meant by openid alone
WINDOW = timedelta(seconds=480)
"""How long after the first call WeChat surely drops a repeat to the same openid: it does for 600 s,
less a call, less its clock."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt as it was stored."""

    push_id: int
    openid: str
    wx_msgid: int | None
    status: str
    happened_at: datetime
    received_at: datetime


def apply(session: Session, receipts: Sequence[Receipt], at: datetime) -> set[int]:
    """Move the messages these receipts are about; return the pushes (by id) that found theirs."""
    found = _by_msgid(session, receipts)
    orphans = [
        each for each in receipts if each.push_id not in found and each.received_at <= at - PATIENCE
    ]
    found |= _by_openid(session, [each for each in orphans if each.wx_msgid], named=False)
    found |= _by_openid(session, [each for each in orphans if not each.wx_msgid], named=True)
    for reason, event in _outcomes(receipts):
        ids = [
            found[each.push_id]
            for each in receipts
            if each.push_id in found and outcomes.receipt_reason(each.status) == reason
        ]
        move(session, ids, event, reason or "", at)
    if tracing.is_on():
        _trace(session, receipts, found)
    return set(found)


def _trace(session: Session, receipts: Sequence[Receipt], found: Mapping[int, int]) -> None:
    """Write down each receipt as part of what wrote its message."""
    wanted = select(Message.id, Message.trace).where(
        Message.id.in_(found.values()), Message.trace.is_not(None)
    )
    traces: Mapping[int, str | None] = dict(session.execute(wanted).all())
    for each in receipts:
        trace = traces.get(found.get(each.push_id, 0))
        began = int(each.received_at.timestamp() * 1_000_000) * 1_000
        outcome = outcomes.receipt_reason(each.status) or "delivered"
        tracing.record("receipt", trace, began, **{"quxiang.outcome": outcome})


def _outcomes(receipts: Sequence[Receipt]) -> list[tuple[str | None, MessageEvent]]:
    """Return the reasons met, success first: it wins over a failure of the same message."""
    reasons = {outcomes.receipt_reason(each.status) for each in receipts}
    failed = sorted(reason for reason in reasons if reason is not None)
    moves: list[tuple[str | None, MessageEvent]] = [
        (reason, MessageEvent.RECEIPT_FAILED) for reason in failed
    ]
    return [(None, MessageEvent.RECEIPT_OK), *moves] if None in reasons else moves


def _by_msgid(session: Session, receipts: Sequence[Receipt]) -> dict[int, int]:
    named = [each for each in receipts if each.wx_msgid]
    if not named:
        return {}
    came = rows_of(
        session,
        "came",
        {
            "push_id": (BigInteger(), [each.push_id for each in named]),
            "msgid": (BigInteger(), [each.wx_msgid for each in named]),
        },
    )
    rows = session.execute(
        select(came.c.push_id, Message.id).join(Message, Message.wx_msgid == came.c.msgid)
    )
    return dict(rows.all())


def _by_openid(session: Session, receipts: Sequence[Receipt], *, named: bool) -> dict[int, int]:
    """Match by person: only where exactly one message of that time can be meant.

    A receipt with a MsgID that nobody knows cannot mean one whose MsgID is known, unless that was
    called more than once: the answer of an earlier call may have been lost with another MsgID. A
    receipt without one (0, as is reported where a client_msg_id was given) can: `named` lets those
    through. One that is in flight, or was called more than once, may be meant, but is not moved:
    the first has its own answer still to come, of the second nobody knows which call is meant.
    """
    if not receipts:
        return {}
    came = rows_of(
        session,
        "came",
        {
            "push_id": (BigInteger(), [each.push_id for each in receipts]),
            "openid": (String(), [each.openid for each in receipts]),
            "after": (UtcDateTime(), [each.happened_at - MEMORY for each in receipts]),
            "before": (UtcDateTime(), [each.happened_at + CLOCK_SLACK for each in receipts]),
        },
    )
    found = (sent_to(came) if named else sent_to(came, _MAY_HAVE_ANOTHER)).subquery().c
    rows = session.execute(
        select(found.push_id, func.min(found.id))
        .group_by(found.push_id)
        .having(func.count() == 1, func.max(found.stays) == 0)
    )
    return dict(rows.all())


_MAY_HAVE_ANOTHER = or_(Message.wx_msgid.is_(None), Message.tries > 1)
"""Whether a message may have a MsgID at WeChat that the ledger does not know."""


def sent_to(
    came: FromClause, narrowed: ColumnElement[bool] | None = None
) -> CompoundSelect[int, int, int]:
    """Return each receipt with the messages that it can mean, and which of them stay as they are.

    The ledger has no index by openid: they are found by whose it is; a colleague's are of nobody.
    """
    in_flight = Message.state == states.MessageState.SENDING
    answered = false() if narrowed is None else Message.wx_msgid.is_not(None)
    stays = case((or_(in_flight, answered), 1), else_=0).label("stays")
    meant = select(came.c.push_id, Message.id, stays).where(
        Message.openid == came.c.openid,
        Message.maybe_since.between(came.c.after, came.c.before),
        Message.state.in_(states.MESSAGE.sources(MessageEvent.RECEIPT_OK)),
        true() if narrowed is None else narrowed,
    )
    bound = came.join(Binding, bindings.of_openid(came.c.openid))
    hers = bound.join(Message, Message.graduate_id == Binding.graduate_id)
    colleagues = came.join(Message, Message.graduate_id.is_(None))
    return union_all(meant.select_from(hers), meant.select_from(colleagues))


def move(
    session: Session, ids: Sequence[int], event: MessageEvent, reason: str, at: datetime
) -> None:
    """Move messages by what a receipt, or what stands for one, says; others are left alone.

    A failure of one that was sent again makes it unknown: another copy of it may have come.
    """
    repeated = _repeated(session, ids, at) if event is MessageEvent.RECEIPT_FAILED else set[int]()
    _move(session, [each for each in ids if each not in repeated], event, reason, at)
    _move(session, sorted(repeated), MessageEvent.REPEAT_FAILED, "repeat_failed", at)


def _repeated(session: Session, ids: Sequence[int], at: datetime) -> set[int]:
    """Return which of these may have been taken twice, and lock them all.

    WeChat takes a repeat for a message of its own once the window is over. Only a campaign that
    prefers delivery repeats anything then.
    """
    meant = rows_of(session, "meant", {"id": (BigInteger(), list(ids))})
    rows = session.execute(
        select(Message.id, Message.maybe_since, _LAST_CALL)
        .where(
            Message.id.in_(select(meant.c.id)),
            Message.campaign_id.in_(select(Campaign.id).where(Campaign.prefers == "delivery")),
            Message.maybe_since.is_not(None),
        )
        .order_by(Message.id)
        .with_for_update(of=Message)
    )
    return {ident for ident, since, last in rows if (last or at) - since > WINDOW}


_LAST_CALL = case(
    (
        Message.state != states.MessageState.SENDING,
        func.coalesce(Message.accepted_at, Message.next_at),
    )
)
"""By when a message was called for the last time; None while it may be being called."""


def _move(
    session: Session, ids: Sequence[int], event: MessageEvent, reason: str, at: datetime
) -> None:
    if not ids:
        return
    meant = rows_of(session, "meant", {"id": (BigInteger(), list(ids))})
    session.execute(
        moves.moving(
            states.MESSAGE,
            Message.state,
            event,
            Message.id.in_(_locked_in_order(meant)),
            reason=reason,
            final_at=at,
            accepted_at=func.coalesce(Message.accepted_at, at),
            claim=None,
            lease_until=None,
            held_at=None,
        )
    )


def _locked_in_order(meant: FromClause) -> Select[int]:
    """Lock messages in the order of their ids: who locks several of them does it so."""
    ids = select(Message.id).where(Message.id.in_(select(meant.c.id)))
    return ids.order_by(Message.id).with_for_update()
