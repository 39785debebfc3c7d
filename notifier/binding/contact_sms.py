"""Short messages to the phones graduates had: the rows of `contact_change`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from notifier.binding import contact_links
from notifier.binding.text_queue import TextQueue
from notifier.providers.sms import NoticeSender
from registry.accounts.school_tables import School
from registry.base.crypto import Vault
from registry.base.database import one_of
from registry.codes import identity
from registry.record.contact_tables import KIND_TITLES, ContactChange, ContactKind
from runtime.resources import Resources

TRIES = 5


@dataclass(frozen=True)
class Notice:
    """One short message that this process may send."""

    id: int
    phone: str
    school: str
    what: str
    token: str
    tries: int


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


QUEUE = TextQueue(
    ContactChange.notice_state,
    ContactChange.notice_next_at,
    ContactChange.notice_tries,
    ContactChange.notice_detail,
    TRIES,
    _read,
)


def tell_due(resources: Resources, sender: NoticeSender, stop: Callable[[], bool]) -> None:
    """Send what is due until nothing is, or the process is to end."""

    def send(notice: Notice) -> None:
        sender.send_notice(notice.phone, notice.school, notice.what, notice.token)

    QUEUE.send_due(resources, send, stop)
