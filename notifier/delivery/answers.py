"""Reading the platform's answer to one send: nothing but a plain errcode 0 counts as accepted."""

import json
import re
from typing import Any, NamedTuple

from notifier.ledger import outcomes
from notifier.ledger.outcomes import Outcome

OK = 200
DETAIL_LENGTH = 200

_read_json = json.JSONDecoder().decode
_SECRETS = re.compile(r"(access_token|secret|code)=[^&\s]+")


class Answer(NamedTuple):
    """What the platform said."""

    outcome: Outcome
    msgid: int | None
    detail: str
    """errcode and errmsg with its request id; no token."""


def read(*, left: bool, status: int, body: bytes) -> Answer:
    """Classify an answer. Whatever cannot be understood may have been accepted: ambiguous."""
    if not left:
        return Answer(outcomes.NOT_SENT, None, "")
    if status == 0:
        return Answer(outcomes.NO_ANSWER, None, "")
    content = _object(body)
    errcode = content.get("errcode")
    if status != OK or not isinstance(errcode, int) or isinstance(errcode, bool):
        return Answer(outcomes.BAD_ANSWER, None, f"HTTP {status}")
    said = "" if errcode == 0 else _SECRETS.sub(r"\1=…", f"{errcode} {content.get('errmsg', '')}")
    return Answer(outcomes.of(errcode), _msgid(content.get("msgid")), said[:DETAIL_LENGTH])


def _msgid(given: object) -> int | None:
    """Return the message's number where it is one that the ledger can keep."""
    if isinstance(given, bool) or not isinstance(given, int):
        return None
    return given if 0 < given < 2**63 else None


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = _read_json(body.decode())
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
