"""Forgetting one person: her messages, her WeChat identity, then all the record has of her."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from notifier.ledger import states
from notifier.ledger.tables import Binding, Follower, Message, Refusal, StoredPush
from registry.accounts.tables import WebSession
from registry.base.errors import RuleError
from registry.record.tables import Graduate
from registry.upkeep import erase
from registry.upkeep.erase import Erased, Reason, delete_rows


def forget(session: Session, graduate: Graduate, reason: Reason) -> Erased:
    """Erase a graduate whose row is locked; counts of campaigns follow, being counted from rows.

    An openid that was ever bound to her is hers, unless another of her records is bound to it:
    then the WeChat goes on being that record's. Raises RuleError `being_sent` while a message to
    her is being sent: its outcome would find no row.
    """
    hers = select(Message.state).where(Message.graduate_id == graduate.id)
    found = session.scalars(hers.order_by(Message.id).with_for_update()).all()
    if states.MessageState.SENDING in found:
        raise RuleError("being_sent", "正有一条消息在发给这位毕业生，请一分钟后再试。")
    other = aliased(Binding)
    another_is_bound = exists().where(
        other.openid == Binding.openid,
        other.graduate_id != graduate.id,
        other.ended_at.is_(None),
    )
    openids = session.scalars(
        select(Binding.openid)
        .where(Binding.graduate_id == graduate.id, ~another_is_bound)
        .distinct()
    ).all()
    counts = {
        table.__tablename__: delete_rows(session, table, condition)
        for table, condition in (
            (Message, (Message.graduate_id == graduate.id) | _to_her_wechat(openids)),
            (Binding, Binding.graduate_id == graduate.id),
            (Refusal, Refusal.openid.in_(openids)),
            (StoredPush, StoredPush.openid.in_(openids)),
            (Follower, Follower.openid.in_(openids)),
        )
    }
    delete_rows(session, WebSession, WebSession.openid.in_(openids))
    return counts | dict(erase.erase(session, graduate, reason))


def _to_her_wechat(openids: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition of messages to a WeChat whatever it is bound to (`notices`)."""
    return (
        Message.openid.in_(openids)
        & Message.graduate_id.is_(None)
        & (Message.kind == "contact_changed")
    )
