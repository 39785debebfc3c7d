"""Looking a report up by its receipt number (回执号), for who has no binding any more.

A school could end the binding of who reported it: the number alone shows how the report stands and
what was answered, and neither who reported nor what she wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts import addresses, attempts
from registry.accounts.attempts import Limit, Subject
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.base.text import folded_number
from registry.breaches import steps
from registry.breaches.steps import Act, SaidStep
from registry.breaches.tables import BreachReport

LIMITED = "breach_receipt"
OF_ADDRESS = Limit(free=10, longest=timedelta(minutes=1))
"""Numbers of no report, from one address: a number has 49 random bits."""


@dataclass(frozen=True)
class Receipt:
    """A report as its number shows it."""

    report: BreachReport
    answers: Sequence[SaidStep]


def look_up(
    session: Session, vault: Vault, number: str, address: str, at: datetime
) -> Receipt | RuleError:
    """Return the report with a number, or a refusal as a value, since its count has to be kept.

    `receipt_unknown` or `too_many_attempts`.
    """
    subjects = [
        Subject(vault.index("attempt receipt", each), OF_ADDRESS)
        for each in addresses.counted(address)
    ]
    until = attempts.wait_until(session, LIMITED, subjects, at)
    if until is not None:
        seconds = ceil((until - at).total_seconds())
        return RuleError("too_many_attempts", f"查询次数过多，请 {seconds} 秒后再试。", "number")
    wanted = select(BreachReport).where(BreachReport.number == folded_number(number))
    found = session.scalar(wanted)
    if found is None:
        attempts.count_failure(session, LIMITED, subjects, at)
        return RuleError("receipt_unknown", "没有找到这个回执号，请核对后重新输入。", "number")
    said = steps.of_report(session, vault, found)
    return Receipt(found, [each for each in said if each.act is Act.ANSWERED])
