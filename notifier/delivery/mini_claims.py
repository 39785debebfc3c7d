"""What a one-time notice of the mini program may stand in for, and the claim before its call.

It is a life of its own behind the message's (decision 109): the message has come to its end, and
stays as it is. One row a message says that a notice was sent, or may have been.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from notifier.delivery.school_queues import kinds_for_any_hour, pause_of_app, quiet_until
from notifier.ledger import contact_rows, kinds, mini_allowances
from notifier.ledger.mini_tables import MiniAllowance, MiniNotice, MiniTemplate, MiniUser
from notifier.ledger.states import (
    MINI_NOTICE,
    CampaignState,
    MessageState,
    MiniNoticeEvent,
    MiniNoticeState,
)
from notifier.ledger.tables import UNREACHED_SQL, Binding, Campaign, Message
from registry.accounts.school_tables import School
from registry.base import moves
from registry.base.clock import SHANGHAI
from registry.base.database import insert_new
from registry.base.written_out import is_one_of
from registry.record.scope import not_ended
from registry.record.tables import Graduate
from runtime.settings import Settings

FRESH = timedelta(hours=24)
"""How long after a message has failed a notice still is news."""
LEASE = timedelta(minutes=2)
"""How long a claimed notice may be without an answer: a call ends in ten seconds."""
TO_A_WECHAT = "contact_changed"
"""The kind that goes to a WeChat whatever it is bound to (`notifier.ledger.notices`)."""

_ENDED = (MessageState.FAILED, MessageState.SKIPPED)
# The index serves only a condition that is written out.
_UNREACHED: ColumnElement[bool] = literal_column(f"message.{UNREACHED_SQL}")


class Due(NamedTuple):
    """A message that a notice may stand in for, and for whom."""

    message_id: int
    openid: str
    """The mini program's, as it stands in bindings."""
    template_id: str


class ClaimedNotice(NamedTuple):
    """A notice that this process, and no other, may send."""

    id: int
    due: Due
    kind: str
    client_msg_id: str
    facts: str
    texts: dict[str, str]
    school: str
    fields: dict[str, str]
    """Our label -> the template's key."""


def is_held(session: Session, settings: Settings, at: datetime) -> bool:
    """Say whether an answer holds all notices."""
    return pause_of_app(session, settings.mini_app_id, at) is not None


def due(
    session: Session, settings: Settings, at: datetime, limit: int, only: Due | None = None
) -> list[Due]:
    """Return what notices may be sent for now, or `only` if it may, the oldest first.

    Locks nothing.
    """
    offered = mini_allowances.offered(session, [kind for kind, _ in settings.mini_notices])
    if not offered or is_held(session, settings, at):
        return []
    hours = Message.kind.in_(kinds_for_any_hour()) if quiet_until(settings, at) else None
    those = [
        _UNREACHED,
        is_one_of(Message.state, _ENDED),
        Message.final_at >= at - FRESH,
        Message.final_at >= MiniAllowance.allowed_at,
        MiniAllowance.remaining > 0,
        or_(*(_serves(each) for each in offered)),
        ~exists().where(MiniNotice.message_id == Message.id),
        _goes_on(at),
        *([] if hours is None else [hours]),
        *([] if only is None else _that(only)),
    ]
    hers = _hers().where(*those, _is_under_the_cap(settings, at))
    found = union_all(hers, _to_her_wechat().where(*those)).subquery()
    rows = session.execute(select(found).order_by(found.c.final_at, found.c.id).limit(limit))
    return [Due(row.id, row.openid, row.template_id) for row in rows]


def _serves(template: MiniTemplate) -> ColumnElement[bool]:
    of_kind = Message.kind.in_(kinds.served_by(template.kind))
    return and_(MiniAllowance.template_id == template.template_id, of_kind)


def _that(each: Due) -> list[ColumnElement[bool]]:
    return [
        Message.id == each.message_id,
        MiniAllowance.openid == each.openid,
        MiniAllowance.template_id == each.template_id,
    ]


def _goes_on(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a message's reminder, if any, was not stopped nor is over."""
    stopped = is_one_of(Campaign.state, [CampaignState.PAUSED, CampaignState.CANCELLED])
    ends = or_(stopped, Campaign.not_after <= at)
    return ~exists().where(Campaign.id == Message.campaign_id, ends)


def _is_needed() -> ColumnElement[bool]:
    """Return the condition that a graduate's record goes on, and that she is reminded for cause."""
    found = [each for each in kinds.kinds().values() if each.needless_when]
    needless = [
        and_(Message.kind == each.name, Graduate.confirmation == each.needless_when)
        for each in found
    ]
    return and_(not_ended(), or_(Message.campaign_id.is_(None), ~or_(false(), *needless)))


def _is_under_the_cap(settings: Settings, at: datetime) -> ColumnElement[bool]:
    """Return the condition that a person has not had her day's reminders, this way or the other.

    Whichever of her records they are about.
    """
    midnight = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    other, hers, notice = aliased(Message), aliased(Binding), aliased(MiniNotice)
    came = and_(notice.state != MiniNoticeState.FAILED, notice.claimed_at >= midnight)
    today = (
        select(func.count())
        .select_from(other)
        .join(hers, hers.graduate_id == other.graduate_id)
        .outerjoin(notice, notice.message_id == other.id)
        .where(
            hers.openid == Binding.openid,
            hers.ended_at.is_(None),
            other.campaign_id.is_not(None),
            or_(other.accepted_at >= midnight, came),
        )
    )
    under = today.scalar_subquery() < settings.person_daily_cap
    return or_(Message.campaign_id.is_(None), under)


def _people() -> Select[int, str, str, datetime | None]:
    return (
        select(Message.id, MiniUser.openid, MiniAllowance.template_id, Message.final_at)
        .select_from(MiniAllowance)
        .join(MiniUser, MiniUser.openid == MiniAllowance.openid)
    )


def _hers() -> Select[int, str, str, datetime | None]:
    """Return the messages to graduates who are bound to a WeChat that the mini program knows."""
    theirs = Binding.openid == func.coalesce(MiniUser.account_openid, MiniUser.openid)
    return (
        _people()
        .join(Binding, and_(theirs, Binding.ended_at.is_(None)))
        .join(Message, Message.graduate_id == Binding.graduate_id)
        .join(Graduate, and_(Graduate.id == Message.graduate_id, _is_needed()))
    )


def _to_her_wechat() -> Select[int, str, str, datetime | None]:
    """Return the messages to a WeChat itself, but of changes that were put back."""
    meant = or_(Message.openid == MiniUser.openid, Message.openid == MiniUser.account_openid)
    own = (Message.graduate_id.is_(None), Message.kind == TO_A_WECHAT)
    return _people().join(Message, and_(meant, *own, ~contact_rows.is_put_back()))


def claim(session: Session, settings: Settings, each: Due, at: datetime) -> ClaimedNotice | None:
    """Take a message's one notice and what allows it; None where it is not due any more.

    The message is locked until the claim is committed: whoever sends it again sees the claim. Since
    it was found, she may have been unbound or have done what she is reminded of, its reminder may
    have been stopped: so it is asked for again.
    """
    row = _locked(session, each)
    if row is None or not due(session, settings, at, 1, only=each):
        return None
    template = session.get_one(MiniTemplate, each.template_id)
    if not mini_allowances.take(session, each.openid, each.template_id):
        return None
    made = insert_new(session, MiniNotice).values(
        message_id=each.message_id, template_id=each.template_id, claimed_at=at
    )
    ident = session.scalar(made.returning(MiniNotice.id))
    if ident is None:
        mini_allowances.give_back(session, each.openid, each.template_id)
        return None
    message, school, texts = row
    said = message.client_msg_id, message.facts, texts or {}, school
    return ClaimedNotice(ident, each, message.kind, *said, template.fields)


def _locked(session: Session, each: Due) -> Row[Message, str, dict[str, str]] | None:
    """Return a message that still has not arrived, with its school and what its campaign says."""
    return session.execute(
        select(Message, School.name, Campaign.texts)
        .join(School, School.id == Message.school_id)
        .outerjoin(Campaign, Campaign.id == Message.campaign_id)
        .where(Message.id == each.message_id, is_one_of(Message.state, _ENDED), _UNREACHED)
        .with_for_update(of=Message, skip_locked=True)
    ).one_or_none()


def give_up_lost(session: Session, at: datetime) -> Sequence[int]:
    """Let what a dead process had claimed be in doubt; return which notices those were."""
    return moves.move(
        session,
        MINI_NOTICE,
        MiniNotice.state,
        MiniNoticeEvent.LOSE,
        is_one_of(MiniNotice.state, [MiniNoticeState.SENDING]),
        MiniNotice.claimed_at < at - LEASE,
        reason="crashed",
        final_at=at,
    )
