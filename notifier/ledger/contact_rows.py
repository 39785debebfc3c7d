"""Rows of what was done to how graduates are reached, written in the transaction that did it.

A few statements, however many there are. Each row is also what the short message to the old phone
is sent by, later; the message to the WeChat that was bound is the ledger's.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.ledger.tables import Binding
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.base.bulk_rows import insert_rows
from registry.base.database import one_of, random_key
from registry.record import contact_changes
from registry.record.contact_states import CONTACT_CHANGE, ContactState, NoticeState
from registry.record.contact_tables import ContactChange, ContactKind
from registry.record.events import PhoneChange, PhonesChanged
from registry.record.tables import Graduate
from runtime import jobs, wakeups


class ContactRow(NamedTuple):
    """A row that was written: of whom, and the WeChat to tell."""

    key: str
    graduate_id: int
    openid: str | None
    phone_sealed: str | None
    phone_index: str | None


def of_phones(session: Session, happened: PhonesChanged) -> list[ContactRow]:
    """Write rows of changed phones; return them.

    The first phone of somebody who never bound a WeChat is no change, nor is one put back.
    """
    changes = _not_put_back(session, happened.changes)
    ids = [each.graduate_id for each in changes]
    bound = dict(
        session.execute(
            select(Binding.graduate_id, Binding.openid)
            .where(one_of(session, Binding.graduate_id, ids))
            .order_by(Binding.graduate_id, Binding.ended_at.is_(None), Binding.id)
        ).all()
    )
    rows = [
        ContactRow(
            random_key(), each.graduate_id, bound.get(each.graduate_id), each.sealed, each.index
        )
        for each in changes
        if each.index is not None or each.graduate_id in bound
    ]
    _add(session, happened, ContactKind.PHONE, rows)
    _note(session, happened, [each.graduate_id for each in rows])
    return rows


def of_unbinding(
    session: Session, unbound: Sequence[Graduate], openid: str, actor: str, at: datetime
) -> list[ContactRow]:
    """Write rows of records of a person whose WeChat staff of their school unbound; return them.

    She is told once, by the first: at the phone from before a change that was made lately.
    """
    first = unbound[0]
    earlier = session.scalar(contact_changes.earlier_phone(first.id, at))
    phones = [earlier or first.phone_sealed, *(None for _ in unbound[1:])]
    rows = [
        ContactRow(random_key(), each.id, openid, phone, None)
        for each, phone in zip(unbound, phones, strict=True)
    ]
    happened = PhonesChanged(first.school_id, [], actor, at)
    _add(session, happened, ContactKind.UNBOUND, rows)
    return rows


def _not_put_back(session: Session, changes: Sequence[PhoneChange]) -> list[PhoneChange]:
    """Leave out the phones that are what they were before a change that is known."""
    earlier = session.execute(
        select(ContactChange.id, ContactChange.graduate_id, ContactChange.phone_index).where(
            one_of(session, ContactChange.graduate_id, [each.graduate_id for each in changes]),
            ContactChange.kind == ContactKind.PHONE,
            ContactChange.state.in_(_MAY_BE_PUT_BACK),
        )
    ).all()
    now = {each.graduate_id: each.new_index for each in changes}
    back = [each for each in earlier if now[each.graduate_id] == each.phone_index]
    if back:
        contact_changes.take_back(session, [each.id for each in back])
    gone = {each.graduate_id for each in back}
    return [each for each in changes if each.graduate_id not in gone]


_MAY_BE_PUT_BACK = (ContactState.STANDING, ContactState.OBJECTED, ContactState.UPHELD)


def _add(
    session: Session, happened: PhonesChanged, kind: ContactKind, rows: Sequence[ContactRow]
) -> None:
    written = [
        {
            **row._asdict(),
            "school_id": happened.school_id,
            "kind": kind,
            "made_by": happened.actor,
            "made_at": happened.at,
            "state": CONTACT_CHANGE.start,
            "waits_until": happened.at + contact_changes.WAIT,
            "notice_state": NoticeState.WAITING if row.phone_sealed else NoticeState.NONE,
            "notice_next_at": happened.at,
        }
        for row in rows
    ]
    insert_rows(session, ContactChange, written)
    if rows:
        wakeups.ask(session, jobs.Job.TELL_PHONES)


def _note(session: Session, happened: PhonesChanged, ids: Sequence[int]) -> None:
    """Say in the log of each who changed her phone."""
    keys = session.scalars(select(Graduate.key).where(one_of(session, Graduate.id, ids)))
    records = [
        AuditRecord(happened.actor, "phone_changed", f"graduate:{key}", happened.school_id)
        for key in keys
    ]
    audit.note_all(session, records, happened.at)
