"""The lives of signing: whether an employer may invite, an invitation, an agreement.

An agreement is reviewed as an application (`registry.review.states.AGREEMENT`): its own life says
only what holds between the two parties, so that no two columns tell of one review.
"""

from enum import StrEnum

from registry.base.state_table import StateTable


class QualificationState(StrEnum):
    """Whether an employer may invite graduates of a school."""

    QUALIFIED = "qualified"
    SUSPENDED = "suspended"


class QualificationEvent(StrEnum):
    """What a school does about an employer."""

    SUSPEND = "suspend"
    RESUME = "resume"


QUALIFICATION = StateTable(
    moves={
        (
            QualificationState.QUALIFIED,
            QualificationEvent.SUSPEND,
        ): QualificationState.SUSPENDED,
        (QualificationState.SUSPENDED, QualificationEvent.RESUME): QualificationState.QUALIFIED,
    },
    starts={QualificationState.QUALIFIED},
)


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


class AgreementState(StrEnum):
    """Where an agreement (就业协议) stands."""

    IN_REVIEW = "in_review"
    SIGNED = "signed"
    FAILED = "failed"
    RETRACTED = "retracted"
    TERMINATED = "terminated"


class AgreementEvent(StrEnum):
    """What can happen to an agreement."""

    SIGN = "sign"
    FAIL = "fail"
    RETRACT = "retract"
    TERMINATE = "terminate"


AGREEMENT = StateTable(
    moves={
        (AgreementState.IN_REVIEW, AgreementEvent.SIGN): AgreementState.SIGNED,
        (AgreementState.IN_REVIEW, AgreementEvent.FAIL): AgreementState.FAILED,
        (AgreementState.IN_REVIEW, AgreementEvent.RETRACT): AgreementState.RETRACTED,
        (AgreementState.SIGNED, AgreementEvent.TERMINATE): AgreementState.TERMINATED,
    },
    starts={AgreementState.IN_REVIEW},
)

LIVE = AGREEMENT.states - AGREEMENT.ends
"""States in which an agreement binds: of these a person has one at most."""

QUALIFICATION_TITLES = {
    QualificationState.QUALIFIED: "可签约",
    QualificationState.SUSPENDED: "已暂停",
}
INVITATION_TITLES = {
    InvitationState.OPEN: "待应约",
    InvitationState.ACCEPTED: "已应约",
    InvitationState.REFUSED: "已拒绝",
    InvitationState.WITHDRAWN: "已撤回",
    InvitationState.LAPSED: "已失效",
    InvitationState.CANCELLED: "已停止",
}
AGREEMENT_TITLES = {
    AgreementState.IN_REVIEW: "待学校审核",
    AgreementState.SIGNED: "已签约",
    AgreementState.FAILED: "审核未通过",
    AgreementState.RETRACTED: "已撤销应约",
    AgreementState.TERMINATED: "已解约",
}
