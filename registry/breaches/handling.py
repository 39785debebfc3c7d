"""The office's side of a report: taken up, asked about, answered, taken over from a school."""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.base.crypto import Vault
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.base.working_days import end_of_working_days
from registry.breaches import evidence, lists, routing, steps
from registry.breaches.kinds import Office
from registry.breaches.lists import ListedBreach, Viewer
from registry.breaches.states import BREACH, BreachEvent, BreachState
from registry.breaches.steps import Act, Hand
from registry.breaches.tables import BreachReport
from registry.record import events
from registry.record.events import BreachAnswered
from registry.review.evidence import EvidenceDocument

SUBJECT = "breach:"
"""How the subject of a row of the log about a report begins: it leads to nobody."""
ELSEWHERE = RuleError("breach_elsewhere", "这件举报已由其他部门处理，或状态已变化，请刷新后查看。")


def begin(session: Session, viewer: Viewer, key: str, at: datetime) -> None:
    """Say that the office looks into a report, which its graduate then sees; twice is once.

    Raises NotFound, or RuleError `breach_elsewhere`.
    """
    listed = _handled(session, viewer, key, at)
    this = BreachReport.id == listed.report.id
    if move(session, BREACH, BreachReport.state, BreachEvent.BEGIN, this, _still(viewer)):
        steps.add(session, listed.report, Act.BEGUN, _hand(viewer, at))
        _note(session, listed, "breach_begun", at)


def answer(
    session: Session, vault: Vault, viewer: Viewer, key: str, words: str, at: datetime
) -> None:
    """Answer a report, and have its graduate told.

    Raises NotFound, or RuleError `words_missing`, `words_too_long` or `breach_elsewhere`.
    """
    said = steps.written(words, "请写明核查情况和处理结果，本人会看到。")
    listed = _handled(session, viewer, key, at)
    report = listed.report
    second = report.state == BreachState.REOPENED
    closed = {"closed_at": at} if second else {}
    values = {"answered_at": at, **closed}
    this = (BreachReport.id == report.id, BreachReport.state == report.state, _still(viewer))
    if not move(session, BREACH, BreachReport.state, BreachEvent.ANSWER, *this, **values):
        raise ELSEWHERE
    steps.say(session, vault, report, Act.ANSWERED, _hand(viewer, at), said)
    _note(session, listed, "breach_answered", at)
    happened = BreachAnswered(report.school_id, report.graduate_id, report.id, second, at)
    events.announce(session, happened)


def tell_school(
    session: Session, vault: Vault, viewer: Viewer, key: str, words: str, at: datetime
) -> None:
    """Ask the school that a report is about to explain; it learns what is written here, no more.

    Raises NotFound, or RuleError `told_missing`, `told_too_long`, `not_of_school` or
    `breach_elsewhere`.
    """
    said = steps.written(words, "请写明需要学校说明的情况。", "told")
    listed = _handled(session, viewer, key, at, locked=True)
    report = listed.report
    if viewer.office is Office.SCHOOL:
        raise RuleError("not_of_school", "本校处理的举报无需转学校说明。", "told")
    if not listed.waits:
        raise ELSEWHERE
    report.told_at = report.told_at or at
    steps.say(session, vault, report, Act.TOLD, _hand(viewer, at), said)
    _note(session, listed, "breach_told", at)


def explain(
    session: Session, vault: Vault, viewer: Viewer, key: str, words: str, at: datetime
) -> None:
    """Keep what a school says about a report on itself.

    Raises NotFound, or RuleError `words_missing`, `words_too_long` or `breach_elsewhere`.
    """
    said = steps.written(words, "请写明核查情况。")
    listed = lists.find(session, viewer, key, at, locked=True)
    if not listed.is_told:
        raise NotFound("举报")
    if not listed.waits:
        raise ELSEWHERE
    steps.say(session, vault, listed.report, Act.EXPLAINED, _hand(viewer, at), said)
    _note(session, listed, "breach_explained", at)


def take_over(session: Session, viewer: Viewer, key: str, at: datetime) -> None:
    """Take a report over from the school that handles it; said twice, it is once.

    Raises NotFound, or RuleError `breach_elsewhere`.
    """
    listed = lists.find(session, viewer, key, at)
    if listed.handles:
        return
    if not lists.may_take_over(session, listed):
        raise ELSEWHERE
    moved = move(
        session,
        BREACH,
        BreachReport.state,
        BreachEvent.RAISE,
        BreachReport.id == listed.report.id,
        BreachReport.office == Office.SCHOOL,
        office=viewer.office,
        due_at=end_of_working_days(at, routing.WORKING_DAYS),
    )
    if not moved:
        raise ELSEWHERE
    steps.add(session, listed.report, Act.RAISED, _hand(viewer, at))
    _note(session, listed, "breach_taken_over", at)


def opened(
    session: Session, vault: Vault, viewer: Viewer, key: str, file: str, at: datetime
) -> EvidenceDocument:
    """Return a document of a report whose words the office reads, and keep that it was looked at.

    Raises NotFound for others.
    """
    listed = lists.find(session, viewer, key, at)
    if not listed.reads:
        raise NotFound("材料")
    document = evidence.opened(session, vault, listed.report, file)
    _note(session, listed, "breach_file_opened", at)
    return document


def _handled(
    session: Session, viewer: Viewer, key: str, at: datetime, *, locked: bool = False
) -> ListedBreach:
    """Return a report that the office is to answer; raise NotFound or `breach_elsewhere`."""
    listed = lists.find(session, viewer, key, at, locked=locked)
    if listed.is_told:
        raise NotFound("举报")
    if not listed.handles:
        raise ELSEWHERE
    return listed


def _still(viewer: Viewer) -> ColumnElement[bool]:
    return BreachReport.office == viewer.office


def _hand(viewer: Viewer, at: datetime) -> Hand:
    return Hand(at, viewer.office, viewer.actor)


def _note(session: Session, listed: ListedBreach, action: str, at: datetime) -> None:
    viewer = listed.viewer
    record = AuditRecord(
        viewer.actor,
        action,
        f"{SUBJECT}{listed.key}",
        viewer.school_id,
        province=viewer.province,
    )
    audit.note(session, record, at)
