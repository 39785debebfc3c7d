"""The lives of a message and of a campaign: states, events, and which may follow which."""

from collections.abc import Collection
from enum import StrEnum

from registry.base.state_table import StateTable


class MessageState(StrEnum):
    """The state of a message."""

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
    PUT_OFF = "put_off"
    """Due, but not today any more: the person's cap is reached."""
    GIVE_BACK = "give_back"
    ACCEPT = "accept"
    REFUSE = "refuse"
    LOSE = "lose"
    SKIP = "skip"
    RECEIPT_OK = "receipt_ok"
    RECEIPT_FAILED = "receipt_failed"
    REPEAT_FAILED = "repeat_failed"
    """A failed receipt of a copy that is not the only one: an earlier one may have come."""
    RETRY = "retry"


MESSAGE_TITLES = {
    MessageState.WAITING: "等待",
    MessageState.SENDING: "发送中",
    MessageState.ACCEPTED: "已受理",
    MessageState.DELIVERED: "已送达",
    MessageState.FAILED: "失败",
    MessageState.UNKNOWN: "未知",
    MessageState.SKIPPED: "未发送",
}

_MAYBE_SENT = (
    MessageState.WAITING,
    MessageState.SENDING,
    MessageState.ACCEPTED,
    MessageState.UNKNOWN,
)

MESSAGE = StateTable(
    {
        (MessageState.WAITING, MessageEvent.CLAIM): MessageState.SENDING,
        (MessageState.WAITING, MessageEvent.PUT_OFF): MessageState.WAITING,
        (MessageState.WAITING, MessageEvent.LOSE): MessageState.UNKNOWN,
        (MessageState.WAITING, MessageEvent.SKIP): MessageState.SKIPPED,
        (MessageState.SENDING, MessageEvent.GIVE_BACK): MessageState.WAITING,
        (MessageState.SENDING, MessageEvent.ACCEPT): MessageState.ACCEPTED,
        (MessageState.SENDING, MessageEvent.REFUSE): MessageState.FAILED,
        (MessageState.SENDING, MessageEvent.LOSE): MessageState.UNKNOWN,
        (MessageState.SENDING, MessageEvent.SKIP): MessageState.SKIPPED,
        # A receipt may come before the answer is written, or after the message was given up as
        # unknown.
        **{(state, MessageEvent.RECEIPT_OK): MessageState.DELIVERED for state in _MAYBE_SENT},
        **{(state, MessageEvent.RECEIPT_FAILED): MessageState.FAILED for state in _MAYBE_SENT},
        **{(state, MessageEvent.REPEAT_FAILED): MessageState.UNKNOWN for state in _MAYBE_SENT},
        (MessageState.FAILED, MessageEvent.RETRY): MessageState.WAITING,
    },
    starts={MessageState.WAITING, MessageState.SKIPPED},
)
"""A campaign writes who cannot be reached as skipped; every other message begins as waiting."""

OPEN_MESSAGES = frozenset({MessageState.WAITING, MessageState.SENDING})


class CampaignState(StrEnum):
    """The state of a campaign."""

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
    CampaignState.DRAFT: "草稿",
    CampaignState.SCHEDULED: "待开始",
    CampaignState.SENDING: "发送中",
    CampaignState.WAITING: "等待中",
    CampaignState.PAUSED: "已暂停",
    CampaignState.FINISHED: "已完成",
    CampaignState.CANCELLED: "已取消",
}

CAMPAIGN = StateTable(
    {
        (CampaignState.DRAFT, CampaignEvent.SCHEDULE): CampaignState.SCHEDULED,
        (CampaignState.DRAFT, CampaignEvent.CANCEL): CampaignState.CANCELLED,
        (CampaignState.SCHEDULED, CampaignEvent.EXPAND): CampaignState.SENDING,
        (CampaignState.SCHEDULED, CampaignEvent.PAUSE): CampaignState.PAUSED,
        (CampaignState.SCHEDULED, CampaignEvent.CANCEL): CampaignState.CANCELLED,
        (CampaignState.SENDING, CampaignEvent.WAIT): CampaignState.WAITING,
        (CampaignState.SENDING, CampaignEvent.PAUSE): CampaignState.PAUSED,
        (CampaignState.SENDING, CampaignEvent.CANCEL): CampaignState.CANCELLED,
        (CampaignState.SENDING, CampaignEvent.FINISH): CampaignState.FINISHED,
        (CampaignState.WAITING, CampaignEvent.GO_ON): CampaignState.SENDING,
        (CampaignState.WAITING, CampaignEvent.PAUSE): CampaignState.PAUSED,
        (CampaignState.WAITING, CampaignEvent.CANCEL): CampaignState.CANCELLED,
        (CampaignState.WAITING, CampaignEvent.FINISH): CampaignState.FINISHED,
        (CampaignState.PAUSED, CampaignEvent.RESUME): CampaignState.SENDING,
        (CampaignState.PAUSED, CampaignEvent.RETURN): CampaignState.SCHEDULED,
        (CampaignState.PAUSED, CampaignEvent.CANCEL): CampaignState.CANCELLED,
        (CampaignState.FINISHED, CampaignEvent.RETRY): CampaignState.SENDING,
    },
    starts={CampaignState.DRAFT, CampaignState.SCHEDULED},
)
"""What staff make begins as a draft; reminders of the system and of a province are scheduled."""

LIVE_CAMPAIGNS = frozenset({CampaignState.SCHEDULED, CampaignState.SENDING, CampaignState.WAITING})
"""What goes on without anybody's act."""

_MOVING_FIRST = (
    *(CampaignState.SENDING, CampaignState.WAITING, CampaignState.SCHEDULED, CampaignState.PAUSED),
    *(CampaignState.FINISHED, CampaignState.CANCELLED),
)


def of_all(found: Collection[CampaignState]) -> CampaignState:
    """Return the state of campaigns that are one act: what still moves comes first."""
    return next((state for state in _MOVING_FIRST if state in found), CampaignState.DRAFT)


class MiniNoticeState(StrEnum):
    """The state of a one-time notice."""

    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class MiniNoticeEvent(StrEnum):
    """What can happen to a one-time notice."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    LOSE = "lose"
    """No answer that says which: it counts as sent, and is not sent again."""


MINI_NOTICE_TITLES = {
    MiniNoticeState.SENDING: "小程序通知发送中",
    MiniNoticeState.SENT: "已改发小程序通知",
    MiniNoticeState.FAILED: "小程序通知发送失败",
    MiniNoticeState.UNKNOWN: "已改发小程序通知，结果未知",
}

_UNTIL_ANSWERED = (MiniNoticeState.SENDING, MiniNoticeState.UNKNOWN)

MINI_NOTICE = StateTable(
    {
        (MiniNoticeState.SENDING, MiniNoticeEvent.LOSE): MiniNoticeState.UNKNOWN,
        # An answer may come after its worker was taken to be dead.
        **{(each, MiniNoticeEvent.ACCEPT): MiniNoticeState.SENT for each in _UNTIL_ANSWERED},
        **{(each, MiniNoticeEvent.REFUSE): MiniNoticeState.FAILED for each in _UNTIL_ANSWERED},
    },
    starts={MiniNoticeState.SENDING},
)
"""It begins with the claim, which is made before the call; one that was never taken has no row."""
