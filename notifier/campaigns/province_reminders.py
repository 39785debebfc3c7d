"""A province's reminder (省级提醒): one act that becomes one campaign for each of its schools.

A draft is the province's alone. Started, it is written out as ordinary campaigns, which the
province moves all at once; their schools watch them and take the lists of names.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from notifier.campaigns import audience as audiences
from notifier.campaigns import campaigns, looked_at, plan_words
from notifier.campaigns.audience import Audience, Reach
from notifier.campaigns.campaigns import Draft
from notifier.ledger import kinds, outcomes, states
from notifier.ledger.kinds import Kind
from notifier.ledger.states import CampaignEvent
from notifier.ledger.tables import Campaign, Message, Planned, ProvinceReminder
from notifier.wechat.templates import template_for
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.school_tables import School
from registry.base.errors import NotFound, RuleError
from registry.record.scope import those_in_province
from runtime import jobs, wakeups

KIND = "confirmation_reminder"
"""What a province reminds of; all else is a school's own."""
PLANNED = tuple(Planned.__annotations__)
"""The columns that each campaign takes from its reminder."""


@dataclass(frozen=True)
class Acting:
    """Who acts for which province, and when."""

    province: str
    by: str
    """`staff:<key>`."""
    name: str
    """As schools read it."""
    at: datetime


def find(session: Session, province: str, key: str) -> ProvinceReminder:
    """Return a reminder of the province; raises NotFound for a missing or another's."""
    wanted = select(ProvinceReminder).where(
        ProvinceReminder.key == key, ProvinceReminder.province == province
    )
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("提醒")
    return found


def recent(
    session: Session, province: str, *, before: int | None = None, limit: int = 50
) -> Sequence[ProvinceReminder]:
    """Return the province's reminders, newest first, those older than the id `before`."""
    wanted = select(ProvinceReminder).where(ProvinceReminder.province == province)
    if before is not None:
        wanted = wanted.where(ProvinceReminder.id < before)
    return session.scalars(wanted.order_by(ProvinceReminder.id.desc()).limit(limit)).all()


def create(
    session: Session, acting: Acting, draft: Draft, schools: Collection[str]
) -> ProvinceReminder:
    """Write a draft; `schools` are their keys. Raises RuleError naming the field that is wrong."""
    reminder = ProvinceReminder(
        province=acting.province,
        created_by=acting.by,
        signed_name=acting.name,
        created_at=acting.at,
        **_content(session, acting, draft, schools),
    )
    session.add(reminder)
    session.flush()
    _note(session, acting, reminder, "create", before={})
    return reminder


def rewrite(
    session: Session, acting: Acting, key: str, draft: Draft, schools: Collection[str]
) -> ProvinceReminder:
    """Write a draft anew; raises as `create`, and RuleError `drive_started`."""
    reminder = find(session, acting.province, key)
    before = plan_words.of_reminder(session, reminder)
    if not _update_draft(session, reminder, **_content(session, acting, draft, schools)):
        raise RuleError("drive_started", "这个提醒已经发送，不能再修改。可以复制新建。")
    _note(session, acting, reminder, "rewrite", before=before)
    return reminder


def _content(
    session: Session, acting: Acting, draft: Draft, schools: Collection[str]
) -> dict[str, Any]:
    if draft.kind != KIND:
        raise RuleError("kind_unknown", "省级提醒只能提醒确认登记去向。", "kind")
    if not schools:
        raise RuleError("schools_missing", "请至少选择一所学校。", "schools")
    chosen = those_in_province(session, acting.province, schools)
    if len(chosen) < len(set(schools)):
        raise NotFound("学校")
    return {**campaigns.content(draft, acting.at), "schools": [each.key for each in chosen]}


def _update_draft(
    session: Session,
    reminder: ProvinceReminder,
    **values: Any,  # noqa: ANN401 - columns of ProvinceReminder
) -> bool:
    """Change a draft by a guarded UPDATE; say whether it still was one."""
    changed = session.scalars(
        update(ProvinceReminder)
        .where(ProvinceReminder.id == reminder.id, ProvinceReminder.started_at.is_(None))
        .values(values)
        .returning(ProvinceReminder.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.expire(reminder)
    return bool(changed)


def discard(session: Session, acting: Acting, key: str) -> None:
    """Delete a draft: nothing came of it. Raises RuleError `drive_started`."""
    reminder = find(session, acting.province, key)
    _note(session, acting, reminder, "discard")
    gone = session.scalars(
        delete(ProvinceReminder)
        .where(ProvinceReminder.id == reminder.id, ProvinceReminder.started_at.is_(None))
        .returning(ProvinceReminder.id)
    ).all()
    if not gone:
        raise RuleError("drive_started", "这个提醒已经发送，不能放弃草稿，可以取消发送。")


def reach(
    session: Session, province: str, schools: Collection[str], audience: Audience, kind: Kind
) -> list[tuple[School, Reach]]:
    """Return the schools where there is somebody to remind, by code, and how many."""
    chosen = those_in_province(session, province, schools)
    counted = audiences.reach_by_school(session, [each.id for each in chosen], audience, kind)
    return [(each, counted[each.id]) for each in chosen if each.id in counted]


def start(session: Session, acting: Acting, key: str, looked: int | None = None) -> None:
    """Write the campaigns, to start now or at their time. Starting twice starts once.

    `looked` is how many people it was said to reach; None where nobody was told. A school with
    nobody to remind gets none. Raises RuleError `template_missing`, `drive_nobody` where no school
    has anybody, or LookAgain as `looked_at.require_number` does.
    """
    reminder = find(session, acting.province, key)
    kind, audience = kinds.kinds()[reminder.kind], Audience.from_json(reminder.audience)
    template_for(session, kind.name)
    if not _update_draft(session, reminder, started_at=acting.at):
        return
    reached = reach(session, reminder.province, reminder.schools, audience, kind)
    if not reached:
        raise RuleError("drive_nobody", "所选学校现在没有要提醒的人，没有发送。")
    if looked is not None:
        looked_at.require_number(looked, sum(each.reachable for _, each in reached))
    common = {**_columns(reminder, acting.at), "started_by": acting.by}
    rows = [{**common, "school_id": school.id} for school, _ in reached]
    made = session.scalars(insert(Campaign).returning(Campaign.id), rows).all()
    _note(session, acting, reminder, "start", made)
    wakeups.ask(session, jobs.Job.EXPAND)


def _columns(reminder: ProvinceReminder, at: datetime) -> dict[str, Any]:
    """Return what its campaigns have in common."""
    due = max(reminder.start_at or at, at)
    return {
        **{name: getattr(reminder, name) for name in PLANNED},
        "drive_id": reminder.id,
        "created_at": at,
        "state": states.CampaignState.SCHEDULED,
        "reason": "scheduled" if due > at else "starting",
        "start_at": due,
    }


def pause(session: Session, acting: Acting, key: str) -> None:
    """Stop sending in all schools; what is in flight finishes. A second pause changes nothing."""
    reminder = find(session, acting.province, key)
    values = {"reason": outcomes.PAUSED_BY_STAFF, "wait_until": None}
    moved = campaigns.move_all(session, CampaignEvent.PAUSE, _of(reminder), **values)
    _require(session, reminder, moved, {states.CampaignState.PAUSED})
    _note(session, acting, reminder, "pause", moved)


def resume(session: Session, acting: Acting, key: str) -> None:
    """Go on exactly where it stopped, but for what the operator paused.

    Raises RuleError `paused_by_operator` where nothing else is paused.
    """
    reminder = find(session, acting.province, key)
    operators = Campaign.reason == outcomes.PAUSED_BY_OPERATOR.code
    ours, begun = [_of(reminder), ~operators], Campaign.started_at.is_not(None)
    gone_on = campaigns.move_all(
        session, CampaignEvent.RESUME, *ours, begun, reason="", wait_until=None
    )
    returned = campaigns.move_all(
        session, CampaignEvent.RETURN, *ours, ~begun, reason="scheduled", wait_until=None
    )
    moved = [*gone_on, *returned]
    if not moved and session.scalar(select(exists().where(_of(reminder), operators))):
        sentence = "平台运维暂停了这个提醒，请联系平台运维了解原因。"
        raise RuleError(outcomes.PAUSED_BY_OPERATOR.code, sentence)
    _require(session, reminder, moved, states.LIVE_CAMPAIGNS)
    _note(session, acting, reminder, "resume", moved)
    for job in (jobs.Job.DELIVER, jobs.Job.EXPAND):
        wakeups.ask(session, job)


def cancel(session: Session, acting: Acting, key: str) -> None:
    """End it in all schools: what is not sent is skipped, as `campaigns.cancel` does."""
    reminder = find(session, acting.province, key)
    values = {"reason": "cancelled", "wait_until": None, "finished_at": acting.at}
    moved = campaigns.move_all(session, CampaignEvent.CANCEL, _of(reminder), **values)
    _require(session, reminder, moved, {states.CampaignState.CANCELLED})
    campaigns.close_waiting(session, *moved, reason="cancelled", at=acting.at)
    _note(session, acting, reminder, "cancel", moved)


def retry(session: Session, acting: Acting, key: str) -> None:
    """Send again what failed in all schools that are done, as `campaigns.retry_failed` does.

    Raises RuleError `not_after_passed`, or `campaign_state` where nothing failed.
    """
    reminder = find(session, acting.province, key)
    if reminder.not_after is not None and reminder.not_after <= acting.at:
        raise RuleError("not_after_passed", "已过最晚发送时间，不能重发。请新建一个提醒。")
    failed = exists().where(
        Message.campaign_id == Campaign.id, Message.state == states.MessageState.FAILED
    )
    values = {"reason": "", "finished_at": None, "effect_due": acting.at}
    moved = campaigns.move_all(session, CampaignEvent.RETRY, _of(reminder), failed, **values)
    _require(session, reminder, moved, states.LIVE_CAMPAIGNS)
    campaigns.send_again(session, acting.at, Message.campaign_id.in_(moved), reason="", tries=0)
    _note(session, acting, reminder, "retry", moved)
    wakeups.ask(session, jobs.Job.DELIVER)


def _of(reminder: ProvinceReminder) -> ColumnElement[bool]:
    return Campaign.drive_id == reminder.id


def _require(
    session: Session,
    reminder: ProvinceReminder,
    moved: Collection[int],
    already: Collection[states.CampaignState],
) -> None:
    """Raise RuleError `campaign_state` where nothing moved and nothing stands there already."""
    there = exists().where(_of(reminder), Campaign.state.in_(already))
    if not moved and not session.scalar(select(there)):
        raise RuleError("campaign_state", "这个提醒现在不能这样操作，请刷新页面。")


def _note(
    session: Session,
    acting: Acting,
    reminder: ProvinceReminder,
    action: str,
    moved: Sequence[int] = (),
    before: Mapping[str, Any] | None = None,
) -> None:
    """Keep what was done, in the log of the province and of each school it touched.

    `before` is what the reminder was to say until now, where that was written.
    """
    rows = session.execute(select(Campaign.key, Campaign.school_id).where(Campaign.id.in_(moved)))
    theirs = [
        AuditRecord(acting.by, f"campaign_{action}", f"campaign:{key}", school_id)
        for key, school_id in rows
    ]
    details: dict[str, Any] = {
        "province": reminder.province,
        "schools": len(theirs) or len(reminder.schools),
    }
    if before is not None:
        after = plan_words.of_reminder(session, reminder)
        details["changes"] = plan_words.changes(before, after)
    whole = AuditRecord(acting.by, f"drive_{action}", f"drive:{reminder.key}", None, details)
    audit.note_all(session, [whole, *theirs], acting.at)


def of_campaign(session: Session, campaign: Campaign) -> ProvinceReminder | None:
    """Return the province's reminder a campaign is part of; None for a school's own."""
    return session.get(ProvinceReminder, campaign.drive_id) if campaign.drive_id else None


def signed_names(session: Session, shown: Sequence[Campaign]) -> dict[int, str]:
    """Return who made the province's reminder that a campaign is part of, by its number."""
    parts = [each.id for each in shown if each.drive_id is not None]
    if not parts:
        return {}
    wanted = select(Campaign.id, ProvinceReminder.signed_name).join(
        ProvinceReminder, ProvinceReminder.id == Campaign.drive_id
    )
    return dict(session.execute(wanted.where(Campaign.id.in_(parts))).all())


def require_own(campaign: Campaign) -> None:
    """Raise RuleError `campaign_of_province` for a campaign that is not its school's to move."""
    if campaign.drive_id is not None:
        sentence = (
            "这是省级提醒，由省级部门暂停、继续或取消，学校不能操作。需要调整请联系省级部门。"
        )
        raise RuleError("campaign_of_province", sentence)
