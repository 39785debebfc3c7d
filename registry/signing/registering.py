"""An employer registers by itself: its first account can do nothing yet but hand in papers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role, Staff
from registry.base.database import insert_new
from registry.base.errors import RuleError
from registry.codes import regions
from registry.record.validation import Problem, Refused
from registry.signing import employers
from registry.signing.states import QualificationState
from registry.signing.tables import Qualification


@dataclass(frozen=True)
class Registrant:
    """Who registers an employer, as they wrote it down; the phone was proven before."""

    school: str = ""
    """Key of the school it signs at first, which looks after its accounts."""
    name: str = ""
    login: str = ""
    password: str = ""
    unit: Mapping[str, object] = field(default_factory=dict)


def register(session: Session, wanted: Registrant, at: datetime) -> Staff:
    """Register an employer, and return its first account, which manages and signs.

    Raises Refused with what is wrong with the employer's data, `employer_known` where the code is
    registered already, `school_missing`, or what `create_staff` raises.
    """
    school = _school(session, wanted.school)
    values = employers.checked(wanted.unit)
    row = insert_new(session, Employer).values(**values, school_id=school.id, created_at=at)
    made = session.scalar(row.returning(Employer))
    if made is None:
        sentence = "该统一社会信用代码已注册，请由本单位管理员新增账号，或申请变更管理员。"
        raise RuleError("employer_known", sentence, "unit_code")
    new = NewStaff(wanted.login, wanted.name, Role.EMPLOYER, employer_id=made.id)
    staff = create_staff(session, new, wanted.password, at)
    asked = {"employer_id": made.id, "school_id": school.id, "state": QualificationState.APPLIED}
    session.add(Qualification(**asked, created_at=at, updated_at=at))
    audit.note(session, audit.by_staff(staff, "employer_registered", f"employer:{made.key}"), at)
    session.flush()
    return staff


def schools(session: Session) -> Mapping[str, Sequence[School]]:
    """Return the schools at which employers sign here, under the name of their province."""
    wanted = select(School).where(School.correction_system.is_(None))
    found = session.scalars(wanted.order_by(School.province, School.code)).all()
    return by_province(found)


def by_province(found: Sequence[School]) -> Mapping[str, Sequence[School]]:
    """Return schools, which come in the order of provinces, under their province's name."""
    groups = groupby(found, lambda each: each.province)
    return {regions.region_name(code) if code else "其他": list(each) for code, each in groups}


def _school(session: Session, key: str) -> School:
    found = session.scalar(
        select(School).where(School.key == key, School.correction_system.is_(None))
    )
    if found is None:
        raise Refused([Problem("school", "missing", "请选择学校。")])
    return found
