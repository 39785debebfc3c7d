"""What the paper of an agreement is worth: the six words that a print and a lookup say."""

from enum import StrEnum

from registry.signing.states import AgreementState


class Standing(StrEnum):
    """Whether an agreement binds, as anybody who holds a print may know."""

    UNATTESTED = "unattested"
    """Both parties agreed, or are about to; the school has not passed it yet."""
    IN_FORCE = "in_force"
    TERMINATED = "terminated"
    UNSIGNED = "unsigned"
    """It never came into force: not passed, given up, or taken back."""
    VOID = "void"
    FULFILLED = "fulfilled"
    """It was in force, and its time is over."""


STANDING_TITLES = {
    Standing.UNATTESTED: "未鉴证",
    Standing.IN_FORCE: "正在生效",
    Standing.TERMINATED: "已解约",
    Standing.UNSIGNED: "未签成",
    Standing.VOID: "已作废",
    Standing.FULFILLED: "已履行",
}

_OF_STATES = {
    AgreementState.ISSUED: Standing.UNATTESTED,
    AgreementState.IN_REVIEW: Standing.UNATTESTED,
    AgreementState.RETURNED: Standing.UNATTESTED,
    AgreementState.AMENDED: Standing.UNATTESTED,
    AgreementState.SIGNED: Standing.IN_FORCE,
    AgreementState.FAILED: Standing.UNSIGNED,
    AgreementState.RETRACTED: Standing.UNSIGNED,
    AgreementState.TERMINATED: Standing.TERMINATED,
    AgreementState.VOIDED: Standing.VOID,
    AgreementState.FULFILLED: Standing.FULFILLED,
}


def standing_of(state: AgreementState) -> Standing:
    """Return what an agreement in a state is worth."""
    return _OF_STATES[state]


def watermark(standing: Standing) -> str:
    """Return what lies across a print; nothing across that of an agreement that is or was kept."""
    kept = {Standing.IN_FORCE, Standing.FULFILLED}
    return "" if standing in kept else STANDING_TITLES[standing]
