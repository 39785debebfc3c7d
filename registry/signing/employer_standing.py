"""How an employer stands at a school when an agreement with it is reviewed.

One that is listed signs with nobody: its agreements are not passed. One that is suspended, or whose
qualification is over, is pointed out, and the reviewer decides.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.base.errors import RuleError
from registry.signing import qualified
from registry.signing.agreement_sources import term
from registry.signing.employer_papers import EmployerListing
from registry.signing.states import QualificationState
from registry.signing.tables import Agreement, Qualification

LISTED = "该单位已列入签约黑名单，协议不能通过。"


def warnings(session: Session, employer_id: int, school_id: int, at: datetime) -> list[str]:
    """Return what a reviewer has to know of an employer, in sentences."""
    found = session.scalar(
        select(Qualification).where(
            Qualification.employer_id == employer_id, Qualification.school_id == school_id
        )
    )
    said = list[str]()
    if session.scalar(_listings(school_id, at).where(EmployerListing.employer_id == employer_id)):
        said.append(LISTED)
    if found is not None and found.state == QualificationState.SUSPENDED:
        said.append(f"学校已暂停该单位签约：{found.reason}。请核实后再审核。")
    if found is not None and found.state == QualificationState.EXPIRED:
        said.append("该单位的签约资格已到期，应约时有效。请核实后再审核。")
    return said


def of_agreement(session: Session, agreement: Agreement, school_id: int, at: datetime) -> list[str]:
    """Return what a reviewer has to know of the employer of an agreement, by its credit code."""
    unit = Employer.unit_code == agreement.terms["unit_code"]
    employer_id = session.scalar(select(Employer.id).where(unit))
    return warnings(session, employer_id, school_id, at) if employer_id is not None else []


def refuse_listed(session: Session, unit_code: str, school_id: int, at: datetime) -> None:
    """Refuse an employer that signs with nobody now; raise RuleError `employer_listed`."""
    those = Employer.unit_code == unit_code
    if session.scalar(select(Employer.id).where(those, Employer.id.in_(_listings(school_id, at)))):
        raise RuleError("employer_listed", "该单位已列入签约黑名单，不能签约。")


def listed(
    session: Session, application_ids: Collection[int], school_id: int, at: datetime
) -> set[int]:
    """Return those of these reviews of agreements whose employer signs with nobody now.

    Who lists one of these employers meanwhile waits until the review is done, or is waited for.
    """
    if not application_ids:
        return set()
    reviewed = Agreement.application_id.in_(application_ids)
    theirs = select(term("unit_code")).where(reviewed)
    held = select(Employer.id).where(Employer.unit_code.in_(theirs)).order_by(Employer.id)
    session.execute(held.with_for_update(read=True))
    employers = select(Employer.unit_code).where(Employer.id.in_(_listings(school_id, at)))
    those = (reviewed, term("unit_code").in_(employers))
    found = session.scalars(select(Agreement.application_id).where(*those))
    return {each for each in found if each is not None}


def _listings(school_id: int, at: datetime) -> Select[int]:
    province = select(School.province).where(School.id == school_id).scalar_subquery()
    here = or_(EmployerListing.province.is_(None), EmployerListing.province == province)
    return select(EmployerListing.employer_id).where(qualified.in_force(at), here)
