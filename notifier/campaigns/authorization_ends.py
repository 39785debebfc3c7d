"""Telling graduates, 15 and 3 days before, that receivers will soon find their report no more.

Each is one message of the ledger about one authorization and one end: extended, it is told of
again. They leave at a pace, so that at the end of the service, which thousands share, whatever
happens meanwhile is told as quickly as ever.
"""

import json
import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import Session

from notifier.ledger import states, wording
from notifier.ledger.tables import Message
from registry.base import countdown
from registry.base.clock import SHANGHAI
from registry.base.database import insert_new
from registry.numbers import service
from registry.numbers.shape import KIND_TITLES, Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import IssuedNumber
from registry.record.tables import Graduate
from runtime import jobs, wakeups

DAYS_BEFORE = (15, 3)
HOUR = time(10)
"""From when on people are told, in Asia/Shanghai."""
PACE = 20
"""Messages a second."""
CHUNK = 2000
KIND = "authorization_reminder"


class _Ending(NamedTuple):
    """An authorization about to end, of whom nobody has told her yet."""

    number_id: int
    graduate_id: int
    school_id: int
    kind: str
    graduation_month: str


EXTEND = "到期后接收单位查不到，可点开延长"
SERVICE_ENDS = "核验服务到期，之后不能再延长"
TRANSFER_LEFT = "服务到期不能延长，可由学校转递编号核验"


def write_due(session: Session, at: datetime) -> int:
    """Write the messages that are due today and are not yet; return how many."""
    today = service.today(at)
    written = 0
    for left in range(max(DAYS_BEFORE) + 1):
        before = countdown.mark(left, DAYS_BEFORE)
        assert before is not None, "every day up to the first mark has one"
        written += _write(session, today + timedelta(days=left), before, at, written)
    if written:
        wakeups.ask(session, jobs.Job.DELIVER)
    return written


def _write(session: Session, ends_on: date, before: int, at: datetime, ahead: int) -> int:
    """Write what is due for one last day; `ahead` were written before and leave before."""
    written = 0
    while endings := _untold(session, ends_on, before):
        rows = [
            _row(each, ends_on, before, at, ahead + written + place)
            for place, each in enumerate(endings)
        ]
        session.execute(insert_new(session, Message), rows)
        written += len(rows)
    return written


def _untold(session: Session, ends_on: date, before: int) -> Sequence[_Ending]:
    """Find the next authorizations to tell of; not one that was given with less time than that."""
    key = literal("authorization:").concat(cast(IssuedNumber.id, String))
    told = Message.business_key == key.concat(_occasion(ends_on, before))
    begun = datetime.combine(ends_on - timedelta(days=before), time(), SHANGHAI)
    rows = session.execute(
        select(
            *(IssuedNumber.id, Graduate.id, Graduate.school_id),
            *(IssuedNumber.kind, Graduate.graduation_month),
        )
        .join(Graduate, Graduate.id == IssuedNumber.graduate_id)
        .outerjoin(Message, told)
        .where(
            IssuedNumber.issue == Issue.VERIFICATION,
            IssuedNumber.ends_on == ends_on,
            IssuedNumber.newest,
            IssuedNumber.standing == NumberState.GOOD,
            IssuedNumber.issued_at < begun,
            Message.id.is_(None),
        )
        .order_by(IssuedNumber.id)
        .limit(CHUNK)
    )
    return [_Ending(*row) for row in rows]


def _occasion(ends_on: date, before: int) -> str:
    return f":{ends_on.isoformat()}:{before}"


def _hint(graduation_month: str, ends_on: date) -> str:
    """Return what can be done: to hold longer within the service, or what is left after it."""
    if ends_on < service.last_day(Issue.VERIFICATION, graduation_month):
        return EXTEND
    goes_on = ends_on < service.last_day(Issue.TRANSFER, graduation_month)
    return TRANSFER_LEFT if goes_on else SERVICE_ENDS


def _row(ending: _Ending, ends_on: date, before: int, at: datetime, place: int) -> dict[str, Any]:
    facts = {
        "item": f"{KIND_TITLES[Kind(ending.kind)]}去向核验授权",
        "deadline": wording.last_minute(ends_on),
        "hint": _hint(ending.graduation_month, ends_on),
    }
    begins = datetime.combine(service.today(at), HOUR, SHANGHAI)
    return {
        "client_msg_id": uuid.uuid4().hex,
        "business_key": f"authorization:{ending.number_id}{_occasion(ends_on, before)}",
        "kind": KIND,
        "school_id": ending.school_id,
        "graduate_id": ending.graduate_id,
        "facts": json.dumps(facts, ensure_ascii=False),
        "state": states.MessageState.WAITING,
        "next_at": max(at, begins) + timedelta(seconds=place / PACE),
        "created_at": at,
    }
