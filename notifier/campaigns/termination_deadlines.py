"""The clock of terminations: a reminder two days before an answer is due, then to the school."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, String, cast, literal, select
from sqlalchemy.orm import Session

from notifier.ledger import states, terminations
from notifier.ledger.tables import Message
from registry.base.database import insert_new
from registry.record.tables import Graduate
from registry.signing import terminating
from registry.signing.tables import Agreement
from registry.signing.termination_states import Party, TerminationState
from registry.signing.termination_tables import Termination
from runtime import jobs, wakeups

BEFORE = timedelta(hours=48)
CHUNK = 1000


def escalate(session: Session, at: datetime) -> int:
    """Bring before the school what was not answered in time; return how many."""
    return terminating.escalate_silent(session, at)


def remind(session: Session, at: datetime) -> int:
    """Write the reminders to graduates that are due and not written yet; return how many.

    `CHUNK` at most. An employer reads on its first page what waits for its answer.
    """
    rows = [_row(each, at) for each in _unreminded(session, at)]
    if rows:
        session.execute(insert_new(session, Message), rows)
        wakeups.ask(session, jobs.Job.DELIVER)
    return len(rows)


def _unreminded(session: Session, at: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    key = literal("termination_reminder:").concat(cast(Termination.id, String))
    return session.execute(
        select(
            *(Termination.id, Termination.graduate_id, Graduate.school_id),
            *(Agreement.terms, Termination.answer_by),
        )
        .join(Agreement, Agreement.id == Termination.agreement_id)
        .join(Graduate, Graduate.id == Termination.graduate_id)
        .outerjoin(Message, Message.business_key == key)
        .where(
            Termination.state == TerminationState.ASKED,
            Termination.party == Party.EMPLOYER,
            Termination.answer_by > at,
            Termination.answer_by <= at + BEFORE,
            Message.id.is_(None),
        )
        .order_by(Termination.answer_by, Termination.id)
        .limit(CHUNK)
    ).all()


def _row(about: Row[*tuple[Any, ...]], at: datetime) -> dict[str, Any]:
    hint = f"请在{terminations.day(about.answer_by)}前答复，逾期转学校协调"
    return {
        "client_msg_id": uuid.uuid4().hex,
        "business_key": f"termination_reminder:{about.id}",
        "kind": terminations.KIND,
        "school_id": about.school_id,
        "graduate_id": about.graduate_id,
        "facts": terminations.facts(about.terms["unit_name"], "待您答复", hint, at),
        "state": states.MessageState.WAITING,
        "next_at": at,
        "created_at": at,
    }
