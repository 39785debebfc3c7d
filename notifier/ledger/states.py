"""The lives of a message and of a campaign: states, events, and which may follow which."""

from collections.abc import Collection
from enum import StrEnum


class Message(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class MessageEvent(StrEnum):
    """What can happen to a message."""

    CLAIM = "claim"
    GIVE_BACK = "give_back"
    ACCEPT = "accept"
    REFUSE = "refuse"
    LOSE = "lose"
    SKIP = "skip"
    RECEIPT_OK = "receipt_ok"
    RECEIPT_FAILED = "receipt_failed"
    RETRY = "retry"


MESSAGE_TITLES = {
    Message.WAITING: "等待",
    Message.SENDING: "发送中",
    Message.ACCEPTED: "已受理",
    Message.DELIVERED: "已送达",
    Message.FAILED: "失败",
    Message.UNKNOWN: "未知",
    Message.SKIPPED: "未发送",
}

_MAYBE_SENT = (Message.WAITING, Message.SENDING, Message.ACCEPTED, Message.UNKNOWN)

MESSAGE_MOVES: dict[tuple[Message, MessageEvent], Message] = {
    (Message.WAITING, MessageEvent.CLAIM): Message.SENDING,
    (Message.WAITING, MessageEvent.LOSE): Message.UNKNOWN,
    (Message.WAITING, MessageEvent.SKIP): Message.SKIPPED,
    (Message.SENDING, MessageEvent.GIVE_BACK): Message.WAITING,
    (Message.SENDING, MessageEvent.ACCEPT): Message.ACCEPTED,
    (Message.SENDING, MessageEvent.REFUSE): Message.FAILED,
    (Message.SENDING, MessageEvent.LOSE): Message.UNKNOWN,
    (Message.SENDING, MessageEvent.SKIP): Message.SKIPPED,
    # A receipt may come before the answer is written, or after the message was given up as unknown.
    **{(state, MessageEvent.RECEIPT_OK): Message.DELIVERED for state in _MAYBE_SENT},
    **{(state, MessageEvent.RECEIPT_FAILED): Message.FAILED for state in _MAYBE_SENT},
    (Message.FAILED, MessageEvent.RETRY): Message.WAITING,
    (Message.UNKNOWN, MessageEvent.RETRY): Message.WAITING,
}

OPEN_MESSAGES = frozenset({Message.WAITING, Message.SENDING})


def message_sources(event: MessageEvent) -> list[Message]:
    """Return the states from which `event` may happen: the WHERE of a guarded UPDATE."""
    return [state for state, candidate in MESSAGE_MOVES if candidate is event]


class Campaign(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    WAITING = "waiting"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class CampaignEvent(StrEnum):
    """What can happen to a campaign."""

    SCHEDULE = "schedule"
    EXPAND = "expand"
    WAIT = "wait"
    GO_ON = "go_on"
    PAUSE = "pause"
    RESUME = "resume"
    RETURN = "return"
    """Gone on with, having been paused before it began."""
    CANCEL = "cancel"
    FINISH = "finish"
    RETRY = "retry"


CAMPAIGN_TITLES = {
    Campaign.DRAFT: "草稿",
    Campaign.SCHEDULED: "待开始",
    Campaign.SENDING: "发送中",
    Campaign.WAITING: "等待中",
    Campaign.PAUSED: "已暂停",
    Campaign.FINISHED: "已完成",
    Campaign.CANCELLED: "已取消",
}

CAMPAIGN_MOVES: dict[tuple[Campaign, CampaignEvent], Campaign] = {
    (Campaign.DRAFT, CampaignEvent.SCHEDULE): Campaign.SCHEDULED,
    (Campaign.DRAFT, CampaignEvent.CANCEL): Campaign.CANCELLED,
    (Campaign.SCHEDULED, CampaignEvent.EXPAND): Campaign.SENDING,
    (Campaign.SCHEDULED, CampaignEvent.PAUSE): Campaign.PAUSED,
    (Campaign.SCHEDULED, CampaignEvent.CANCEL): Campaign.CANCELLED,
    (Campaign.SENDING, CampaignEvent.WAIT): Campaign.WAITING,
    (Campaign.SENDING, CampaignEvent.PAUSE): Campaign.PAUSED,
    (Campaign.SENDING, CampaignEvent.CANCEL): Campaign.CANCELLED,
    (Campaign.SENDING, CampaignEvent.FINISH): Campaign.FINISHED,
    (Campaign.WAITING, CampaignEvent.GO_ON): Campaign.SENDING,
    (Campaign.WAITING, CampaignEvent.PAUSE): Campaign.PAUSED,
    (Campaign.WAITING, CampaignEvent.CANCEL): Campaign.CANCELLED,
    (Campaign.WAITING, CampaignEvent.FINISH): Campaign.FINISHED,
    (Campaign.PAUSED, CampaignEvent.RESUME): Campaign.SENDING,
    (Campaign.PAUSED, CampaignEvent.RETURN): Campaign.SCHEDULED,
    (Campaign.PAUSED, CampaignEvent.CANCEL): Campaign.CANCELLED,
    (Campaign.FINISHED, CampaignEvent.RETRY): Campaign.SENDING,
}


def campaign_sources(event: CampaignEvent) -> list[Campaign]:
    """Return the states from which `event` may happen: the WHERE of a guarded UPDATE."""
    return [state for state, candidate in CAMPAIGN_MOVES if candidate is event]


LIVE_CAMPAIGNS = frozenset({Campaign.SCHEDULED, Campaign.SENDING, Campaign.WAITING})
"""What goes on by itself."""
_MOVING_FIRST = (
    *(Campaign.SENDING, Campaign.WAITING, Campaign.SCHEDULED, Campaign.PAUSED),
    *(Campaign.FINISHED, Campaign.CANCELLED),
)


def of_all(found: Collection[Campaign]) -> Campaign:
    """Return the state of campaigns that are one act: what still moves comes first."""
    return next((state for state in _MOVING_FIRST if state in found), Campaign.DRAFT)
