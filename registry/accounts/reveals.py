"""Whole identity numbers and phones that staff see: so many an hour for each account.

A clerk who serves people at a window needs one for each; who copies a list needs hundreds.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from registry.accounts import attempts, audit, members, staff_notices
from registry.accounts.attempts import WINDOW, Counted
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import AuditEntry, Staff
from registry.base.clock import SHANGHAI
from registry.base.database import BigId
from registry.base.detached import read_rows
from registry.base.errors import RuleError

PURPOSE = "reveal"
REFUSED, ACKNOWLEDGED = "reveal_refused", "alarm_seen"


@dataclass(frozen=True)
class Reveal:
    """Who wants to see what of whom."""

    staff: Staff
    subject: str
    """How the audit log names the person."""
    what: str
    """`identity` or `phone`."""


def take(session: Session, wanted: Reveal, budget: int, at: datetime) -> RuleError | None:
    """Take one of an account's reveals of the hour, and keep it in the log.

    The refusal `too_many_reveals` is a value: that somebody wanted more has to be kept, and is told
    to who looks after the account.
    """
    staff = wanted.staff
    counted = Counted(attempts.turn_of(PURPOSE, staff.key), WINDOW, budget)
    until = attempts.spend(session, PURPOSE, counted, at)
    action = REFUSED if until else f"reveal_{wanted.what}"
    said = {"what": wanted.what, "budget": budget} if until else {}
    audit.note(session, audit.by_staff(staff, action, wanted.subject, said), at)
    if until is None:
        return None
    told = {"name": staff.name, "budget": budget}
    heads = members.caretakers(session, staff)
    staff_notices.tell_each(session, heads, NoticeKind.TOO_MANY_REVEALS, told, at)
    sentence = (
        f"一小时内查看完整号码已达上限（{budget} 次），请 {until.astimezone(SHANGHAI):%H:%M}"
        " 后再查看。本次查看已记入操作日志，并提醒学校管理员。"
    )
    return RuleError("too_many_reveals", sentence)


class RevealAlarm(NamedTuple):
    """An account that wanted to see more than its budget, since somebody last looked at it."""

    key: str
    name: str
    times: int
    last_at: datetime


def alarms(session: Session, school_id: int) -> list[RevealAlarm]:
    """Return a school's accounts that were refused and nobody acknowledged, newest first."""
    return [RevealAlarm(*row) for row in read_rows(session, _alarms(), {"school": school_id})]


@cache
def _alarms() -> Select[str, str, int, datetime]:
    of_school = AuditEntry.school_id == bindparam("school", type_=BigId)
    acknowledged = select(func.coalesce(func.max(AuditEntry.id), 0)).where(
        of_school, AuditEntry.action == ACKNOWLEDGED
    )
    last = func.max(AuditEntry.at)
    return (
        select(Staff.key, Staff.name, func.count(), last)
        .join(Staff, AuditEntry.actor == "staff:" + Staff.key)
        .where(
            *(of_school, AuditEntry.action == REFUSED),
            AuditEntry.id > acknowledged.scalar_subquery(),
        )
        .group_by(Staff.key, Staff.name)
        .order_by(last.desc())
    )


def acknowledge(session: Session, staff: Staff, at: datetime) -> None:
    """Keep that the alarms so far were seen; those that come after are shown again."""
    audit.note(session, audit.by_staff(staff, ACKNOWLEDGED), at)
