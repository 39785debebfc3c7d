"""A supplement to an agreement that is signed (补充协议): same number, other terms, both consent.

The employer proposes, she agrees with her second proof: no door of staff calls `agree`. Only terms
that no registration says may change, so that nothing that was reviewed does: an employer's name, a
file or a household is corrected as a registration is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.tables import Staff
from registry.base.database import insert_new
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.base.written_reason import written_reason
from registry.record import validation
from registry.record.tables import Graduate
from registry.record.validation import Refused
from registry.review.application_moves import Writer
from registry.signing import (
    agreement_papers,
    answering,
    deadlines,
    inviting,
    mending,
    supplement_ends,
    termination_sides,
    terms,
    versions,
)
from registry.signing.agreement_sources import called
from registry.signing.mending import Mended
from registry.signing.states import AgreementState
from registry.signing.supplement_states import (
    SUPPLEMENT,
    SUPPLEMENT_TITLES,
    SupplementEvent,
    SupplementState,
)
from registry.signing.supplement_tables import Supplement
from registry.signing.tables import Agreement, TermsVersion

MOST_PROPOSED = 20
"""Supplements to one agreement that an employer may ever propose."""


def merged(agreement: Agreement, said: Mapping[str, str]) -> dict[str, str]:
    """Return the terms of an agreement with what a supplement may change as it is said."""
    stays = {
        name: text for name, text in agreement.terms.items() if name not in terms.SUPPLEMENTABLE
    }
    return stays | {name: text for name, text in said.items() if name in terms.SUPPLEMENTABLE}


def check(
    session: Session, staff: Staff, found: Mended, said: Mapping[str, str], at: datetime
) -> dict[str, str]:
    """Return the terms as they would be proposed.

    Raises Refused, or RuleError `not_signed`, `termination_open`, `supplement_open`,
    `record_ended`, `not_qualified` or `nothing_changed`.
    """
    _refuse_supplementing(session, found.agreement)
    if found.graduate.is_ended:
        raise RuleError("record_ended", "学校已停用这位毕业生的记录，不能签订补充协议。")
    if open_of(session, found.agreement) is not None:
        sentence = "已有一份补充协议待毕业生答复。如需改动，请先撤回。"
        raise RuleError("supplement_open", sentence)
    inviting.qualified_employer(session, staff, found.graduate.school_id, at)
    proposed = merged(found.agreement, said)
    problems = inviting.problems(proposed, found.graduate, at)
    mine = [each for each in problems if each.field in terms.SUPPLEMENTABLE]
    if validation.refused(mine):
        raise Refused(mine)
    if versions.digest(proposed) == versions.digest(found.agreement.terms):
        raise RuleError("nothing_changed", "条款与现行协议完全一样，没有需要补充的内容。")
    return proposed


def _refuse_supplementing(session: Session, agreement: Agreement) -> None:
    if agreement.state != AgreementState.SIGNED:
        raise RuleError("not_signed", "这份就业协议没有生效或已经结束，不能签订补充协议。")
    if termination_sides.live_of(session, agreement.id) is not None:
        sentence = "这份协议的解约申请正在办理，办结前不能签订补充协议。"
        raise RuleError("termination_open", sentence)


def obstacle(session: Session, agreement: Agreement) -> RuleError | None:
    """Return why no supplement to an agreement can be agreed to now."""
    try:
        _refuse_supplementing(session, agreement)
    except RuleError as refusal:
        return refusal
    return None


def propose(
    session: Session, staff: Staff, key: str, said: Mapping[str, str], why: str, at: datetime
) -> Supplement:
    """Propose other terms for what an invitation became; sent twice, it is once.

    Raises NotFound, RuleError `why_missing`, `why_too_long` or `too_many_supplements`, or what
    `check` raises.
    """
    reason = written_reason(why, "请写明提出补充协议的原因，毕业生会看到。", "why")
    termination_sides.lock(session, mending.of_employer(session, staff, key).graduate.id)
    found = mending.of_employer(session, staff, key)
    waiting = open_of(session, found.agreement)
    if waiting is not None and (waiting.terms, waiting.why) == (
        merged(found.agreement, said),
        reason,
    ):
        return waiting
    proposed = check(session, staff, found, said, at)
    if len(of_agreement(session, found.agreement)) >= MOST_PROPOSED:
        sentence = (
            f"这份协议已提出 {MOST_PROPOSED} 次补充协议，不能再提出，请与毕业生另行书面约定。"
        )
        raise RuleError("too_many_supplements", sentence)
    row = insert_new(session, Supplement).values(
        agreement_id=found.agreement.id,
        graduate_id=found.graduate.id,
        state=SUPPLEMENT.start,
        terms=proposed,
        digest=versions.digest(proposed),
        why=reason,
        proposed_by_id=staff.id,
        proposed_at=at,
        answer_by=deadlines.last_moment(at, deadlines.SUPPLEMENT_DAYS),
    )
    made = session.scalars(row.returning(Supplement)).one()
    _note(session, staff.actor, "supplement_proposed", made, at)
    supplement_ends.tell(session, [made.id], at)
    return made


def withdraw(session: Session, staff: Staff, key: str, at: datetime) -> None:
    """Take back as an employer what waits for her answer about one of its invitations.

    Raises NotFound, or RuleError `supplement_over` where nothing waits.
    """
    termination_sides.lock(session, mending.of_employer(session, staff, key).graduate.id)
    found = mending.of_employer(session, staff, key)
    waiting = open_of(session, found.agreement)
    if waiting is None:
        raise RuleError("supplement_over", "补充协议已有结果，请刷新页面。")
    _move(session, waiting, SupplementEvent.WITHDRAW, at)
    _note(session, staff.actor, "supplement_withdrawn", waiting, at)
    supplement_ends.tell(session, [waiting.id], at)


def agree(session: Session, writer: Writer, key: str, digest: str) -> Supplement:
    """Agree to a supplement: from now on the agreement has its terms. Said twice, it is once.

    `digest` is that of the terms she saw. Raises NotFound, or RuleError `terms_changed`,
    `answered_late`, `supplement_over`, `not_signed` or `termination_open`.
    """
    writer = answering.locked(session, writer)
    found = find(session, writer.graduate, key)
    if found.state == SupplementState.AGREED:
        return found
    if found.digest != digest:
        raise RuleError("terms_changed", "补充协议的内容有变化，请重新核对后再同意。")
    agreement = session.get_one(Agreement, found.agreement_id, populate_existing=True)
    _refuse_supplementing(session, agreement)
    _move(session, found, SupplementEvent.AGREE, writer.at)
    _keep(session, agreement, found, writer.at)
    text = agreement_papers.text_digest(session, agreement)
    _note(session, writer.actor, "supplement_agreed", found, writer.at, text)
    supplement_ends.tell_employers(session, [found.id], writer.at)
    return found


def _keep(session: Session, agreement: Agreement, found: Supplement, at: datetime) -> None:
    """Keep the terms as a version of the agreement's, and as those that hold."""
    by = session.get_one(Staff, found.proposed_by_id).actor
    versions.propose(session, agreement, found.terms, by, found.proposed_at)
    session.flush()
    newest = versions.newest(session, agreement)
    agreed = update(TermsVersion).where(TermsVersion.id == newest.id)
    session.execute(agreed.values(agreed_at=at))
    agreement.terms = dict(found.terms)
    session.flush()


def refuse(session: Session, writer: Writer, key: str, why: str = "") -> None:
    """Do not agree to a supplement; the agreement stands as it did. Said twice, it is once.

    Raises NotFound, or RuleError `reason_missing`, `reason_too_long`, `answered_late` or
    `supplement_over`.
    """
    reason = written_reason(why, "请写明不同意的原因，单位和学校会看到。")
    writer = answering.locked(session, writer)
    found = find(session, writer.graduate, key)
    if (found.state, found.answer) == (SupplementState.REFUSED, reason):
        return
    _move(session, found, SupplementEvent.REFUSE, writer.at, answer=reason)
    _note(session, writer.actor, "supplement_refused", found, writer.at)
    supplement_ends.tell_employers(session, [found.id], writer.at)


def _move(
    session: Session, found: Supplement, event: SupplementEvent, at: datetime, **values: str
) -> None:
    those = (Supplement.id == found.id, Supplement.answer_by > at)
    moved = move(session, SUPPLEMENT, Supplement.state, event, *those, ended_at=at, **values)
    session.refresh(found)
    if moved:
        return
    if found.state == SupplementState.PROPOSED:
        raise RuleError("answered_late", "答复时间已过，补充协议已失效，原条款不变。")
    title = SUPPLEMENT_TITLES[SupplementState(found.state)]
    raise RuleError("supplement_over", f"这份补充协议{title}，不能再办理。")


def find(session: Session, graduate: Graduate, key: str) -> Supplement:
    """Return a supplement of hers as it stands now, with its agreement; raise NotFound."""
    found = session.scalar(
        select(Supplement)
        .where(Supplement.graduate_id == graduate.id, Supplement.key == key)
        .options(joinedload(Supplement.agreement).joinedload(Agreement.invitation))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("补充协议")
    return found


def open_of(session: Session, agreement: Agreement) -> Supplement | None:
    """Return what waits for her answer about an agreement."""
    return session.scalar(
        select(Supplement)
        .where(
            Supplement.agreement_id == agreement.id,
            Supplement.state == SupplementState.PROPOSED,
        )
        .execution_options(populate_existing=True)
    )


def of_source(session: Session, key: str) -> Sequence[Supplement]:
    """Return the supplements of what an invitation became that was found before, newest first."""
    wanted = select(Supplement).join(Agreement, Agreement.id == Supplement.agreement_id)
    return session.scalars(wanted.where(called(key)).order_by(Supplement.id.desc())).all()


def of_agreement(session: Session, agreement: Agreement) -> Sequence[Supplement]:
    """Return the supplements of an agreement, newest first."""
    wanted = select(Supplement).where(Supplement.agreement_id == agreement.id)
    return session.scalars(wanted.order_by(Supplement.id.desc())).all()


def _note(
    session: Session, actor: str, action: str, found: Supplement, at: datetime, text: str = ""
) -> None:
    graduate = session.get_one(Graduate, found.graduate_id)
    about = {"supplement": found.key, "employer": found.terms["unit_name"]}
    details = {**about, "reason": found.answer or found.why, **({"text": text} if text else {})}
    subject = f"{audit.GRADUATE}{graduate.key}"
    audit.note(session, AuditRecord(actor, action, subject, graduate.school_id, details), at)
