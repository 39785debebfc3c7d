"""What the paper of an agreement is worth: the four words that a print and a lookup say."""

from enum import StrEnum

from registry.signing.states import LIVE, AgreementState


class Standing(StrEnum):
    """Whether an agreement binds, as anybody who holds a print may know."""

    UNATTESTED = "unattested"
    """Both parties agreed, or are about to; the school has not passed it yet."""
    IN_FORCE = "in_force"
    TERMINATED = "terminated"
    VOID = "void"
    """It never came into force, or was voided."""


STANDING_TITLES = {
    Standing.UNATTESTED: "未鉴证",
    Standing.IN_FORCE: "正在生效",
    Standing.TERMINATED: "已解约",
    Standing.VOID: "已作废",
}


def standing_of(state: AgreementState) -> Standing:
    """Return what an agreement in a state is worth."""
    if state is AgreementState.SIGNED:
        return Standing.IN_FORCE
    if state is AgreementState.TERMINATED:
        return Standing.TERMINATED
    return Standing.UNATTESTED if state in LIVE else Standing.VOID


def watermark(standing: Standing) -> str:
    """Return what lies across a print; nothing across that of an agreement in force."""
    return "" if standing is Standing.IN_FORCE else STANDING_TITLES[standing]
