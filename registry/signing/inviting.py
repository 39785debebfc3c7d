"""An employer invites a graduate, whom it has named (`naming`)."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from registry.accounts import attempts, audit
from registry.accounts.audit import AuditRecord
from registry.accounts.employer_tables import Employer
from registry.accounts.tables import Staff
from registry.base.bulk_rows import given_rows
from registry.base.clock import SHANGHAI
from registry.base.database import insert_new, one_of, random_key
from registry.base.errors import RuleError
from registry.base.text import compared
from registry.codes.categories import BOUND_TRAINING
from registry.record import events, province_lock, validation
from registry.record.events import InvitationsSent, SentInvitation
from registry.record.tables import Graduate
from registry.record.validation import Problem, Refused
from registry.review.seasons import seasons
from registry.signing import agreement_moves, deadlines, qualified, terms
from registry.signing.states import InvitationState
from registry.signing.tables import Agreement, Invitation, Qualification

TURN = "invite"
DAYS, FEWEST_DAYS, MOST_DAYS = 5, 3, 30
"""How long a graduate has to answer: as offered, and at least and at most."""
MOST_A_DAY = 5_000
"""Invitations an employer sends on one day (Asia/Shanghai), unless a setting says otherwise."""
WRITTEN_AT_ONCE = 1_000
"""Rows of one statement."""


@dataclass(frozen=True)
class Offer:
    """What one graduate is offered."""

    graduate: Graduate
    """With her school."""
    terms: Mapping[str, str]
    answer_by: datetime
    row: int = 0
    """In a file: by which the same row of the same file is never sent twice."""


@dataclass(frozen=True)
class _Day:
    """How many invitations an employer may send on a day, and has sent."""

    most: int
    sent: int

    @property
    def refusal(self) -> RuleError:
        """Return the refusal of one more."""
        sentence = f"每天最多发出 {self.most:,} 份邀请，今天的已用完，请明天再发。"
        return RuleError("too_many_today", sentence)


def refuse_inviting(session: Session, graduate: Graduate, unit_name: str, at: datetime) -> None:
    """Refuse a graduate who cannot sign here at all, with one sentence for every reason.

    That she has signed with somebody else is none of them: it is told to no employer. Raises
    RuleError `cannot_sign`.
    """
    if graduate.id in cannot_sign(session, [graduate], unit_name, at):
        raise _cannot()


def _cannot() -> RuleError:
    sentence = "这位毕业生目前不能网上签约，请联系其所在学校就业指导中心。"
    return RuleError("cannot_sign", sentence, "student_number")


def cannot_sign(
    session: Session, graduates: Sequence[Graduate], unit_name: str, at: datetime
) -> set[int]:
    """Return which graduates, with their one school, cannot sign with this employer at all."""
    rules = seasons(session, graduates[0].school_id, {each.year for each in graduates})
    filed = province_lock.locked_ids(session, [each.id for each in graduates])
    return {
        each.id
        for each in graduates
        if each.id in filed
        or rules[each.year].refusal(at)
        or deadlines.end_of(rules[each.year].closes_on) <= at
        or each.school.correction_system
        or is_bound_elsewhere(each, unit_name)
    }


def is_bound_elsewhere(graduate: Graduate, unit_name: str) -> bool:
    """Say whether she is trained for another unit (定向、委培)."""
    bound = graduate.training_mode in BOUND_TRAINING and graduate.training_unit
    return bool(bound) and compared(graduate.training_unit) != compared(unit_name)


def last_moment(day: date, at: datetime) -> datetime:
    """Return until when an invitation may be answered; raise RuleError `answer_by_range`."""
    days = (day - at.astimezone(SHANGHAI).date()).days
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        sentence = f"应约截止日期应在 {FEWEST_DAYS} 天以后、{MOST_DAYS} 天以内。"
        raise RuleError("answer_by_range", sentence, "answer_by")
    return deadlines.end_of(day)


def answered_by(session: Session, offers: Sequence[Offer]) -> list[datetime]:
    """Return until when each of these graduates of one school may answer.

    That is no later than the last day on which her year registers: nobody can accept after it.
    """
    years = {each.graduate.year for each in offers}
    rules = seasons(session, offers[0].graduate.school_id, years) if offers else {}
    return [
        min(each.answer_by, deadlines.end_of(rules[each.graduate.year].closes_on))
        for each in offers
    ]


def sooner(until: datetime) -> str:
    """Return why the last day to answer is sooner than the employer has said."""
    day = until.astimezone(SHANGHAI)
    return f"该校本届登记于{day.month}月{day.day}日截止，应约截止提前到这一天"


def default_day(at: datetime) -> date:
    """Return the last day to answer that is offered."""
    return (at + timedelta(days=DAYS)).astimezone(SHANGHAI).date()


def check(employer: Employer, said: Mapping[str, str], graduate: Graduate, at: datetime) -> None:
    """Raise Refused where the terms cannot be sent, or could not become her registration."""
    found = problems(frozen(employer, said), graduate, at)
    if validation.refused(found):
        raise Refused(found)


def problems(offer: Mapping[str, str], graduate: Graduate, at: datetime) -> list[Problem]:
    """Return what is wrong or odd of terms, as such and as what they would register of her."""
    found = terms.problems(offer)
    if not validation.refused(found):
        day = at.astimezone(SHANGHAI).date()
        person = validation.GraduateFacts(graduate.name, graduate.year)
        registered = validation.problems(terms.destination(offer, day, {}), person)
        found += [each for each in registered if each.field in terms.TERMS]
    return found


def frozen(employer: Employer, said: Mapping[str, str]) -> dict[str, str]:
    """Return the terms with what the employer is now."""
    return {**{name: getattr(employer, name) for name in terms.UNIT}, **said}


def send(
    session: Session,
    staff: Staff,
    offer: Offer,
    at: datetime,
    *,
    most_a_day: int = MOST_A_DAY,
) -> Invitation:
    """Send an invitation, whose terms stand from now on as they are.

    The employer sends `most_a_day` on one day (Asia/Shanghai).
    Raises Refused, or RuleError `not_qualified`, `cannot_sign`, `too_many_today`, or
    `already_invited` where one waits for her answer, or an agreement with her holds.
    """
    (sent,) = send_all(session, staff, [offer], at, most_a_day=most_a_day)
    if isinstance(sent, RuleError):
        raise sent
    return sent


def send_all(
    session: Session,
    staff: Staff,
    offers: Sequence[Offer],
    at: datetime,
    batch: str = "",
    *,
    most_a_day: int = MOST_A_DAY,
) -> list[Invitation | RuleError]:
    """Send invitations to graduates of one school, or refuse them one by one, as `send` does.

    Of a file, `batch` names it: its rows are sent once. Raises RuleError `not_qualified`.
    """
    employer = qualified_employer(session, staff, offers[0].graduate.school_id, at)
    today = _Day(most_a_day, _sent_today(session, employer, at))
    until = answered_by(session, offers)
    offers = [replace(each, answer_by=end) for each, end in zip(offers, until, strict=True)]
    refused = _refused(session, employer, offers, today, at)
    good = [each for each in offers if id(each) not in refused]
    sent = _insert(session, staff, employer, good, at, batch)
    _tell(session, staff, [each for each in good if each.graduate.id in sent], sent, at)
    return [
        refused.get(id(each)) or sent.get(each.graduate.id) or already_invited() for each in offers
    ]


def foresee(
    session: Session,
    staff: Staff,
    offers: Sequence[Offer],
    at: datetime,
    most_a_day: int = MOST_A_DAY,
) -> list[RuleError | None]:
    """Return why each would be refused now, as `send_all` does; nothing is sent."""
    employer = qualified_employer(session, staff, offers[0].graduate.school_id, at)
    today = _Day(most_a_day, _sent_today(session, employer, at))
    refused = _refused(session, employer, offers, today, at)
    waiting = _waiting(session, employer, offers)
    return [
        refused.get(id(each)) or (already_invited() if each.graduate.id in waiting else None)
        for each in offers
    ]


def _refused(
    session: Session, employer: Employer, offers: Sequence[Offer], today: _Day, at: datetime
) -> dict[int, RuleError]:
    """Return the refusals by the identity of the offer."""
    left = today.most - today.sent
    graduates = [each.graduate for each in offers]
    cannot = cannot_sign(session, graduates, employer.unit_name, at)
    held = _held(session, employer, graduates)
    refused = dict[int, RuleError]()
    for each in offers:
        refusal = _refusal(employer, each, cannot, held, at)
        if refusal is None and left <= 0:
            refusal = today.refusal
        if refusal is None:
            left -= 1
        else:
            refused[id(each)] = refusal
    return refused


def _refusal(
    employer: Employer, offer: Offer, cannot: Container[int], held: Container[int], at: datetime
) -> RuleError | None:
    if offer.graduate.id in cannot:
        return _cannot()
    try:
        check(employer, offer.terms, offer.graduate, at)
    except RuleError as refusal:
        return refusal
    if offer.graduate.id in held:
        sentence = "这位毕业生已接受贵单位的邀请，不需要再次邀请。"
        return RuleError("already_invited", sentence, "student_number")
    return None


def _insert(
    session: Session,
    staff: Staff,
    employer: Employer,
    offers: Sequence[Offer],
    at: datetime,
    batch: str,
) -> dict[int, Invitation]:
    """Write the invitations, but for whom one waits already; return them by graduate."""
    sent = dict[int, Invitation]()
    for start in range(0, len(offers), WRITTEN_AT_ONCE):
        rows = [
            {
                "key": random_key(),
                "employer_id": employer.id,
                "graduate_id": each.graduate.id,
                "terms": frozen(employer, each.terms),
                "answer_by": each.answer_by,
                "sent_at": at,
                "sent_by": staff.id,
                "sent_from": audit.came_from(session),
                "batch": batch,
                "batch_row": each.row,
            }
            for each in offers[start : start + WRITTEN_AT_ONCE]
        ]
        given = given_rows(session, Invitation, rows)
        # WHERE, or SQLite reads ON CONFLICT as the condition of a join.
        chosen = select(*given.c).where(true())
        names = [each.name for each in given.c]
        written = insert_new(session, Invitation).from_select(names, chosen)
        found = session.scalars(written.returning(Invitation))
        sent |= {each.graduate_id: each for each in found}
    return sent


def qualified_employer(session: Session, staff: Staff, school_id: int, at: datetime) -> Employer:
    """Return the employer, which stays qualified until the transaction ends."""
    found = session.scalar(
        select(Qualification)
        .where(
            Qualification.employer_id == staff.employer_id,
            Qualification.school_id == school_id,
            qualified.may_sign(at),
        )
        .with_for_update(read=True)
    )
    may_sign = select(Qualification.id).where(qualified.may_sign(at))
    # Asked again under the lock: who is listed meanwhile waits for it, and is then seen.
    if found is None or not session.scalar(may_sign.where(Qualification.id == found.id)):
        sentence = "贵单位在这所学校的签约资格未开通或已暂停，请联系学校就业指导中心。"
        raise RuleError("not_qualified", sentence)
    return session.get_one(Employer, found.employer_id)


def take_turn(session: Session, employer: Employer) -> None:
    """Have what an employer sends come one transaction after another."""
    attempts.take_turns(session, [attempts.turn_of(TURN, employer.key)])


def _sent_today(session: Session, employer: Employer, at: datetime) -> int:
    """Return how many invitations were sent today, counted one transaction after another."""
    take_turn(session, employer)
    midnight = datetime.combine(at.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    today = select(func.count()).where(
        Invitation.employer_id == employer.id, Invitation.sent_at >= midnight
    )
    return session.scalar(today) or 0


def _held(session: Session, employer: Employer, graduates: Sequence[Graduate]) -> set[int]:
    """Return with which graduates the employer has an agreement that holds."""
    ours = agreement_moves.live(Invitation.employer_id == employer.id)
    held = (
        select(Agreement.graduate_id)
        .join(Invitation, Invitation.id == Agreement.invitation_id)
        .where(ours, one_of(session, Agreement.graduate_id, [each.id for each in graduates]))
    )
    return set(session.scalars(held))


def _waiting(session: Session, employer: Employer, offers: Sequence[Offer]) -> set[int]:
    """Return which graduates have an invitation of the employer that waits for their answer."""
    ids = [each.graduate.id for each in offers]
    open_ones = select(Invitation.graduate_id).where(
        Invitation.employer_id == employer.id,
        Invitation.state == InvitationState.OPEN,
        one_of(session, Invitation.graduate_id, ids),
    )
    return set(session.scalars(open_ones))


def already_invited() -> RuleError:
    """Return the refusal of whom an invitation waits for."""
    sentence = "贵单位已邀请这位毕业生，正在等待应约。如需改动条款，请先撤回原邀请。"
    return RuleError("already_invited", sentence, "student_number")


def _tell(
    session: Session,
    staff: Staff,
    offers: Sequence[Offer],
    sent: Mapping[int, Invitation],
    at: datetime,
) -> None:
    """Keep in the log what was sent, and tell the graduates."""
    if not sent:
        return
    school_id, told = offers[0].graduate.school_id, list[SentInvitation]()
    records = list[AuditRecord]()
    for each in offers:
        row = sent[each.graduate.id]
        unit, subject = row.terms["unit_name"], f"graduate:{each.graduate.key}"
        details = {"invitation": row.key, "employer": unit}
        records.append(AuditRecord(staff.actor, "invitation_sent", subject, school_id, details))
        told.append(SentInvitation(row.graduate_id, row.id, unit, row.terms["post"], row.answer_by))
    audit.note_all(session, records, at)
    events.announce(session, InvitationsSent(school_id, told, at))
