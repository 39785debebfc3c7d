"""The first account of a school, a province or an employer, made by who looks after it.

An operator sees no school's accounts, a province none of its schools'; each helps where there is
none that can sign in and make others.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from registry.accounts import passwords
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role, Staff
from registry.base.errors import RuleError
from registry.codes import regions


class ListedProvince(NamedTuple):
    """A province, how many schools of it take part, and how many accounts it has."""

    code: str
    name: str
    schools: int
    staff: int
    """Accounts that can sign in."""


def has_one(session: Session, new: NewStaff) -> bool:
    """Say whether the place of a new account has one of that role that can sign in."""
    wanted = select(Staff.id).where(
        Staff.role == new.role,
        Staff.school_id.is_not_distinct_from(new.school_id),
        Staff.province.is_not_distinct_from(new.province),
        Staff.employer_id.is_not_distinct_from(new.employer_id),
        Staff.active.is_(True),
    )
    return session.scalar(wanted.limit(1)) is not None


def create(session: Session, new: NewStaff, password: str, at: datetime) -> Staff:
    """Add the first account of a place, with a first password.

    Raises RuleError `has_account` where there is one, and what `create_staff` raises.
    """
    _take_turns(session, new)
    if has_one(session, new):
        sentence = "已有可以登录的管理账号，其他账号请由其自行新增。"
        raise RuleError("has_account", sentence)
    made = create_staff(session, new, password, at)
    made.first_password_until = at + passwords.GOOD_FOR
    session.flush()
    return made


def _take_turns(session: Session, new: NewStaff) -> None:
    """Let two who make the first account of one place at once come one after the other."""
    if new.school_id is not None:
        session.get_one(School, new.school_id, with_for_update={"key_share": True})
    if new.employer_id is not None:
        session.get_one(Employer, new.employer_id, with_for_update={"key_share": True})


def schools_without(session: Session, province: str) -> Sequence[School]:
    """Return the schools of a province that have no account that makes others, by code."""
    wanted = select(School).where(School.province == province, ~_has_account())
    return session.scalars(wanted.order_by(School.code)).all()


def _has_account() -> ColumnElement[bool]:
    theirs = select(Staff.id).where(
        Staff.school_id == School.id, Staff.role == Role.SCHOOL, Staff.active.is_(True)
    )
    return theirs.exists()


def provinces(session: Session) -> list[ListedProvince]:
    """Return all provinces, by code."""
    counted = select(School.province, func.count()).group_by(School.province)
    schools = dict(session.execute(counted).all())
    active = (Staff.role == Role.PROVINCE, Staff.active.is_(True))
    accounts = select(Staff.province, func.count()).where(*active).group_by(Staff.province)
    staff = dict(session.execute(accounts).all())
    return [
        ListedProvince(code, name, schools.get(code, 0), staff.get(code, 0))
        for code, name in sorted(_provinces().items())
    ]


def _provinces() -> dict[str, str]:
    return {f"{digits}0000": name for digits, name in regions.provinces().items()}
