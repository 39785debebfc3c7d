"""Employers are told outside the console too: a short message in office hours, of many as of one.

What was told on their pages (`employer_news`) and nobody who signs for them has seen for half an
hour is said in one message, to whom the letter of authority names, at the phone that was proven
with it. An employer that a school has registered in its office has handed in no phone, and is told
in the console alone.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Subquery, and_, delete, func, or_, select
from sqlalchemy.orm import Session, aliased

from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Staff, StaffNotice
from registry.base.clock import SHANGHAI
from registry.base.database import insert_new
from registry.base.working_days import in_office_hours
from registry.record.contact_states import NoticeState
from registry.signing.employer_papers import Certification
from registry.signing.employer_states import CertificationState
from registry.signing.employer_text_tables import EmployerText

GATHERED = timedelta(minutes=30)
"""How long news waits to be seen in the console, and for more of it."""
APART = timedelta(hours=4)
"""Between two messages to one employer: three on a working day at most."""
OLD = timedelta(days=14)
"""What was told before then is not said any more: longer than any holiday."""
KEPT = timedelta(days=180)
NEWS: Mapping[str, str] = {
    NoticeKind.TERMINATION_ASKED: "毕业生申请解约",
    NoticeKind.AGREEMENT_RETURNED: "协议退回待修改",
    NoticeKind.INVITATION_ACCEPTED: "毕业生已应约",
    NoticeKind.ACCEPTANCE_RETRACTED: "毕业生撤销应约",
    NoticeKind.AGREEMENT_SENT_AGAIN: "毕业生同意修改",
    NoticeKind.SUPPLEMENT_ANSWERED: "补充协议有结果",
    NoticeKind.AGREEMENT_SIGNED: "协议已生效",
    NoticeKind.AGREEMENT_FAILED: "协议未签成",
    NoticeKind.AGREEMENT_VOIDED: "协议被作废",
    NoticeKind.TERMINATION_DECIDED: "解约审核有结果",
    NoticeKind.TERMINATION_MOVED: "解约有新进展",
    NoticeKind.INVITATION_REFUSED: "毕业生拒绝邀请",
    NoticeKind.INVITATION_LAPSED: "邀请已失效",
    NoticeKind.INVITATION_CANCELLED: "邀请已停止",
}
"""What is said of each kind; that which waits for the employer comes first."""


def write_due(session: Session, at: datetime) -> int:
    """Write the messages that are due now, none outside office hours; return how many.

    Twice does no harm.
    """
    if not in_office_hours(at):
        return 0
    papers = _papers(at)
    unseen = select(Staff.employer_id, papers.c.id, StaffNotice.kind).distinct()
    found = session.execute(
        unseen.join(Staff, Staff.id == StaffNotice.staff_id)
        .join(papers, papers.c.employer_id == Staff.employer_id)
        .where(*_news(at), ~_seen_by_another(), ~_said_before(at))
    )
    kinds = defaultdict[tuple[int, int], set[str]](set)
    for employer_id, papers_id, kind in found:
        kinds[employer_id, papers_id].add(kind)
    rows = [
        {
            "employer_id": employer_id,
            "certification_id": papers_id,
            "state": NoticeState.WAITING,
            "news": _said(each),
            "up_to": at - GATHERED,
            "next_at": at,
            "created_at": at,
        }
        for (employer_id, papers_id), each in sorted(kinds.items())
    ]
    if rows:
        session.execute(insert_new(session, EmployerText), rows)
    return len(rows)


def _papers(at: datetime) -> Subquery:
    """Return the newest papers of each employer by which somebody may sign for it today."""
    today = at.astimezone(SHANGHAI).date()
    good = (
        Certification.state == CertificationState.QUALIFIED,
        Certification.letter_until >= today,
    )
    newest = select(Certification.employer_id, func.max(Certification.id).label("id")).where(*good)
    return newest.group_by(Certification.employer_id).subquery()


def _news(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of what those who sign were told and have not seen."""
    return (
        StaffNotice.kind.in_(NEWS),
        StaffNotice.seen_at.is_(None),
        StaffNotice.at <= at - GATHERED,
        StaffNotice.at > at - OLD,
        Staff.active.is_(True),
        Staff.may_sign.is_(True),
    )


def _seen_by_another() -> ColumnElement[bool]:
    """Return the condition that somebody of the same employer has seen as much."""
    other, theirs = aliased(Staff), aliased(StaffNotice)
    return (
        select(theirs.id)
        .join(other, other.id == theirs.staff_id)
        .where(
            other.employer_id == Staff.employer_id,
            theirs.kind == StaffNotice.kind,
            theirs.at >= StaffNotice.at,
            theirs.seen_at.is_not(None),
        )
        .exists()
    )


def _said_before(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a message has said it, or that one was written just now."""
    said = and_(EmployerText.up_to >= StaffNotice.at, _not_given_up())
    mine = EmployerText.employer_id == Staff.employer_id
    just_now = EmployerText.created_at > at - APART
    return select(EmployerText.id).where(mine, or_(said, just_now)).exists()


def _not_given_up() -> ColumnElement[bool]:
    """Return the condition of messages that were sent, or may yet be."""
    return EmployerText.state != NoticeState.FAILED


def said_until(
    session: Session, staff_ids: Collection[int], at: datetime
) -> Sequence[tuple[int, datetime]]:
    """Return until when what each of these people was told is said, or is too old to be said."""
    last: ColumnElement[datetime | None] = func.max(EmployerText.up_to)
    rows = session.execute(
        select(Staff.id, last)
        .outerjoin(EmployerText, (EmployerText.employer_id == Staff.employer_id) & _not_given_up())
        .where(Staff.id.in_(staff_ids))
        .group_by(Staff.id)
        .order_by(Staff.id)
    )
    return [(ident, max(until or at - OLD, at - OLD)) for ident, until in rows]


def _said(kinds: Collection[str]) -> str:
    """Return what has happened in 12 characters, which is what a parameter holds."""
    first = next(said for kind, said in NEWS.items() if kind in kinds)
    return f"{first}等{len(kinds)}项" if len(kinds) > 1 else first


def forget_old(session: Session, at: datetime) -> None:
    """Delete what was written long ago."""
    old = delete(EmployerText).where(EmployerText.created_at < at - KEPT)
    session.execute(old.execution_options(synchronize_session=False))
