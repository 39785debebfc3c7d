"""What an employer has open where it may not sign any more: stopped, both parties told.

Agreements and terminations go on: what both have said yes to is the school's to review.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.record.tables import Graduate
from registry.signing import invitation_ends, supplement_ends
from registry.signing.tables import Invitation

SUSPENDED = "学校已暂停该单位签约"
LISTED = "该单位的签约资格已暂停"
"""Of a listing, which is a province's or the operator's and no school's."""


def stop_open(
    session: Session, employer_id: int, schools: ColumnElement[bool], why: str, at: datetime
) -> None:
    """Stop the invitations and supplements that wait for answers of graduates of schools.

    `why` is what she reads of an invitation, in 20 characters.
    """
    theirs = select(Graduate.id).join(School, School.id == Graduate.school_id).where(schools)
    sent = (Invitation.employer_id == employer_id, Invitation.graduate_id.in_(theirs))
    invitation_ends.stop(session, sent, why, at)
    supplement_ends.cancel(session, select(Invitation.id).where(*sent), at)
