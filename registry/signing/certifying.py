"""An employer's papers (资质材料), read and handed in to who decides about them.

A school decides for itself; where its province has said so, the province does for all its schools.
What is handed in is never altered: other data, another licence or letter are papers anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, joinedload

from registry.accounts import audit
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.accounts.tables import NAME_LENGTH, Staff
from registry.base import files
from registry.base.clock import SHANGHAI
from registry.base.crypto import Vault
from registry.base.database import insert_new, random_key
from registry.base.errors import RuleError
from registry.base.iso_dates import day_of
from registry.base.moves import move
from registry.base.retention import DEFAULT, Retention
from registry.base.text import clean
from registry.codes import identity, regions
from registry.record.validation import Problem, Refused
from registry.review import evidence
from registry.review.evidence import EvidenceDocument
from registry.signing import employers
from registry.signing.employer_papers import Certification, ProvinceSigning
from registry.signing.employer_states import (
    CERTIFICATION,
    CertificationEvent,
    CertificationState,
)
from registry.signing.states import QUALIFICATION, QualificationEvent, QualificationState
from registry.signing.tables import Qualification

MOST_SCHOOLS = 20
"""Schools that one employer asks at."""
LICENCE, LETTER = "licence", "letter"
FILE_TITLES = {LICENCE: "营业执照", LETTER: "签约授权书"}


@dataclass(frozen=True)
class Papers:
    """What is handed in, as it was checked; None for a file that stays what it was."""

    unit: Mapping[str, str]
    handler_name: str
    handler_phone: str
    licence_until: date | None
    letter_until: date
    licence: EvidenceDocument | None = None
    letter: EvidenceDocument | None = None


def read(
    employer: Employer,
    typed: Mapping[str, str],
    documents: Mapping[str, EvidenceDocument],
    phone: str,
    at: datetime,
) -> Papers:
    """Return what a form says; raise Refused with every problem.

    The credit code is the employer's own: another code is another employer.
    """
    problems = list[Problem]()
    unit = _unit(employer, typed, problems)
    name = clean(typed.get("handler_name", ""))
    if not 0 < len(name) <= NAME_LENGTH:
        problems.append(Problem("handler_name", "missing", "请填写经办人姓名。"))
    today = at.astimezone(SHANGHAI).date()
    letter = _day(typed, "letter_until", today, problems)
    licence = None
    if not typed.get("licence_endless"):
        licence = _day(typed, "licence_until", today, problems)
    if problems or letter is None:
        raise Refused(problems)
    given = (documents.get(LICENCE), documents.get(LETTER))
    return Papers(unit, name, phone, licence, letter, *given)


def _unit(employer: Employer, typed: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    try:
        return employers.checked({**typed, "unit_code": employer.unit_code})
    except Refused as refused:
        problems += refused.problems
    return {}


def _day(typed: Mapping[str, str], name: str, today: date, problems: list[Problem]) -> date | None:
    """Return a day that is still to come."""
    try:
        day = day_of(typed.get(name, ""))
    except ValueError:
        problems.append(Problem(name, "missing", "请选择截止日期。"))
        return None
    if day <= today:
        problems.append(Problem(name, "over", "已过期，请提供有效期内的材料。"))
        return None
    return day


@dataclass(frozen=True)
class LatestPapers:
    """How papers stand with a school or a province."""

    decider: str
    state: CertificationState
    reason: str
    submitted_at: datetime
    decided_at: datetime | None
    valid_until: datetime | None


@dataclass(frozen=True)
class _Handing:
    """Who hands papers in, for which employer, and when."""

    staff: Staff
    employer: Employer
    at: datetime


def newest(session: Session, employer_id: int) -> Certification | None:
    """Return the papers that an employer handed in last, with the employer."""
    mine = Certification.employer_id == employer_id
    wanted = select(Certification).where(mine).order_by(Certification.id.desc()).limit(1)
    return session.scalar(wanted.options(joinedload(Certification.employer)))


def latest(session: Session, employer_id: int) -> Sequence[LatestPapers]:
    """Return how the last papers stand with each who decides, newest first."""
    mine = (Certification.employer_id == employer_id,)
    last = select(func.max(Certification.id)).where(*mine)
    last = last.group_by(Certification.school_id, Certification.province)
    rows = session.execute(
        select(
            *(School.name, Certification.province, Certification.state, Certification.reason),
            *(Certification.submitted_at, Certification.decided_at, Certification.valid_until),
        )
        .outerjoin(School, School.id == Certification.school_id)
        .where(Certification.id.in_(last))
        .order_by(Certification.id.desc())
    )
    return [
        LatestPapers(
            row.name or regions.region_name(row.province or ""),
            CertificationState(row.state),
            *(row.reason, row.submitted_at, row.decided_at, row.valid_until),
        )
        for row in rows
    ]


def hand_in(
    session: Session,
    vault: Vault,
    staff: Staff,
    papers: Papers,
    at: datetime,
    keeps: Retention = DEFAULT,
) -> None:
    """Hand papers in to all who decide about the schools that the employer asked at.

    What waits already is replaced; what holds goes on until its end. Raises RuleError
    `file_missing` for a file that was never given, or `no_school`.
    """
    employer = _mine(session, staff)
    values = _kept(session, vault, employer, papers, at, keeps)
    deciders = _deciders(session, employer.id)
    if not deciders:
        raise RuleError("no_school", "请先选择要签约的学校。", "schools")
    for decider in deciders:
        _add(session, vault, _Handing(staff, employer, at), decider, values)
    asked = Qualification.employer_id == employer.id
    event = QualificationEvent.APPLY
    move(session, QUALIFICATION, Qualification.state, event, asked, updated_at=at, reason="")
    audit.note(session, audit.by_staff(staff, "papers_handed_in", f"employer:{employer.key}"), at)


def _mine(session: Session, staff: Staff) -> Employer:
    """Return one's own employer, of which no two hand in papers at once."""
    assert staff.employer_id is not None, "the door lets in nobody else"
    return session.get_one(Employer, staff.employer_id, with_for_update={"key_share": True})


def _kept(
    session: Session,
    vault: Vault,
    employer: Employer,
    papers: Papers,
    at: datetime,
    keeps: Retention,
) -> dict[str, Any]:
    """Return the columns of papers, their files stored; a file not given is that from before."""
    before = newest(session, employer.id)
    columns: dict[str, Any] = {
        "unit": dict(papers.unit),
        "licence_until": papers.licence_until,
        "letter_until": papers.letter_until,
        "handler_name": papers.handler_name,
        "handler_phone": papers.handler_phone,
    }
    for name, given in ((LICENCE, papers.licence), (LETTER, papers.letter)):
        column = f"{name}_file_id"
        columns[column] = getattr(before, column) if before else None
        if given is not None:
            until = evidence.keep_until(papers.letter_until.year, at, keeps)
            content = (given.name, given.media_type, given.content)
            incoming = files.Incoming(employer.school_id, *content)
            columns[column] = files.store(session, vault, incoming, at, until).id
        if columns[column] is None:
            raise RuleError("file_missing", f"请上传{FILE_TITLES[name]}。", name)
    return columns


def _deciders(session: Session, employer_id: int) -> Sequence[tuple[int | None, str | None]]:
    """Return who decides about the schools an employer asked at: a school, or a province."""
    rows = session.execute(
        select(School.id, School.province, ProvinceSigning.qualifies)
        .join(Qualification, Qualification.school_id == School.id)
        .outerjoin(ProvinceSigning, ProvinceSigning.province == School.province)
        .where(Qualification.employer_id == employer_id)
        .order_by(School.id)
    )
    found = [(None, province) if theirs else (ident, None) for ident, province, theirs in rows]
    return list(dict.fromkeys(found))


def _add(
    session: Session,
    vault: Vault,
    handing: _Handing,
    decider: tuple[int | None, str | None],
    values: Mapping[str, Any],
) -> None:
    school_id, province = decider
    same = (Certification.employer_id == handing.employer.id, _of(school_id, province))
    event = CertificationEvent.REPLACE
    move(session, CERTIFICATION, Certification.state, event, *same, decided_at=handing.at)
    key, kept = random_key(), dict(values)
    phone = kept.pop("handler_phone")
    added = Certification(
        **kept,
        key=key,
        employer_id=handing.employer.id,
        school_id=school_id,
        province=province,
        handler_phone_sealed=vault.seal(identity.PHONE, key, phone),
        handler_phone_index=vault.index(identity.PHONE, phone),
        submitted_at=handing.at,
        submitted_by=handing.staff.id,
    )
    session.add(added)
    session.flush()


def _of(school_id: int | None, province: str | None) -> ColumnElement[bool]:
    """Return the condition of the papers that one of both decides about."""
    if school_id is not None:
        return Certification.school_id == school_id
    return and_(Certification.school_id.is_(None), Certification.province == province)


def of_decider(staff: Staff) -> ColumnElement[bool]:
    """Return the condition of the papers that somebody decides about."""
    return _of(staff.school_id, staff.province)


def open_schools(session: Session, employer_id: int) -> Sequence[School]:
    """Return the schools that an employer may still ask at, by province and code."""
    asked = select(Qualification.school_id).where(Qualification.employer_id == employer_id)
    wanted = select(School).where(School.correction_system.is_(None), School.id.not_in(asked))
    return session.scalars(wanted.order_by(School.province, School.code)).all()


def ask_at(session: Session, vault: Vault, staff: Staff, keys: Sequence[str], at: datetime) -> None:
    """Ask at more schools, with the papers that were handed in last, if there are any.

    Where the province has passed them, they hold at once. Raises RuleError `school_missing` or
    `too_many_schools`.
    """
    employer = _mine(session, staff)
    found = [each for each in open_schools(session, employer.id) if each.key in set(keys)]
    if not found:
        raise RuleError("school_missing", "请选择学校。", "schools")
    held = session.scalars(
        select(Qualification.id).where(Qualification.employer_id == employer.id)
    ).all()
    if len(held) + len(found) > MOST_SCHOOLS:
        sentence = f"最多可在 {MOST_SCHOOLS} 所学校办理签约，请联系学校就业指导中心。"
        raise RuleError("too_many_schools", sentence, "schools")
    for school in found:
        _ask(session, vault, staff, employer, school, at)


def _ask(
    session: Session, vault: Vault, staff: Staff, employer: Employer, school: School, at: datetime
) -> None:
    passed = session.scalar(_passed_by_province(employer.id, school.province, at))
    row = insert_new(session, Qualification).values(
        employer_id=employer.id,
        school_id=school.id,
        state=QualificationState.QUALIFIED if passed else QualificationState.APPLIED,
        valid_until=passed.valid_until if passed else None,
        created_at=at,
        updated_at=at,
    )
    session.execute(row)
    record = audit.by_staff(
        staff, "school_asked", f"employer:{employer.key}", {"school": school.name}
    )
    audit.note(session, record, at)
    before = newest(session, employer.id)
    if passed is None and before is not None:
        decider = _decider_of(session, school)
        waits = (Certification.state == CertificationState.WAITING, _of(*decider))
        mine = Certification.employer_id == employer.id
        if session.scalar(select(Certification.id).where(mine, *waits)) is None:
            handing = _Handing(staff, employer, at)
            _add(session, vault, handing, decider, _again(vault, before))


def _passed_by_province(employer_id: int, province: str, at: datetime) -> Select[Certification]:
    """Return the query of the papers that a school's province has passed, where it decides."""
    return (
        select(Certification)
        .join(ProvinceSigning, ProvinceSigning.province == Certification.province)
        .where(
            Certification.employer_id == employer_id,
            Certification.province == province,
            ProvinceSigning.qualifies.is_(True),
            Certification.state == CertificationState.QUALIFIED,
            Certification.valid_until > at,
        )
        .order_by(Certification.id.desc())
        .limit(1)
    )


def _decider_of(session: Session, school: School) -> tuple[int | None, str | None]:
    theirs = session.scalar(
        select(ProvinceSigning.qualifies).where(ProvinceSigning.province == school.province)
    )
    return (None, school.province) if theirs else (school.id, None)


def _again(vault: Vault, before: Certification) -> dict[str, Any]:
    """Return what was handed in before, to hand it in to somebody else."""
    names = ("unit", "licence_file_id", "licence_until", "letter_file_id", "letter_until")
    phone = vault.open(identity.PHONE, before.key, before.handler_phone_sealed)
    kept = {name: getattr(before, name) for name in (*names, "handler_name")}
    return {**kept, "handler_phone": phone}
