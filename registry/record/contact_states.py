"""The lives of a change of contact: what became of it, and of the message that tells of it."""

from enum import StrEnum

from registry.base.state_table import StateTable


class ContactState(StrEnum):
    """What became of a change of a graduate's phone, or of the end of her binding."""

    STANDING = "standing"
    OBJECTED = "objected"
    """She said that she did not want it: somebody has to look."""
    DISMISSED = "dismissed"
    UPHELD = "upheld"
    TAKEN_BACK = "taken_back"
    """All is what it was before."""


class ContactEvent(StrEnum):
    """What can happen to a change."""

    OBJECT = "object"
    DISMISS = "dismiss"
    UPHOLD = "uphold"
    TAKE_BACK = "take_back"


CONTACT_CHANGE = StateTable(
    {
        (ContactState.STANDING, ContactEvent.OBJECT): ContactState.OBJECTED,
        (ContactState.OBJECTED, ContactEvent.DISMISS): ContactState.DISMISSED,
        (ContactState.OBJECTED, ContactEvent.UPHOLD): ContactState.UPHELD,
        (ContactState.STANDING, ContactEvent.TAKE_BACK): ContactState.TAKEN_BACK,
    },
    starts={ContactState.STANDING},
)

CONTACT_TITLES = {
    ContactState.STANDING: "已生效",
    ContactState.OBJECTED: "异议待核实",
    ContactState.DISMISSED: "异议不成立",
    ContactState.UPHELD: "异议成立",
    ContactState.TAKEN_BACK: "已恢复原状",
}


class NoticeState(StrEnum):
    """Where the short message to her old phone stands."""

    NONE = "none"
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class NoticeEvent(StrEnum):
    """What can happen to the short message."""

    CLAIM = "claim"
    SEND = "send"
    RETRY = "retry"
    """Refused for now, or the process that sent it died: twice is better than not at all."""
    GIVE_UP = "give_up"
    DROP = "drop"
    """Needless: all is what it was before."""


NOTICE = StateTable(
    {
        (NoticeState.WAITING, NoticeEvent.CLAIM): NoticeState.SENDING,
        (NoticeState.SENDING, NoticeEvent.SEND): NoticeState.SENT,
        (NoticeState.SENDING, NoticeEvent.RETRY): NoticeState.WAITING,
        (NoticeState.SENDING, NoticeEvent.GIVE_UP): NoticeState.FAILED,
        (NoticeState.WAITING, NoticeEvent.DROP): NoticeState.NONE,
    },
    starts={NoticeState.NONE, NoticeState.WAITING},
)

NOTICE_TITLES = {
    NoticeState.NONE: "无需发送",
    NoticeState.WAITING: "待发送",
    NoticeState.SENDING: "发送中",
    NoticeState.SENT: "已发送",
    NoticeState.FAILED: "发送失败",
}
