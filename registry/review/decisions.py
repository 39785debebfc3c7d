"""The words of a review: who decides, what, what can come of it, and when which of it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from registry.accounts.tables import Role, Staff
from registry.base.errors import RuleError
from registry.base.written_reason import written_reason
from registry.review import states as review
from registry.review.states import ApplicationEvent, ApplicationState, Level, Purpose


class Decision(StrEnum):
    """What a reviewer decides."""

    PASS = "pass"  # noqa: S105 - no password, a review passed
    RETURN = "return"
    DECLINE = "decline"
    """For good: of an agreement, which is over by it."""


class Outcome(StrEnum):
    """What came of a decision on one application."""

    PASSED = "passed"
    RETURNED = "returned"
    DECLINED = "declined"
    CHANGED_MEANWHILE = "changed_meanwhile"
    WRONG_LEVEL = "wrong_level"
    NOT_IN_SCOPE = "not_in_scope"
    RECORD_CHANGED = "record_changed"
    NO_LONGER_VALID = "no_longer_valid"
    LOCKED_BY_PROVINCE = "locked_by_province"
    TOO_EARLY = "too_early"
    EMPLOYER_LISTED = "employer_listed"
    NOT_OF_THIS_KIND = "not_of_this_kind"


OUTCOME_SENTENCES = {
    Outcome.PASSED: "已通过",
    Outcome.RETURNED: "已退回",
    Outcome.DECLINED: "未通过",
    Outcome.CHANGED_MEANWHILE: "刚刚有变化或正被他人处理，没有审核，请刷新后再看",
    Outcome.WRONG_LEVEL: "现在不归您这一级审核",
    Outcome.NOT_IN_SCOPE: "没有找到，或不在您的管理范围内",
    Outcome.RECORD_CHANGED: "提交之后登记信息又有更新，请退回，由本人核对后重新提交",
    Outcome.NO_LONGER_VALID: "内容已不符合现在的规则，请退回，由本人修改",
    Outcome.LOCKED_BY_PROVINCE: "省级已备案，只能由省级退回后办理",
    Outcome.TOO_EARLY: "还在本人可以撤销应约的时间内，请稍后再审核",
    Outcome.EMPLOYER_LISTED: "单位已列入签约黑名单，不能通过",
    Outcome.NOT_OF_THIS_KIND: "这类申请没有“不通过”，请退回并写明原因",
}

DONE = frozenset({Outcome.PASSED, Outcome.RETURNED, Outcome.DECLINED})


@dataclass(frozen=True)
class Reviewer:
    """Who decides, at which level."""

    level: Level
    by: str
    """`staff:<key>`."""


@dataclass(frozen=True)
class Verdict:
    """A decision; all but a pass say why."""

    decision: Decision
    reason: str = ""


@dataclass(frozen=True)
class Weighed:
    """One application, as far as a decision looks at it."""

    id: int
    key: str
    revision: int
    year: int
    purpose: Purpose
    state: ApplicationState
    levels: tuple[Level, ...]
    based_on: int | None
    graduate_id: int
    graduate_key: str
    in_force: int | None
    """The graduate's version now."""
    registration: Mapping[str, Any] | None
    """What would be recorded; None where the rules of today no longer admit it."""
    too_early: bool
    """She may still take it back: the last level does not pass it yet."""
    locked: bool = False
    """Filed by the province."""
    listed: bool = False
    """Of an agreement: its employer signs with nobody now."""


_LEVELS = {
    Role.DEPARTMENT: Level.DEPARTMENT,
    Role.SCHOOL: Level.SCHOOL,
    Role.PROVINCE: Level.PROVINCE,
}


def level_of(staff: Staff) -> Level | None:
    """Return at which level a member of staff decides; None for those who review nothing."""
    return _LEVELS.get(Role(staff.role))


def reviewer(staff: Staff) -> Reviewer:
    """Return at which level a member of staff decides; raise RuleError `no_reviewer`."""
    level = level_of(staff)
    if level is None:
        raise RuleError("no_reviewer", "您的账号没有审核的职责。")
    return Reviewer(level, staff.actor)


_WHY = {
    Decision.RETURN: "请写明退回的原因，以便毕业生修改。",
    Decision.DECLINE: "请写明不通过的原因，单位和毕业生都会看到。",
}


def checked(verdict: Verdict) -> Verdict:
    """Return the verdict with its reason as it is kept; a pass has none.

    Raises RuleError `reason_missing` or `reason_too_long`.
    """
    if verdict.decision is Decision.PASS:
        return Verdict(Decision.PASS)
    reason = written_reason(verdict.reason, _WHY[verdict.decision])
    return Verdict(verdict.decision, reason)


def outcome(found: Weighed, level: Level, revision: int, decision: Decision) -> Outcome:
    """Return what a decision on the revision that was seen comes to."""
    due = review.level_of(found.state, found.levels)
    if found.revision != revision or due is None:
        return Outcome.CHANGED_MEANWHILE
    if due is not level:
        return Outcome.WRONG_LEVEL
    if decision is Decision.PASS:
        return _obstacle(found, level) or Outcome.PASSED
    if review.APPLICATION[found.purpose].after(found.state, event(found, level, decision)) is None:
        return Outcome.NOT_OF_THIS_KIND
    return Outcome.RETURNED if decision is Decision.RETURN else Outcome.DECLINED


def _obstacle(found: Weighed, level: Level) -> Outcome | None:
    """Return what keeps an application from being passed at a level."""
    if found.too_early and level is found.levels[-1]:
        return Outcome.TOO_EARLY
    if found.listed:
        return Outcome.EMPLOYER_LISTED
    if found.locked:
        return Outcome.LOCKED_BY_PROVINCE
    if found.based_on != found.in_force:
        return Outcome.RECORD_CHANGED
    return Outcome.NO_LONGER_VALID if found.registration is None else None


def event(found: Weighed, level: Level, decision: Decision) -> ApplicationEvent:
    """Return what happens to an application by a decision at its level."""
    if decision is Decision.RETURN:
        return ApplicationEvent.RETURN
    if decision is Decision.DECLINE:
        return ApplicationEvent.DECLINE
    return review.passing(level, found.levels)
