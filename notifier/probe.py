"""A probe: the campaign's message goes to one named person before it goes to everybody."""

import json
import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.orm import Session

from notifier import audience as audiences
from notifier import bell, campaigns, jobs, kinds, states
from notifier.tables import Message
from notifier.wechat.templates import template_for
from registry.errors import RuleError
from registry.scope import Scope, within
from registry.tables import Graduate

_KEY = "probe:"
IS_PROBE: ColumnElement[bool] = Message.business_key.startswith(_KEY)
"""Somebody asked for it just now and waits for it: quiet hours are not for it."""


def send(session: Session, scope: Scope, key: str, student_number: str, *, at: datetime) -> str:
    """Write a probe for a person of the scope, as an event message; return its client_msg_id.

    Raises RuleError `probe_nobody` where there is no such person, `probe_unreachable` where the
    message could not reach her, and what the template's absence raises.
    """
    campaign = campaigns.find(session, scope, key)
    kind = kinds.kinds()[campaign.kind]
    template_for(session, kind.name)
    row = session.execute(
        audiences.with_people(
            select(Graduate.id, Graduate.confirmation, audiences.obstacle(kind))
        ).where(within(scope), Graduate.student_number == student_number.strip())
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
    ident = uuid.uuid4().hex
    session.execute(
        insert(Message).values(
            client_msg_id=ident,
            business_key=f"{_KEY}{campaign.id}:{graduate_id}:{int(at.timestamp() * 1000)}",
            kind=kind.name,
            school_id=campaign.school_id,
            graduate_id=graduate_id,
            facts=json.dumps({**campaign.texts, "state": state}, ensure_ascii=False),
            state=states.Message.WAITING,
            next_at=at,
            created_at=at,
        )
    )
    bell.ask(session, jobs.Job.DELIVER)
    return ident


def found(session: Session, scope: Scope, client_msg_id: str) -> Message | None:
    """Return a probe of the scope's school, with its state; None for any other message."""
    return session.scalar(
        select(Message).where(
            Message.client_msg_id == client_msg_id,
            Message.school_id == scope.school_id,
            IS_PROBE,
        )
    )
