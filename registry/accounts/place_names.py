"""Schools and departments get another name."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department, School
from registry.base.errors import RuleError
from registry.base.text import clean

LONGEST = 80
"""Characters of the name of a school or department."""


def rename_school(session: Session, school: School, name: str) -> str:
    """Give a school another name; return the one it had.

    Raises RuleError `name_form`, `name_unchanged` or `name_taken`.
    """
    wanted = _changed(name, school.name, "学校名称")
    if session.scalar(select(School.id).where(School.name == wanted)) is not None:
        raise RuleError("name_taken", "已有一所学校叫这个名称，请核对。", "name")
    before, school.name = school.name, wanted
    session.flush()
    return before


def rename_department(session: Session, department: Department, name: str) -> str:
    """Give a department another name; return the one it had.

    Raises RuleError `name_form`, `name_unchanged`, or `name_taken` where the school has another
    department of that name: the two can be merged.
    """
    wanted = _changed(name, department.name, "院系名称")
    same = select(Department.id).where(
        Department.school_id == department.school_id, Department.name == wanted
    )
    if session.scalar(same) is not None:
        sentence = f"已有院系“{wanted}”。如两个院系已合并，请使用“合并院系”。"
        raise RuleError("name_taken", sentence, "name")
    before, department.name = department.name, wanted
    session.flush()
    return before


def checked_name(name: str, title: str) -> str:
    """Return the name of a school or department as it is kept; raise RuleError `name_form`."""
    wanted = clean(name)
    if not wanted:
        raise RuleError("name_form", f"请填写{title}。", "name")
    if len(wanted) > LONGEST:
        raise RuleError("name_form", f"{title}最多 {LONGEST} 个字。", "name")
    return wanted


def _changed(name: str, before: str, title: str) -> str:
    wanted = checked_name(name, title)
    if wanted == before:
        raise RuleError("name_unchanged", "与现在的名称相同，没有改动。", "name")
    return wanted
