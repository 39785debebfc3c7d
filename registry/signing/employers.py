"""Employers: registered and qualified by a school (签约准入), suspended and let in again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from registry.accounts import audit
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Role, Staff
from registry.base.database import insert_new
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.base.paging import Page, Place, nearest, turned
from registry.base.text import compared
from registry.base.written_reason import written_reason
from registry.record import validation
from registry.record.field_values import parsed
from registry.record.fields import REGISTRATION
from registry.record.validation import Problem, Refused
from registry.signing import employer_stops, qualified
from registry.signing.employer_papers import ProvinceSigning
from registry.signing.states import QUALIFICATION, QualificationEvent, QualificationState
from registry.signing.tables import Qualification
from registry.signing.terms import UNIT, TermLine, unit_lines

REQUIRED = tuple(name for name in UNIT if name != "unit_address")


@dataclass(frozen=True)
class ListedEmployer:
    """An employer in a school's list."""

    key: str
    unit_name: str
    unit_code: str
    unit_contact: str
    state: QualificationState


def read(typed: Mapping[str, object]) -> dict[str, str]:
    """Return what a form says of an employer, as clean text."""
    return validation.cleaned({name: typed.get(name, "") for name in UNIT})


def checked(typed: Mapping[str, object]) -> dict[str, str]:
    """Return an employer's columns as they are kept; raise Refused with every problem."""
    said, found, problems = read(typed), dict[str, str](), list[Problem]()
    for name in UNIT:
        try:
            found[name] = _checked(name, said.get(name, ""))
        except RuleError as refusal:
            problems.append(Problem(name, refusal.code, refusal.sentence))
    if problems:
        raise Refused(problems)
    return found


def _checked(name: str, text: str) -> str:
    if not text and name in REQUIRED:
        verb = "选择" if REGISTRATION[name].chosen else "填写"
        raise RuleError("missing", f"请{verb}“{REGISTRATION[name].title}”。")
    return str(parsed(REGISTRATION[name], text)) if text else ""


def register(session: Session, staff: Staff, typed: Mapping[str, object], at: datetime) -> Employer:
    """Register an employer and let it invite graduates of the school of `staff`.

    One that another school has registered is the same: what stands there of it stays. Raises
    Refused, or RuleError `employer_named_otherwise`, `employer_known` or `province_qualifies`.
    """
    refuse_qualifying(session, session.get_one(School, staff.school_id))
    values = checked(typed)
    row = {**values, "school_id": staff.school_id, "created_at": at}
    session.execute(insert_new(session, Employer).values(row))
    found = session.scalars(select(Employer).where(Employer.unit_code == values["unit_code"])).one()
    if compared(found.unit_name) != compared(values["unit_name"]):
        sentence = f"这个统一社会信用代码已登记为“{found.unit_name}”，请与营业执照核对单位名称。"
        raise RuleError("employer_named_otherwise", sentence, "unit_name")
    _qualify(session, staff, found, at)
    return found


def _qualify(session: Session, staff: Staff, employer: Employer, at: datetime) -> None:
    """Qualify an employer whose papers a school has seen in its office, for a year."""
    row = insert_new(session, Qualification).values(
        employer_id=employer.id,
        school_id=staff.school_id,
        state=QualificationState.QUALIFIED,
        valid_until=at + qualified.VALID,
        created_at=at,
        updated_at=at,
    )
    if session.scalar(row.returning(Qualification.id)) is None:
        raise RuleError("employer_known", "这个单位已在本校登记，请在列表中查找。", "unit_code")
    _note(session, staff, "employer_qualified", employer, at)


def refuse_qualifying(session: Session, school: School) -> None:
    """Raise RuleError `province_qualifies` for a school whose province decides about employers."""
    theirs = ProvinceSigning.province == school.province
    if session.scalar(select(ProvinceSigning.qualifies).where(theirs)):
        sentence = "本省用人单位由省级就业工作部门审核，请单位自行注册并提交材料。"
        raise RuleError("province_qualifies", sentence)


def page(session: Session, school_id: int, place: Place) -> Page[ListedEmployer]:
    """Return the employers a school has qualified, in that order."""
    mine = Qualification.school_id == school_id
    start = (
        select(Qualification.id)
        .join(Employer, Employer.id == Qualification.employer_id)
        .where(mine, Employer.key == (place.before or place.after))
    )
    wanted = (
        select(Employer, Qualification.state)
        .join(Qualification, Qualification.employer_id == Employer.id)
        .where(mine)
    )
    rows = session.execute(nearest(wanted, Qualification.id, start.scalar_subquery(), place))
    return turned((_listed(employer, state) for employer, state in rows), place)


def _listed(employer: Employer, state: str) -> ListedEmployer:
    return ListedEmployer(
        *(employer.key, employer.unit_name, employer.unit_code, employer.unit_contact),
        QualificationState(state),
    )


def find(session: Session, school_id: int, key: str) -> Qualification:
    """Return what a school lets an employer do, with the employer; raise NotFound for others."""
    found = session.scalar(
        select(Qualification)
        .join(Employer, Employer.id == Qualification.employer_id)
        .where(Qualification.school_id == school_id, Employer.key == key)
        .options(joinedload(Qualification.employer))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("用人单位")
    return found


def named(session: Session, unit_code: str) -> str:
    """Return the name by which a credit code is registered here; empty where it is not."""
    return session.scalar(select(Employer.unit_name).where(Employer.unit_code == unit_code)) or ""


def suspend(session: Session, staff: Staff, found: Qualification, why: str, at: datetime) -> bool:
    """Let an employer invite nobody of the school any more, and stop what waits for an answer.

    Say whether it was let before. Raises RuleError `reason_missing` or `reason_too_long`.
    """
    reason = written_reason(why, "请写明暂停的原因，单位会看到。")
    moved = _move(session, QualificationEvent.SUSPEND, found, at, reason=reason)
    if moved:
        here, why = School.id == found.school_id, employer_stops.SUSPENDED
        employer_stops.stop_open(session, found.employer_id, here, why, at)
        _note(session, staff, "employer_suspended", found.employer, at, {"reason": reason})
        _tell(session, found, NoticeKind.SUSPENDED, reason, at)
    return moved


def resume(session: Session, staff: Staff, found: Qualification, at: datetime) -> bool:
    """Let an employer invite again; say whether it was suspended."""
    moved = _move(session, QualificationEvent.RESUME, found, at, reason="")
    if moved:
        _note(session, staff, "employer_resumed", found.employer, at)
        _tell(session, found, NoticeKind.RESUMED, "", at)
    return moved


def _tell(
    session: Session, found: Qualification, kind: NoticeKind, reason: str, at: datetime
) -> None:
    school = session.get_one(School, found.school_id)
    details = {"school": school.name, "reason": reason}
    qualified.tell_managers(session, [found.employer_id], kind, details, at)


def _move(
    session: Session, event: QualificationEvent, found: Qualification, at: datetime, **values: str
) -> bool:
    those = Qualification.id == found.id
    column = Qualification.state
    return bool(move(session, QUALIFICATION, column, event, those, updated_at=at, **values))


def accounts(session: Session, employer: Employer) -> Sequence[Staff]:
    """Return the accounts of an employer, in the order they were made."""
    wanted = select(Staff).where(Staff.role == Role.EMPLOYER, Staff.employer_id == employer.id)
    return session.scalars(wanted.order_by(Staff.id)).all()


def account(session: Session, employer: Employer, key: str) -> Staff:
    """Return one account of an employer; raise NotFound for others."""
    found = next((each for each in accounts(session, employer) if each.key == key), None)
    if found is None:
        raise NotFound("账号")
    return found


def lines(employer: Employer) -> list[TermLine]:
    """Return what is known of an employer, as people read it."""
    return unit_lines({name: getattr(employer, name) for name in UNIT})


def schools_of(session: Session, employer_id: int, at: datetime) -> Sequence[School]:
    """Return the schools whose graduates an employer may invite now, by code."""
    wanted = select(School).join(Qualification, Qualification.school_id == School.id)
    mine = (Qualification.employer_id == employer_id, qualified.may_sign(at))
    return session.scalars(wanted.where(*mine).order_by(School.code)).all()


def _note(
    session: Session,
    staff: Staff,
    action: str,
    employer: Employer,
    at: datetime,
    details: Mapping[str, str] | None = None,
) -> None:
    record = audit.by_staff(staff, action, f"employer:{employer.key}", details)
    audit.note(session, record, at)
