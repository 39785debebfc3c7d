"""Short messages to the phones graduates had: claimed from `contact_change`, sent one by one.

What a dead process had claimed is sent again: twice is better than not at all. No transaction is
open across a call.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, bindparam, exists, select, update
from sqlalchemy.orm import Session

from notifier.binding import contact_links
from notifier.providers.sms import NoticeSender
from notifier.providers.tencent_cloud import CallError
from registry.accounts.school_tables import School
from registry.base.crypto import Vault
from registry.base.database import one_of
from registry.base.moves import move
from registry.codes import identity
from registry.record.contact_states import NOTICE, NoticeEvent, NoticeState
from registry.record.contact_tables import KIND_TITLES, ContactChange, ContactKind
from runtime.resources import Resources

log = structlog.get_logger("notifier.binding.contact_sms")

CHUNK = 20
LEASE = timedelta(minutes=5)
"""A chunk of calls that all run into their time limit ends before."""
TRIES = 5
AGAIN = timedelta(minutes=10)
"""How long after a refusal it is tried again, times the number of tries."""


@dataclass(frozen=True)
class Notice:
    """One short message that this process may send."""

    id: int
    phone: str
    school: str
    what: str
    token: str
    tries: int


def is_due(session: Session, at: datetime) -> bool:
    """Say whether any is to be sent now."""
    return bool(session.scalar(select(exists().where(_due(at)))))


def tell_due(resources: Resources, sender: NoticeSender, stop: Callable[[], bool]) -> None:
    """Send what is due until nothing is, or the process is to end."""
    while not stop():
        with resources.sessions.begin() as session:
            claimed = _claim(session, resources.vault, resources.clock())
        if not claimed:
            return
        outcomes = [(each, _send(sender, each)) for each in claimed]
        with resources.sessions.begin() as session:
            for notice, failure in outcomes:
                _settle(session, notice, failure, resources.clock())


def _due(at: datetime) -> ColumnElement[bool]:
    open_ones = [NoticeState.WAITING, NoticeState.SENDING]
    return and_(ContactChange.notice_state.in_(open_ones), ContactChange.notice_next_at <= at)


def _claim(session: Session, vault: Vault, at: datetime) -> list[Notice]:
    """Claim the next few; what a dead process had is given back first."""
    lost = select(ContactChange.id).where(
        _due(at), ContactChange.notice_state == NoticeState.SENDING
    )
    move(
        session,
        NOTICE,
        ContactChange.notice_state,
        NoticeEvent.RETRY,
        ContactChange.id.in_(lost.with_for_update(skip_locked=True)),
    )
    first = select(ContactChange.id).where(_due(at)).order_by(ContactChange.id).limit(CHUNK)
    moved = move(
        session,
        NOTICE,
        ContactChange.notice_state,
        NoticeEvent.CLAIM,
        ContactChange.id.in_(first.with_for_update(skip_locked=True)),
        notice_next_at=at + LEASE,
        notice_tries=ContactChange.notice_tries + 1,
    )
    return _read(session, vault, moved) if moved else []


def _read(session: Session, vault: Vault, ids: Sequence[int]) -> list[Notice]:
    """Return the messages of claimed rows, whose links lead to them from now on."""
    rows = session.execute(
        select(ContactChange, School.name)
        .join(School, School.id == ContactChange.school_id)
        .where(one_of(session, ContactChange.id, ids))
        .order_by(ContactChange.id)
    ).all()
    notices = [
        Notice(
            id=row.id,
            phone=vault.open(identity.PHONE, row.graduate_id, row.phone_sealed or ""),
            school=school,
            what=KIND_TITLES[ContactKind(row.kind)],
            token=contact_links.token_of(vault, row.key),
            tries=row.notice_tries,
        )
        for row, school in rows
    ]
    table = ContactChange.__table__
    session.connection().execute(
        update(ContactChange)
        .where(table.c.id == bindparam("row"))
        .values(link_hash=bindparam("hash")),
        [{"row": each.id, "hash": contact_links.hash_of(each.token)} for each in notices],
    )
    return notices


def _send(sender: NoticeSender, notice: Notice) -> str:
    """Send one; return the provider's code where it was refused."""
    try:
        sender.send_notice(notice.phone, notice.school, notice.what, notice.token)
    except CallError as error:
        code, request_id = error.code, error.request_id
    else:
        return ""
    log.error("a notice was not sent", change=notice.id, code=code, request_id=request_id)
    return code


def _settle(session: Session, notice: Notice, failure: str, at: datetime) -> None:
    event = NoticeEvent.SEND
    if failure:
        event = NoticeEvent.RETRY if notice.tries < TRIES else NoticeEvent.GIVE_UP
    mine = (ContactChange.id == notice.id, ContactChange.notice_tries == notice.tries)
    move(
        session,
        NOTICE,
        ContactChange.notice_state,
        event,
        *mine,
        notice_next_at=at + AGAIN * notice.tries,
        notice_detail=failure,
    )
