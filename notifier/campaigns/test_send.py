"""A test send: the campaign's message goes to one named person before it goes to everybody."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.orm import Session

from notifier.binding import colleagues
from notifier.campaigns import audience as audiences
from notifier.campaigns import campaigns
from notifier.ledger import kinds, states, wording
from notifier.ledger.notices import HEAD_START
from notifier.ledger.tables import Message, Planned
from notifier.wechat.templates import template_for
from registry.base.errors import RuleError
from registry.record.confirmation.states import ConfirmationState
from registry.record.scope import Scope, within
from registry.record.tables import Graduate
from runtime import jobs, wakeups

_KEY = "probe:"
IS_TEST_SEND: ColumnElement[bool] = Message.business_key.startswith(_KEY)
"""Somebody asked for it just now and waits for it: quiet hours are not for it."""


@dataclass(frozen=True)
class Trial:
    """What is tried on one person: a campaign's message, or that of a province's reminder."""

    name: str
    """What it is of, in the business key."""
    scope: Scope
    """Where the person is."""
    planned: Planned


def send(session: Session, scope: Scope, key: str, student_number: str, *, at: datetime) -> str:
    """Write a test send for a graduate of the scope, as an event message; return its client_msg_id.

    Raises RuleError `probe_nobody` where there is no such person, `probe_unreachable` where the
    message could not reach her, and what the template's absence raises.
    """
    return try_on_graduate(session, _trial(session, scope, key), student_number, at=at)


def try_on_graduate(session: Session, trial: Trial, student_number: str, *, at: datetime) -> str:
    """Write a test send for a graduate; return and raise as `send` does."""
    template_for(session, trial.planned.kind)
    kind = kinds.kinds()[trial.planned.kind]
    row = session.execute(
        audiences.with_people(
            select(Graduate.id, Graduate.confirmation, audiences.obstacle(kind))
        ).where(within(trial.scope), Graduate.student_number == student_number.strip())
    ).first()
    if row is None:
        raise RuleError("probe_nobody", "没有这个学号，请核对后再试。", "student_number")
    graduate_id, state, obstacle = row
    if obstacle:
        raise RuleError(
            "probe_unreachable",
            "此人未绑定微信、未关注公众号或拒收该类消息，请换一位同事或同学试发。",
            "student_number",
        )
    return _write(session, trial, str(graduate_id), state, at, graduate_id=graduate_id)


def send_to_colleague(
    session: Session, scope: Scope, key: str, staff_key: str, *, at: datetime
) -> str:
    """Write a test send for a colleague who linked a WeChat; return its client_msg_id.

    The colleague is of the scope's school. It says what somebody is told who has not confirmed.
    Raises RuleError `probe_no_colleague`, and what the template's absence raises.
    """
    trial = _trial(session, scope, key)
    openid = colleagues.wechat_of(session, scope, staff_key)
    return try_on_colleague(session, trial, staff_key, openid, at=at)


def try_on_colleague(
    session: Session, trial: Trial, staff_key: str, openid: str | None, *, at: datetime
) -> str:
    """Write a test send for a colleague with this WeChat; return and raise as above."""
    template_for(session, trial.planned.kind)
    if openid is None:
        sentence = "这位同事未绑定微信或已解除绑定，请换一位。"
        raise RuleError("probe_no_colleague", sentence, "colleague")
    return _write(session, trial, staff_key, ConfirmationState.UNCONFIRMED, at, openid=openid)


def _trial(session: Session, scope: Scope, key: str) -> Trial:
    campaign = campaigns.find(session, scope, key)
    return Trial(str(campaign.id), scope, campaign)


def _write(
    session: Session, trial: Trial, to: str, state: str, at: datetime, **whom: int | str
) -> str:
    ident = uuid.uuid4().hex
    facts = {**wording.texts_for(state, trial.planned.texts), "state": state}
    session.execute(
        insert(Message).values(
            client_msg_id=ident,
            business_key=f"{_KEY}{trial.name}:{to}:{int(at.timestamp() * 1000)}",
            kind=trial.planned.kind,
            school_id=trial.scope.school_id,
            facts=json.dumps(facts, ensure_ascii=False),
            state=states.MessageState.WAITING,
            next_at=at - HEAD_START,
            created_at=at,
            **whom,
        )
    )
    wakeups.ask(session, jobs.Job.DELIVER)
    return ident


def found(session: Session, scope: Scope, client_msg_id: str) -> Message | None:
    """Return a test send of the scope's school, with its state; None for any other message."""
    return session.scalar(
        select(Message).where(
            Message.client_msg_id == client_msg_id,
            Message.school_id == scope.school_id,
            IS_TEST_SEND,
        )
    )
