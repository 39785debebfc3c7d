"""The life of a termination (解约): one party asks, the other answers, the school decides."""

from enum import StrEnum

from registry.base.state_table import StateTable


class Party(StrEnum):
    """Who signed an agreement."""

    GRADUATE = "graduate"
    EMPLOYER = "employer"


class TerminationState(StrEnum):
    """Where a request to terminate an agreement stands."""

    ASKED = "asked"
    AGREED = "agreed"
    ESCALATED = "escalated"
    DONE = "done"
    REFUSED = "refused"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"
    """The agreement ended in another way: nobody has to decide any more."""


class TerminationEvent(StrEnum):
    """What can happen to a request to terminate."""

    AGREE = "agree"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    ESCALATE = "escalate"
    PASS = "pass"  # noqa: S105 - no password, a review passed
    DECLINE = "decline"
    OVERTAKE = "overtake"


_S, _E = TerminationState, TerminationEvent
_OPEN = (_S.ASKED, _S.AGREED, _S.ESCALATED)

TERMINATION = StateTable(
    moves={
        (_S.ASKED, _E.AGREE): _S.AGREED,
        (_S.ASKED, _E.REFUSE): _S.REFUSED,
        (_S.ASKED, _E.ESCALATE): _S.ESCALATED,
        (_S.REFUSED, _E.ESCALATE): _S.ESCALATED,
        (_S.ESCALATED, _E.AGREE): _S.AGREED,
        **{(state, _E.WITHDRAW): _S.WITHDRAWN for state in _OPEN},
        **{(state, _E.PASS): _S.DONE for state in (_S.AGREED, _S.ESCALATED)},
        **{(state, _E.DECLINE): _S.DECLINED for state in (_S.AGREED, _S.ESCALATED)},
        **{(state, _E.OVERTAKE): _S.OVERTAKEN for state in _OPEN},
    },
    starts={_S.ASKED, _S.AGREED},
)
"""What needs no consent of the other party begins as AGREED."""

LIVE = frozenset(_OPEN)
"""States in which somebody has to do something: an agreement has one such request at most."""
FOR_SCHOOL = TERMINATION.sources(_E.PASS)
"""States in which the school decides."""


class TerminationWay(StrEnum):
    """By what a request goes on: the other party's consent, or what stands in its place."""

    CONSENT = "consent"
    CLAUSE = "clause"
    """An exit clause of the agreement (免责解除情形), with evidence."""
    LETTER = "letter"
    """A letter of the employer with its stamp (解约函)."""


class TerminationReason(StrEnum):
    """Why an agreement is to end."""

    STUDY = "study"
    CIVIL_SERVICE = "civil_service"
    ARMY = "army"
    ABROAD = "abroad"
    FAMILY = "family"
    HEALTH = "health"
    PROMISE = "promise"
    TROUBLE = "trouble"
    EMPLOYER_BREACH = "employer_breach"
    BUSINESS = "business"
    NOT_GRADUATED = "not_graduated"
    MEDICAL = "medical"
    ABSENT = "absent"
    GRADUATE_BREACH = "graduate_breach"
    OTHER = "other"


_R = TerminationReason

PARTY_TITLES = {Party.GRADUATE: "毕业生", Party.EMPLOYER: "用人单位"}
TERMINATION_TITLES = {
    _S.ASKED: "待对方答复",
    _S.AGREED: "待学校审核",
    _S.ESCALATED: "学校协调中",
    _S.DONE: "已解约",
    _S.REFUSED: "对方不同意",
    _S.DECLINED: "学校未同意",
    _S.WITHDRAWN: "已撤回",
    _S.OVERTAKEN: "已终止",
}
WAY_TITLES = {
    TerminationWay.CONSENT: "双方协商",
    TerminationWay.CLAUSE: "免责解除情形",
    TerminationWay.LETTER: "单位盖章的解约函",
}
REASON_TITLES = {
    _R.STUDY: "升学",
    _R.CIVIL_SERVICE: "录用为公务员",
    _R.ARMY: "应征入伍",
    _R.ABROAD: "出国（境）学习",
    _R.FAMILY: "家庭原因",
    _R.HEALTH: "身体原因",
    _R.PROMISE: "单位承诺未兑现",
    _R.TROUBLE: "单位经营出现困难",
    _R.EMPLOYER_BREACH: "单位违约",
    _R.BUSINESS: "单位经营调整",
    _R.NOT_GRADUATED: "未取得毕业证书或学位证书",
    _R.MEDICAL: "体检未通过",
    _R.ABSENT: "未按期报到",
    _R.GRADUATE_BREACH: "毕业生违约",
    _R.OTHER: "其他",
}
REASONS = {
    Party.GRADUATE: (
        *(_R.STUDY, _R.CIVIL_SERVICE, _R.ARMY, _R.ABROAD, _R.FAMILY, _R.HEALTH),
        *(_R.PROMISE, _R.TROUBLE, _R.EMPLOYER_BREACH, _R.OTHER),
    ),
    Party.EMPLOYER: (
        *(_R.BUSINESS, _R.NOT_GRADUATED, _R.MEDICAL, _R.ABSENT, _R.GRADUATE_BREACH, _R.OTHER),
    ),
}
"""What each party chooses from, in the order of the form."""
EXITS = {each: REASON_TITLES[each] for each in (_R.STUDY, _R.CIVIL_SERVICE, _R.ARMY, _R.ABROAD)}
"""Reasons that an exit clause may cover, as the terms of an agreement name them."""


class Settlement(StrEnum):
    """What a party says of the breach money."""

    NONE = "none"
    PAID = "paid"
    UNPAID = "unpaid"


SETTLEMENT_TITLES = {
    Settlement.NONE: "不涉及",
    Settlement.PAID: "已结清",
    Settlement.UNPAID: "未结清",
}


def answers(party: Party) -> Party:
    """Return who answers what a party asks."""
    return Party.EMPLOYER if party is Party.GRADUATE else Party.GRADUATE
