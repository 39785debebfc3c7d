"""Messages of changes of whose a record is, and of how she is reached."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from notifier.ledger import joining, second_records
from notifier.ledger.contact_rows import ContactRow, key_of
from notifier.ledger.joining import Joined
from notifier.ledger.wording import moment, written
from registry.record.contact_tables import KIND_TITLES, ContactKind
from registry.record.person_events import PeopleChanged


def of_people(session: Session, happened: PeopleChanged) -> list[dict[str, Any]]:
    """Let records follow who they are, and tell whose they could be otherwise than before.

    A record that came has nothing of hers and follows her at once; one that was there waits, too.
    """
    found = second_records.find(session, happened)
    rows = [] if happened.added else found.write(session)
    joined = joining.follow(session, happened.graduate_ids, happened.at)
    rows = found.write(session) if happened.added else rows
    told = [each for kind, those in rows for each in of_contact(_once(those), kind, happened.at)]
    return of_joined(joined, happened.at) + told


def _once(rows: Sequence[ContactRow]) -> Sequence[ContactRow]:
    """Return one row for each WeChat: it may be bound to several of her records."""
    return list({each.openid: each for each in rows}.values())


def of_contact(rows: Sequence[ContactRow], kind: ContactKind, at: datetime) -> list[dict[str, Any]]:
    """Return messages to the WeChats that were bound, whatever they are bound to by then."""
    return [
        {
            "business_key": key_of(each.key),
            "kind": "contact_changed",
            "openid": each.openid,
            "facts": written(what=KIND_TITLES[kind], at=moment(at)),
        }
        for each in rows
        if each.openid
    ]


def of_joined(joined: Sequence[Joined], at: datetime) -> list[dict[str, Any]]:
    """Return messages to who is bound: a record of hers came along."""
    return [
        {
            "business_key": f"joined:{each.binding_id}",
            "kind": "record_joined",
            "school_id": each.school_id,
            "graduate_id": each.graduate_id,
            "facts": written(cohort=str(each.year), at=moment(at)),
        }
        for each in joined
    ]
