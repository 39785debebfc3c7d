"""How agreements end otherwise than by a review: given up, lapsed, stopped, or voided.

The review that waits is closed with them, and both sides are told.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from registry.accounts.audit_log.reading import STAFF
from registry.accounts.staff_notices import NoticeKind
from registry.base.database import one_of
from registry.base.moves import move
from registry.record import events
from registry.record.events import AgreementsMoved, MovedAgreement
from registry.record.tables import Graduate
from registry.review import application_moves
from registry.review.tables import Application
from registry.signing import employer_news, invitation_ends
from registry.signing.states import (
    AGREEMENT,
    MENDING,
    AgreementEvent,
    AgreementState,
    InvitationState,
)
from registry.signing.tables import Agreement, Invitation

CHUNK = 1000
CLOCK = "clock"
"""Who ends what nobody answered in time, as the steps of a review name it."""
LEFT = "学校已停用或调整该毕业记录"
MERGED = "学校已合并，请单位重新邀请"
NOT_AMENDED = "逾期未修改"
NOT_AGREED = "逾期未确认修改"


def end(
    session: Session,
    event: AgreementEvent,
    those: Sequence[ColumnElement[bool]],
    why: tuple[str, str],
    at: datetime,
) -> int:
    """End agreements by an event, for a reason, with their reviews; return how many.

    `why` is the reason and who gave it, as the steps of a review name them.
    """
    reason, by = why
    values = {"ended_at": at, "due_by": None, "reason": reason}
    moved = move(session, AGREEMENT, Agreement.state, event, *those, **values)
    if moved:
        about = one_of(session, Agreement.id, moved)
        ids = session.scalars(select(Agreement.application_id).where(about)).all()
        application_moves.stop(session, ids, by, reason, at)
        tell(session, event, moved, reason, at)
        _tell_employers(session, event, moved, by, at)
    return len(moved)


def _tell_employers(
    session: Session, event: AgreementEvent, ids: Sequence[int], by: str, at: datetime
) -> None:
    """Tell who sent the invitations, but of what their employer gave up itself."""
    if event is AgreementEvent.GIVE_UP and by.startswith(STAFF):
        return
    about = select(Agreement.invitation_id).where(one_of(session, Agreement.id, ids))
    voided = event is AgreementEvent.VOID
    kind = NoticeKind.AGREEMENT_VOIDED if voided else NoticeKind.AGREEMENT_FAILED
    employer_news.tell(session, session.scalars(about).all(), kind, at)


def tell(
    session: Session, event: AgreementEvent, ids: Sequence[int], reason: str, at: datetime
) -> None:
    """Announce what happened to agreements, school by school."""
    rows = session.execute(
        select(Agreement, Graduate.school_id, Application.revision)
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .join(Application, Application.id == Agreement.application_id)
        .where(one_of(session, Agreement.id, ids))
        .order_by(Agreement.id)
        .execution_options(populate_existing=True)
    )
    moved = defaultdict[int, list[MovedAgreement]](list)
    for agreement, school_id, revision in rows:
        moved[school_id].append(_moved(agreement, revision))
    for school_id, each in moved.items():
        events.announce(session, AgreementsMoved(school_id, event, each, reason, at))


def _moved(agreement: Agreement, revision: int) -> MovedAgreement:
    return MovedAgreement(
        *(agreement.graduate_id, agreement.invitation_id),
        *(agreement.terms["unit_name"], agreement.terms["post"]),
        revision,
        agreement.due_by,
    )


def lapse(session: Session, at: datetime) -> int:
    """End what was returned and not mended in time, `CHUNK` at most; return how many.

    Twice does no harm, and late neither: a step is taken before its last moment only.
    """
    return sum(
        end(session, AgreementEvent.LAPSE, (_due(state, at),), (reason, CLOCK), at)
        for state, reason in (
            (AgreementState.RETURNED, NOT_AMENDED),
            (AgreementState.AMENDED, NOT_AGREED),
        )
    )


def _due(state: AgreementState, at: datetime) -> ColumnElement[bool]:
    over = select(Agreement.id).where(
        Agreement.state == state, Agreement.due_by <= at, Agreement.ended_at.is_(None)
    )
    first = over.order_by(Agreement.due_by).limit(CHUNK)
    return Agreement.id.in_(first) & (Agreement.state == state) & (Agreement.due_by <= at)


def under_way(session: Session, school_id: int) -> Sequence[int]:
    """Return the graduates of a school who are invited, or whose agreement is not signed yet."""
    hers = select(Graduate.id).where(Graduate.school_id == school_id)
    invited = select(Invitation.graduate_id).where(Invitation.state == InvitationState.OPEN)
    signing = select(Agreement.graduate_id).where(
        Agreement.state.in_([AgreementState.IN_REVIEW, *MENDING])
    )
    either = or_(Graduate.id.in_(invited), Graduate.id.in_(signing))
    return session.scalars(hers.where(either)).all()


def leave(
    session: Session, graduate_ids: Collection[int], at: datetime, reason: str = LEFT
) -> None:
    """End all that waits of graduates whose record has left its cohort or school.

    Invitations are stopped; agreements that are not signed fail. What is signed holds.
    """
    hers = one_of(session, Invitation.graduate_id, list(graduate_ids))
    invitation_ends.stop(session, (hers,), reason, at)
    theirs = one_of(session, Agreement.graduate_id, list(graduate_ids))
    end(session, AgreementEvent.STOP, (theirs,), (reason, CLOCK), at)
