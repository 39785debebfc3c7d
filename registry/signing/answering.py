"""The graduate's answer to an invitation: accepted, refused, and taken back while that may be.

She alone answers: no door of staff calls anything here.
"""

from collections.abc import Container, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Staff
from registry.base.clock import SHANGHAI
from registry.base.crypto import Vault
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.base.text import clean
from registry.base.written_reason import REASON_LENGTH
from registry.record import validation
from registry.record.tables import Graduate, Registration
from registry.record.validation import Problem, Severity
from registry.review import application_moves, applications, seasons
from registry.review.application_moves import Writer, begin
from registry.review.states import EDITABLE, ApplicationEvent, Purpose
from registry.signing import (
    agreement_moves,
    agreement_papers,
    employer_news,
    offline_ends,
    terms,
    versions,
)
from registry.signing.invitation_ends import not_open
from registry.signing.states import (
    AGREEMENT,
    INVITATION,
    AgreementEvent,
    AgreementState,
    InvitationEvent,
    InvitationState,
)
from registry.signing.tables import Agreement, Invitation

SIGNED_BY_HAND = ("10", "11")
"""Categories in force that say that she has signed an agreement or a contract already."""


def find(session: Session, graduate: Graduate, key: str) -> Invitation:
    """Return one of her invitations, with who sent it; raise NotFound for others."""
    found = session.scalar(
        select(Invitation)
        .where(Invitation.graduate_id == graduate.id, Invitation.key == key)
        .options(joinedload(Invitation.employer))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("邀请")
    return found


def agreement_of(session: Session, invitation: Invitation) -> Agreement | None:
    """Return what an invitation became."""
    return session.scalar(
        select(Agreement)
        .where(Agreement.invitation_id == invitation.id)
        .execution_options(populate_existing=True)
    )


def refuse_accepting(session: Session, writer: Writer) -> None:
    """Refuse a graduate who cannot accept any invitation now, with what to do first.

    Raises RuleError `already_accepted`, `signed_already`, `application_open`, or what
    `applications.refuse_writing` raises.
    """
    applications.refuse_writing(session, writer)
    _refuse_bound(session, writer.graduate)
    refuse_registering(session, writer)


def refuse_registering(session: Session, writer: Writer) -> None:
    """Refuse where something is registered, or waits to be, that stands against an agreement.

    Raises RuleError `signed_already` or `application_open`.
    """
    _refuse_registered(session, writer.graduate)
    waiting = application_moves.current(session, writer.graduate.id)
    if waiting is not None and waiting.state not in EDITABLE:
        sentence = "您提交的登记或作废申请正在审核，请先撤回，再办理签约。"
        raise RuleError("application_open", sentence)


def _refuse_bound(session: Session, graduate: Graduate) -> None:
    """Refuse a person who has an agreement that holds, whichever of her records it is of."""
    held = held_by(session, graduate)
    if held is not None:
        unit = held.terms["unit_name"]
        sentence = f"您与“{unit}”已有一份就业协议，一人同时只能有一份就业协议。"
        if held.state == AgreementState.ISSUED:
            sentence = (
                f"学校已为您与“{unit}”核发纸质协议书，一人同时只能有一份就业协议。"
                "不再使用的，请先放弃这份协议。"
            )
        raise RuleError("already_accepted", sentence)


def held_by(session: Session, graduate: Graduate) -> Agreement | None:
    """Return an agreement of a person that is not over, whichever of her records it is of."""
    people = select(Graduate.id).where(
        Graduate.identity_index == graduate.identity_index, Graduate.year == graduate.year
    )
    hers = agreement_moves.live(Agreement.graduate_id.in_(people))
    return session.scalar(select(Agreement).where(hers).limit(1))


def _refuse_registered(session: Session, graduate: Graduate) -> None:
    if graduate.registration_id is None:
        return
    in_force = session.get_one(Registration, graduate.registration_id)
    if in_force.category.startswith(SIGNED_BY_HAND):
        sentence = (
            f"您已登记与“{in_force.unit_name}”签约。如已解约，请先申请作废原登记，再办理签约。"
        )
        raise RuleError("signed_already", sentence)


def accept(
    session: Session, vault: Vault, writer: Writer, key: str, retract: timedelta
) -> Agreement:
    """Accept an invitation: an agreement begins, which the school reviews; said twice, it is one.

    For as long as `retract` she may take it back. A draft of a registration is given up. Raises
    RuleError `invitation_ended`, `answered_late`, or what `destination` and `refuse_accepting`
    raise.
    """
    writer = locked(session, writer)
    invitation = find(session, writer.graduate, key)
    if (accepted := agreement_of(session, invitation)) is not None:
        return accepted
    seasons.hold(session, writer.graduate.school_id, writer.graduate.year)
    refuse_accepting(session, writer)
    _move(session, invitation, InvitationEvent.ACCEPT, writer.at)
    give_up_draft(session, writer)
    offline_ends.overtake(session, [writer.graduate.id], "您已接受网上签约邀请", writer.at)
    return _begin(session, vault, writer, invitation, retract)


def locked(session: Session, writer: Writer) -> Writer:
    """Lock all records of a person, so that of two acceptances one sees the other.

    Return her as she stands now.
    """
    session.execute(
        select(Graduate.id)
        .where(Graduate.identity_index == writer.graduate.identity_index)
        .order_by(Graduate.id)
        .with_for_update(key_share=True)
    )
    fresh = session.get_one(Graduate, writer.graduate.id, populate_existing=True)
    return Writer(fresh, writer.at)


def _move(
    session: Session,
    invitation: Invitation,
    event: InvitationEvent,
    at: datetime,
    reason: str = "",
) -> None:
    """Answer an invitation in time; raise RuleError `answered_late` or `invitation_ended`."""
    in_time = (Invitation.id == invitation.id, Invitation.answer_by > at)
    values = {"ended_at": at, "reason": reason}
    if move(session, INVITATION, Invitation.state, event, *in_time, **values):
        return
    now = session.get_one(Invitation, invitation.id, populate_existing=True)
    if now.state in {InvitationState.OPEN, InvitationState.LAPSED}:
        sentence = "应约时间已过，这份邀请已失效。如仍有意，请单位重新邀请。"
        raise RuleError("answered_late", sentence)
    raise not_open(now.state)


def give_up_draft(session: Session, writer: Writer) -> None:
    """Give up the registration that she was writing: the agreement registers."""
    draft = application_moves.current(session, writer.graduate.id)
    if draft is not None:
        applications.discard(session, writer, draft.revision)


def _begin(
    session: Session, vault: Vault, writer: Writer, invitation: Invitation, retract: timedelta
) -> Agreement:
    until = writer.at + retract
    values = destination(session, vault, writer, invitation.terms, writer.at)
    application = begin(
        session,
        writer,
        Purpose.AGREEMENT,
        {
            "category": terms.CATEGORY,
            "values": values,
            "based_on": writer.graduate.registration_id,
            "submitted_at": writer.at,
            "passable_from": until,
        },
    )
    agreement = Agreement(
        graduate_id=writer.graduate.id,
        invitation_id=invitation.id,
        application_id=application.id,
        terms=invitation.terms,
        accepted_at=writer.at,
        retract_until=until,
        accepted_from=audit.came_from(session),
    )
    session.add(agreement)
    session.flush()
    sender = session.get_one(Staff, invitation.sent_by)
    versions.keep_first(session, agreement, sender.actor, invitation.sent_at)
    agreement_papers.give(session, Agreement.id == agreement.id, writer.at)
    text = {"text": agreement_papers.text_digest(session, agreement)}
    _note(session, writer, "invitation_accepted", invitation, text)
    employer_news.tell(session, [invitation.id], NoticeKind.INVITATION_ACCEPTED, writer.at)
    return agreement


def destination(
    session: Session,
    vault: Vault,
    writer: Writer,
    agreed: Mapping[str, str],
    agreed_at: datetime,
) -> dict[str, str]:
    """Return what will be registered, as a form's text.

    What an import left out of her file or household stays so, as with a correction. Raises
    RuleError `terms_impossible`, or `registered_wrong` for what only the school can mend.
    """
    kept = applications.first_values(session, writer.graduate)
    values = terms.destination(agreed, agreed_at.astimezone(SHANGHAI).date(), kept)
    found = validation.problems(values, applications.person(vault, writer.graduate))
    stays = terms.left_alone(agreed)
    for each in found:
        left_out = each.field in stays and each.field not in values
        if each.severity is Severity.REFUSE and not left_out:
            raise _impossible(each, stays)
    return values


def _impossible(problem: Problem, stays: Container[str]) -> RuleError:
    if problem.field in stays:
        sentence = f"您已登记的档案、户口信息有误：{problem.sentence}请联系学校更正后再签约。"
        return RuleError("registered_wrong", sentence)
    sentence = f"协议条款不能登记为毕业去向：{problem.sentence}请与单位修改条款后重新办理。"
    return RuleError("terms_impossible", sentence)


def refuse(session: Session, writer: Writer, key: str, reason: str = "") -> None:
    """Decline an invitation; the employer reads the reason, if she gives one.

    Said twice, it is once. Raises RuleError `answered_late`, `invitation_ended` or
    `reason_too_long`.
    """
    said = clean(reason)
    if len(said) > REASON_LENGTH:
        raise RuleError("reason_too_long", f"原因请控制在 {REASON_LENGTH} 字以内。", "reason")
    invitation = find(session, writer.graduate, key)
    if invitation.state == InvitationState.REFUSED:
        return
    _move(session, invitation, InvitationEvent.REFUSE, writer.at, said)
    _note(session, writer, "invitation_refused", invitation)
    employer_news.tell(session, [invitation.id], NoticeKind.INVITATION_REFUSED, writer.at)


def retract(session: Session, writer: Writer, key: str) -> None:
    """Take an acceptance back while its time runs: there is no agreement then, nor its review.

    Said twice, it is once. Raises NotFound, or RuleError `retract_over`.
    """
    writer = locked(session, writer)
    invitation = find(session, writer.graduate, key)
    agreement = agreement_of(session, invitation)
    if agreement is None:
        raise NotFound("协议")
    if agreement.state == AgreementState.RETRACTED:
        return
    moved = move(
        session,
        AGREEMENT,
        Agreement.state,
        AgreementEvent.RETRACT,
        Agreement.id == agreement.id,
        Agreement.retract_until > writer.at,
        ended_at=writer.at,
    )
    if not moved:
        sentence = "已过可以撤销的时间，或协议已有结果。协议生效后如需终止，请申请解约。"
        raise RuleError("retract_over", sentence)
    review = application_moves.current(session, writer.graduate.id)
    if review is None or review.id != agreement.application_id:
        raise RuntimeError("an agreement stands otherwise than its review")
    event = ApplicationEvent.WITHDRAW
    application_moves.move(session, writer, Purpose.AGREEMENT, event, review.revision, {})
    _note(session, writer, "acceptance_retracted", invitation)
    employer_news.tell(session, [invitation.id], NoticeKind.ACCEPTANCE_RETRACTED, writer.at)


def _note(
    session: Session,
    writer: Writer,
    action: str,
    invitation: Invitation,
    more: Mapping[str, str] | None = None,
) -> None:
    graduate, unit = writer.graduate, invitation.terms["unit_name"]
    details = {"invitation": invitation.key, "employer": unit, **(more or {})}
    record = AuditRecord(
        writer.actor, action, f"graduate:{graduate.key}", graduate.school_id, details
    )
    audit.note(session, record, writer.at)
