"""Rows of what was done to whose records are and how graduates are reached, as it is done.

A few statements, however many there are. Each row is also what the short message to the old phone
is sent by, later; the message to the WeChat that was bound is the ledger's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from notifier.ledger.states import MESSAGE, MessageEvent, MessageState
from notifier.ledger.tables import MAY_HAVE_COME, Binding, Message
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.base import moves
from registry.base.bulk_rows import insert_rows
from registry.base.database import one_of, one_of_texts, random_key
from registry.base.written_out import is_one_of
from registry.record import contact_changes
from registry.record.contact_states import CONTACT_CHANGE, ContactState, NoticeState
from registry.record.contact_tables import PHONE_TOLD_OFTEN, ContactChange, ContactKind
from registry.record.person_events import PeopleChanged, PhoneChange, PhonesChanged
from registry.record.tables import Graduate
from runtime import jobs, wakeups


class ContactRow(NamedTuple):
    """A row that was written: of whom, and the WeChat to tell."""

    key: str
    graduate_id: int
    openid: str | None
    phone_sealed: str | None
    phone_index: str | None
    identity_sealed: str | None = None
    identity_index: str | None = None
    other_id: int | None = None


def of_phones(session: Session, happened: PhonesChanged) -> list[ContactRow]:
    """Write rows of changed phones; return them.

    The first phone of somebody who never bound a WeChat is no change, nor is one put back, nor one
    that is taken away: nobody is bound by none.
    """
    changes = _not_put_back(session, happened.changes, happened.at)
    bound = last_wechats(session, [each.graduate_id for each in changes])
    rows = [
        ContactRow(
            random_key(), each.graduate_id, bound.get(each.graduate_id), each.sealed, each.index
        )
        for each in changes
        if each.new_index is not None and (each.index is not None or each.graduate_id in bound)
    ]
    add(session, happened, ContactKind.PHONE, rows)
    return rows


def last_wechats(session: Session, graduate_ids: Sequence[int]) -> dict[int, str]:
    """Return the WeChats that records are bound to, or were last."""
    rows = session.execute(
        select(Binding.graduate_id, Binding.openid)
        .where(one_of(session, Binding.graduate_id, graduate_ids))
        .order_by(Binding.graduate_id, Binding.ended_at.is_(None), Binding.id)
    )
    return dict(rows.all())


def of_unbinding(
    session: Session, unbound: Sequence[Graduate], openid: str, actor: str, at: datetime
) -> list[ContactRow]:
    """Write rows of records of a person whose WeChat staff of their school unbound; return them.

    She is told once at each phone of hers: at that from before a change that was made lately.
    """
    rows = []
    for each in unbound:
        earlier = session.execute(contact_changes.earlier_phone(each.id, at)).one_or_none()
        phone = earlier or (each.phone_sealed, each.phone_index)
        rows.append(ContactRow(random_key(), each.id, openid, *phone))
    happened = PhonesChanged(unbound[0].school_id, [], actor, at)
    add(session, happened, ContactKind.UNBOUND, once_a_phone(rows, {}))
    return rows


def once_a_phone(rows: Sequence[ContactRow], whose: Mapping[int, str]) -> list[ContactRow]:
    """Leave each phone of each person to the first row that tells it.

    `whose` names the persons of records: sisters may have a parent's phone. None are one person's.
    """
    told, kept = set[tuple[str, str]](), list[ContactRow]()
    for row in rows:
        way = (whose.get(row.graduate_id, ""), row.phone_index or "")
        known = row.phone_index is not None and way in told
        kept.append(row._replace(phone_sealed=None, phone_index=None) if known else row)
        told.add(way)
    return kept


def _not_put_back(
    session: Session, changes: Sequence[PhoneChange], at: datetime
) -> list[PhoneChange]:
    """Leave out the phones that are what they were before a change that is known."""
    phone = (ContactChange.graduate_id, ContactChange.phone_index)
    earlier = session.execute(
        select(ContactChange.id, ContactChange.key, *phone).where(
            one_of(session, ContactChange.graduate_id, [each.graduate_id for each in changes]),
            ContactChange.kind == ContactKind.PHONE,
            ContactChange.state.in_(MAY_BE_PUT_BACK),
        )
    ).all()
    now = {each.graduate_id: each.new_index for each in changes}
    back = [each for each in earlier if now[each.graduate_id] == each.phone_index]
    if back:
        contact_changes.take_back(session, [each.id for each in back])
        cancel_waiting(session, [each.key for each in back], at)
    gone = {each.graduate_id for each in back}
    return [each for each in changes if each.graduate_id not in gone]


def cancel_waiting(session: Session, keys: Sequence[str], at: datetime) -> None:
    """Cancel what waits to be told of changes (by their keys) that are none any more."""
    told = [key_of(each) for each in keys]
    session.execute(
        moves.moving_by_condition(
            MESSAGE,
            Message.state,
            [(MAY_HAVE_COME, MessageEvent.LOSE)],
            MessageEvent.SKIP,
            is_one_of(Message.state, [MessageState.WAITING]),
            one_of_texts(session, Message.business_key, told),
            reason="put_back",
            final_at=at,
        )
    )


def key_of(change: str) -> str:
    """Return the business key of the message that tells of a change."""
    return f"contact:{change}"


def is_put_back() -> ColumnElement[bool]:
    """Return the condition on a message of a change that there is none any more."""
    change = func.substr(Message.business_key, len(key_of("")) + 1)
    back = ContactChange.state == ContactState.TAKEN_BACK
    return exists().where(ContactChange.key == change, back)


MAY_BE_PUT_BACK = (ContactState.STANDING, ContactState.OBJECTED, ContactState.UPHELD)
MOST_TEXTS = 5
"""Short messages of changes to one phone in a day: who fills in one number for many reaches none of
them by it, and its owner is not to have hundreds."""
_ACTIONS = {
    ContactKind.PHONE: "phone_changed",
    ContactKind.IDENTITY: "identity_changed",
    ContactKind.RECORD: "second_record",
}
"""What the log of each says was done; an unbinding is there already."""


def add(
    session: Session,
    happened: PhonesChanged | PeopleChanged,
    kind: ContactKind,
    rows: Sequence[ContactRow],
) -> None:
    """Write rows, have their short messages sent, and say in the log of each who did it."""
    too_often = _too_often(session, rows, happened.at)
    written = [
        {
            **row._asdict(),
            "school_id": happened.school_id,
            "kind": kind,
            "made_by": happened.actor,
            "made_at": happened.at,
            "state": CONTACT_CHANGE.start,
            "waits_until": happened.at + contact_changes.WAIT,
            "notice_state": (
                NoticeState.WAITING
                if row.phone_sealed and row.key not in too_often
                else NoticeState.NONE
            ),
            "notice_next_at": happened.at,
            "notice_detail": PHONE_TOLD_OFTEN if row.key in too_often else "",
        }
        for row in rows
    ]
    insert_rows(session, ContactChange, written)
    if rows:
        wakeups.ask(session, jobs.Job.TELL_PHONES)
    if kind in _ACTIONS:
        _note(session, happened, _ACTIONS[kind], [each.graduate_id for each in rows])


def _too_often(session: Session, rows: Sequence[ContactRow], at: datetime) -> set[str]:
    """Return the keys of rows whose phone has had `MOST_TEXTS` within a day, these included."""
    phones = {row.phone_index for row in rows if row.phone_sealed and row.phone_index}
    lately = select(ContactChange.phone_index, func.count()).where(
        ContactChange.made_at > at - timedelta(days=1),
        ContactChange.notice_state != NoticeState.NONE,
        one_of_texts(session, ContactChange.phone_index, sorted(phones)),
    )
    told = Counter(dict(session.execute(lately.group_by(ContactChange.phone_index)).all()))
    found = set[str]()
    for row in rows:
        if row.phone_sealed:
            told[row.phone_index] += 1
            if told[row.phone_index] > MOST_TEXTS:
                found.add(row.key)
    return found


def _note(
    session: Session, happened: PhonesChanged | PeopleChanged, action: str, ids: Sequence[int]
) -> None:
    keys = session.scalars(select(Graduate.key).where(one_of(session, Graduate.id, ids)))
    records = [
        AuditRecord(happened.actor, action, f"graduate:{key}", happened.school_id) for key in keys
    ]
    audit.note_all(session, records, happened.at)
