"""Records a school ends (停用) because the student left or it should not be, and takes back.

The cohort of an ended record is kept below 0 (-2026 for 2026). Every list, statistic and reminder
is of a cohort, so it stands in none; nothing of it is lost, and its page goes on to be found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from registry.base.written_reason import written_reason
from registry.record import graduate_page, graduates, in_force, province_lock, registration
from registry.record.registration import Origin, Proposal
from registry.record.scope import Scope, lock_school, not_ended, within
from registry.record.tables import SCHOOL_CORRECTION, Graduate, Source

PAGE = 50
OCCASIONS = {
    "left": "退学",
    "struck_off": "取消学籍",
    "transferred": "转学",
    "entered_wrongly": "误录入",
}
"""Why a record may be ended, by code."""


@dataclass(frozen=True)
class RecordDecision:
    """Who ends a record or takes it back, and why."""

    staff: Staff
    reason: str
    at: datetime
    occasion: str = ""
    """Of ending, a code of OCCASIONS."""


class EndedRecords(NamedTuple):
    """What came of ending many records."""

    asked: int
    ended: int
    filed: int
    """Not ended, since their province has filed them."""


def end(session: Session, scope: Scope, key: str, decision: RecordDecision) -> None:
    """End a record, with all of its numbers.

    Raises NotFound outside the scope, RuleError `school_only`, `occasion_unknown`,
    `reason_missing`, `reason_too_long`, `record_ended` or `locked_by_province`.
    """
    graduate, reason = _locked(session, scope, key, decision)
    if decision.occasion not in OCCASIONS:
        raise RuleError("occasion_unknown", "请选择停用的原因。", "occasion")
    if graduate.is_ended:
        raise RuleError("record_ended", "这条记录已经停用。")
    _move(session, [graduate], decision)
    said = {"occasion": OCCASIONS[decision.occasion], "reason": reason}
    _note(session, key, "record_ended", decision, said)


def end_all(
    session: Session, scope: Scope, people: Select[int], decision: RecordDecision
) -> EndedRecords:
    """End the records of many; those a province has filed, and ended ones, stay as they are.

    Raises RuleError `school_only`, `occasion_unknown`, `reason_missing` or `reason_too_long`.
    """
    reason = _reason(scope, decision)
    if decision.occasion not in OCCASIONS:
        raise RuleError("occasion_unknown", "请选择停用的原因。", "occasion")
    wanted = select(Graduate).where(within(scope), Graduate.id.in_(people)).order_by(Graduate.id)
    asked = session.scalars(wanted.with_for_update(key_share=True)).all()
    filed = province_lock.locked_ids(session, [each.id for each in asked])
    going = [each for each in asked if not each.is_ended and each.id not in filed]
    if going:
        _move(session, going, decision)
    said = {"occasion": OCCASIONS[decision.occasion], "reason": reason}
    for each in going:
        _note(session, each.key, "record_ended", decision, said)
    return EndedRecords(len(asked), len(going), len(filed))


def take_back(session: Session, scope: Scope, key: str, decision: RecordDecision) -> None:
    """Put an ended record back into its cohort; its numbers stay ended.

    Raises NotFound outside the scope, RuleError `school_only`, `reason_missing`,
    `reason_too_long`, `record_not_ended`, or `number_taken` where another record of the cohort
    has its student, candidate or identity number by now.
    """
    lock_school(session, scope.school_id)  # so that nobody brings in her number meanwhile
    graduate, reason = _locked(session, scope, key, decision)
    if not graduate.is_ended:
        raise RuleError("record_not_ended", "这条记录没有停用。")
    if _number_taken(session, graduate):
        sentence = "本届已有另一条记录使用相同的学号、考生号或证件号码，请先核对后再恢复。"
        raise RuleError("number_taken", sentence)
    _move(session, [graduate], decision)
    _note(session, key, "record_taken_back", decision, {"reason": reason})


def of_school(session: Session, scope: Scope, after: str = "") -> Sequence[Graduate]:
    """Return a page of the ended records of the scope and one more, the one ended last first.

    `after` is the key of the record the page comes after.
    """
    wanted = select(Graduate).where(within(scope), ~not_ended())
    start = session.scalar(select(Graduate).where(within(scope), Graduate.key == after))
    if start is not None:
        same_time = and_(Graduate.updated_at == start.updated_at, Graduate.id < start.id)
        wanted = wanted.where(or_(Graduate.updated_at < start.updated_at, same_time))
    newest_first = wanted.order_by(Graduate.updated_at.desc(), Graduate.id.desc())
    return session.scalars(newest_first.limit(PAGE + 1)).all()


def _locked(
    session: Session, scope: Scope, key: str, decision: RecordDecision
) -> tuple[Graduate, str]:
    """Return a graduate as she stands once nobody else changes her, and the reason."""
    reason = _reason(scope, decision)
    graduate = graduate_page.find(session, scope, key)
    in_force.lock(session, scope.school_id, [graduate.id])
    session.refresh(graduate)
    return graduate, reason


def _reason(scope: Scope, decision: RecordDecision) -> str:
    if not scope.whole_school:
        raise RuleError("school_only", "停用和恢复记录由学校办理，请联系学校就业指导中心。")
    return written_reason(decision.reason, "请写明原因，会留在操作记录里。")


def _number_taken(session: Session, graduate: Graduate) -> bool:
    same = [Graduate.student_number == graduate.student_number]
    if graduate.candidate_number:
        same.append(Graduate.candidate_number == graduate.candidate_number)
    other = select(Graduate.id).where(
        Graduate.school_id == graduate.school_id, Graduate.year == graduate.cohort, or_(*same)
    )
    hers = graduates.same_person_in(graduate, graduate.cohort)
    return any(session.scalar(each.limit(1)) is not None for each in (other, hers))


def _move(session: Session, people: Sequence[Graduate], decision: RecordDecision) -> None:
    """Turn the cohort of each around: below 0 it is ended."""
    origin = Origin(
        school_id=people[0].school_id,
        source=Source.NATIONAL,
        source_name=f"{SCHOOL_CORRECTION}：{decision.staff.name}",
        by="学校",
        recorded_by=decision.staff.actor,
        at=decision.at,
    )
    turned = [Proposal(each.id, basics={"year": -each.year}) for each in people]
    registration.record(session, origin, turned)


def _note(
    session: Session, key: str, action: str, decision: RecordDecision, details: dict[str, str]
) -> None:
    record = audit.by_staff(decision.staff, action, graduate_page.subject(key), details)
    audit.note(session, record, decision.at)
