"""Reading the platform's answer to one send: nothing but a plain errcode 0 counts as accepted."""

import re
from typing import NamedTuple

from notifier.ledger import outcomes
from notifier.ledger.outcomes import Outcome
from notifier.wechat import reading

OK = 200
DETAIL_LENGTH = 200

_FIELD = re.compile(r"\bdata\.(\w+)")
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
    try:
        content = reading.read_object(body)
        errcode = reading.errcode_of(content)
    except reading.Unreadable:
        content, errcode = {}, None
    if status != OK or errcode is None:
        return Answer(outcomes.BAD_ANSWER, None, f"HTTP {status}")
    said = "" if errcode == 0 else _SECRETS.sub(r"\1=…", f"{errcode} {content.get('errmsg', '')}")
    return Answer(outcomes.of(errcode), _msgid(content.get("msgid")), said[:DETAIL_LENGTH])


def named_field(detail: str) -> str | None:
    """Return the template's key that a refusal (47003) names: `thing7` of data.thing7.value."""
    found = _FIELD.search(detail)
    return found[1] if found else None


def _msgid(given: object) -> int | None:
    """Return the message's number where it is one that the ledger can keep."""
    number = reading.number_of(given)
    return number if number is not None and 0 < number < 2**63 else None
