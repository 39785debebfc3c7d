"""Who of a school's staff a campus (统一身份认证) has signed in: by 工号, and by nothing it says.

The first time the account's own password says that it is theirs; from then on the subject of the
campus has to be the one that was bound, and the number has to agree. Where more than one account,
or none, answers to that, nobody is signed in.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, select, update
from sqlalchemy.orm import Session

from registry.accounts.campus_tables import ISSUER_LENGTH, SUBJECT_LENGTH, CampusAccount
from registry.accounts.tables import WORK_NUMBER_LENGTH, Staff
from registry.base.database import insert_new
from registry.base.errors import RuleError
from registry.base.text import clean

ASK = "请联系本校管理员核对，或用登录名和密码登录。"
SENTENCES = {
    "campus_unknown": f"统一身份认证已通过，但本系统没有登记这个工号的账号。{ASK}",
    "campus_ambiguous": f"统一身份认证已通过，但这个工号登记在多个账号上，无法确定是哪一个。{ASK}",
    "campus_changed": f"统一身份认证返回的工号与账号登记的工号不一致。{ASK}",
    "campus_other": f"这个工号的账号已绑定另一个统一身份认证用户。{ASK}",
    "campus_too_long": f"统一身份认证返回的内容无法识别。{ASK}",
}


@dataclass(frozen=True)
class CampusPerson:
    """Whom a campus has signed in, of which school."""

    school_id: int
    issuer: str
    subject: str = field(repr=False)
    number: str = field(repr=False)


@dataclass(frozen=True)
class CampusMatch:
    """The account that a number is of; bound to the subject already or not yet."""

    staff: Staff
    is_bound: bool


def find(session: Session, person: CampusPerson) -> CampusMatch | RuleError:
    """Return whose account it is, or why nobody is signed in: a code of `SENTENCES`."""
    if len(person.subject) > SUBJECT_LENGTH or len(person.issuer) > ISSUER_LENGTH:
        return _refuse("campus_too_long")
    bound = session.scalars(_of_school(person).where(_is_bound(person))).all()
    numbered = session.scalars(_of_school(person).where(_has_number(person))).all()
    if len(bound) > 1 or len(numbered) > 1:
        return _refuse("campus_ambiguous")
    if bound:
        agrees = bound == numbered
        return CampusMatch(bound[0], is_bound=True) if agrees else _refuse("campus_changed")
    return _first_time(session, numbered[0], person) if numbered else _refuse("campus_unknown")


def _first_time(session: Session, staff: Staff, person: CampusPerson) -> CampusMatch | RuleError:
    """Return an account that no subject of this campus is bound to."""
    wanted = select(CampusAccount.id).where(
        CampusAccount.staff_id == staff.id, CampusAccount.issuer == person.issuer
    )
    if session.scalar(wanted) is not None:
        return _refuse("campus_other")
    return CampusMatch(staff, is_bound=False)


def bind(session: Session, staff: Staff, person: CampusPerson, at: datetime) -> bool:
    """Bind a subject to whose password was right; say whether no other was bound meanwhile."""
    row = {"issuer": person.issuer, "subject": person.subject, "bound_at": at, "last_used_at": at}
    made = insert_new(session, CampusAccount).values(staff_id=staff.id, **row)
    return session.scalar(made.returning(CampusAccount.id)) is not None


def note_use(session: Session, staff: Staff, person: CampusPerson, at: datetime) -> None:
    """Write down when a campus last signed somebody in."""
    mine = (CampusAccount.staff_id == staff.id) & (CampusAccount.issuer == person.issuer)
    session.execute(update(CampusAccount).where(mine).values(last_used_at=at))


def is_bound(session: Session, staff_id: int) -> bool:
    """Say whether some campus account is bound to an account."""
    wanted = select(CampusAccount.id).where(CampusAccount.staff_id == staff_id).limit(1)
    return session.scalar(wanted) is not None


def set_number(session: Session, member: Staff, written: str) -> bool:
    """Set the 工号 of somebody of a school, empty for none; say whether it is another.

    What was bound by the former is so no more. Raises RuleError `work_number_form`, or
    `work_number_taken` where another account of the school has it.
    """
    number = clean(written)
    if len(number) > WORK_NUMBER_LENGTH or not number.isprintable() or " " in number:
        sentence = f"工号最多 {WORK_NUMBER_LENGTH} 个字符，不能有空格。"
        raise RuleError("work_number_form", sentence, "work_number")
    if number == (member.work_number or ""):
        return False
    if number and session.scalar(_others_with(member, number)) is not None:
        sentence = "这个工号已登记在本校另一个账号上，请核对。"
        raise RuleError("work_number_taken", sentence, "work_number")
    member.work_number = number or None
    session.execute(delete(CampusAccount).where(CampusAccount.staff_id == member.id))
    session.flush()
    return True


def _others_with(member: Staff, number: str) -> Select[int]:
    taken = (Staff.school_id == member.school_id) & (Staff.work_number == number)
    return select(Staff.id).where(taken, Staff.id != member.id).limit(1)


def _of_school(person: CampusPerson) -> Select[Staff]:
    return select(Staff).where(Staff.school_id == person.school_id, Staff.active.is_(True))


def _is_bound(person: CampusPerson) -> ColumnElement[bool]:
    return exists().where(
        CampusAccount.staff_id == Staff.id,
        CampusAccount.issuer == person.issuer,
        CampusAccount.subject == person.subject,
    )


def _has_number(person: CampusPerson) -> ColumnElement[bool]:
    return Staff.work_number == person.number


def _refuse(code: str) -> RuleError:
    return RuleError(code, SENTENCES[code])
