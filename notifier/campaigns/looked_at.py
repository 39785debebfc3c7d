"""What somebody looked at before starting a reminder or changing its draft, and what is so now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy.orm import Session

from notifier.campaigns import audience as audiences
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import scope_of
from notifier.ledger import kinds
from notifier.ledger.states import CampaignState
from notifier.ledger.tables import Campaign, ProvinceReminder
from registry.base.errors import RuleError
from registry.record import shown
from registry.record.scope import lock_school

_CONTENT = ("title", "kind", "texts", "audience", "prefers", "start_at", "not_after")
_FEW, _PART = 10, 10
"""So many more than were looked at, or one part in so many, are told to nobody: people bind their
WeChat every minute, and nobody could start a reminder while they do."""


class LookAgain(RuleError):
    """What was looked at is no longer so."""


@dataclass(frozen=True)
class LookedAt:
    """What a draft's page said beside the button that starts it."""

    content: str
    """A digest (`content_of`)."""
    reachable: int
    """People."""
    told_today: int
    """Those of them who have had the same card today, or are about to."""

    @classmethod
    def of(cls, session: Session, campaign: Campaign, at: datetime) -> Self:
        """Return what is so now."""
        scope, kind = scope_of(campaign), kinds.kinds()[campaign.kind]
        audience = Audience.from_json(campaign.audience)
        reach = audiences.reach(session, scope, audience, kind, at)
        told = audiences.told_today(session, scope, audience, kind, at)
        return cls(content_of(campaign), reach.reachable, told)


def content_of(planned: Campaign | ProvinceReminder) -> str:
    """Return the digest of what a reminder says, to whom and when."""
    where = "schools" if isinstance(planned, ProvinceReminder) else "department_id"
    return shown.digest({name: getattr(planned, name) for name in (*_CONTENT, where)})


def require_content(session: Session, planned: Campaign | ProvinceReminder, seen: str) -> None:
    """Raise LookAgain where another changed the draft; it stays as it is until the commit."""
    session.refresh(planned, with_for_update=True)
    if _is_draft(planned) and content_of(planned) != seen:
        raise LookAgain("changed_meanwhile", "草稿已由他人修改，或院系已合并，请核对后再操作。")


def _is_draft(planned: Campaign | ProvinceReminder) -> bool:
    if isinstance(planned, ProvinceReminder):
        return planned.started_at is None
    return planned.state == CampaignState.DRAFT


def require(session: Session, campaign: Campaign, looked: LookedAt, at: datetime) -> None:
    """Raise LookAgain where a draft would now do other than what was looked at.

    It does where it was changed, where nobody or clearly more people would get it, and where more
    of them have had the same card today. Of what is no draft nothing is asked: it is not started
    again. Two reminders of a school are started one after the other: the second counts the first.
    """
    lock_school(session, campaign.school_id)
    require_content(session, campaign, looked.content)
    if campaign.state != CampaignState.DRAFT:
        return
    stands = LookedAt.of(session, campaign, at)
    require_number(looked.reachable, stands.reachable)
    came = max(0, stands.reachable - looked.reachable)  # who is reported gets the same card then
    if stands.told_today > looked.told_today + came:
        sentence = (
            f"其中 {stands.told_today:,} 人今天已收到或即将收到同样的消息，请核对是否需要再发。"
        )
        raise LookAgain("told_meanwhile", sentence)


def require_number(looked: int, stands: int) -> None:
    """Raise LookAgain where nobody would get it now, or clearly more people than were looked at."""
    if not stands:
        raise LookAgain("nobody_left", "现在没有可送达的毕业生，请核对发送对象。")
    if stands > looked + max(_FEW, looked // _PART):
        moved = f"已由 {looked:,} 人变为 {stands:,} 人"
        raise LookAgain("audience_grew", f"可送达人数{moved}，请核对后再发送。")
