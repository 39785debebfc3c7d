"""The lives of signing: whether an employer may invite, an invitation, an agreement, its voiding.

An agreement is reviewed as an application (`registry.review.states.AGREEMENT`): its own life says
only what holds between the two parties, so that no two columns tell of one review.
"""

from enum import StrEnum

from registry.base.state_table import StateTable


class QualificationState(StrEnum):
    """What an employer may do at a school."""

    APPLIED = "applied"
    """Nothing yet: its papers are looked at."""
    CHECKED = "checked"
    """Recruit, and not sign."""
    QUALIFIED = "qualified"
    """Invite graduates to sign, until a moment of its own."""
    DECLINED = "declined"
    SUSPENDED = "suspended"
    EXPIRED = "expired"


class QualificationEvent(StrEnum):
    """What is decided about an employer at a school, or comes with the clock."""

    APPLY = "apply"
    CHECK = "check"
    QUALIFY = "qualify"
    DECLINE = "decline"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXPIRE = "expire"


_Q, _E = QualificationState, QualificationEvent
QUALIFICATION = StateTable(
    moves={
        (_Q.DECLINED, _E.APPLY): _Q.APPLIED,
        (_Q.EXPIRED, _E.APPLY): _Q.APPLIED,
        (_Q.APPLIED, _E.CHECK): _Q.CHECKED,
        (_Q.CHECKED, _E.CHECK): _Q.CHECKED,
        (_Q.APPLIED, _E.QUALIFY): _Q.QUALIFIED,
        (_Q.CHECKED, _E.QUALIFY): _Q.QUALIFIED,
        (_Q.QUALIFIED, _E.QUALIFY): _Q.QUALIFIED,
        (_Q.DECLINED, _E.QUALIFY): _Q.QUALIFIED,
        (_Q.EXPIRED, _E.QUALIFY): _Q.QUALIFIED,
        (_Q.SUSPENDED, _E.QUALIFY): _Q.SUSPENDED,
        (_Q.APPLIED, _E.DECLINE): _Q.DECLINED,
        (_Q.QUALIFIED, _E.SUSPEND): _Q.SUSPENDED,
        (_Q.SUSPENDED, _E.RESUME): _Q.QUALIFIED,
        (_Q.QUALIFIED, _E.EXPIRE): _Q.EXPIRED,
    },
    starts={_Q.APPLIED, _Q.QUALIFIED},
)
"""A renewal that is passed lengthens a suspension's qualification and does not end it; one that is
returned leaves what holds as it is."""


class InvitationState(StrEnum):
    """Where an invitation to sign (签约邀请) stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


class InvitationEvent(StrEnum):
    """What can happen to an invitation."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    CANCEL = "cancel"


INVITATION = StateTable(
    moves={
        (InvitationState.OPEN, InvitationEvent.ACCEPT): InvitationState.ACCEPTED,
        (InvitationState.OPEN, InvitationEvent.REFUSE): InvitationState.REFUSED,
        (InvitationState.OPEN, InvitationEvent.WITHDRAW): InvitationState.WITHDRAWN,
        (InvitationState.OPEN, InvitationEvent.LAPSE): InvitationState.LAPSED,
        (InvitationState.OPEN, InvitationEvent.CANCEL): InvitationState.CANCELLED,
    },
    starts={InvitationState.OPEN},
)


class OfflineRequestState(StrEnum):
    """Where a graduate's request for an agreement on paper (线下签约申请) stands."""

    ASKED = "asked"
    RETURNED = "returned"
    """The school wants something mended: she sends it again."""
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"
    """She has signed otherwise, or her record has left the cohort it was made in."""


class OfflineRequestEvent(StrEnum):
    """What can happen to a request for an agreement on paper."""

    ISSUE = "issue"
    RETURN = "return"
    ASK_AGAIN = "ask_again"
    WITHDRAW = "withdraw"
    OVERTAKE = "overtake"


_O, _OE = OfflineRequestState, OfflineRequestEvent
_OPEN_REQUESTS = (_O.ASKED, _O.RETURNED)
OFFLINE_REQUEST = StateTable(
    moves={
        (_O.ASKED, _OE.ISSUE): _O.ISSUED,
        (_O.ASKED, _OE.RETURN): _O.RETURNED,
        (_O.RETURNED, _OE.ASK_AGAIN): _O.ASKED,
        **{(state, _OE.WITHDRAW): _O.WITHDRAWN for state in _OPEN_REQUESTS},
        **{(state, _OE.OVERTAKE): _O.OVERTAKEN for state in _OPEN_REQUESTS},
    },
    starts={_O.ASKED},
)


class AgreementState(StrEnum):
    """Where an agreement (就业协议) stands."""

    ISSUED = "issued"
    """On paper only: both parties sign what the school has issued, and she hands it in."""
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    """The school wants something mended; the employer amends, or she sends it as it is."""
    AMENDED = "amended"
    """The employer has proposed other terms, which she has yet to agree to."""
    SIGNED = "signed"
    FAILED = "failed"
    RETRACTED = "retracted"
    TERMINATED = "terminated"
    VOIDED = "voided"
    """It should never have been: a sham, or another person was meant."""
    FULFILLED = "fulfilled"
    """Kept, and over by the clock: what it registered stands, and nothing of it is ended."""


class AgreementEvent(StrEnum):
    """What can happen to an agreement."""

    HAND_IN = "hand_in"
    """She hands in a picture of the paper that both have signed."""
    TAKE_BACK = "take_back"
    """She takes back what she handed in, to hand in another picture or none."""
    SEND_BACK = "send_back"
    """The school wants another picture of the paper."""
    SIGN = "sign"
    FAIL = "fail"
    RETRACT = "retract"
    RETURN = "return"
    AMEND = "amend"
    AGREE = "agree"
    RESUBMIT = "resubmit"
    GIVE_UP = "give_up"
    LAPSE = "lapse"
    STOP = "stop"
    """Her record has left the cohort that it was accepted in."""
    VOID = "void"
    TERMINATE = "terminate"
    FULFIL = "fulfil"


_MENDING = (AgreementState.RETURNED, AgreementState.AMENDED)
_WITH_PARTIES = (AgreementState.ISSUED, *_MENDING)
_UNSIGNED = (AgreementState.IN_REVIEW, *_WITH_PARTIES)

AGREEMENT = StateTable(
    moves={
        (AgreementState.ISSUED, AgreementEvent.HAND_IN): AgreementState.IN_REVIEW,
        (AgreementState.IN_REVIEW, AgreementEvent.TAKE_BACK): AgreementState.ISSUED,
        (AgreementState.IN_REVIEW, AgreementEvent.SEND_BACK): AgreementState.ISSUED,
        (AgreementState.IN_REVIEW, AgreementEvent.SIGN): AgreementState.SIGNED,
        (AgreementState.IN_REVIEW, AgreementEvent.FAIL): AgreementState.FAILED,
        (AgreementState.IN_REVIEW, AgreementEvent.RETRACT): AgreementState.RETRACTED,
        (AgreementState.IN_REVIEW, AgreementEvent.RETURN): AgreementState.RETURNED,
        (AgreementState.RETURNED, AgreementEvent.AMEND): AgreementState.AMENDED,
        (AgreementState.AMENDED, AgreementEvent.AGREE): AgreementState.IN_REVIEW,
        (AgreementState.RETURNED, AgreementEvent.RESUBMIT): AgreementState.IN_REVIEW,
        **{(state, AgreementEvent.GIVE_UP): AgreementState.FAILED for state in _WITH_PARTIES},
        **{(state, AgreementEvent.LAPSE): AgreementState.FAILED for state in _WITH_PARTIES},
        **{(state, AgreementEvent.STOP): AgreementState.FAILED for state in _UNSIGNED},
        **{(state, AgreementEvent.VOID): AgreementState.VOIDED for state in _UNSIGNED},
        (AgreementState.SIGNED, AgreementEvent.VOID): AgreementState.VOIDED,
        (AgreementState.SIGNED, AgreementEvent.TERMINATE): AgreementState.TERMINATED,
        (AgreementState.SIGNED, AgreementEvent.FULFIL): AgreementState.FULFILLED,
    },
    starts={AgreementState.IN_REVIEW, AgreementState.ISSUED},
)

LIVE = AGREEMENT.states - AGREEMENT.ends
"""States in which an agreement is not over: of these a person has one at most."""
AGREED = LIVE - {AgreementState.ISSUED}
"""Those in which both parties have said yes: a paper that was only issued binds nobody yet."""
MENDING = frozenset(_MENDING)
"""Returned by the school, and not before it again yet."""


class VoidingState(StrEnum):
    """Where a request to void an agreement (作废就业协议) stands: one asks, another decides."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class VoidingEvent(StrEnum):
    """What can happen to a request to void an agreement."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


VOIDING = StateTable(
    moves={
        (VoidingState.ASKED, VoidingEvent.CONFIRM): VoidingState.DONE,
        (VoidingState.ASKED, VoidingEvent.REFUSE): VoidingState.REFUSED,
        (VoidingState.ASKED, VoidingEvent.WITHDRAW): VoidingState.WITHDRAWN,
        (VoidingState.ASKED, VoidingEvent.LAPSE): VoidingState.LAPSED,
    },
    starts={VoidingState.ASKED},
)

QUALIFICATION_TITLES = {
    QualificationState.APPLIED: "待审核",
    QualificationState.CHECKED: "可招聘",
    QualificationState.QUALIFIED: "可签约",
    QualificationState.DECLINED: "未通过",
    QualificationState.SUSPENDED: "已暂停",
    QualificationState.EXPIRED: "已到期",
}
INVITATION_TITLES = {
    InvitationState.OPEN: "待应约",
    InvitationState.ACCEPTED: "已应约",
    InvitationState.REFUSED: "已拒绝",
    InvitationState.WITHDRAWN: "已撤回",
    InvitationState.LAPSED: "已失效",
    InvitationState.CANCELLED: "已停止",
}
OFFLINE_REQUEST_TITLES = {
    OfflineRequestState.ASKED: "待学校核发",
    OfflineRequestState.RETURNED: "已退回",
    OfflineRequestState.ISSUED: "已核发",
    OfflineRequestState.WITHDRAWN: "已撤回",
    OfflineRequestState.OVERTAKEN: "已停止",
}
AGREEMENT_TITLES = {
    AgreementState.ISSUED: "待签字盖章",
    AgreementState.IN_REVIEW: "待学校审核",
    AgreementState.RETURNED: "已退回修改",
    AgreementState.AMENDED: "待本人确认修改",
    AgreementState.SIGNED: "已签约",
    AgreementState.FAILED: "未签成",
    AgreementState.RETRACTED: "已撤销应约",
    AgreementState.TERMINATED: "已解约",
    AgreementState.VOIDED: "已作废",
    AgreementState.FULFILLED: "已履行",
}
VOIDING_TITLES = {
    VoidingState.ASKED: "待另一位管理员确认",
    VoidingState.DONE: "已作废",
    VoidingState.REFUSED: "未同意",
    VoidingState.WITHDRAWN: "已撤回",
    VoidingState.LAPSED: "逾期未确认",
}
