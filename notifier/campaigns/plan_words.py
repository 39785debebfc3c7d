"""What a campaign or a province's reminder is to say, to whom, when, for the audit log.

The log keeps it after people were erased: of a list of student numbers it has how many.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.campaigns import audience_words
from notifier.campaigns.audience import Audience
from notifier.ledger import kinds, states
from notifier.ledger.tables import Campaign, Planned, ProvinceReminder
from registry.accounts import audit
from registry.accounts.school_tables import School
from registry.base.clock import SHANGHAI

_NUMBERS = "学号名单"
_PREFERS = {"no_duplicate": "不重发", "delivery": "重发一次"}


def of_campaign(session: Session, campaign: Campaign) -> dict[str, Any]:
    """Return it by title."""
    return _planned(campaign, audience_words.in_words(session, campaign))


def of_reminder(session: Session, reminder: ProvinceReminder) -> dict[str, Any]:
    """Return it by title."""
    audience, kind = Audience.from_json(reminder.audience), kinds.kinds()[reminder.kind]
    names = select(School.name).where(School.key.in_(reminder.schools)).order_by(School.code)
    whom = audience_words.of_audience(audience, kind)
    return {"学校": list(session.scalars(names)), **_planned(reminder, whom)}


def of_state(campaign: Campaign) -> dict[str, Any]:
    """Return how a campaign stands, by title."""
    return {"状态": states.CAMPAIGN_TITLES[states.CampaignState(campaign.state)]}


def _planned(plan: Planned, whom: str) -> dict[str, Any]:
    return {
        "名称": plan.title,
        "消息": kinds.kinds()[plan.kind].title,
        "发送对象": whom,
        _NUMBERS: list(plan.audience.get("student_numbers") or ()),
        **plan.texts,
        "开始时间": _moment(plan.start_at),
        "最晚发送": _moment(plan.not_after),
        "结果未知时": _PREFERS[plan.prefers],
    }


def _moment(at: datetime | None) -> str | None:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else None


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is other than before, for `details["changes"]`; all of a new one from {}."""
    titles = {title: title for title in {**before, **after}}
    found = audit.changes(titles, before, after)
    return [_counted(each) if each["title"] == _NUMBERS else each for each in found]


def _counted(change: Mapping[str, Any]) -> dict[str, Any]:
    """Return the change of a list of student numbers without any of them."""
    before, after = set(change["before"] or ()), set(change["after"] or ())
    moved = f"新增 {len(after - before):,} 个，移除 {len(before - after):,} 个"
    return {
        "title": _NUMBERS,
        "before": f"{len(before):,} 个",
        "after": f"{len(after):,} 个（{moved}）",
    }
