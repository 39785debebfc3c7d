"""What is decided about an employer's papers: it may sign, may only recruit, or tries again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import BindParameter, ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from registry.accounts import audit
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Role, Staff
from registry.base import files
from registry.base.clock import SHANGHAI
from registry.base.counting import Counting, Query, columns
from registry.base.crypto import Vault
from registry.base.database import BigId
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.base.paging import Page, Place, nearest, turned
from registry.base.written_reason import written_reason
from registry.codes import identity, regions
from registry.review.evidence import EvidenceDocument
from registry.signing import employers, listing, qualified
from registry.signing.certifying import FILE_TITLES, LETTER, LICENCE, of_decider
from registry.signing.employer_papers import Certification
from registry.signing.employer_states import (
    CERTIFICATION,
    CertificationEvent,
    CertificationState,
)
from registry.signing.states import QUALIFICATION, QualificationEvent
from registry.signing.tables import Qualification
from registry.signing.terms import UNIT


class PapersDecision(StrEnum):
    """What somebody decides about papers."""

    QUALIFY = "qualify"
    CHECK = "check"
    RETURN = "return"


_ALIKE = {
    PapersDecision.QUALIFY: (CertificationEvent.QUALIFY, QualificationEvent.QUALIFY),
    PapersDecision.CHECK: (CertificationEvent.CHECK, QualificationEvent.CHECK),
    PapersDecision.RETURN: (CertificationEvent.RETURN, QualificationEvent.DECLINE),
}
_TOLD = {
    PapersDecision.QUALIFY: NoticeKind.QUALIFIED,
    PapersDecision.CHECK: NoticeKind.PAPERS_CHECKED,
    PapersDecision.RETURN: NoticeKind.PAPERS_RETURNED,
}


@dataclass(frozen=True)
class WaitingPapers:
    """Papers in the list of who decides."""

    key: str
    unit_name: str
    unit_code: str
    handler_name: str
    submitted_at: datetime


def waiting(session: Session, staff: Staff, place: Place) -> Page[WaitingPapers]:
    """Return the papers that somebody has to decide about, oldest first."""
    start = select(Certification.id).where(Certification.key == (place.before or place.after))
    columns = (Certification.key, Employer.unit_name, Employer.unit_code)
    wanted = (
        select(*columns, Certification.handler_name, Certification.submitted_at)
        .join(Employer, Employer.id == Certification.employer_id)
        .where(_waiting(staff))
    )
    found = session.execute(nearest(wanted, Certification.id, start.scalar_subquery(), place))
    return turned((WaitingPapers(*row) for row in found), place)


def count_waiting(session: Session, staff: Staff) -> int:
    """Return how many papers wait for somebody."""
    return session.scalar(select(func.count()).where(_waiting(staff))) or 0


def waiting_for_school(school_id: int) -> Counting:
    """Return the query of the papers that wait for a school."""
    return Counting(_FOR_SCHOOL, {_SCHOOL.key: school_id})


_SCHOOL: BindParameter[int] = bindparam("of_school", type_=BigId)
_FOR_SCHOOL: Query = select(*columns(Certification.submitted_at)).where(
    Certification.school_id == _SCHOOL, Certification.state == CertificationState.WAITING
)


def _waiting(staff: Staff) -> ColumnElement[bool]:
    return of_decider(staff) & (Certification.state == CertificationState.WAITING)


def find(session: Session, staff: Staff, key: str) -> Certification:
    """Return papers that were handed in to somebody; raise NotFound for others."""
    found = session.scalar(
        select(Certification)
        .where(of_decider(staff), Certification.key == key)
        .options(joinedload(Certification.employer))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("资质材料")
    return found


def last_moment(found: Certification, at: datetime) -> datetime:
    """Return until when papers let sign: 12 months, or the end of the licence or the letter."""
    ends = [found.letter_until, *([found.licence_until] if found.licence_until else [])]
    midnight = datetime.combine(min(ends) + timedelta(days=1), time(), SHANGHAI)
    return min(at + qualified.VALID, midnight)


@dataclass(frozen=True)
class _Ruling:
    """A decision with all that follows from it."""

    staff: Staff
    found: Certification
    decision: PapersDecision
    until: datetime | None
    reason: str
    at: datetime


def decide(
    session: Session, staff: Staff, key: str, decision: PapersDecision, why: str, at: datetime
) -> Certification:
    """Decide about papers that wait; what they say of the employer is in force once they pass.

    Raises RuleError `reason_missing`, `province_qualifies` for what a school may only return since
    its province decides, `papers_over` for a licence or letter that has ended, `employer_listed`,
    or `decided_already`.
    """
    found = find(session, staff, key)
    until, reason = None, ""
    if decision is PapersDecision.RETURN:
        reason = written_reason(why, "请写明退回的原因，单位会看到。")
    elif staff.school_id is not None:
        employers.refuse_qualifying(session, session.get_one(School, staff.school_id))
    if decision is PapersDecision.QUALIFY:
        until = last_moment(found, at)
        _refuse_qualifying(session, staff, found, until, at)
    ruling = _Ruling(staff, found, decision, until, reason, at)
    _rule(session, ruling)
    if decision is not PapersDecision.RETURN:
        _put_in_force(session, found)
    _follow(session, ruling)
    _tell(session, ruling)
    return found


def _refuse_qualifying(
    session: Session, staff: Staff, found: Certification, until: datetime, at: datetime
) -> None:
    if until <= at:
        raise RuleError("papers_over", "营业执照或签约授权书已过期，请退回后由单位重新提交。")
    province = staff.province or _province_of(session, staff)
    if listing.here(session, found.employer_id, province, at):
        raise RuleError("employer_listed", "该单位在签约黑名单中，移出前不能开通签约。")


def _province_of(session: Session, staff: Staff) -> str:
    return session.scalars(select(School.province).where(School.id == staff.school_id)).one()


def _rule(session: Session, ruling: _Ruling) -> None:
    event, _ = _ALIKE[ruling.decision]
    values = {"decided_at": ruling.at, "decided_by": ruling.staff.id}
    values |= {"reason": ruling.reason, "valid_until": ruling.until}
    mine = Certification.id == ruling.found.id
    if not move(session, CERTIFICATION, Certification.state, event, mine, **values):
        raise RuleError("decided_already", "这份材料已由他人办理，请刷新后查看。")


def _put_in_force(session: Session, found: Certification) -> None:
    employer = session.get_one(Employer, found.employer_id, with_for_update={"key_share": True})
    for name in UNIT:
        setattr(employer, name, found.unit.get(name, ""))
    session.flush()


def _follow(session: Session, ruling: _Ruling) -> None:
    """Have the qualifications at the decider's schools follow; what holds outlives a return."""
    _, event = _ALIKE[ruling.decision]
    values: dict[str, object] = {"updated_at": ruling.at}
    if event is QualificationEvent.QUALIFY:
        values |= {"valid_until": ruling.until, "warned_at": None}
    if event is QualificationEvent.DECLINE:
        values |= {"reason": ruling.reason}
    those = (Qualification.employer_id == ruling.found.employer_id, _schools(ruling.staff))
    move(session, QUALIFICATION, Qualification.state, event, *those, **values)


def _schools(staff: Staff) -> ColumnElement[bool]:
    if staff.role == Role.SCHOOL:
        return Qualification.school_id == staff.school_id
    theirs = select(School.id).where(School.province == staff.province)
    return Qualification.school_id.in_(theirs)


def _tell(session: Session, ruling: _Ruling) -> None:
    day = qualified.day_of(ruling.until) if ruling.until else ""
    details = {"by": decider_name(session, ruling.staff), "day": day, "reason": ruling.reason}
    kind, employer = _TOLD[ruling.decision], ruling.found.employer
    qualified.tell_managers(session, [employer.id], kind, details, ruling.at)
    said = {"reason": ruling.reason} if ruling.reason else {}
    action = f"papers_{ruling.decision}"
    record = audit.by_staff(ruling.staff, action, f"employer:{employer.key}", said)
    audit.note(session, record, ruling.at)


def decider_name(session: Session, staff: Staff) -> str:
    """Return who decides, as the employer reads it."""
    if staff.school_id is not None:
        return session.scalars(select(School.name).where(School.id == staff.school_id)).one()
    return f"{regions.region_name(staff.province or '')}省级就业工作部门"


def document(
    session: Session, vault: Vault, staff: Staff, key: str, which: str, at: datetime
) -> EvidenceDocument:
    """Return the licence or the letter of papers, and keep that it was looked at."""
    found = find(session, staff, key)
    opened = opened_file(session, vault, found, which)
    record = audit.by_staff(staff, "papers_opened", f"employer:{found.employer.key}")
    audit.note(session, record, at)
    return opened


def opened_file(
    session: Session, vault: Vault, found: Certification, which: str
) -> EvidenceDocument:
    """Return a file of papers; raise NotFound for what they do not have, or have no more."""
    if which not in {LICENCE, LETTER}:
        raise NotFound("文件")
    ident = getattr(found, f"{which}_file_id")
    stored = files.find(session, found.employer.school_id, ident)
    if stored is None:
        raise NotFound("文件")
    content = files.opened(vault, stored)
    return EvidenceDocument(stored.name or FILE_TITLES[which], stored.media_type, content)


def handler_phone(vault: Vault, found: Certification) -> str:
    """Return the phone of who handles an employer's papers, for who decides about them."""
    return vault.open(identity.PHONE, found.key, found.handler_phone_sealed)


def history(session: Session, staff: Staff, employer_id: int) -> Sequence[Certification]:
    """Return what an employer handed in to somebody, newest first; the last ten."""
    mine = (of_decider(staff), Certification.employer_id == employer_id)
    wanted = select(Certification).where(*mine).order_by(Certification.id.desc()).limit(10)
    return session.scalars(wanted).all()
