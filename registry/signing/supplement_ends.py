"""How supplements end without an answer: with time, their agreement, or the right to sign."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from registry.accounts.staff_notices import NoticeKind
from registry.base.database import one_of
from registry.base.moves import move
from registry.record import events
from registry.record.events import SupplementMoved
from registry.record.tables import Graduate
from registry.signing import employer_news
from registry.signing.supplement_states import SUPPLEMENT, SupplementEvent, SupplementState
from registry.signing.supplement_tables import Supplement
from registry.signing.tables import Agreement

CHUNK = 1000


def lapse(session: Session, at: datetime) -> int:
    """End what was not answered in time, `CHUNK` at most, and tell both; return how many."""
    due = (Supplement.state == SupplementState.PROPOSED, Supplement.answer_by <= at)
    first = select(Supplement.id).where(*due).order_by(Supplement.answer_by).limit(CHUNK)
    moved = _move(session, SupplementEvent.LAPSE, (*due, Supplement.id.in_(first)), at)
    tell(session, moved, at)
    tell_employers(session, moved, at)
    return len(moved)


def overtake(session: Session, agreement_ids: Collection[int], at: datetime) -> None:
    """Close what is proposed for agreements that have ended, in the same transaction."""
    about = one_of(session, Supplement.agreement_id, list(agreement_ids))
    _move(session, SupplementEvent.OVERTAKE, (about,), at)


def cancel(session: Session, invitation_ids: Select[int], at: datetime) -> None:
    """Stop what is proposed for agreements that began as invitations, and tell both."""
    theirs = select(Agreement.id).where(Agreement.invitation_id.in_(invitation_ids))
    about = Supplement.agreement_id.in_(theirs)
    moved = _move(session, SupplementEvent.CANCEL, (about,), at)
    tell(session, moved, at)
    tell_employers(session, moved, at)


def _move(
    session: Session, event: SupplementEvent, those: Sequence[ColumnElement[bool]], at: datetime
) -> Sequence[int]:
    return move(session, SUPPLEMENT, Supplement.state, event, *those, ended_at=at)


def tell_employers(session: Session, ids: Collection[int], at: datetime) -> None:
    """Tell those who proposed supplements, and sign with them, what came of some of them."""
    theirs = select(Supplement.agreement_id).where(one_of(session, Supplement.id, list(ids)))
    kind = NoticeKind.SUPPLEMENT_ANSWERED
    employer_news.tell_of(session, Agreement.id.in_(theirs), kind, at)


def tell(session: Session, ids: Collection[int], at: datetime) -> None:
    """Announce what happened to supplements."""
    rows = session.execute(
        select(Supplement, Graduate.school_id)
        .join(Graduate, Graduate.id == Supplement.graduate_id)
        .where(one_of(session, Supplement.id, list(ids)))
        .options(joinedload(Supplement.agreement))
        .order_by(Supplement.id)
        .execution_options(populate_existing=True)
    )
    for found, school_id in rows.all():
        said = (found.terms["unit_name"], found.terms["post"], found.state)
        moved = SupplementMoved(
            *(school_id, found.graduate_id, found.id, *said), found.answer_by, at
        )
        events.announce(session, moved)
