"""An employer invites a graduate, whom it has named (`naming`)."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts import attempts, audit
from registry.accounts.audit import AuditRecord
from registry.accounts.employer_tables import Employer
from registry.accounts.tables import Staff
from registry.base.clock import SHANGHAI
from registry.base.database import insert_new
from registry.base.errors import RuleError
from registry.base.text import compared
from registry.codes.categories import BOUND_TRAINING
from registry.record import events, province_lock, validation
from registry.record.events import InvitationSent
from registry.record.tables import Graduate
from registry.record.validation import Refused
from registry.review.seasons import season
from registry.signing import agreement_moves, terms
from registry.signing.states import QualificationState
from registry.signing.tables import Agreement, Invitation, Qualification

TURN = "invite"
DAYS, FEWEST_DAYS, MOST_DAYS = 5, 3, 30
"""How long a graduate has to answer: as offered, and at least and at most."""
MOST_A_DAY = 500
"""Invitations an employer sends on one day (Asia/Shanghai)."""
LAST_MINUTE = time(23, 59)


def refuse_inviting(session: Session, graduate: Graduate, unit_name: str, at: datetime) -> None:
    """Refuse a graduate who cannot sign here at all, with one sentence for every reason.

    That she has signed with somebody else is none of them: it is told to no employer. Raises
    RuleError `cannot_sign`.
    """
    refusal = season(session, graduate.school_id, graduate.year).refusal(at)
    elsewhere = graduate.school.correction_system
    bound = graduate.training_mode in BOUND_TRAINING and graduate.training_unit
    bound_elsewhere = bound and compared(graduate.training_unit) != compared(unit_name)
    filed = province_lock.locked_ids(session, [graduate.id])
    if refusal or elsewhere or bound_elsewhere or filed:
        sentence = "这位毕业生目前不能网上签约，请联系其所在学校就业指导中心。"
        raise RuleError("cannot_sign", sentence, "student_number")


def last_moment(day: date, at: datetime) -> datetime:
    """Return until when an invitation may be answered; raise RuleError `answer_by_range`."""
    days = (day - at.astimezone(SHANGHAI).date()).days
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        sentence = f"应约截止日期应在 {FEWEST_DAYS} 天以后、{MOST_DAYS} 天以内。"
        raise RuleError("answer_by_range", sentence, "answer_by")
    return datetime.combine(day, LAST_MINUTE, SHANGHAI)


def default_day(at: datetime) -> date:
    """Return the last day to answer that is offered."""
    return (at + timedelta(days=DAYS)).astimezone(SHANGHAI).date()


def check(employer: Employer, said: Mapping[str, str], graduate: Graduate, at: datetime) -> None:
    """Raise Refused where the terms cannot be sent, or could not become her registration."""
    found = terms.problems(said)
    if not validation.refused(found):
        day = at.astimezone(SHANGHAI).date()
        values = terms.destination(frozen(employer, said), day, {})
        person = validation.GraduateFacts(graduate.name, graduate.year)
        found += [each for each in validation.problems(values, person) if each.field in terms.TERMS]
    if validation.refused(found):
        raise Refused(found)


def frozen(employer: Employer, said: Mapping[str, str]) -> dict[str, str]:
    """Return the terms with what the employer is now."""
    return {**{name: getattr(employer, name) for name in terms.UNIT}, **said}


def send(
    session: Session,
    staff: Staff,
    graduate: Graduate,
    said: Mapping[str, str],
    answer_by: datetime,
    at: datetime,
) -> Invitation:
    """Send an invitation, whose terms stand from now on as they are.

    Raises Refused, or RuleError `not_qualified`, `cannot_sign`, `too_many_today`, or
    `already_invited` where one waits for her answer, or an agreement with her holds.
    """
    employer = _qualified(session, staff, graduate)
    refuse_inviting(session, graduate, employer.unit_name, at)
    check(employer, said, graduate, at)
    _refuse_too_many(session, employer, at)
    _refuse_again(session, employer, graduate)
    row = insert_new(session, Invitation).values(
        employer_id=employer.id,
        graduate_id=graduate.id,
        terms=frozen(employer, said),
        answer_by=answer_by,
        sent_at=at,
        sent_by=staff.id,
    )
    sent: Invitation | None = session.scalar(row.returning(Invitation))
    if sent is None:
        raise _invited()
    _tell(session, staff, graduate, sent, at)
    return sent


def _qualified(session: Session, staff: Staff, graduate: Graduate) -> Employer:
    """Return the employer, which stays qualified until the transaction ends."""
    found = session.scalar(
        select(Qualification)
        .where(
            Qualification.employer_id == staff.employer_id,
            Qualification.school_id == graduate.school_id,
            Qualification.state == QualificationState.QUALIFIED,
        )
        .with_for_update(read=True)
    )
    if found is None:
        sentence = "贵单位在这所学校的签约资格未开通或已暂停，请联系学校就业指导中心。"
        raise RuleError("not_qualified", sentence)
    return session.get_one(Employer, found.employer_id)


def _refuse_too_many(session: Session, employer: Employer, at: datetime) -> None:
    """Count the day's invitations one after another."""
    attempts.take_turns(session, [attempts.turn_of(TURN, employer.key)])
    midnight = datetime.combine(at.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    today = select(func.count()).where(
        Invitation.employer_id == employer.id, Invitation.sent_at >= midnight
    )
    if (session.scalar(today) or 0) >= MOST_A_DAY:
        raise RuleError("too_many_today", f"今天已发出 {MOST_A_DAY} 份邀请，请明天再发。")


def _refuse_again(session: Session, employer: Employer, graduate: Graduate) -> None:
    ours = agreement_moves.live(Invitation.employer_id == employer.id)
    held = (
        select(Agreement.id)
        .join(Invitation, Invitation.id == Agreement.invitation_id)
        .where(ours, Agreement.graduate_id == graduate.id)
    )
    if session.scalar(held) is not None:
        sentence = "这位毕业生已接受贵单位的邀请，不需要再次邀请。"
        raise RuleError("already_invited", sentence, "student_number")


def _invited() -> RuleError:
    sentence = "贵单位已邀请这位毕业生，正在等待应约。如需改动条款，请先撤回原邀请。"
    return RuleError("already_invited", sentence, "student_number")


def _tell(
    session: Session, staff: Staff, graduate: Graduate, sent: Invitation, at: datetime
) -> None:
    subject, school = f"graduate:{graduate.key}", graduate.school_id
    details = {"invitation": sent.key, "employer": sent.terms["unit_name"]}
    audit.note(session, AuditRecord(staff.actor, "invitation_sent", subject, school, details), at)
    happened = InvitationSent(
        school_id=school,
        graduate_id=graduate.id,
        invitation_id=sent.id,
        unit=sent.terms["unit_name"],
        post=sent.terms["post"],
        answer_by=sent.answer_by,
        at=at,
    )
    events.announce(session, happened)
