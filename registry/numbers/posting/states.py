"""The life of a posting (寄送): sent, received or come back; and what a list says of a file.

Source: the notices on files of 2023: files go from school to unit by confidential mail or EMS, and
the unit answers with a receipt.
"""

from enum import StrEnum

from registry.base.state_table import StateTable


class PostingWay(StrEnum):
    """By which mail a file goes."""

    EMS = "ems"
    CONFIDENTIAL = "confidential"


WAY_TITLES = {PostingWay.EMS: "EMS", PostingWay.CONFIDENTIAL: "机要"}


class PostingState(StrEnum):
    """Where a posting stands; of a graduate at most one is sent, received or returned."""

    POSTED = "posted"
    RECEIVED = "received"
    RETURNED = "returned"
    """It came back: the next posting takes its place."""
    RESENT = "resent"
    """It came back, and the file was posted again."""
    REMOVED = "removed"
    """It was noted by mistake."""


class PostingEvent(StrEnum):
    """What can happen to a posting."""

    RECEIVE = "receive"
    RETURN = "return"
    TAKE_BACK = "take_back"
    """What was noted of its arrival was a mistake."""
    POST_AGAIN = "post_again"
    REINSTATE = "reinstate"
    """The posting that took its place was a mistake."""
    REMOVE = "remove"


_S, _E = PostingState, PostingEvent
POSTING = StateTable(
    moves={
        (_S.POSTED, _E.RECEIVE): _S.RECEIVED,
        (_S.POSTED, _E.RETURN): _S.RETURNED,
        (_S.POSTED, _E.REMOVE): _S.REMOVED,
        (_S.RECEIVED, _E.TAKE_BACK): _S.POSTED,
        (_S.RETURNED, _E.TAKE_BACK): _S.POSTED,
        (_S.RETURNED, _E.POST_AGAIN): _S.RESENT,
        (_S.RESENT, _E.REINSTATE): _S.RETURNED,
    },
    starts={_S.POSTED},
)
POSTING_TITLES = {
    _S.POSTED: "已寄出",
    _S.RECEIVED: "已签收",
    _S.RETURNED: "退件",
    _S.RESENT: "退件，已重寄",
    _S.REMOVED: "已删除",
}
STANDING = frozenset({_S.POSTED, _S.RECEIVED, _S.RETURNED})
"""The states of the one posting that says where a file is."""


class PostingStage(StrEnum):
    """What a list says of a file; follows from the standing posting and the type of transfer."""

    NOT_POSTED = "not_posted"
    POSTED = "posted"
    RECEIVED = "received"
    RETURNED = "returned"
    STAYS = "stays"


STAGE_TITLES = {
    PostingStage.NOT_POSTED: "未寄",
    PostingStage.POSTED: "已寄",
    PostingStage.RECEIVED: "已签收",
    PostingStage.RETURNED: "退件",
    PostingStage.STAYS: "不用寄送",
}
