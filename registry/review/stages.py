"""What review lists show: what waits for which level, and what came of it."""

from collections.abc import Sequence
from enum import StrEnum

from registry.review import states as review
from registry.review.states import ApplicationState, Level, Purpose


class Stage(StrEnum):
    """What a list shows: what waits for one level, or what came of it."""

    DEPARTMENT = "department"
    SCHOOL = "school"
    PROVINCE = "province"
    RETURNED = "returned"
    PASSED = "passed"


TITLES = {
    Purpose.REGISTER: {
        Stage.DEPARTMENT: "待院系审核",
        Stage.SCHOOL: "待学校审核",
        Stage.PROVINCE: "待省级审核",
        Stage.RETURNED: "已退回",
        Stage.PASSED: "已通过",
    },
    Purpose.VOID: {
        Stage.DEPARTMENT: "待院系审核",
        Stage.SCHOOL: "待学校审核",
        Stage.PROVINCE: "待省级审核",
        Stage.RETURNED: "未同意",
        Stage.PASSED: "已作废",
    },
    Purpose.AGREEMENT: {
        Stage.DEPARTMENT: "待院系审核",
        Stage.SCHOOL: "待学校审核",
        Stage.PROVINCE: "待省级审核",
        Stage.RETURNED: "已退回、未通过",
        Stage.PASSED: "已签约",
    },
}
_RETURNED = {
    Purpose.REGISTER: frozenset({ApplicationState.RETURNED}),
    Purpose.VOID: frozenset({ApplicationState.DECLINED}),
    Purpose.AGREEMENT: frozenset({ApplicationState.RETURNED, ApplicationState.DECLINED}),
}


def stages(levels: Sequence[Level]) -> list[Stage]:
    """Return the stages there are under these levels, in order."""
    return [*(Stage(level) for level in levels), Stage.RETURNED, Stage.PASSED]


def states_of(
    stage: Stage, purpose: Purpose, levels: Sequence[Level]
) -> frozenset[ApplicationState]:
    """Return the states of applications that a stage shows."""
    if stage is Stage.PASSED:
        return frozenset({ApplicationState.PASSED})
    if stage is Stage.RETURNED:
        return _RETURNED[purpose]
    return review.waiting_for(Level(stage), levels)
