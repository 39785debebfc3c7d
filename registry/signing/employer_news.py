"""What came of invitations, told to who sent them, once until they have seen it.

However many graduates answer, it is one sentence of a kind: the list of invitations says which.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts import staff_notices
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Staff
from registry.base.database import one_of
from registry.signing.tables import Invitation


def tell(session: Session, invitation_ids: Sequence[int], kind: NoticeKind, at: datetime) -> None:
    """Tell those who sent invitations what came of some of them."""
    if not invitation_ids:
        return
    senders = (
        select(Invitation.sent_by)
        .join(Staff, Staff.id == Invitation.sent_by)
        .where(one_of(session, Invitation.id, invitation_ids), Staff.active.is_(True))
        .distinct()
        .order_by(Invitation.sent_by)
    )
    for staff_id in session.scalars(senders).all():
        staff_notices.tell_once(session, staff_id, kind, {}, at)
