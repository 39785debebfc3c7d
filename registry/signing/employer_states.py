"""The lives of what is decided about an employer: its papers, a take-over, a listing."""

from enum import StrEnum

from registry.base.state_table import StateTable


class CertificationState(StrEnum):
    """Where papers that an employer handed in stand."""

    WAITING = "waiting"
    CHECKED = "checked"
    """Licence and name are right: it may recruit."""
    QUALIFIED = "qualified"
    """And its letter is: it may sign."""
    RETURNED = "returned"
    REPLACED = "replaced"
    """Newer papers were handed in before anybody decided."""


class CertificationEvent(StrEnum):
    """What happens to papers."""

    CHECK = "check"
    QUALIFY = "qualify"
    RETURN = "return"
    REPLACE = "replace"


CERTIFICATION = StateTable(
    moves={
        (CertificationState.WAITING, CertificationEvent.CHECK): CertificationState.CHECKED,
        (CertificationState.WAITING, CertificationEvent.QUALIFY): CertificationState.QUALIFIED,
        (CertificationState.WAITING, CertificationEvent.RETURN): CertificationState.RETURNED,
        (CertificationState.WAITING, CertificationEvent.REPLACE): CertificationState.REPLACED,
    },
    starts={CertificationState.WAITING},
)


class TakeoverState(StrEnum):
    """Where a take-over of an employer's accounts stands."""

    WAITING = "waiting"
    GRANTED = "granted"
    DECLINED = "declined"


class TakeoverEvent(StrEnum):
    """What is decided about it."""

    GRANT = "grant"
    DECLINE = "decline"


TAKEOVER = StateTable(
    moves={
        (TakeoverState.WAITING, TakeoverEvent.GRANT): TakeoverState.GRANTED,
        (TakeoverState.WAITING, TakeoverEvent.DECLINE): TakeoverState.DECLINED,
    },
    starts={TakeoverState.WAITING},
)


class ListingState(StrEnum):
    """Whether an employer is on the list; one whose last moment is past is off it by itself."""

    LISTED = "listed"
    LIFTED = "lifted"


class ListingEvent(StrEnum):
    """What happens to a listing."""

    LIFT = "lift"


LISTING = StateTable(
    moves={(ListingState.LISTED, ListingEvent.LIFT): ListingState.LIFTED},
    starts={ListingState.LISTED},
)

CERTIFICATION_TITLES = {
    CertificationState.WAITING: "待审核",
    CertificationState.CHECKED: "已通过（仅招聘）",
    CertificationState.QUALIFIED: "已通过",
    CertificationState.RETURNED: "已退回",
    CertificationState.REPLACED: "已重新提交",
}
TAKEOVER_TITLES = {
    TakeoverState.WAITING: "待审核",
    TakeoverState.GRANTED: "已同意",
    TakeoverState.DECLINED: "未同意",
}
