"""What graduates are told of a termination (解约): asked, answered, escalated, over.

Of what she does herself she is told nothing. Lines fit the 20 characters of a card, results 5.
"""

from datetime import datetime
from typing import Any

from notifier.ledger.signing import short
from notifier.ledger.wording import moment, written
from registry.base.clock import SHANGHAI
from registry.record.events import TerminationMoved
from registry.signing.termination_states import Party, TerminationState

KIND = "termination"


def of_termination(happened: TerminationMoved, *, may_register: bool) -> list[dict[str, Any]]:
    """Return the message of what happened, without its school; none of what she did herself.

    `may_register`: whether she may register anew now.
    """
    if happened.done_by == Party.GRADUATE:
        return []
    result, hint = _said(happened, may_register=may_register)
    return [
        {
            "business_key": f"termination:{happened.termination_id}:{happened.state}",
            "kind": KIND,
            "graduate_id": happened.graduate_id,
            "facts": facts(happened.unit, result, hint, happened.at),
        }
    ]


def facts(unit: str, result: str, hint: str, at: datetime) -> str:
    """Return what a card says of a termination."""
    return written(unit=short(unit), result=result, hint=hint, at=moment(at))


def day(at: datetime) -> str:
    """Return a day as a card's line says it."""
    there = at.astimezone(SHANGHAI)
    return f"{there.month}月{there.day}日"


_PLAIN = {
    TerminationState.AGREED: ("单位已同意", "待学校审核，结果会通知您"),
    TerminationState.REFUSED: ("单位不同意", "请查看原因，30天内可请学校协调"),
    TerminationState.WITHDRAWN: ("单位已撤回", "就业协议继续有效，无需操作"),
    TerminationState.OVERTAKEN: ("申请已终止", "就业协议已另行结束，请查看详情"),
}
"""Result and hint where they do not depend on more."""


def _said(happened: TerminationMoved, *, may_register: bool) -> tuple[str, str]:
    state = TerminationState(happened.state)
    if state is TerminationState.ASKED:
        return "待您答复", f"单位申请解约，请在{day(happened.answer_by)}前答复"
    if state is TerminationState.ESCALATED:
        return "学校协调中", _escalated(happened)
    if state is TerminationState.DECLINED:
        return "学校未同意", happened.text
    if state is TerminationState.DONE:
        return "已解约", _done(happened, may_register=may_register)
    return _PLAIN[state]


def _escalated(happened: TerminationMoved) -> str:
    if happened.done_by == Party.EMPLOYER:
        return "单位已申请学校协调，请留意结果"
    hers = happened.asked_by == Party.GRADUATE
    return "单位逾期未答复，已转学校协调" if hers else "您逾期未答复，已转学校协调"


def _done(happened: TerminationMoved, *, may_register: bool) -> str:
    if not happened.voided:
        return "就业协议已解除，现登记的去向不变"
    ended = "，核验授权失效" if happened.authorization_ended else ""
    return f"原去向已作废{ended}，请{'重新登记' if may_register else '联系学校'}"
