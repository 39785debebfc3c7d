"""What the school returned is mended: the employer amends, she agrees anew; or it is given up.

The terms that she agrees to are those whose digest she saw: others are refused. As at accepting,
she alone agrees, with her second proof: no door of staff calls `agree` or `resubmit`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session, joinedload

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Staff
from registry.base.crypto import Vault
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.base.written_reason import written_reason
from registry.record import province_lock
from registry.record.tables import Graduate
from registry.review import application_moves
from registry.review.application_moves import Writer
from registry.review.states import ApplicationEvent, Purpose
from registry.signing import (
    agreement_ends,
    answering,
    deadlines,
    employer_news,
    inviting,
    versions,
)
from registry.signing.states import (
    AGREEMENT,
    AGREEMENT_TITLES,
    MENDING,
    AgreementEvent,
    AgreementState,
)
from registry.signing.tables import Agreement, Invitation, TermsVersion


@dataclass(frozen=True)
class Mended:
    """An agreement of an employer with whom it is, both as they stand."""

    agreement: Agreement
    graduate: Graduate


def of_employer(session: Session, staff: Staff, key: str) -> Mended:
    """Return what an invitation of an employer became; raise NotFound for others."""
    found = session.execute(
        select(Agreement, Graduate)
        .join(Invitation, Invitation.id == Agreement.invitation_id)
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .where(Invitation.employer_id == staff.employer_id, Invitation.key == key)
        .options(joinedload(Agreement.invitation), joinedload(Graduate.school))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("协议")
    agreement, graduate = found
    return Mended(agreement, graduate)


def check(
    session: Session, staff: Staff, found: Mended, said: Mapping[str, str], at: datetime
) -> dict[str, str]:
    """Return amended terms as they would be proposed.

    Raises Refused, or RuleError `not_qualified`, `not_returned` or `nothing_changed`.
    """
    agreement = found.agreement
    if agreement.state != AgreementState.RETURNED or not _in_time(agreement, at):
        raise _not_now(agreement, at)
    employer = inviting.qualified_employer(session, staff, found.graduate.school_id, at)
    inviting.check(employer, said, found.graduate, at)
    proposed = inviting.frozen(employer, said)
    if versions.digest(proposed) == versions.digest(agreement.terms):
        sentence = "条款与原来的完全一样。请按退回原因修改；不需要修改的，可由毕业生重新提交。"
        raise RuleError("nothing_changed", sentence)
    return proposed


def amend(session: Session, staff: Staff, key: str, said: Mapping[str, str], at: datetime) -> None:
    """Propose other terms for what the school returned; sent twice, it is once.

    Raises NotFound or what `check` raises.
    """
    found = of_employer(session, staff, key)
    _lock(session, found.graduate.id)
    found = of_employer(session, staff, key)
    agreement = found.agreement
    if agreement.state == AgreementState.AMENDED and _proposed(session, staff, found, said, at):
        return
    proposed = check(session, staff, found, said, at)
    due_by = deadlines.last_moment(at, deadlines.AGREE_DAYS)
    _move(session, agreement, AgreementEvent.AMEND, at, due_by=due_by)
    versions.propose(session, agreement, proposed, staff.actor, at)
    _note(session, staff.actor, "agreement_amended", found, at)
    agreement_ends.tell(session, AgreementEvent.AMEND, [agreement.id], "", at)


def _proposed(
    session: Session, staff: Staff, found: Mended, said: Mapping[str, str], at: datetime
) -> bool:
    """Say whether exactly these terms were proposed last."""
    employer = inviting.qualified_employer(session, staff, found.graduate.school_id, at)
    last = versions.newest(session, found.agreement)
    return last.digest == versions.digest(inviting.frozen(employer, said))


def agree(session: Session, vault: Vault, writer: Writer, key: str, digest: str) -> Agreement:
    """Agree to amended terms, which the school then reviews anew; said twice, it is once.

    `digest` is that of the terms she saw. Raises NotFound, or RuleError `terms_changed`,
    `not_amended`, `registered_elsewhere` or `locked_by_province`, or as `answering.destination`
    does.
    """
    writer, agreement = _hers(session, writer, key)
    newest = versions.newest(session, agreement)
    if newest.digest != digest:
        raise RuleError("terms_changed", "单位已再次修改条款，请重新核对后再同意。")
    if newest.agreed_at is not None:
        return agreement
    refuse_filed(session, writer.graduate)
    values = answering.destination(session, vault, writer, newest.terms, writer.at)
    terms = {"terms": newest.terms, "due_by": None, "reason": ""}
    _move(session, agreement, AgreementEvent.AGREE, writer.at, **terms)
    session.execute(
        update(TermsVersion).where(TermsVersion.id == newest.id).values(agreed_at=writer.at)
    )
    send_again(session, writer, agreement, values)
    _tell_employer(session, agreement, writer.at)
    _note(session, writer.actor, "amendment_agreed", Mended(agreement, writer.graduate), writer.at)
    return agreement


def resubmit(session: Session, vault: Vault, writer: Writer, key: str) -> Agreement:
    """Send what was returned to the review again as it is, her own data being mended meanwhile.

    Said twice, it is once. Raises NotFound, or RuleError `not_returned`, `registered_elsewhere`
    or `locked_by_province`, or as `answering.destination` does.
    """
    writer, agreement = _hers(session, writer, key)
    if agreement.state == AgreementState.IN_REVIEW:
        return agreement
    refuse_filed(session, writer.graduate)
    agreed_at = versions.newest(session, agreement).agreed_at or agreement.accepted_at
    values = answering.destination(session, vault, writer, agreement.terms, agreed_at)
    _move(session, agreement, AgreementEvent.RESUBMIT, writer.at, due_by=None, reason="")
    send_again(session, writer, agreement, values)
    _tell_employer(session, agreement, writer.at)
    _note(
        session,
        writer.actor,
        "agreement_resubmitted",
        Mended(agreement, writer.graduate),
        writer.at,
    )
    return agreement


def give_up(session: Session, writer: Writer, key: str, why: str) -> None:
    """Give up what the school returned: there is no agreement then. Said twice, it is once.

    Raises NotFound, or RuleError `reason_missing`, `reason_too_long` or `not_returned`.
    """
    reason = written_reason(why, "请写明放弃的原因，单位和学校会看到。")
    writer, agreement = _hers(session, writer, key)
    found = Mended(agreement, writer.graduate)
    _give_up(session, found, (f"本人放弃：{reason}", writer.actor), writer.at)


def give_up_by_employer(session: Session, staff: Staff, key: str, why: str, at: datetime) -> None:
    """Give up as an employer what the school returned. Raises as `give_up` does."""
    reason = written_reason(why, "请写明放弃的原因，毕业生和学校会看到。")
    found = of_employer(session, staff, key)
    _lock(session, found.graduate.id)
    _give_up(session, found, (f"单位放弃：{reason}", staff.actor), at)


def _give_up(session: Session, found: Mended, why: tuple[str, str], at: datetime) -> None:
    """End what is being mended, unless it was for the same reason; refuse anything else."""
    ident, (reason, by) = found.agreement.id, why
    those = (Agreement.id == ident, *_running(at))
    if agreement_ends.end(session, AgreementEvent.GIVE_UP, those, why, at):
        _note(session, by, "agreement_given_up", found, at)
        return
    now = session.get_one(Agreement, ident, populate_existing=True)
    if (now.state, now.reason) != (AgreementState.FAILED, reason):
        raise _not_now(now, at)


def _hers(session: Session, writer: Writer, key: str) -> tuple[Writer, Agreement]:
    """Lock her records, and return her and what one of her invitations became, as they stand."""
    writer = answering.locked(session, writer)
    invitation = answering.find(session, writer.graduate, key)
    agreement = answering.agreement_of(session, invitation)
    if agreement is None:
        raise NotFound("协议")
    return writer, agreement


def _lock(session: Session, graduate_id: int) -> None:
    """Lock the graduate first, as whoever writes about her does."""
    session.execute(
        select(Graduate.id).where(Graduate.id == graduate_id).with_for_update(key_share=True)
    )


def refuse_filed(session: Session, graduate: Graduate) -> None:
    """Refuse a graduate whose province signs elsewhere, or has filed her destination.

    Raises RuleError `registered_elsewhere` or `locked_by_province`.
    """
    province_lock.refuse_elsewhere(session, graduate.school_id)
    province_lock.refuse(session, [graduate.id])


def _move(
    session: Session, agreement: Agreement, event: AgreementEvent, at: datetime, **values: object
) -> None:
    those = (Agreement.id == agreement.id, *_running(at))
    if not move(session, AGREEMENT, Agreement.state, event, *those, **values):
        raise _not_now(session.get_one(Agreement, agreement.id, populate_existing=True), at)
    session.refresh(agreement)


def _running(at: datetime) -> tuple[ColumnElement[bool]]:
    return (Agreement.due_by > at,)


def _in_time(agreement: Agreement, at: datetime) -> bool:
    return agreement.due_by is not None and agreement.due_by > at


def _not_now(agreement: Agreement, at: datetime) -> RuleError:
    """Return the refusal of a step that an agreement does not wait for, or not any more."""
    state = AgreementState(agreement.state)
    if state in MENDING and not _in_time(agreement, at):
        sentence = "办理时间已过，这份协议未签成。如仍有意，请单位重新邀请。"
        return RuleError("mended_late", sentence)
    sentence = f"这份协议{AGREEMENT_TITLES[state]}，不能这样办理，请刷新页面。"
    return RuleError("not_returned", sentence)


def send_again(
    session: Session, writer: Writer, agreement: Agreement, values: Mapping[str, str]
) -> None:
    """Send the review that was returned to the first level again."""
    review = application_moves.current(session, writer.graduate.id)
    if review is None or review.id != agreement.application_id:
        raise RuntimeError("an agreement stands otherwise than its review")
    sent = {
        "values": dict(values),
        "based_on": writer.graduate.registration_id,
        "submitted_at": writer.at,
        "reason": "",
    }
    event = ApplicationEvent.SUBMIT
    application_moves.move(session, writer, Purpose.AGREEMENT, event, review.revision, sent)


def _tell_employer(session: Session, agreement: Agreement, at: datetime) -> None:
    kind = NoticeKind.AGREEMENT_SENT_AGAIN
    employer_news.tell_of(session, Agreement.id == agreement.id, kind, at)


def _note(session: Session, actor: str, action: str, found: Mended, at: datetime) -> None:
    graduate, agreement = found.graduate, found.agreement
    details = {"agreement": agreement.key, "employer": agreement.terms["unit_name"]}
    subject = f"graduate:{graduate.key}"
    audit.note(session, AuditRecord(actor, action, subject, graduate.school_id, details), at)
