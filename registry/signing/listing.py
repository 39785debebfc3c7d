"""Employers that sign with nobody for a time (签约黑名单): put there with evidence, and taken off.

A province lists for its schools, the operator for all. Schools elsewhere see a warning.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session, joinedload

from registry.accounts import audit
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Role, Staff
from registry.base import files
from registry.base.clock import SHANGHAI
from registry.base.crypto import Vault
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.base.retention import DEFAULT, Retention
from registry.base.written_reason import written_reason
from registry.codes import regions
from registry.review import evidence
from registry.review.evidence import EvidenceDocument
from registry.signing import employer_stops, qualified
from registry.signing.employer_papers import EmployerListing
from registry.signing.employer_states import LISTING, ListingEvent
from registry.signing.qualified import in_force
from registry.signing.tables import Qualification

LONGEST = timedelta(days=3 * 366)


@dataclass(frozen=True)
class NewListing:
    """Why an employer is listed, until when, and by what evidence."""

    reason: str
    until: date
    evidence: EvidenceDocument
    keeps: Retention = DEFAULT


def may_list(staff: Staff) -> bool:
    """Say whether somebody lists employers: a province, or the operator."""
    return staff.role in {Role.PROVINCE, Role.OPERATOR}


def here(session: Session, employer_id: int, province: str, at: datetime) -> bool:
    """Say whether an employer is listed in a province."""
    there = or_(EmployerListing.province.is_(None), EmployerListing.province == province)
    wanted = select(EmployerListing.id).where(_of(employer_id), in_force(at), there)
    return session.scalar(wanted.limit(1)) is not None


def _of(employer_id: int) -> ColumnElement[bool]:
    return EmployerListing.employer_id == employer_id


def holding(session: Session, employer_id: int, at: datetime) -> Sequence[EmployerListing]:
    """Return the listings of an employer that hold anywhere, oldest first: the warning."""
    wanted = select(EmployerListing).where(_of(employer_id), in_force(at))
    return session.scalars(wanted.order_by(EmployerListing.id)).all()


def where_it_holds(listed: EmployerListing) -> str:
    """Return where a listing holds, as people read it."""
    return regions.region_name(listed.province) if listed.province else "全国"


def add(
    session: Session,
    vault: Vault,
    staff: Staff,
    employer: Employer,
    wanted: NewListing,
    at: datetime,
) -> EmployerListing:
    """List an employer; what it has open there is stopped, agreements and terminations go on.

    Raises RuleError `reason_missing`, `until_range`, or `listed_already`.
    """
    assert may_list(staff), "the doors let in nobody else"
    reason = written_reason(wanted.reason, "请写明列入的原因，单位和各校会看到。")
    until = _last_moment(wanted.until, at)
    session.get_one(Employer, employer.id, with_for_update={"key_share": True})
    mine = EmployerListing.province.is_not_distinct_from(staff.province)
    if session.scalar(select(EmployerListing.id).where(_of(employer.id), in_force(at), mine)):
        raise RuleError("listed_already", "该单位已在名单中。")
    listed = EmployerListing(
        employer_id=employer.id,
        province=staff.province,
        reason=reason,
        evidence_file_id=_stored(session, vault, employer, wanted, at),
        until=until,
        listed_at=at,
        listed_by=staff.id,
    )
    session.add(listed)
    session.flush()
    _follow(session, staff, listed, employer, at)
    return listed


def _last_moment(day: date, at: datetime) -> datetime:
    """Return the end of a day; raise RuleError `until_range`."""
    until = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    if not at < until <= at + LONGEST:
        raise RuleError("until_range", "截止日期应在今天以后、三年以内。", "until")
    return until


def _stored(
    session: Session, vault: Vault, employer: Employer, wanted: NewListing, at: datetime
) -> int:
    given = wanted.evidence
    incoming = files.Incoming(employer.school_id, given.name, given.media_type, given.content)
    until = evidence.keep_until(wanted.until.year, at, wanted.keeps)
    return files.store(session, vault, incoming, at, until).id


def _follow(
    session: Session, staff: Staff, listed: EmployerListing, employer: Employer, at: datetime
) -> None:
    """Stop what is open, and tell the employer."""
    _hold_back(session, employer, staff, at)
    employer_stops.stop_open(session, employer.id, _schools(staff), employer_stops.LISTED, at)
    where, day = where_it_holds(listed), qualified.day_of(listed.until)
    details = {"where": where, "day": day, "reason": listed.reason}
    qualified.tell_managers(session, [employer.id], NoticeKind.LISTED, details, at)
    _note(session, staff, "employer_listed", employer, listed.reason, at)


def _hold_back(session: Session, employer: Employer, staff: Staff, at: datetime) -> None:
    """Wait for invitations under way, which hold the qualification: none is sent past the list."""
    schools = select(School.id).where(_schools(staff))
    those = (Qualification.employer_id == employer.id, Qualification.school_id.in_(schools))
    held = update(Qualification).where(*those).values(updated_at=at)
    session.execute(held.execution_options(synchronize_session=False))


def _schools(staff: Staff) -> ColumnElement[bool]:
    return School.province == staff.province if staff.province else School.id.is_not(None)


def lift(session: Session, staff: Staff, key: str, why: str, at: datetime) -> EmployerListing:
    """Take an employer off the list before its time; lifted twice, it is once.

    Raises NotFound for a listing of others, and RuleError `reason_missing`.
    """
    found = find(session, staff, key)
    reason = written_reason(why, "请写明移出的原因。")
    mine = EmployerListing.id == found.id
    values = {"lifted_at": at, "lifted_by": staff.id, "lift_reason": reason}
    if move(session, LISTING, EmployerListing.state, ListingEvent.LIFT, mine, **values):
        _note(session, staff, "employer_unlisted", found.employer, reason, at)
    return found


def find(session: Session, staff: Staff, key: str) -> EmployerListing:
    """Return a listing that somebody may lift; raise NotFound for others."""
    mine = EmployerListing.province.is_not_distinct_from(staff.province)
    wanted = select(EmployerListing).where(EmployerListing.key == key, mine)
    found = session.scalar(wanted.options(joinedload(EmployerListing.employer)))
    if found is None or not may_list(staff):
        raise NotFound("名单记录")
    return found


def document(
    session: Session, vault: Vault, staff: Staff, key: str, at: datetime
) -> EvidenceDocument:
    """Return the evidence of a listing, for who made it, and keep that it was looked at."""
    found = find(session, staff, key)
    stored = files.find(session, found.employer.school_id, found.evidence_file_id)
    if stored is None:
        raise NotFound("文件")
    about = f"employer:{found.employer.key}"
    audit.note(session, audit.by_staff(staff, "papers_opened", about), at)
    return EvidenceDocument(stored.name, stored.media_type, files.opened(vault, stored))


def _note(
    session: Session, staff: Staff, action: str, employer: Employer, reason: str, at: datetime
) -> None:
    record = audit.by_staff(staff, action, f"employer:{employer.key}", {"reason": reason})
    audit.note(session, record, at)
