"""The graduate whom an employer names: nobody is listed, searched or guessed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from registry.accounts import attempts
from registry.accounts.attempts import Limit, Subject
from registry.accounts.school_tables import School
from registry.accounts.tables import Staff
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.base.text import compared_name, folded_number
from registry.record.scope import not_ended
from registry.record.tables import Graduate
from registry.signing.states import QualificationState
from registry.signing.tables import Qualification

PURPOSE = "invite"
OF_EMPLOYER = Limit(free=10, longest=timedelta(minutes=30))
"""Graduates named wrongly by one employer: more than anybody mistypes."""
OF_NUMBER = Limit(free=5, longest=timedelta(minutes=15))
"""Wrong names for one student number, whoever asks."""


@dataclass(frozen=True)
class Addressee:
    """The graduate as an employer names her: all three have to be right."""

    school: str
    """Key of a school that lets the employer invite."""
    name: str
    student_number: str


def find_graduate(
    session: Session, vault: Vault, staff: Staff, named: Addressee, at: datetime
) -> Graduate | RuleError:
    """Return the graduate who is named, with school and department, or a refusal as a value.

    A refusal is a value since its count has to be kept: `graduate_not_found`, the same whatever was
    wrong, or `too_many_attempts`.
    """
    number = folded_number(named.student_number)
    subjects = _subjects(vault, staff, named.school, number)
    until = attempts.wait_until(session, PURPOSE, subjects, at)
    if until is not None:
        seconds = ceil((until - at).total_seconds())
        return RuleError("too_many_attempts", f"查找次数过多，请 {seconds} 秒后再试。")
    found = _named(session, staff, named, number)
    if found is None:
        attempts.count_failure(session, PURPOSE, subjects, at)
        sentence = "没有找到这位毕业生。请与本人核对学校、姓名和学号，三项须完全一致。"
        return RuleError("graduate_not_found", sentence, "student_number")
    return found


def _subjects(vault: Vault, staff: Staff, school: str, number: str) -> list[Subject]:
    employer = vault.index("attempt employer", str(staff.employer_id))
    record = vault.index("attempt student number", f"{school}\0{number}")
    return [Subject(employer, OF_EMPLOYER), Subject(record, OF_NUMBER)]


def _named(session: Session, staff: Staff, named: Addressee, number: str) -> Graduate | None:
    """Return the newest record that all three name, at a school where the employer may invite."""
    rows = session.scalars(
        select(Graduate)
        .join(School, School.id == Graduate.school_id)
        .join(Qualification, Qualification.school_id == School.id)
        .where(
            School.key == named.school,
            Qualification.employer_id == staff.employer_id,
            Qualification.state == QualificationState.QUALIFIED,
            Graduate.student_number == number,
            not_ended(),
        )
        .order_by(Graduate.year.desc())
        .options(joinedload(Graduate.school), joinedload(Graduate.department))
    )
    wanted = compared_name(named.name)
    return next((each for each in rows if compared_name(each.name) == wanted), None)
