"""How invitations end without the graduate's answer: withdrawn, stopped, or lapsed by the clock."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from registry.accounts.staff_notices import NoticeKind
from registry.base.clock import SHANGHAI
from registry.base.database import one_of
from registry.base.errors import RuleError
from registry.base.moves import move
from registry.base.written_reason import written_reason
from registry.record import events
from registry.record.cohort import last_day
from registry.record.events import EndedInvitation, InvitationsEnded
from registry.record.tables import Graduate
from registry.review.tables import Season
from registry.signing import employer_news
from registry.signing.states import (
    INVITATION,
    INVITATION_TITLES,
    InvitationEvent,
    InvitationState,
)
from registry.signing.tables import Invitation

CHUNK = 1000
_NEWS = {
    InvitationEvent.LAPSE: NoticeKind.INVITATION_LAPSED,
    InvitationEvent.CANCEL: NoticeKind.INVITATION_CANCELLED,
}
"""What who sent an invitation is told; of what they withdrew themselves, nothing."""
CLOSED = "本届登记已截止"


def withdraw(session: Session, employer_id: int, key: str, why: str, at: datetime) -> None:
    """Take an invitation of an employer back, with a reason that the graduate reads.

    Raises RuleError `reason_missing`, `reason_too_long`, or `invitation_ended` where it does not
    wait for an answer any more.
    """
    reason = written_reason(why, "请写明撤回的原因，毕业生会看到。")
    hers = (Invitation.employer_id == employer_id, Invitation.key == key)
    if not _end(session, InvitationEvent.WITHDRAW, hers, at, reason):
        state = session.scalar(select(Invitation.state).where(*hers))
        raise not_open(state)


def not_open(state: str | None) -> RuleError:
    """Return the refusal of what happens only to an invitation that waits for an answer."""
    title = INVITATION_TITLES[InvitationState(state)] if state else "不存在"
    sentence = f"这份邀请{title}，不能再办理。"
    if state == InvitationState.ACCEPTED:
        sentence = "毕业生已应约，不能撤回邀请。协议生效后如需终止，请申请解约。"
    return RuleError("invitation_ended", sentence)


def stop(session: Session, those: Sequence[ColumnElement[bool]], why: str, at: datetime) -> int:
    """Stop what waits for an answer that cannot come any more; return how many.

    `why` is what the employer reads, and she in 20 characters.
    """
    return _end(session, InvitationEvent.CANCEL, those, at, why)


def lapse(session: Session, at: datetime) -> int:
    """End what was not answered in time, `CHUNK` at most; return how many.

    Twice does no harm, and late neither: an answer is taken before its last moment only.
    """
    due = select(Invitation.id).where(
        Invitation.state == InvitationState.OPEN, Invitation.answer_by <= at
    )
    first = due.order_by(Invitation.answer_by).limit(CHUNK)
    return _end(session, InvitationEvent.LAPSE, (Invitation.id.in_(first),), at)


def stop_closed(session: Session, at: datetime) -> int:
    """Stop what waits for graduates whose year no longer registers; return how many.

    A school may close its year sooner than it had said when they were invited.
    """
    today = at.astimezone(SHANGHAI).date()
    rows = session.execute(
        select(Graduate.school_id, Graduate.year, Season.closes_on)
        .join(Invitation, Invitation.graduate_id == Graduate.id)
        .outerjoin(
            Season,
            (Season.school_id == Graduate.school_id) & (Season.year == Graduate.year),
        )
        .where(Invitation.state == InvitationState.OPEN)
        .distinct()
    )
    over = [
        and_(Graduate.school_id == school_id, Graduate.year == year)
        for school_id, year, closes_on in rows
        if _last_day(year, closes_on) < today
    ]
    if not over:
        return 0
    theirs = select(Graduate.id).where(or_(*over))
    return stop(session, (Invitation.graduate_id.in_(theirs),), CLOSED, at)


def _last_day(year: int, closes_on: date | None) -> date:
    """Return the last day of a year, which its school need not have set."""
    return closes_on or last_day(year)


def _end(
    session: Session,
    event: InvitationEvent,
    those: Sequence[ColumnElement[bool]],
    at: datetime,
    reason: str = "",
) -> int:
    values = {"ended_at": at, "reason": reason}
    moved = move(session, INVITATION, Invitation.state, event, *those, **values)
    rows = session.execute(
        select(Graduate.school_id, Graduate.id, Invitation.id, Invitation.terms)
        .join(Graduate, Graduate.id == Invitation.graduate_id)
        .where(one_of(session, Invitation.id, moved))
        .order_by(Invitation.id)
    )
    ended = defaultdict[int, list[EndedInvitation]](list)
    for school_id, graduate_id, ident, terms in rows:
        ended[school_id].append(EndedInvitation(graduate_id, ident, terms["unit_name"]))
    state = INVITATION.target(event)
    for school_id, each in ended.items():
        events.announce(session, InvitationsEnded(school_id, state, each, reason, at))
    if event in _NEWS:
        employer_news.tell(session, moved, _NEWS[event], at)
    return len(moved)
