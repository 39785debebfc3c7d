"""The in-system inbox: the ledger's messages to one person, read as WeChat would show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from notifier.ledger import states, wording
from notifier.ledger.kinds import Kind, kinds
from notifier.ledger.tables import Campaign, Message
from registry.accounts.school_tables import School
from registry.base.database import BigId
from registry.base.detached import Detached, read_rows
from registry.base.listed import is_listed
from registry.base.written_out import is_one_of

PAGE = 20

_ON_THEIR_WAY = (
    states.MessageState.SENDING,
    states.MessageState.ACCEPTED,
    states.MessageState.DELIVERED,
    states.MessageState.FAILED,
    states.MessageState.UNKNOWN,
)
"""States in which a campaign's message was meant for her: not one still waiting or left out."""


@dataclass(frozen=True)
class InboxMessage:
    """One message as the inbox shows it."""

    key: str
    graduate_id: int
    """Of the record it is about."""
    title: str
    lines: dict[str, str]
    page: str
    """Address that it leads to, of the record it is about."""
    at: datetime
    unread: bool


@dataclass(frozen=True)
class InboxPage:
    """A page of the inbox, newest first, and the key its next page begins after."""

    messages: list[InboxMessage]
    next_before: str | None


Records = Sequence[int]
"""The graduates who are all the records of one person."""


def page_of(session: Session, records: Records, before: str | None) -> InboxPage:
    """Return the page that begins after the message with the key `before`."""
    values = _named(records)
    if before is not None:
        values["before"] = _id_of(session, records, before)
    query = _page_of(one=len(records) == 1, before=before is not None)
    rows = _READ.read(session, query, values)
    more = rows[PAGE - 1][0].client_msg_id if len(rows) > PAGE else None
    return InboxPage([_inbox_message(*row) for row in rows[:PAGE] if row[0].kind in kinds()], more)


def unread(session: Session, records: Records) -> int:
    """Return how many messages she has not read."""
    [(number,)] = read_rows(session, _unread(one=len(records) == 1), _named(records))
    return int(number)


def mark_read(session: Session, records: Records, keys: Sequence[str], at: datetime) -> None:
    """Keep that she has read these messages; those of others stay as they are."""
    session.execute(
        update(Message)
        .where(
            Message.graduate_id.in_(records),
            _shown(),
            Message.client_msg_id.in_(keys[:PAGE]),
            Message.read_at.is_(None),
        )
        .values(read_at=at)
        .execution_options(synchronize_session=False)
    )


def whose(session: Session, key: str) -> int | None:
    """Return the graduate whom a message is to; None where there is none."""
    return session.scalar(select(Message.graduate_id).where(Message.client_msg_id == key))


def subject(session: Session, graduate_id: int, key: str) -> str:
    """Return what a message to a graduate is about, as its business key says; empty for others."""
    hers = (Message.graduate_id == graduate_id, Message.client_msg_id == key)
    return session.scalar(select(Message.business_key).where(*hers)) or ""


def _shown() -> ColumnElement[bool]:
    return or_(Message.campaign_id.is_(None), is_one_of(Message.state, _ON_THEIR_WAY))


def _id_of(session: Session, records: Records, key: str) -> int:
    """Return the number of one of her messages; 0, before all, for a key that is none."""
    found = session.scalar(
        select(Message.id).where(Message.graduate_id.in_(records), Message.client_msg_id == key)
    )
    return found or 0


def _inbox_message(message: Message, school: str, texts: dict[str, str] | None) -> InboxMessage:
    kind = kinds()[message.kind]
    return InboxMessage(
        key=message.client_msg_id,
        graduate_id=message.graduate_id or 0,
        title=kind.title,
        lines=_lines(kind, wording.values(school, texts or {}, message.facts)),
        page=wording.page_of(kind, message.client_msg_id),
        at=message.created_at,
        unread=message.read_at is None,
    )


def _lines(kind: Kind, values: dict[str, str]) -> dict[str, str]:
    """Return label -> text, uncut: the platform's limits are for its own cards.

    A line that the message has no value for, written before the kind had it, is left out.
    """
    return {
        each.label: each.value.format_map(values)
        for each in kind.fields
        if each.names <= set(values)
    }


_READ = Detached(Message)


def _hers(*, one: bool) -> ColumnElement[bool]:
    """Return the condition of the messages to all records of a person, as `_named` names them.

    For a list of any length PostgreSQL reckons with ten, finds that dear, and plans each time anew.
    """
    record = bindparam("records", type_=BigId)
    mine = Message.graduate_id == record if one else is_listed(Message.graduate_id, "records")
    return mine & _shown()


def _named(records: Records) -> dict[str, Any]:
    return {"records": records[0] if len(records) == 1 else records}


@cache
def _page_of(*, one: bool, before: bool) -> Select[*tuple[Any, ...]]:
    wanted = (
        select(*_READ.columns, School.name, Campaign.texts)
        .select_from(Message)
        .join(School, School.id == Message.school_id)
        .outerjoin(Campaign, Campaign.id == Message.campaign_id)
        .where(_hers(one=one))
    )
    if before:
        wanted = wanted.where(Message.id < bindparam("before", type_=BigId))
    return wanted.order_by(Message.id.desc()).limit(PAGE + 1)


@cache
def _unread(*, one: bool) -> Select[int]:
    return select(func.count()).where(_hers(one=one), Message.read_at.is_(None))
