"""Messages WeChat took and then held back: asked for now and then, since no receipt may say so.

Its list names a person and a second, not a message; so only where exactly one message of that kind
can be meant is it believed. What nobody can tell stays accepted.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import String, and_, func, select
from sqlalchemy.orm import Session

from notifier.ledger import bindings, kinds, receipts, states
from notifier.ledger.receipts import CLOCK_SLACK
from notifier.ledger.states import MessageEvent
from notifier.ledger.tables import AccountTemplate, Binding, Message
from notifier.wechat.gateway import Blocked
from registry.base.database import UtcDateTime, database_now
from registry.base.value_tables import rows_of
from runtime.resources import Resources

PATIENCE = timedelta(hours=1)
"""How long a receipt may still come by itself."""


class BlockedList(Protocol):
    """Who lists what was held back."""

    def blocked_pages(self, template_id: str) -> Iterator[list[Blocked]]:
        """Yield the messages of a template that were held back, a page at a time."""
        ...


def reconcile(resources: Resources, gateway: BlockedList) -> int:
    """Fail what was held back and has no receipt; return how many messages that were."""
    with resources.readers.begin() as session:
        ours = session.execute(
            select(AccountTemplate.template_id, AccountTemplate.kind).where(AccountTemplate.present)
        ).all()
    failed = 0
    for template_id, kind in ours:
        if kind is None:
            continue
        for page in gateway.blocked_pages(template_id):
            with resources.sessions.begin() as session:
                failed += _fail(session, kind, page, database_now(session))
    return failed


def _fail(session: Session, kind: str, page: Sequence[Blocked], at: datetime) -> int:
    if not page:
        return 0
    came = rows_of(
        session,
        "came",
        {
            "openid": (String(), [each.openid for each in page]),
            "after": (UtcDateTime(), [each.sent_at - CLOCK_SLACK for each in page]),
            "before": (UtcDateTime(), [each.sent_at + CLOCK_SLACK for each in page]),
        },
    )
    theirs = and_(Message.graduate_id == Binding.graduate_id, Message.openid == came.c.openid)
    meant = session.scalars(
        select(func.min(Message.id))
        .select_from(came.join(Binding, bindings.of_openid(came.c.openid)).join(Message, theirs))
        .where(
            Message.kind.in_(kinds.served_by(kind)),
            Message.state == states.MessageState.ACCEPTED,
            Message.accepted_at.between(came.c.after, came.c.before),
            Message.accepted_at <= at - PATIENCE,
        )
        .group_by(came.c.openid, came.c.after)
        .having(func.count() == 1)
    ).all()
    receipts.move(session, meant, MessageEvent.RECEIPT_FAILED, "blocked", at)
    return len(set(meant))
