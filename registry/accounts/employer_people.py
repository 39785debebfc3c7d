"""What the people of an employer may do: manage its accounts and papers, sign, or only look."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry.accounts.employer_tables import Employer
from registry.accounts.tables import Role, Staff
from registry.base.errors import NotFound, RuleError

DUTIES = {"manages": "管理员", "may_sign": "签约经办人"}
"""Columns of an account, and what somebody with them is called; with neither: 查看人."""
READER = "查看人"


def duties(member: Staff) -> dict[str, bool]:
    """Return what an account of an employer may do."""
    return {name: getattr(member, name) for name in DUTIES}


def title(member: Staff) -> str:
    """Return what somebody of an employer is called by what they may do."""
    return "、".join(said for name, said in DUTIES.items() if getattr(member, name)) or READER


def set_duties(session: Session, member: Staff, *, manages: bool, may_sign: bool) -> bool:
    """Set what an account of an employer may do; say whether that changed anything.

    Raises NotFound for an account of nobody's employer, and what `keep_a_manager` raises.
    """
    if member.role != Role.EMPLOYER:
        raise NotFound("单位账号")
    before = duties(member)
    member.manages, member.may_sign = manages, may_sign
    keep_a_manager(session, member)
    return before != duties(member)


def keep_a_manager(session: Session, member: Staff) -> None:
    """Raise RuleError `last_manager` where an employer has nobody left who manages its accounts.

    Asked after what was done to one of them: two managers who end each other at once come one after
    the other, and the second is refused. For other accounts nothing is asked.
    """
    if member.employer_id is None:
        return
    session.flush()
    session.get_one(Employer, member.employer_id, with_for_update={"key_share": True})
    if not managers(session, member.employer_id):
        raise RuleError("last_manager", "单位至少要有一位管理员，请先指定另一位管理员。")


def managers(session: Session, employer_id: int) -> Sequence[int]:
    """Return who manages the accounts of an employer."""
    return _who(session, employer_id, Staff.manages.is_(True))


def signers(session: Session, employer_id: int) -> Sequence[int]:
    """Return who signs for an employer."""
    return _who(session, employer_id, Staff.may_sign.is_(True))


def _who(session: Session, employer_id: int, duty: ColumnElement[bool]) -> Sequence[int]:
    theirs = (Staff.employer_id == employer_id, Staff.active.is_(True))
    return session.scalars(select(Staff.id).where(*theirs, duty).order_by(Staff.id)).all()
