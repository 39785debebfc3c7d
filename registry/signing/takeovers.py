"""Somebody else is to manage the accounts of an employer that is registered (变更管理员).

A letter is wanted, who manages now is told and may object, and the school that looks after the
accounts decides, three days later at the earliest. Once it agrees, the new manager's account is
made, and the accounts that managed before sign in no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, bindparam, select, update
from sqlalchemy.orm import Session, joinedload

from registry.accounts import audit, employer_people, members
from registry.accounts.audit import STRANGER, AuditRecord
from registry.accounts.employer_tables import Employer
from registry.accounts.password_strength import check_password
from registry.accounts.staff import NewStaff, add_staff, check_new, hashed
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Role, Staff
from registry.base import files
from registry.base.counting import Counting, Query, columns
from registry.base.crypto import Vault
from registry.base.database import BigId, random_key
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.base.retention import DEFAULT, Retention
from registry.base.text import compared, folded_number
from registry.base.written_reason import written_reason
from registry.codes import identity
from registry.review import evidence
from registry.review.evidence import EvidenceDocument
from registry.signing import qualified
from registry.signing.employer_papers import EmployerTakeover
from registry.signing.employer_states import TAKEOVER, TakeoverEvent, TakeoverState

WAIT = timedelta(days=3)
"""How long those who manage now have to object before a school may agree."""
_NOT_FOUND = "没有找到这个单位，请与营业执照核对单位名称和统一社会信用代码。"


@dataclass(frozen=True)
class Newcomer:
    """Who asks, for which employer, by which letter; the phone was proven before."""

    unit_code: str
    unit_name: str
    name: str
    login: str
    password: str
    phone: str
    letter: EvidenceDocument


def ask(
    session: Session, vault: Vault, wanted: Newcomer, at: datetime, keeps: Retention = DEFAULT
) -> EmployerTakeover:
    """Ask to manage an employer's accounts.

    Raises RuleError `employer_unknown`, `takeover_waits` where somebody has asked already, and
    what is wrong with login or password.
    """
    employer = _employer(session, wanted)
    new = NewStaff(wanted.login, wanted.name, Role.EMPLOYER, employer_id=employer.id)
    name, login = check_new(session, new)
    check_password(wanted.password, login, name)
    if session.scalar(select(EmployerTakeover.id).where(_waits(employer.id))):
        sentence = "该单位已有变更管理员的申请，正等待学校审核。"
        raise RuleError("takeover_waits", sentence, "unit_code")
    kind, content = wanted.letter.media_type, wanted.letter.content
    incoming = files.Incoming(employer.school_id, wanted.letter.name, kind, content)
    until = evidence.keep_until(at.year, at, keeps)
    key = random_key()
    asked = EmployerTakeover(
        key=key,
        employer_id=employer.id,
        name=name,
        login=login,
        password_hash=hashed(wanted.password),
        phone_sealed=vault.seal(identity.PHONE, key, wanted.phone),
        letter_file_id=files.store(session, vault, incoming, at, until).id,
        asked_at=at,
        passable_from=at + WAIT,
    )
    session.add(asked)
    session.flush()
    details = {"name": name, "when": qualified.day_of(asked.passable_from)}
    qualified.tell_managers(session, [employer.id], NoticeKind.TAKEOVER_ASKED, details, at)
    _note(session, STRANGER, "takeover_asked", employer, at)
    return asked


def _employer(session: Session, wanted: Newcomer) -> Employer:
    """Return the employer that is named by code and name, locked: one asks after the other."""
    found = session.scalar(
        select(Employer)
        .where(Employer.unit_code == folded_number(wanted.unit_code))
        .with_for_update(key_share=True)
    )
    if found is None or compared(found.unit_name) != compared(wanted.unit_name):
        raise RuleError("employer_unknown", _NOT_FOUND, "unit_code")
    return found


def _waits(employer_id: int) -> ColumnElement[bool]:
    mine = EmployerTakeover.employer_id == employer_id
    return mine & (EmployerTakeover.state == TakeoverState.WAITING)


def waiting(session: Session, employer_id: int) -> EmployerTakeover | None:
    """Return what waits for a decision about an employer's accounts."""
    return session.scalar(
        select(EmployerTakeover)
        .where(_waits(employer_id))
        .execution_options(populate_existing=True)
    )


def of_school(session: Session, school_id: int) -> Sequence[EmployerTakeover]:
    """Return what waits for a school, oldest first."""
    wanted = (
        select(EmployerTakeover)
        .join(Employer, Employer.id == EmployerTakeover.employer_id)
        .where(Employer.school_id == school_id, EmployerTakeover.state == TakeoverState.WAITING)
        .options(joinedload(EmployerTakeover.employer))
        .order_by(EmployerTakeover.id)
    )
    return session.scalars(wanted).all()


def waiting_for_school(school_id: int) -> Counting:
    """Return the query of what waits for a school."""
    return Counting(_FOR_SCHOOL, {_SCHOOL.key: school_id})


_SCHOOL: BindParameter[int] = bindparam("of_school", type_=BigId)
_FOR_SCHOOL: Query = (
    select(*columns(EmployerTakeover.asked_at))
    .join(Employer, Employer.id == EmployerTakeover.employer_id)
    .where(Employer.school_id == _SCHOOL, EmployerTakeover.state == TakeoverState.WAITING)
)


def object_to(session: Session, staff: Staff, why: str, at: datetime) -> None:
    """Say as a manager why it should not be; the school reads it.

    Raises NotFound where nothing waits, and RuleError `reason_missing`.
    """
    assert staff.employer_id is not None, "the door lets in nobody else"
    reason = written_reason(why, "请写明异议的理由，审核的学校会看到。")
    said = {"objection": reason, "objected_at": at, "objected_by": staff.id}
    mine = update(EmployerTakeover).where(_waits(staff.employer_id)).values(said)
    done = mine.returning(EmployerTakeover.id).execution_options(synchronize_session=False)
    if session.scalar(done) is None:
        raise NotFound("变更管理员的申请")
    employer = session.get_one(Employer, staff.employer_id)
    _note(session, staff.actor, "takeover_objected", employer, at)


def grant(session: Session, staff: Staff, found: EmployerTakeover, at: datetime) -> Staff:
    """Agree as the school: make the account, and end those that managed before.

    Raises RuleError `too_early`, `decided_already`, or `login_taken`.
    """
    if at < found.passable_from:
        day = qualified.day_of(found.passable_from)
        raise RuleError("too_early", f"须给原管理员三天时间提出异议，{day}起可以办理。")
    _decide(session, staff, found, TakeoverEvent.GRANT, "", at)
    before = employer_people.managers(session, found.employer_id)
    new = NewStaff(found.login, found.name, Role.EMPLOYER, employer_id=found.employer_id)
    made = add_staff(session, new, found.password_hash, at)
    for each in before:
        members.disable(session, session.get_one(Staff, each))
    _note(session, staff.actor, "takeover_granted", found.employer, at, staff.school_id)
    return made


def decline(
    session: Session, staff: Staff, found: EmployerTakeover, why: str, at: datetime
) -> None:
    """Refuse as the school, with a reason; raises RuleError `reason_missing`, `decided_already`."""
    reason = written_reason(why, "请写明不同意的原因。")
    _decide(session, staff, found, TakeoverEvent.DECLINE, reason, at)
    kind, details = NoticeKind.TAKEOVER_DECLINED, {"name": found.name}
    qualified.tell_managers(session, [found.employer_id], kind, details, at)
    _note(session, staff.actor, "takeover_declined", found.employer, at, staff.school_id)


def _decide(
    session: Session,
    staff: Staff,
    found: EmployerTakeover,
    event: TakeoverEvent,
    reason: str,
    at: datetime,
) -> None:
    values = {"decided_at": at, "decided_by": staff.id, "reason": reason}
    mine = EmployerTakeover.id == found.id
    if not move(session, TAKEOVER, EmployerTakeover.state, event, mine, **values):
        raise RuleError("decided_already", "这份申请已由他人办理，请刷新后查看。")


def find(session: Session, school_id: int, key: str) -> EmployerTakeover:
    """Return a take-over that a school decides about; raise NotFound for others."""
    found = session.scalar(
        select(EmployerTakeover)
        .join(Employer, Employer.id == EmployerTakeover.employer_id)
        .where(Employer.school_id == school_id, EmployerTakeover.key == key)
        .options(joinedload(EmployerTakeover.employer))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("变更管理员的申请")
    return found


def letter(
    session: Session, vault: Vault, staff: Staff, found: EmployerTakeover, at: datetime
) -> EvidenceDocument:
    """Return the letter by which somebody asks, and keep that it was looked at."""
    stored = files.find(session, found.employer.school_id, found.letter_file_id)
    if stored is None:
        raise NotFound("文件")
    _note(session, staff.actor, "papers_opened", found.employer, at)
    return EvidenceDocument(stored.name, stored.media_type, files.opened(vault, stored))


def _note(
    session: Session,
    actor: str,
    action: str,
    employer: Employer,
    at: datetime,
    school_id: int | None = None,
) -> None:
    about = f"employer:{employer.key}"
    audit.note(session, AuditRecord(actor, action, about, school_id or employer.school_id), at)
