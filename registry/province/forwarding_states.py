"""The life of a forwarding (转报): a file of filed graduates, from the province to the Ministry.

Source: the registration notice of 2023, clause 1.4: the province checks, files and forwards.
"""

from enum import StrEnum

from registry.base.state_table import StateTable


class ForwardingState(StrEnum):
    """Where a forwarding stands."""

    MAKING = "making"
    MADE = "made"
    """The signed file is there, and the Ministry does not see it."""
    SENT = "sent"
    RECEIVED = "received"
    """The receipt is there, and its sum is right."""
    REFUSED = "refused"
    """The Ministry took nothing of it."""
    DISCARDED = "discarded"


class ForwardingEvent(StrEnum):
    """What can happen to a forwarding."""

    MAKE = "make"
    SEND = "send"
    RECEIVE = "receive"
    REFUSE = "refuse"
    DISCARD = "discard"


TITLES = {
    ForwardingState.MAKING: "正在生成",
    ForwardingState.MADE: "待转报",
    ForwardingState.SENT: "已转报，待回执",
    ForwardingState.RECEIVED: "已回执",
    ForwardingState.REFUSED: "整批未接收",
    ForwardingState.DISCARDED: "已取消",
}

FORWARDING = StateTable(
    moves={
        (ForwardingState.MAKING, ForwardingEvent.MAKE): ForwardingState.MADE,
        (ForwardingState.MADE, ForwardingEvent.SEND): ForwardingState.SENT,
        (ForwardingState.SENT, ForwardingEvent.RECEIVE): ForwardingState.RECEIVED,
        (ForwardingState.SENT, ForwardingEvent.REFUSE): ForwardingState.REFUSED,
        (ForwardingState.MAKING, ForwardingEvent.DISCARD): ForwardingState.DISCARDED,
        (ForwardingState.MADE, ForwardingEvent.DISCARD): ForwardingState.DISCARDED,
    },
    starts={ForwardingState.MAKING},
)
SEEN_ABOVE = frozenset({ForwardingState.SENT, ForwardingState.RECEIVED, ForwardingState.REFUSED})
"""What the Ministry sees."""
