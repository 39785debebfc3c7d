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
from registry.signing import employer_news, invitation_ends, offline_ends
from registry.signing.states import (
    AGREEMENT,
    LIVE,
    AgreementEvent,
    AgreementState,
    InvitationState,
)
from registry.signing.tables import Agreement, Invitation, OfflineRequest

CHUNK = 1000
CLOCK = "clock"
"""Who ends what nobody answered in time, as the steps of a review name it."""
LEFT = "学校已停用或调整该毕业记录"
MERGED = "学校已合并，请重新邀请或申请"
NOT_AMENDED = "逾期未修改"
NOT_AGREED = "逾期未确认修改"
NOT_HANDED_IN = "逾期未交回签字盖章的协议书"


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
        found = session.scalars(select(Agreement.application_id).where(about))
        ids = [each for each in found if each is not None]
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
    voided = event is AgreementEvent.VOID
    kind = NoticeKind.AGREEMENT_VOIDED if voided else NoticeKind.AGREEMENT_FAILED
    employer_news.tell_of(session, one_of(session, Agreement.id, ids), kind, at)


def tell(
    session: Session, event: AgreementEvent, ids: Sequence[int], reason: str, at: datetime
) -> None:
    """Announce what happened to agreements, school by school."""
    rows = session.execute(
        select(Agreement, Graduate.school_id, Application.revision)
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .outerjoin(Application, Application.id == Agreement.application_id)
        .where(one_of(session, Agreement.id, ids))
        .order_by(Agreement.id)
        .execution_options(populate_existing=True)
    )
    moved = defaultdict[int, list[MovedAgreement]](list)
    for agreement, school_id, revision in rows:
        moved[school_id].append(_moved(agreement, revision or 0))
    for school_id, each in moved.items():
        events.announce(session, AgreementsMoved(school_id, event, each, reason, at))


def _moved(agreement: Agreement, revision: int) -> MovedAgreement:
    return MovedAgreement(
        *(agreement.graduate_id, agreement.invitation_id, agreement.request_id),
        *(agreement.terms["unit_name"], agreement.terms["post"]),
        revision,
        agreement.due_by,
    )


def lapse(session: Session, at: datetime) -> int:
    """End what was returned or issued and not brought back in time, `CHUNK` at most of each.

    Return how many. Twice does no harm, and late neither: a step is taken before its last moment
    only.
    """
    return sum(
        end(session, AgreementEvent.LAPSE, (_due(state, at),), (reason, CLOCK), at)
        for state, reason in (
            (AgreementState.RETURNED, NOT_AMENDED),
            (AgreementState.AMENDED, NOT_AGREED),
            (AgreementState.ISSUED, NOT_HANDED_IN),
        )
    )


def _due(state: AgreementState, at: datetime) -> ColumnElement[bool]:
    over = select(Agreement.id).where(
        Agreement.state == state, Agreement.due_by <= at, Agreement.ended_at.is_(None)
    )
    first = over.order_by(Agreement.due_by).limit(CHUNK)
    return Agreement.id.in_(first) & (Agreement.state == state) & (Agreement.due_by <= at)


def under_way(session: Session, school_id: int) -> Sequence[int]:
    """Return the graduates of a school who are about to sign, or whose agreement is not signed."""
    hers = select(Graduate.id).where(Graduate.school_id == school_id)
    invited = select(Invitation.graduate_id).where(Invitation.state == InvitationState.OPEN)
    asking = select(OfflineRequest.graduate_id).where(OfflineRequest.ended_at.is_(None))
    signing = select(Agreement.graduate_id).where(
        Agreement.state.in_(sorted(LIVE - {AgreementState.SIGNED}))
    )
    any_of_them = or_(*(Graduate.id.in_(each) for each in (invited, asking, signing)))
    return session.scalars(hers.where(any_of_them)).all()


def leave(
    session: Session, graduate_ids: Collection[int], at: datetime, reason: str = LEFT
) -> None:
    """End all that waits of graduates whose record has left its cohort or school.

    Invitations and requests are stopped; agreements that are not signed fail. What is signed holds.
    """
    offline_ends.overtake(session, graduate_ids, reason, at)
    hers = one_of(session, Invitation.graduate_id, list(graduate_ids))
    invitation_ends.stop(session, (hers,), reason, at)
    theirs = one_of(session, Agreement.graduate_id, list(graduate_ids))
    end(session, AgreementEvent.STOP, (theirs,), (reason, CLOCK), at)
