"""Who looks after whose account: schools, provinces and employers their own, operators the rest."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BindParameter, ColumnElement, bindparam, or_, select, update
from sqlalchemy.orm import Session, joinedload

from registry.accounts import passwords, sessions
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import Department, School
from registry.accounts.staff import NewStaff, create_staff, find_department
from registry.accounts.tables import Role, Staff
from registry.base.counting import Counting, Query, columns
from registry.base.database import BigId
from registry.base.errors import NotFound, RuleError
from registry.base.paging import Page, Place, nearest, turned

_CIRCLES: dict[str, tuple[Role, ...]] = {
    Role.SCHOOL: (Role.SCHOOL, Role.DEPARTMENT, Role.COUNSELLOR),
    Role.PROVINCE: (Role.PROVINCE,),
    Role.OPERATOR: (Role.OPERATOR, Role.RECEIVER, Role.MINISTRY),
    Role.EMPLOYER: (Role.EMPLOYER,),
}
"""Role -> whom they look after, in their own school, province or employer. An operator sees no
school, so none of its accounts either."""


class Member(NamedTuple):
    """An account in the list."""

    key: str
    name: str
    login: str
    role: str
    department: str | None
    active: bool
    first_password_until: datetime | None
    read_only: bool
    may_export: bool
    manages: bool
    may_sign: bool


@dataclass(frozen=True)
class MemberDetails:
    """A member as somebody who looks after accounts writes one down."""

    role: str = ""
    department: str = ""
    """Key of a department of one's own school; empty for none."""
    name: str = ""
    login: str = ""
    manages: bool = False
    """Of an employer, as of `Staff`."""
    may_sign: bool = False


def others(me: Staff) -> Counting:
    """Return the query of how many others of one's school have an account that is open."""
    return Counting(_OTHERS, {_SCHOOL.key: me.school_id, _ME.key: me.id})


_SCHOOL: BindParameter[int] = bindparam("of_school", type_=BigId)
_ME: BindParameter[int] = bindparam("but_staff", type_=BigId)
_OTHERS: Query = select(*columns()).where(Staff.school_id == _SCHOOL, Staff.id != _ME, Staff.active)


def looked_after(me: Staff) -> tuple[Role, ...]:
    """Return the roles that somebody looks after and may give; none for most."""
    return _CIRCLES.get(me.role, ()) if me.manages else ()


def create(
    session: Session, me: Staff, wanted: MemberDetails, password: str, at: datetime
) -> Staff:
    """Add somebody to look after, with a first password.

    Raises RuleError `role_missing`, `no_such_department`, and what `create_staff` raises.
    """
    if wanted.role not in looked_after(me):
        raise RuleError("role_missing", "请选择这位工作人员的身份。", "role")
    department = None
    if wanted.department:
        department = find_department(session, me.school_id, key=wanted.department).id
    new = NewStaff(
        *(wanted.login, wanted.name, Role(wanted.role), me.school_id),
        *(department, me.province, me.employer_id),
    )
    made = create_staff(session, new, password, at)
    made.first_password_until = at + passwords.GOOD_FOR
    if made.role == Role.EMPLOYER:
        made.manages, made.may_sign = wanted.manages, wanted.may_sign
    return find(session, me, made.key)


def page(session: Session, me: Staff, place: Place) -> Page[Member]:
    """Return the accounts somebody looks after, in the order they were made."""
    mine = circle(me)
    start = select(Staff.id).where(mine, Staff.key == (place.before or place.after))
    columns = (Staff.key, Staff.name, Staff.login, Staff.role, Department.name)
    rights = (Staff.read_only, Staff.may_export, Staff.manages, Staff.may_sign)
    wanted = select(*columns, Staff.active, Staff.first_password_until, *rights).where(mine)
    wanted = wanted.outerjoin(Department, Department.id == Staff.department_id)
    found = session.execute(nearest(wanted, Staff.id, start.scalar_subquery(), place))
    return turned((Member(*row) for row in found), place)


def find(session: Session, me: Staff, key: str) -> Staff:
    """Return an account somebody looks after; raise NotFound for others'."""
    wanted = select(Staff).where(circle(me), Staff.key == key)
    found = session.scalar(wanted.options(joinedload(Staff.department)))
    if found is None:
        raise NotFound("账号")
    return found


def another(session: Session, me: Staff, key: str) -> Staff:
    """Return an account to do something to; raise RuleError `own_account`, NotFound."""
    member = find(session, me, key)
    if member.id == me.id:
        sentence = "这是您自己的账号：密码请在“我的账号”里修改，停用请由同事办理。"
        raise RuleError("own_account", sentence)
    return member


def disable(session: Session, member: Staff) -> bool:
    """Let an account sign in no more, and end what it has open; say whether it was good before."""
    disabled = _become(session, member, active=False)
    sessions.end_all_of_staff(session, member.id)  # those too that started just before
    return disabled


def enable(session: Session, member: Staff) -> bool:
    """Let an account sign in again with the password it had; say whether it was disabled."""
    return _become(session, member, active=True)


LIMITED = (Role.SCHOOL, Role.DEPARTMENT, Role.COUNSELLOR, Role.PROVINCE)
"""Roles whose accounts can be limited: the others have no lists, or nothing else."""


def limit(session: Session, member: Staff, *, read_only: bool, may_export: bool) -> bool:
    """Set what an account may not do; say whether that changed anything.

    Raises RuleError `role_not_limited` for a role of which no account is limited.
    """
    if member.role not in LIMITED:
        raise RuleError("role_not_limited", "这种身份的账号不能限制权限。")
    before = (member.read_only, member.may_export)
    member.read_only, member.may_export = read_only, may_export
    session.flush()
    return before != (read_only, may_export)


def caretakers(session: Session, member: Staff, but: Collection[int] = ()) -> list[int]:
    """Return the ids of the accounts that look after one: never itself, nor any of `but`.

    Where nobody else in its place does, the next above: an employer's school, a school's province,
    then the operators.
    """
    for circle_of in (_own_place, _above, _operators):
        wanted = select(Staff.id).where(
            circle_of(member), Staff.active, Staff.id.not_in({member.id, *but})
        )
        if found := list(session.scalars(wanted.order_by(Staff.id))):
            return found
    return []


def _own_place(member: Staff) -> ColumnElement[bool]:
    looking = [role for role, circle in _CIRCLES.items() if member.role in circle]
    return Staff.role.in_(looking) & Staff.manages & _same_place(member)


def _above(member: Staff) -> ColumnElement[bool]:
    registered_by = select(Employer.school_id).where(Employer.id == member.employer_id)
    province = select(School.province).where(School.id == member.school_id)
    return or_(
        (Staff.role == Role.SCHOOL) & Staff.school_id.in_(registered_by),
        (Staff.role == Role.PROVINCE) & Staff.province.in_(province),
    )


def _operators(_member: Staff) -> ColumnElement[bool]:
    return Staff.role == Role.OPERATOR


MOVES = {"disable": disable, "enable": enable}
"""What can be done to an account, by the word of addresses, commands and the audit log."""


def _become(session: Session, member: Staff, *, active: bool) -> bool:
    moved = session.scalars(
        update(Staff)
        .where(Staff.id == member.id, Staff.active.is_(not active))
        .values(active=active)
        .returning(Staff.id)
    )
    return bool(moved.all())


def circle(me: Staff) -> ColumnElement[bool]:
    """Return which accounts somebody looks after."""
    return Staff.role.in_(looked_after(me)) & _same_place(me)


def _same_place(me: Staff) -> ColumnElement[bool]:
    return (
        Staff.school_id.is_not_distinct_from(me.school_id)
        & Staff.province.is_not_distinct_from(me.province)
        & Staff.employer_id.is_not_distinct_from(me.employer_id)
    )
