"""Forgetting people: their messages, their WeChat identity, then all the record has of them."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session, aliased

from notifier.ledger import mini_users, states
from notifier.ledger.mini_tables import MiniAllowance, MiniNotice, MiniUser
from notifier.ledger.tables import (
    Binding,
    Campaign,
    Follower,
    Message,
    Planned,
    ProvinceReminder,
    Refusal,
    StoredPush,
)
from registry.accounts.tables import MiniHandover, WebSession
from registry.base.database import Base, one_of
from registry.base.errors import RuleError
from registry.record.tables import Graduate
from registry.upkeep import earlier_names, erase
from registry.upkeep.erase import Erased, Reason, delete_rows

ERASED_NUMBER = "（已删除）"
"""Stands in a list of student numbers for one that was erased. It is nobody's; an empty list would
be everybody's."""


def forget(session: Session, graduate: Graduate, reason: Reason) -> Erased:
    """Erase a graduate whose row is locked; counts of campaigns follow, being counted from rows.

    An openid that was ever bound to her is hers, unless another of her records is bound to it:
    then the WeChat goes on being that record's. Raises RuleError `being_sent` while a message to
    her is being sent: its outcome would find no row; and `task_running` as `erase.erase` does.
    """
    if _being_sent(session, [graduate.id]):
        raise RuleError("being_sent", "正有一条消息在发给这位毕业生，请一分钟后再试。")
    counts = forget_messages(session, [graduate.id])
    _take_out_of_lists(session, graduate)
    return _added(counts, erase.erase(session, graduate, reason))


def forget_all(session: Session, ids: Sequence[int]) -> Erased:
    """Delete graduates whose rows are locked, and all about them, with their whole cohort's end.

    Who is being sent a message stays for now.
    """
    sending = _being_sent(session, ids)
    over = [each for each in ids if each not in sending]
    counts = forget_messages(session, over)
    return _added(counts, erase.delete_records(session, over))


def _being_sent(session: Session, ids: Sequence[int]) -> set[int | None]:
    found = session.execute(
        select(Message.graduate_id, Message.state)
        .where(one_of(session, Message.graduate_id, ids))
        .order_by(Message.id)
        .with_for_update()
    )
    return {whose for whose, state in found if state == states.MessageState.SENDING}


def forget_messages(session: Session, ids: Sequence[int]) -> dict[str, int]:
    """Delete their messages and WeChat identities; return how many rows of each table went."""
    other = aliased(Binding)
    another_is_bound = exists().where(
        other.openid == Binding.openid,
        ~one_of(session, other.graduate_id, ids),
        other.ended_at.is_(None),
    )
    openids = session.scalars(
        select(Binding.openid)
        .where(one_of(session, Binding.graduate_id, ids), ~another_is_bound)
        .distinct()
    ).all()
    messages = one_of(session, Message.graduate_id, ids) | to_wechat(openids)
    rows: Sequence[tuple[type[Base], ColumnElement[bool]]] = (
        (MiniNotice, MiniNotice.message_id.in_(select(Message.id).where(messages))),
        (Message, messages),
        (Binding, one_of(session, Binding.graduate_id, ids)),
        (Refusal, Refusal.openid.in_(openids)),
        (StoredPush, StoredPush.openid.in_(openids)),
        (Follower, Follower.openid.in_(openids)),
        (MiniAllowance, MiniAllowance.openid.in_(mini_users.known_as(openids))),
        (MiniUser, mini_users.of_openids(openids)),
        (MiniHandover, MiniHandover.openid.in_(openids)),
        (WebSession, WebSession.openid.in_(openids)),
    )
    return {table.__tablename__: delete_rows(session, table, which) for table, which in rows}


def to_wechat(openids: Sequence[str] | Select[str]) -> ColumnElement[bool]:
    """Return the condition of messages to a WeChat whatever it is bound to (`notices`).

    Also to what it was known as before it was joined (`mini_users`).
    """
    written_to = or_(Message.openid.in_(openids), Message.openid.in_(mini_users.known_as(openids)))
    return written_to & Message.graduate_id.is_(None) & (Message.kind == "contact_changed")


def _take_out_of_lists(session: Session, graduate: Graduate) -> None:
    """Take her student number, and those she had before, out of lists that reminders were made for.

    A list says of which cohort its numbers are, which hers may have been at the time: only what is
    another's there stays.
    """
    numbers = earlier_names.of(session, graduate)
    ours = select(Campaign).where(Campaign.school_id == graduate.school_id)
    planned: list[Planned] = [*session.scalars(ours), *session.scalars(select(ProvinceReminder))]
    for each in planned:
        listed = each.audience.get("student_numbers", ())
        hers = numbers.intersection(listed)
        hers -= _of_others(session, graduate, each.audience.get("year"), hers) if hers else set()
        if hers:
            kept = [ERASED_NUMBER if one in hers else one for one in listed]
            each.audience = {**each.audience, "student_numbers": kept}
    session.flush()


def _of_others(
    session: Session, graduate: Graduate, year: object, numbers: Collection[str]
) -> set[str]:
    """Return which numbers somebody else of her school has in a year."""
    wanted = select(Graduate.student_number).where(
        Graduate.school_id == graduate.school_id,
        Graduate.id != graduate.id,
        Graduate.year == year,
        Graduate.student_number.in_(sorted(numbers)),
    )
    return set(session.scalars(wanted))


def _added(some: Erased, more: Erased) -> Erased:
    return {name: some.get(name, 0) + more.get(name, 0) for name in {**some, **more}}
