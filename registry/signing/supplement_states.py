"""The life of a supplement (补充协议): the employer proposes, the graduate answers in time."""

from enum import StrEnum

from registry.base.state_table import StateTable


class SupplementState(StrEnum):
    """Where a supplement to a signed agreement stands."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    OVERTAKEN = "overtaken"
    """The agreement has ended: there is nothing to supplement."""
    CANCELLED = "cancelled"
    """The employer may not sign with graduates of the school any more."""


class SupplementEvent(StrEnum):
    """What can happen to a supplement."""

    AGREE = "agree"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    OVERTAKE = "overtake"
    CANCEL = "cancel"


_S, _E = SupplementState, SupplementEvent
SUPPLEMENT = StateTable(
    moves={
        (_S.PROPOSED, _E.AGREE): _S.AGREED,
        (_S.PROPOSED, _E.REFUSE): _S.REFUSED,
        (_S.PROPOSED, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.PROPOSED, _E.LAPSE): _S.LAPSED,
        (_S.PROPOSED, _E.OVERTAKE): _S.OVERTAKEN,
        (_S.PROPOSED, _E.CANCEL): _S.CANCELLED,
    },
    starts={_S.PROPOSED},
)
SUPPLEMENT_TITLES = {
    _S.PROPOSED: "待毕业生答复",
    _S.AGREED: "已签订",
    _S.REFUSED: "毕业生未同意",
    _S.WITHDRAWN: "已撤回",
    _S.LAPSED: "已失效",
    _S.OVERTAKEN: "已终止",
    _S.CANCELLED: "已停止",
}
