"""The life of an application (登记申请、作废申请、就业协议): states, events, which follows which.

Levels of review: department, school and, where it is used, province; a school may merge the first
two. What is returned carries a reason and may be sent again; a request to void that is not
agreed to is over, and another may be made; so is an agreement that is not passed.
"""

from collections.abc import Sequence
from enum import StrEnum

from registry.base.state_table import StateTable


class Purpose(StrEnum):
    """What an application asks for."""

    REGISTER = "register"
    VOID = "void"
    AGREEMENT = "agreement"
    """An agreement that she and an employer have signed online (`registry.signing`)."""


class ApplicationState(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    DEPARTMENT_PASSED = "department_passed"
    SCHOOL_PASSED = "school_passed"
    PASSED = "passed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    DISCARDED = "discarded"


class ApplicationEvent(StrEnum):
    """What can happen to an application."""

    SAVE = "save"
    SUBMIT = "submit"
    PASS_DEPARTMENT = "pass_department"  # noqa: S105 - no password, a review passed
    PASS_SCHOOL = "pass_school"  # noqa: S105 - no password, a review passed
    PASS_LAST = "pass_last"  # noqa: S105 - no password, a review passed
    RETURN = "return"
    DECLINE = "decline"
    STOP = "stop"
    """What it is the review of has ended otherwise: of an agreement."""
    WITHDRAW = "withdraw"
    DISCARD = "discard"


class Level(StrEnum):
    """Who reviews, in the order of review."""

    DEPARTMENT = "department"
    SCHOOL = "school"
    PROVINCE = "province"


PURPOSE_TITLES = {
    Purpose.REGISTER: "毕业去向登记",
    Purpose.VOID: "毕业去向作废",
    Purpose.AGREEMENT: "就业协议",
}
LEVEL_TITLES = {Level.DEPARTMENT: "院系", Level.SCHOOL: "学校", Level.PROVINCE: "省级"}
STATE_TITLES = {
    ApplicationState.DRAFT: "草稿",
    ApplicationState.SUBMITTED: "待审核",
    ApplicationState.DEPARTMENT_PASSED: "院系已通过",
    ApplicationState.SCHOOL_PASSED: "学校已通过",
    ApplicationState.PASSED: "审核通过",
    ApplicationState.RETURNED: "已退回",
    ApplicationState.WITHDRAWN: "已撤回",
    ApplicationState.DECLINED: "未同意",
    ApplicationState.DISCARDED: "已放弃",
}

LEVEL_CHOICES: tuple[tuple[Level, ...], ...] = (
    (Level.DEPARTMENT, Level.SCHOOL),
    (Level.SCHOOL,),
    (Level.DEPARTMENT, Level.SCHOOL, Level.PROVINCE),
    (Level.SCHOOL, Level.PROVINCE),
)
"""What a school may choose; the school always reviews: it answers for what is true."""

_REVIEW: dict[tuple[ApplicationState, ApplicationEvent], ApplicationState] = {
    (
        ApplicationState.SUBMITTED,
        ApplicationEvent.PASS_DEPARTMENT,
    ): ApplicationState.DEPARTMENT_PASSED,
    (ApplicationState.SUBMITTED, ApplicationEvent.PASS_SCHOOL): ApplicationState.SCHOOL_PASSED,
    (ApplicationState.SUBMITTED, ApplicationEvent.PASS_LAST): ApplicationState.PASSED,
    (
        ApplicationState.DEPARTMENT_PASSED,
        ApplicationEvent.PASS_SCHOOL,
    ): ApplicationState.SCHOOL_PASSED,
    (ApplicationState.DEPARTMENT_PASSED, ApplicationEvent.PASS_LAST): ApplicationState.PASSED,
    (ApplicationState.SCHOOL_PASSED, ApplicationEvent.PASS_LAST): ApplicationState.PASSED,
}
_WAITING = (
    ApplicationState.SUBMITTED,
    ApplicationState.DEPARTMENT_PASSED,
    ApplicationState.SCHOOL_PASSED,
)
_EDITABLE = (ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.WITHDRAWN)

REGISTER = StateTable(
    moves={
        **_REVIEW,
        **{(state, ApplicationEvent.SAVE): state for state in _EDITABLE},
        **{(state, ApplicationEvent.SUBMIT): ApplicationState.SUBMITTED for state in _EDITABLE},
        **{(state, ApplicationEvent.DISCARD): ApplicationState.DISCARDED for state in _EDITABLE},
        **{(state, ApplicationEvent.RETURN): ApplicationState.RETURNED for state in _WAITING},
        **{(state, ApplicationEvent.WITHDRAW): ApplicationState.WITHDRAWN for state in _WAITING},
    },
    starts={ApplicationState.DRAFT},
)
_TAKEN_BACK = {(state, ApplicationEvent.WITHDRAW): ApplicationState.DISCARDED for state in _WAITING}
VOID = StateTable(
    moves={
        **_REVIEW,
        **_TAKEN_BACK,
        **{(state, ApplicationEvent.RETURN): ApplicationState.DECLINED for state in _WAITING},
    },
    starts={ApplicationState.SUBMITTED},
)
AGREEMENT = StateTable(
    moves={
        **_REVIEW,
        **_TAKEN_BACK,
        **{(state, ApplicationEvent.RETURN): ApplicationState.RETURNED for state in _WAITING},
        **{(state, ApplicationEvent.DECLINE): ApplicationState.DECLINED for state in _WAITING},
        **{
            (state, ApplicationEvent.STOP): ApplicationState.DISCARDED
            for state in (*_WAITING, ApplicationState.RETURNED)
        },
        (ApplicationState.RETURNED, ApplicationEvent.SUBMIT): ApplicationState.SUBMITTED,
    },
    starts={ApplicationState.SUBMITTED},
)
APPLICATION = {Purpose.REGISTER: REGISTER, Purpose.VOID: VOID, Purpose.AGREEMENT: AGREEMENT}
"""The life of an application, by what it asks for."""

WAITING = frozenset(_WAITING)
"""Somebody has to decide."""
EDITABLE = frozenset(_EDITABLE)
"""The graduate may go on writing."""
FINAL = REGISTER.ends | VOID.ends

_PASSES = {
    Level.DEPARTMENT: ApplicationEvent.PASS_DEPARTMENT,
    Level.SCHOOL: ApplicationEvent.PASS_SCHOOL,
}
_BEHIND: dict[ApplicationState, frozenset[Level]] = {
    ApplicationState.SUBMITTED: frozenset(),
    ApplicationState.DEPARTMENT_PASSED: frozenset({Level.DEPARTMENT}),
    ApplicationState.SCHOOL_PASSED: frozenset({Level.DEPARTMENT, Level.SCHOOL}),
}


def level_of(state: ApplicationState, levels: Sequence[Level]) -> Level | None:
    """Return who decides next on what stands in `state`; None where nobody has to."""
    if state not in _BEHIND:
        return None
    return next((level for level in levels if level not in _BEHIND[state]), None)


def waiting_for(level: Level, levels: Sequence[Level]) -> frozenset[ApplicationState]:
    """Return the states whose next decision is this level's."""
    return frozenset(state for state in WAITING if level_of(state, levels) is level)


def passing(level: Level, levels: Sequence[Level]) -> ApplicationEvent:
    """Return what a pass at `level` is, the last one being the one that counts."""
    return ApplicationEvent.PASS_LAST if level is levels[-1] else _PASSES[level]
