"""Campaigns: made, started, paused, gone on with, cancelled; each move is one guarded UPDATE."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.orm import Session

from notifier.campaigns import audience as audiences
from notifier.campaigns.audience import Audience
from notifier.ledger import kinds, outcomes, states, wording
from notifier.ledger.mini_tables import CAME_AS_NOTICE
from notifier.ledger.states import CampaignEvent, MessageEvent
from notifier.ledger.tables import MAY_HAVE_COME, Campaign, Message
from notifier.wechat.templates import template_for
from registry.base import moves
from registry.base.database import BigId, hex_name_sql
from registry.base.detached import Detached
from registry.base.errors import NotFound, RuleError
from registry.base.text import clean
from registry.record.scope import MADE, Scope, made_for
from runtime import jobs, wakeups

TITLE_LENGTH = 60
PREFERS = ("no_duplicate", "delivery")
WHILE_IT_IS_WRITTEN = timedelta(minutes=10)
"""How long ago the moment may be that somebody chose for the beginning."""


@dataclass(frozen=True)
class Draft:
    """What a campaign is to be."""

    title: str
    kind: str
    audience: Audience
    texts: Mapping[str, str] = field(default_factory=dict)
    start_at: datetime | None = None
    not_after: datetime | None = None
    prefers: str = "no_duplicate"


def kind_named(name: str) -> kinds.Kind:
    """Return a kind; raises RuleError `kind_unknown`."""
    found = kinds.kinds().get(name)
    if found is None:
        raise RuleError("kind_unknown", "没有这种消息，请重新选择。", "kind")
    return found


def create(session: Session, scope: Scope, draft: Draft, *, by: str, at: datetime) -> Campaign:
    """Write a draft; nothing is sent. Raises RuleError naming the field that is wrong."""
    campaign = Campaign(**columns(scope, draft, by=by, at=at))
    session.add(campaign)
    session.flush()
    return campaign


def rewrite(session: Session, scope: Scope, key: str, draft: Draft, *, at: datetime) -> Campaign:
    """Write a draft anew.

    Raises RuleError naming the field that is wrong, `campaign_state` for one that is no draft, and
    as `find_own` does.
    """
    campaign = find_own(session, scope, key)
    written = session.scalars(
        update(Campaign)
        .where(Campaign.id == campaign.id, Campaign.state == states.CampaignState.DRAFT)
        .values(content(_of(scope, draft), at))
        .returning(Campaign.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.expire(campaign)
    _require(bool(written), campaign)
    return campaign


def columns(scope: Scope, draft: Draft, *, by: str, at: datetime) -> dict[str, Any]:
    """Return a campaign's columns. Raises RuleError naming the field that is wrong."""
    return {
        "school_id": scope.school_id,
        "department_id": scope.department_id,
        "created_by": by,
        "created_at": at,
        **content(_of(scope, draft), at),
    }


def _of(scope: Scope, draft: Draft) -> Draft:
    """Return a draft that is kept as that of the scope's counsellor, where it is one's."""
    return replace(draft, audience=replace(draft.audience, counsellor=scope.counsellor_id))


def content(draft: Draft, at: datetime) -> dict[str, Any]:
    """Return the columns of what is said to whom and when; raise as `columns` does."""
    kind = kind_named(draft.kind)
    if not kind.for_campaigns:
        sentence = f"“{kind.title}”由系统在事情发生时自动发给本人，不能群发。"
        raise RuleError("kind_not_for_many", sentence, "kind")
    audiences.check(draft.audience)
    _check(draft, at)
    return {
        "title": clean(draft.title),
        "kind": kind.name,
        "texts": wording.campaign_texts(kind, draft.texts),
        "audience": draft.audience.to_json(),
        "prefers": draft.prefers,
        "start_at": draft.start_at,
        "not_after": draft.not_after,
    }


def _check(draft: Draft, at: datetime) -> None:
    if not 0 < len(clean(draft.title)) <= TITLE_LENGTH:
        raise RuleError("title_bad", f"请填写提醒名称，{TITLE_LENGTH} 字以内。", "title")
    if draft.prefers not in PREFERS:
        raise RuleError("prefers_unknown", "请选择结果未知时的处理方式。", "prefers")
    if draft.start_at and draft.start_at < at - WHILE_IT_IS_WRITTEN:
        raise RuleError("start_past", "开始时间已过，请重新选择，或留空立即开始。", "start_at")
    if draft.not_after and draft.not_after <= max(at, draft.start_at or at):
        raise RuleError("not_after_early", "最晚发送时间要晚于开始时间。", "not_after")


def find(session: Session, scope: Scope, key: str) -> Campaign:
    """Return a campaign of the scope; raises NotFound for a missing or another's."""
    campaign = session.scalar(select(Campaign).where(Campaign.key == key, *_seen_in(scope)))
    if campaign is None:
        raise NotFound("任务")
    return campaign


def find_own(session: Session, scope: Scope, key: str) -> Campaign:
    """Return a campaign to change or repeat, as `find` does.

    Raises RuleError `campaign_of_department` for a department's or a counsellor's that the whole
    school looks at: whom it is for would change unseen.
    """
    campaign = find(session, scope, key)
    if not is_own(scope, campaign):
        whose = "院系" if campaign.department_id is not None else "辅导员"
        sentence = f"这是{whose}建立的任务，请由{whose}修改，或者新建一个。"
        raise RuleError("campaign_of_department", sentence)
    return campaign


def recent(
    session: Session, scope: Scope, *, before: int | None = None, limit: int = 50
) -> Sequence[Campaign]:
    """Return the scope's campaigns, newest first, those older than the id `before`, to look at."""
    made, values = made_for(scope)
    values = {**values, _BEFORE.key: before or 2**62, _MOST.key: limit}
    return [campaign for (campaign,) in _READ.read(session, _recent(made), values)]


def scheduled(session: Session, scope: Scope) -> Sequence[Campaign]:
    """Return the scope's campaigns that begin by themselves, the next first, to look at."""
    made, values = made_for(scope)
    return [campaign for (campaign,) in _READ.read(session, _scheduled(made), values)]


_READ = Detached(Campaign)
_BEFORE: BindParameter[int] = bindparam("before", type_=BigId)
_MOST: BindParameter[int] = bindparam("most", type_=Integer())


@lru_cache(MADE)
def _recent(scope: Scope) -> Select[*tuple[Any, ...]]:
    wanted = select(*_READ.columns).where(*_seen_in(scope), Campaign.id < _BEFORE)
    return wanted.order_by(Campaign.id.desc()).limit(_MOST)


@lru_cache(MADE)
def _scheduled(scope: Scope) -> Select[*tuple[Any, ...]]:
    waiting = Campaign.state == states.CampaignState.SCHEDULED
    wanted = select(*_READ.columns).where(*_seen_in(scope), waiting)
    return wanted.order_by(Campaign.start_at, Campaign.id)


def scope_of(campaign: Campaign) -> Scope:
    """Return the scope a campaign was made in."""
    counsellor_id: int | None = campaign.audience.get("counsellor")
    return Scope(campaign.school_id, campaign.department_id, counsellor_id=counsellor_id)


def is_own(scope: Scope, campaign: Campaign) -> bool:
    """Say whether a campaign was made in this scope, and not in a part of it."""
    made_in = scope_of(campaign)
    same_department = made_in.department_id == scope.department_id
    return same_department and made_in.counsellor_id == scope.counsellor_id


def _seen_in(scope: Scope) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that a campaign is one the scope sees."""
    yield Campaign.school_id == scope.school_id
    if scope.department_id is not None:
        yield Campaign.department_id == scope.department_id
    if scope.counsellor_id is not None:
        yield Campaign.audience["counsellor"].as_integer() == scope.counsellor_id


def scope_of_key(session: Session, key: str) -> Scope:
    """Return the scope a campaign was made in, for who sees all schools'; raise NotFound."""
    campaign = session.scalar(select(Campaign).where(Campaign.key == key))
    if campaign is None:
        raise NotFound("任务")
    return scope_of(campaign)


def move(
    session: Session,
    campaign: Campaign,
    event: CampaignEvent,
    **values: Any,  # noqa: ANN401 - columns of Campaign
) -> bool:
    """Move a campaign by a guarded UPDATE; say whether it moved."""
    moved = move_all(session, event, Campaign.id == campaign.id, **values)
    session.expire(campaign)
    return bool(moved)


def move_all(
    session: Session,
    event: CampaignEvent,
    *those: ColumnElement[bool],
    **values: Any,  # noqa: ANN401 - columns of Campaign
) -> Sequence[int]:
    """Move all campaigns that the conditions hold for by one guarded UPDATE; return their ids."""
    return moves.move(session, states.CAMPAIGN, Campaign.state, event, *those, **values)


def _require(moved: bool, campaign: Campaign) -> None:  # noqa: FBT001 - the answer of a move
    if not moved:
        title = states.CAMPAIGN_TITLES[states.CampaignState(campaign.state)]
        raise RuleError("campaign_state", f"任务现在是“{title}”，不能这样操作，请刷新页面。")


def start(
    session: Session, scope: Scope, key: str, *, at: datetime, by: str | None = None
) -> Campaign:
    """Have a draft start now, or at its time, by who made it or `by`. A second changes nothing.

    Raises RuleError `template_missing` where the account has no template for the kind.
    """
    campaign = find(session, scope, key)
    template_for(session, campaign.kind)
    due = max(campaign.start_at or at, at)
    reason = "scheduled" if due > at else "starting"
    begun = {"start_at": due, "reason": reason, "started_by": by or campaign.created_by}
    if move(session, campaign, CampaignEvent.SCHEDULE, **begun):
        wakeups.ask(session, jobs.Job.EXPAND)
    elif states.CampaignState(campaign.state) in {
        states.CampaignState.CANCELLED,
        states.CampaignState.PAUSED,
    }:
        _require(moved=False, campaign=campaign)
    return campaign


def pause(
    session: Session, scope: Scope, key: str, *, reason: str = outcomes.PAUSED_BY_STAFF
) -> Campaign:
    """Stop sending; what is in flight finishes. A second pause changes nothing."""
    campaign = find(session, scope, key)
    moved = move(session, campaign, CampaignEvent.PAUSE, reason=reason, wait_until=None)
    _require(moved or campaign.state == states.CampaignState.PAUSED, campaign)
    return campaign


def resume(
    session: Session, scope: Scope, key: str, *, at: datetime, by_operator: bool = False
) -> Campaign:
    """Go on exactly where it stopped, with whom the fault that stopped it had refused.

    Raises RuleError `paused_by_operator` where only the operator may.
    """
    campaign = find(session, scope, key)
    if campaign.reason == outcomes.PAUSED_BY_OPERATOR.code and not by_operator:
        raise RuleError(campaign.reason, "平台运维暂停了这个任务，请联系平台运维了解原因。")
    begun = campaign.started_at is not None
    take_refused_back(session, campaign.reason, at, Message.campaign_id == campaign.id)
    event = CampaignEvent.RESUME if begun else CampaignEvent.RETURN
    reason = "" if begun else "scheduled"
    moved = move(session, campaign, event, reason=reason, wait_until=None)
    _require(moved or states.CampaignState(campaign.state) in _UNDER_WAY, campaign)
    wakeups.ask(session, jobs.Job.DELIVER if begun else jobs.Job.EXPAND)
    return campaign


MOST_TAKEN_BACK = 5
"""After how many calls a refusal is the person's, though many others got the same."""
_UNDER_WAY = {states.CampaignState.SENDING, states.CampaignState.WAITING}


def cancel(session: Session, scope: Scope, key: str, *, at: datetime) -> Campaign:
    """End it: what is not sent is skipped; what may have been sent already stays unknown."""
    campaign = find(session, scope, key)
    ended = {"reason": "cancelled", "wait_until": None, "finished_at": at}
    moved = move(session, campaign, CampaignEvent.CANCEL, **ended)
    _require(moved or campaign.state == states.CampaignState.CANCELLED, campaign)
    close_waiting(session, campaign.id, reason="cancelled", at=at)
    return campaign


def close_waiting(session: Session, *campaign_ids: int, reason: str, at: datetime) -> None:
    """Skip what waits; a message that may have gone out already is unknown instead."""
    session.execute(
        moves.moving_by_condition(
            states.MESSAGE,
            Message.state,
            [(MAY_HAVE_COME, MessageEvent.LOSE)],
            MessageEvent.SKIP,
            Message.campaign_id.in_(campaign_ids),
            Message.state == states.MessageState.WAITING,  # what is in flight comes to its own end
            reason=reason,
            final_at=at,
        )
    )


def retry_failed(session: Session, scope: Scope, key: str, *, at: datetime) -> int:
    """Send again what failed, as new messages to WeChat; return how many.

    Each gets a new client_msg_id: under the old one WeChat would drop it for ten minutes.
    Raises RuleError `not_after_passed` for a campaign whose last moment is over.
    """
    campaign = find(session, scope, key)
    if campaign.not_after is not None and campaign.not_after <= at:
        raise RuleError("not_after_passed", "已过最晚发送时间，不能重发。请新建一个任务。")
    values = {"reason": "", "finished_at": None, "effect_due": at}
    moved = move(session, campaign, CampaignEvent.RETRY, **values)
    _require(moved, campaign)
    again = send_again(session, at, Message.campaign_id == campaign.id, reason="", tries=0)
    wakeups.ask(session, jobs.Job.DELIVER)
    return len(again)


def take_refused_back(
    session: Session, code: str, at: datetime, *those: ColumnElement[bool]
) -> Sequence[int]:
    """Let those wait again who were refused in the row that stopped a campaign; return their ids.

    The fault was the template's or the account's. Who has been called five times is left alone.
    """
    if code not in outcomes.IN_A_ROW:
        return []
    refused = (Message.reason == code, Message.tries < MOST_TAKEN_BACK, *those)
    return send_again(session, at, *refused)


def send_again(
    session: Session,
    at: datetime,
    *those: ColumnElement[bool],
    **values: Any,  # noqa: ANN401 - columns of Message
) -> Sequence[int]:
    """Let what failed wait again, as new messages to WeChat; return their ids.

    Not where a one-time notice came instead. They are locked first: a notice that is being claimed
    is seen by the statement after.
    """
    failed = Message.state == states.MessageState.FAILED
    locked = select(Message.id).where(failed, *those).order_by(Message.id).with_for_update()
    session.execute(select(func.count()).select_from(locked.subquery()))
    return moves.move(
        session,
        states.MESSAGE,
        Message.state,
        MessageEvent.RETRY,
        ~CAME_AS_NOTICE,
        *those,
        client_msg_id=hex_name_sql(session, Message.id),
        detail="",
        next_at=at,
        maybe_since=None,
        held_at=None,
        accepted_at=None,
        wx_msgid=None,
        crashes=0,
        final_at=None,
        **values,
    )
