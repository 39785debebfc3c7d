"""What came of invitations, told to who sent them and who signs, once until they have seen it.

However many graduates answer, it is one sentence of a kind: the list of invitations says which.
What nobody sees on the pages is said by a short message (`employer_texts`); what comes after that
message is told anew, so that there is another.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry.accounts import staff_notices
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Staff
from registry.base.database import one_of
from registry.signing import employer_texts
from registry.signing.tables import Agreement, Invitation


def tell(session: Session, invitation_ids: Sequence[int], kind: NoticeKind, at: datetime) -> None:
    """Tell those who sent invitations, and those who sign for them, what came of some of them."""
    if not invitation_ids:
        return
    about = one_of(session, Invitation.id, invitation_ids)
    sent = Staff.id.in_(select(Invitation.sent_by).where(about))
    signs = Staff.employer_id.in_(select(Invitation.employer_id).where(about)) & Staff.may_sign
    told = select(Staff.id).where(Staff.active.is_(True), sent | signs).order_by(Staff.id)
    for staff_id, until in employer_texts.said_until(session, session.scalars(told).all(), at):
        staff_notices.tell_anew(session, staff_id, kind, until, at)
        staff_notices.tell_once(session, staff_id, kind, {}, at)


def tell_of(
    session: Session, agreements: ColumnElement[bool], kind: NoticeKind, at: datetime
) -> None:
    """Tell those who sent the invitations that agreements began as; of papers nobody did."""
    about = select(Agreement.invitation_id).where(agreements)
    ids = [each for each in session.scalars(about) if each is not None]
    tell(session, ids, kind, at)
