"""The graduate's side of a report: she files it, adds to it, withdraws it, asks for a second look.

Nothing here is written in the audit log: a school reads its graduates' rows there.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts import attempts
from registry.accounts.attempts import Limit, Subject
from registry.accounts.school_tables import School
from registry.base.crypto import Vault
from registry.base.database import random_key
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.base.text import clean
from registry.base.working_days import end_of_working_days
from registry.breaches import routing, steps
from registry.breaches.kinds import Accused, BreachKind, Office
from registry.breaches.states import BREACH, WAITING, BreachEvent, BreachState
from registry.breaches.steps import Act, Hand
from registry.breaches.tables import UNIT_LENGTH, BreachReport
from registry.numbers.shape import RANDOM
from registry.record.tables import Graduate

LIMITED = "breach"
OF_PERSON = Limit(free=3, longest=timedelta(hours=1))
"""Reports of one person in an hour, before she has to wait."""
MOST_WAITING = 5
"""Reports of one person that wait for an answer."""
REOPENED_WITHIN = timedelta(days=30)
"""How long after the answer she may ask for a second look; then the report is closed."""
_NUMBER_DIGITS = 10
_KEY = re.compile(r"[\w-]{22}")


@dataclass(frozen=True)
class Said:
    """What a graduate reports."""

    kind: str
    accused: str
    unit: str
    words: str
    named: str
    """`named` or `unnamed`: whether those above the school may know who she is."""


NAMED = {"named": True, "unnamed": False}


def file(
    session: Session, vault: Vault, graduate: Graduate, key: str, said: Said, at: datetime
) -> BreachReport:
    """File a report under a key that the form was given; said twice, it is one.

    Raises RuleError `kind_missing`, `accused_missing`, `unit_missing`, `unit_too_long`,
    `words_missing`, `words_too_long`, `named_missing`, `too_many_attempts` or `too_many_waiting`.
    """
    checked = _checked(said)
    # Two presses at once come one after the other, and so does what the limits count.
    waits = attempts.wait_until(session, LIMITED, _subjects(vault, graduate), at)
    if (before := _own(session, [graduate.id], key)) is not None:
        return before
    _refuse_too_many(session, graduate, waits)
    attempts.count_failure(session, LIMITED, _subjects(vault, graduate), at)
    return _written(session, vault, graduate, key, checked, at)


def _subjects(vault: Vault, graduate: Graduate) -> list[Subject]:
    return [Subject(vault.index("attempt breach", graduate.identity_index), OF_PERSON)]


def _checked(said: Said) -> Said:
    if said.kind not in set(BreachKind):
        raise RuleError("kind_missing", "请选择举报事项。", "kind")
    if said.accused not in set(Accused):
        raise RuleError("accused_missing", "请选择举报对象。", "accused")
    unit = clean(said.unit)
    if said.accused == Accused.EMPLOYER and not unit:
        raise RuleError("unit_missing", "请填写用人单位名称。", "unit")
    if len(unit) > UNIT_LENGTH:
        raise RuleError("unit_too_long", f"单位名称请控制在 {UNIT_LENGTH} 字以内。", "unit")
    words = steps.written(said.words, "请写明时间、地点、涉及的人和经过。")
    if said.named not in NAMED:
        raise RuleError("named_missing", "请选择实名或匿名。", "named")
    return Said(said.kind, said.accused, unit, words, said.named)


def _refuse_too_many(session: Session, graduate: Graduate, waits: datetime | None) -> None:
    if waits is not None:
        raise RuleError("too_many_attempts", "提交次数过多，请一小时后再试。")
    people = select(Graduate.id).where(Graduate.identity_index == graduate.identity_index)
    waiting = session.scalar(
        select(func.count())
        .select_from(BreachReport)
        .where(BreachReport.graduate_id.in_(people), BreachReport.state.in_(sorted(WAITING)))
    )
    if (waiting or 0) >= MOST_WAITING:
        sentence = f"您有 {MOST_WAITING} 件举报正在处理，请等待答复；新的情况可以补充到原举报中。"
        raise RuleError("too_many_waiting", sentence)


def _written(
    session: Session, vault: Vault, graduate: Graduate, key: str, said: Said, at: datetime
) -> BreachReport:
    kind, accused = BreachKind(said.kind), Accused(said.accused)
    school = session.get_one(School, graduate.school_id)
    own_key = _free_key(session, key)
    report = BreachReport(
        key=own_key,
        number="JB" + "".join(secrets.choice(RANDOM) for _ in range(_NUMBER_DIGITS)),
        school_id=school.id,
        graduate_id=graduate.id,
        kind=kind,
        accused=accused,
        unit=said.unit if accused is Accused.EMPLOYER else "",
        named=NAMED[said.named],
        words_sealed=vault.seal(steps.PURPOSE, own_key, said.words),
        office=routing.first_office(session, school, kind, accused),
        received_at=at,
        due_at=end_of_working_days(at, routing.WORKING_DAYS),
    )
    session.add(report)
    session.flush()
    return report


def _free_key(session: Session, key: str) -> str:
    """Return the key a form came with, or another where it is none or somebody else's."""
    taken = session.scalar(select(BreachReport.id).where(BreachReport.key == key))
    return key if taken is None and _KEY.fullmatch(key) else random_key()


def own(session: Session, records: Sequence[int], key: str) -> BreachReport:
    """Return a report of a person, by all her records; raise NotFound for others."""
    found = _own(session, records, key)
    if found is None:
        raise NotFound("举报")
    return found


def _own(session: Session, records: Sequence[int], key: str) -> BreachReport | None:
    wanted = select(BreachReport).where(
        BreachReport.key == key, BreachReport.graduate_id.in_(records)
    )
    return session.scalar(wanted.execution_options(populate_existing=True))


def withdraw(session: Session, report: BreachReport, at: datetime) -> None:
    """Withdraw a report that is not answered yet; said twice, it is once.

    Raises RuleError `answered_already`.
    """
    if report.state == BreachState.WITHDRAWN:
        return
    if not _move(session, report, BreachEvent.WITHDRAW, closed_at=at):
        raise RuleError("answered_already", "举报已经答复或正在复核，不能撤回。")
    steps.add(session, report, Act.WITHDRAWN, Hand(at))


def accept_answer(session: Session, report: BreachReport, at: datetime) -> None:
    """Close a report whose answer she accepts; said twice, it is once.

    Raises RuleError `not_answered`.
    """
    if report.state == BreachState.CLOSED:
        return
    if not _move(session, report, BreachEvent.CLOSE, closed_at=at):
        raise RuleError("not_answered", "举报尚未答复，暂不能办结。")
    steps.add(session, report, Act.CLOSED, Hand(at))


def reopen(session: Session, vault: Vault, report: BreachReport, words: str, at: datetime) -> None:
    """Ask once for a second look, which the office above takes where a school answered.

    Raises RuleError `words_missing`, `words_too_long` or `reopened_already`.
    """
    said = steps.written(words, "请写明不认可答复的理由。")
    school = session.get_one(School, report.school_id)
    of_school = report.office == Office.SCHOOL
    in_time = BreachReport.answered_at > at - REOPENED_WITHIN
    moved = move(
        session,
        BREACH,
        BreachReport.state,
        BreachEvent.REOPEN,
        BreachReport.id == report.id,
        in_time,
        office=routing.above_school(session, school) if of_school else report.office,
        due_at=end_of_working_days(at, routing.WORKING_DAYS),
    )
    if not moved:
        sentence = f"答复后 {REOPENED_WITHIN.days} 天内可以申请一次复核，现在不能再申请。"
        raise RuleError("reopened_already", sentence)
    steps.say(session, vault, report, Act.REOPENED, Hand(at), said)


def _move(session: Session, report: BreachReport, event: BreachEvent, **values: datetime) -> bool:
    this = BreachReport.id == report.id
    return bool(move(session, BREACH, BreachReport.state, event, this, **values))
