"""An account as the audit log (操作日志) says it: what it was made with, before and after."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.school_tables import Department
from registry.accounts.tables import ROLE_TITLES, Role, Staff
from registry.base.clock import SHANGHAI

TITLES = {
    "name": "姓名",
    "login": "登录名",
    "work_number": "工号",
    "role": "身份",
    "department": "院系",
    "active": "可登录",
    "read_only": "只读",
    "may_export": "可导出",
    "first_password": "初始密码有效期至",
}


def of(session: Session, staff: Staff) -> dict[str, Any]:
    """Return what there is to say of an account, by the names of `TITLES`."""
    until = staff.first_password_until
    department = session.get(Department, staff.department_id) if staff.department_id else None
    return {
        "name": staff.name,
        "login": staff.login,
        "work_number": staff.work_number,
        "role": ROLE_TITLES[Role(staff.role)],
        "department": department.name if department else None,
        "active": staff.active,
        "read_only": staff.read_only,
        "may_export": staff.may_export,
        "first_password": f"{until.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if until else None,
    }


def changes(session: Session, before: Mapping[str, Any], staff: Staff) -> list[dict[str, Any]]:
    """Return what is other than before, for `details["changes"]`; all of a new account from {}."""
    return audit.changes(TITLES, before, of(session, staff))
