"""Which offices saw a graduate's data or changed it, as she herself may read it.

The office is named, not the clerk: whom to ask is the office, and its log knows who it was
(docs/decisions/0036-her-rights.md).
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from registry.accounts.audit_log import reading
from registry.accounts.audit_log.reading import Sight
from registry.accounts.audit_log.words import WORDS
from registry.accounts.tables import Role
from registry.record.tables import Graduate

OFFICES = {
    Role.SCHOOL: "学校就业指导中心",
    Role.DEPARTMENT: "院系",
    Role.COUNSELLOR: "辅导员",
    Role.PROVINCE: "省级就业工作部门",
    Role.OPERATOR: "平台运维",
    Role.RECEIVER: "接收单位",
    Role.EMPLOYER: "用人单位",
    Role.MINISTRY: "教育部",
}


class OfficeSight(NamedTuple):
    """Something an office did with her record, or a list that she stood in."""

    id: int
    at: datetime
    office: str
    what: str


def of_graduate(
    session: Session, graduate: Graduate, limit: int, before: int | None = None
) -> list[OfficeSight]:
    """Return what offices did with a graduate's record, newest first; `before` a row's id."""
    found = reading.sights(session, graduate.id, graduate.key, before, limit)
    return [
        OfficeSight(
            each.id,
            each.at,
            _office(each),
            WORDS.get(each.action, "办理了相关业务"),
        )
        for each in found
    ]


def _office(sight: Sight) -> str:
    if not sight.role:
        return "已停用的账号"
    role = Role(sight.role)
    own = {Role.DEPARTMENT: sight.department, Role.EMPLOYER: sight.employer}.get(role)
    return own or OFFICES[role]
