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
from registry.signing import qualified
from registry.signing.employer_papers import EmployerListing
from registry.signing.states import QualificationState
from registry.signing.tables import Agreement, Invitation, Qualification

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


def listed(
    session: Session, application_ids: Collection[int], school_id: int, at: datetime
) -> set[int]:
    """Return those of these reviews of agreements whose employer signs with nobody now.

    Who lists one of these employers meanwhile waits until the review is done, or is waited for.
    """
    if not application_ids:
        return set()
    theirs = (
        select(Invitation.employer_id)
        .join(Agreement, Agreement.invitation_id == Invitation.id)
        .where(Agreement.application_id.in_(application_ids))
    )
    held = select(Employer.id).where(Employer.id.in_(theirs)).order_by(Employer.id)
    session.execute(held.with_for_update(read=True))
    employers = _listings(school_id, at).scalar_subquery()
    return set(
        session.scalars(
            select(Agreement.application_id)
            .join(Invitation, Invitation.id == Agreement.invitation_id)
            .where(
                Agreement.application_id.in_(application_ids),
                Invitation.employer_id.in_(employers),
            )
        )
    )


def _listings(school_id: int, at: datetime) -> Select[int]:
    province = select(School.province).where(School.id == school_id).scalar_subquery()
    here = or_(EmployerListing.province.is_(None), EmployerListing.province == province)
    return select(EmployerListing.employer_id).where(qualified.in_force(at), here)
