"""Either party asks to end an agreement, the other answers; silence leads to the school.

Source: schools' rules on breaking agreements (违约管理办法), which want both parties heard and a
letter of the employer; the ten working days are ours, so that nobody blocks it by silence.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts.audit import SYSTEM
from registry.base.database import insert_new
from registry.base.errors import RuleError
from registry.base.moves import move
from registry.base.text import clean
from registry.base.working_days import end_of_working_days
from registry.base.written_reason import written_reason
from registry.signing import termination_documents, termination_moves, terms
from registry.signing.states import AgreementState
from registry.signing.tables import Agreement
from registry.signing.termination_documents import TerminationProof
from registry.signing.termination_moves import (
    ASK,
    TerminationDeed,
    deed,
    keep_step,
    keep_steps,
    make,
)
from registry.signing.termination_sides import Side, agreement_of, find, live_of, lock
from registry.signing.termination_states import (
    EXITS,
    REASONS,
    TERMINATION,
    Party,
    Settlement,
    TerminationEvent,
    TerminationReason,
    TerminationState,
    TerminationWay,
)
from registry.signing.termination_tables import Termination, TerminationStep

ANSWER_DAYS = 10
"""Working days that the other party has."""
ESCALATE_WITHIN = timedelta(days=30)
"""How long after a refusal the school can be asked."""
MOST_ASKED = 10
"""Requests about one agreement, by both parties together."""
MOST_MONEY = 1_000_000
CHUNK = 1000


@dataclass(frozen=True)
class TerminationRequest:
    """What a party asks, as a form says it."""

    way: str
    reason: str
    text: str = ""
    breach: str = ""
    """Yuan, as written."""
    settlement: str = Settlement.NONE


@dataclass(frozen=True)
class _Checked:
    way: TerminationWay
    reason: TerminationReason
    text: str
    breach: int | None
    settlement: Settlement


def _checked(party: Party, asked: TerminationRequest) -> _Checked:
    """Return what is asked as it is kept; raise RuleError that names the field."""
    if asked.reason not in REASONS[party]:
        raise RuleError("reason_unknown", "请选择解约原因。", "reason")
    reason = TerminationReason(asked.reason)
    if asked.way not in set(TerminationWay) or (
        party is Party.EMPLOYER and asked.way != TerminationWay.CONSENT
    ):
        raise RuleError("way_unknown", "请选择解约方式。", "way")
    text = clean(asked.text)
    if text or reason is TerminationReason.OTHER:
        text = written_reason(text, "原因选“其他”的，请写明情况。", "text")
    return _Checked(
        TerminationWay(asked.way), reason, text, _money(asked.breach), _settlement(asked.settlement)
    )


def _money(text: str) -> int | None:
    said = text.strip()
    if said and not terms.is_number(said, MOST_MONEY):
        sentence = f"违约金请填写不超过 {MOST_MONEY:,} 的整数。"
        raise RuleError("money_form", sentence, "breach")
    return int(said) if said else None


def _settlement(text: str) -> Settlement:
    if text not in set(Settlement):
        raise RuleError("settlement_unknown", "请选择违约金是否结清。", "settlement")
    return Settlement(text)


def ask(
    session: Session,
    side: Side,
    invitation_key: str,
    asked: TerminationRequest,
    proof: TerminationProof | None = None,
) -> Termination:
    """Ask to end the agreement that an invitation became; what she has asked is agreed to.

    Said twice, it is once. Raises NotFound, or RuleError `not_signed`, `termination_open`,
    `termination_asked` for her where the employer has asked, `too_many_requests`,
    `proof_missing`, `no_such_exit`, or one that names a field of the form.
    """
    said = _checked(side.party, asked)
    lock(session, agreement_of(session, side, invitation_key).graduate_id)
    agreement = agreement_of(session, side, invitation_key)
    live = live_of(session, agreement.id)
    if live is None:
        begun = _begin(session, side, agreement, said, proof)
    elif live.party == side.party:
        begun = _same(session, live, said)
    else:
        begun = _meet(session, side, live, said)
    if proof is not None:
        termination_documents.keep(session, side, begun, proof)
    return begun


def _begin(
    session: Session,
    side: Side,
    agreement: Agreement,
    said: _Checked,
    proof: TerminationProof | None,
) -> Termination:
    if agreement.state != AgreementState.SIGNED:
        raise RuleError("not_signed", "这份就业协议没有生效或已经结束，不需要解约。")
    _refuse_without_ground(agreement, said, proof)
    _refuse_too_many(session, agreement)
    consent = said.way is TerminationWay.CONSENT
    row = insert_new(session, Termination).values(
        agreement_id=agreement.id,
        graduate_id=agreement.graduate_id,
        employer_id=agreement.invitation.employer_id if agreement.invitation else None,
        state=TerminationState.ASKED if consent else TerminationState.AGREED,
        party=side.party,
        way=said.way,
        reason=said.reason,
        breach=said.breach,
        answer_by=end_of_working_days(side.at, ANSWER_DAYS),
        asked_at=side.at,
        updated_at=side.at,
    )
    ident = session.scalars(row.returning(Termination.id)).one()
    return keep_step(session, ident, ASK, deed(side, said.text, said.settlement))


def _refuse_without_ground(
    agreement: Agreement, said: _Checked, proof: TerminationProof | None
) -> None:
    """Refuse what stands in the place of a consent where it is not there."""
    if said.way is TerminationWay.CLAUSE and said.reason not in exits(agreement):
        sentence = "协议没有约定这种免责解除情形，请选择“与单位协商”。"
        raise RuleError("no_such_exit", sentence, "way")
    if said.way is TerminationWay.CLAUSE and proof is None:
        sentence = "请上传证明材料，如录取通知书、录用通知、入伍通知书。"
        raise RuleError("proof_missing", sentence, "file")
    if said.way is TerminationWay.LETTER and proof is None:
        raise RuleError("proof_missing", "请上传单位盖章的解约函。", "file")


def exits(agreement: Agreement) -> list[TerminationReason]:
    """Return the reasons for which she may leave without the employer's consent."""
    agreed = agreement.terms.get("exits", "").split("、")
    return [reason for reason, title in EXITS.items() if title in agreed]


def _refuse_too_many(session: Session, agreement: Agreement) -> None:
    number = select(func.count()).where(Termination.agreement_id == agreement.id)
    if (session.scalar(number) or 0) >= MOST_ASKED:
        sentence = f"这份协议已申请解约 {MOST_ASKED} 次，请联系学校就业指导中心处理。"
        raise RuleError("too_many_requests", sentence)


def _same(session: Session, live: Termination, said: _Checked) -> Termination:
    """Return what this side has asked already; raise `termination_open` where it says otherwise."""
    first = select(TerminationStep).where(
        TerminationStep.termination_id == live.id, TerminationStep.event == ASK
    )
    told = session.scalars(first).one()
    before = (live.way, live.reason, live.breach, told.text, told.settlement)
    if before != (said.way, said.reason, said.breach, said.text, said.settlement):
        sentence = "您已提出解约申请。如需更改，请先撤回原申请。"
        raise RuleError("termination_open", sentence)
    return live


def _meet(session: Session, side: Side, live: Termination, said: _Checked) -> Termination:
    """Take what an employer asks for while she does as its consent to her request."""
    if live.state == TerminationState.AGREED:
        sentence = "对方已提出解约申请，正在由学校审核，不需要再次提出。"
        raise RuleError("termination_open", sentence)
    if side.party is Party.GRADUATE:  # who agrees with a proof of her own, on the request's page
        sentence = "单位已提出解约申请，请返回协议页面，在该申请中同意或不同意。"
        raise RuleError("termination_asked", sentence)
    return make(session, live, TerminationEvent.AGREE, deed(side, said.text, said.settlement))


def _locked(session: Session, side: Side, key: str) -> Termination:
    lock(session, find(session, side, key).graduate_id)
    return find(session, side, key)


def _others(session: Session, side: Side, key: str) -> Termination:
    """Return what the other party has asked; raise RuleError `own_request`."""
    found = _locked(session, side, key)
    if found.party == side.party:
        raise RuleError("own_request", "这是您提出的解约申请，由对方答复。")
    return found


def _own(session: Session, side: Side, key: str) -> Termination:
    found = _locked(session, side, key)
    if found.party != side.party:
        raise RuleError("not_own_request", "这是对方提出的解约申请，只能由对方办理。")
    return found


def agree(session: Session, side: Side, key: str, settlement: str = Settlement.NONE) -> Termination:
    """Agree to what the other party asks, be it late; said twice, it is once.

    Hers wants a second proof before, which her door asks for.

    Raises NotFound, or RuleError `own_request`, `settlement_unknown` or `termination_moved`.
    """
    found = _others(session, side, key)
    said = _settlement(settlement)
    if found.state == TerminationState.AGREED:
        return found
    return make(session, found, TerminationEvent.AGREE, deed(side, settlement=said))


def refuse(session: Session, side: Side, key: str, why: str) -> Termination:
    """Refuse what the other party asks, in time and with a reason that it reads.

    Said twice, it is once. Raises NotFound, or RuleError `own_request`, `reason_missing`,
    `reason_too_long`, `answered_late` or `termination_moved`.
    """
    found = _others(session, side, key)
    reason = written_reason(why, "请写明不同意的原因，对方和学校会看到。")
    if found.state == TerminationState.REFUSED:
        return found
    if found.state == TerminationState.ASKED and found.answer_by <= side.at:
        raise RuleError("answered_late", "答复期限已过，解约申请由学校协调处理。")
    return make(session, found, TerminationEvent.REFUSE, deed(side, reason))


def withdraw(session: Session, side: Side, key: str) -> Termination:
    """Take one's own request back while the school has not decided; said twice, it is once.

    Raises NotFound, or RuleError `not_own_request` or `termination_moved`.
    """
    found = _own(session, side, key)
    if found.state == TerminationState.WITHDRAWN:
        return found
    return make(session, found, TerminationEvent.WITHDRAW, deed(side))


def escalate(
    session: Session, side: Side, key: str, why: str, proof: TerminationProof | None = None
) -> Termination:
    """Bring before the school what the other party has refused, once, with evidence.

    Raises NotFound, or RuleError `not_own_request`, `reason_missing`, `reason_too_long`,
    `proof_missing`, `escalated_late`, `not_signed`, `termination_open` or `termination_moved`.
    """
    found = _own(session, side, key)
    reason = written_reason(why, "请写明请学校协调的理由。")
    refused = Termination.state == TerminationState.REFUSED
    if found.state == TerminationState.REFUSED:
        _refuse_escalating(session, side, found)
    if proof is not None:
        termination_documents.keep(session, side, found, proof)
    held = termination_documents.listed(session, found.id)
    if not [each for each in held if each.party == side.party]:
        raise RuleError("proof_missing", "请上传证明材料，供学校核实。", "file")
    return make(session, found, TerminationEvent.ESCALATE, deed(side, reason), refused)


def may_escalate(session: Session, side: Side, key: str) -> bool:
    """Say whether a refused request may be brought before the school by who asks."""
    found = find(session, side, key)
    if found.party != side.party or found.state != TerminationState.REFUSED:
        return False
    try:
        _refuse_escalating(session, side, found)
    except RuleError:
        return False
    return True


def _refuse_escalating(session: Session, side: Side, found: Termination) -> None:
    if found.updated_at <= side.at - ESCALATE_WITHIN:
        sentence = f"对方答复已超过 {ESCALATE_WITHIN.days} 天，请重新提出解约申请。"
        raise RuleError("escalated_late", sentence)
    if found.agreement.state != AgreementState.SIGNED:
        raise RuleError("not_signed", "这份就业协议已经结束，不需要解约。")
    if live_of(session, found.agreement_id) is not None:
        raise RuleError("termination_open", "这份协议有另一份解约申请正在办理，请先等待结果。")


def add_proof(session: Session, side: Side, key: str, proof: TerminationProof) -> Termination:
    """Add a document to a request that is under way.

    Raises NotFound, or RuleError `too_many_files` or `termination_moved`.
    """
    found = _locked(session, side, key)
    if found.closed_at is not None:
        raise termination_moves.moved(session, found.id)
    termination_documents.keep(session, side, found, proof)
    return found


def escalate_silent(session: Session, at: datetime) -> int:
    """Bring before the school what was not answered in time, `CHUNK` at most; return how many.

    Twice does no harm; the other party may still agree.
    """
    due = (Termination.state == TerminationState.ASKED, Termination.answer_by <= at)
    first = select(Termination.id).where(*due).order_by(Termination.answer_by).limit(CHUNK)
    event = TerminationEvent.ESCALATE
    those = (*due, Termination.id.in_(first))
    moved = move(session, TERMINATION, Termination.state, event, *those, updated_at=at)
    keep_steps(session, moved, event, TerminationDeed("", SYSTEM, at))
    return len(moved)
