"""Events of the record become messages of the ledger, in the same transaction as the change."""

import json
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from notifier import bell, jobs, states, tables
from registry.clock import SHANGHAI
from registry.events import Change, RecordEvent, RegistrationsChanged

CHUNK = 2000


def write(session: Session, happened: RecordEvent) -> None:
    """Write one message for each person an event concerns, and ring for their delivery."""
    rows = _registration_changed(happened)
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(tables.Message), rows[start : start + CHUNK])
    bell.ask(session, jobs.Job.DELIVER)


def _registration_changed(happened: RegistrationsChanged) -> list[dict[str, Any]]:
    return [
        {
            "client_msg_id": uuid.uuid4().hex,
            "business_key": f"changed:{change.graduate_id}:{_moment_key(change, happened.at)}",
            "kind": "registration_changed",
            "school_id": happened.school_id,
            "graduate_id": change.graduate_id,
            "facts": _facts(change, happened),
            "state": states.Message.WAITING,
            "next_at": happened.at,
            "created_at": happened.at,
        }
        for change in happened.changes
    ]


def _moment_key(change: Change, at: datetime) -> str:
    """Name the change: a version changes once, the person's own data at a moment."""
    return f"{change.version}:{int(at.timestamp() * 1000)}"


def _facts(change: Change, happened: RegistrationsChanged) -> str:
    hint = "请核对后重新确认" if change.reset else "请核对，有误请联系学校"
    return json.dumps(
        {
            "blocks": "、".join(change.blocks),
            "by": happened.by,
            "at": happened.at.astimezone(SHANGHAI).strftime("%Y年%m月%d日 %H:%M"),
            "hint": hint,
        },
        ensure_ascii=False,
    )
