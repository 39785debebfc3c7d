"""A paper comes back signed and stamped: she hands in its pictures, and the school reviews it.

From here on it is an agreement like those signed online: the same desk, the same pass, the same
destination.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.base.clock import SHANGHAI
from registry.base.crypto import Vault
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.base.written_reason import written_reason
from registry.record.requirements import EvidenceKind
from registry.record.tables import Graduate
from registry.review import application_moves, applications, evidence, seasons
from registry.review.application_moves import Writer, begin
from registry.review.evidence import EvidenceUpload
from registry.review.evidence_types import CheckedDocument
from registry.review.states import ApplicationEvent, Purpose
from registry.review.tables import Application, Evidence
from registry.signing import agreement_ends, answering, deadlines, mending, terms
from registry.signing.agreement_sources import called
from registry.signing.states import AGREEMENT, AGREEMENT_TITLES, AgreementEvent, AgreementState
from registry.signing.tables import Agreement

MOST_PICTURES = 4
NAME = "签字盖章的协议书"
_NOON = time(12)


@dataclass(frozen=True)
class SignedPaper:
    """A paper as it came back."""

    signed_on: date
    """The day that both have written on it (Asia/Shanghai)."""
    pictures: Sequence[CheckedDocument]


def of_request(session: Session, graduate: Graduate, key: str) -> Agreement | None:
    """Return the agreement that one of her requests became; None while there is none."""
    return session.scalar(
        select(Agreement)
        .where(Agreement.graduate_id == graduate.id, called(key), Agreement.request_id.is_not(None))
        .execution_options(populate_existing=True)
    )


def hand_in(
    session: Session, vault: Vault, writer: Writer, key: str, paper: SignedPaper
) -> Agreement:
    """Hand in the pictures of a signed paper, which the school then reviews; twice, it is once.

    What was handed in before and sent back stays with the review, taken off. Raises NotFound, or
    RuleError `pictures_missing`, `too_many_files`, `signed_on_range`, `handed_in_late`,
    `not_issued`, or what `applications.refuse_writing`, `answering.refuse_registering` and
    `answering.destination` raise; what was handed in while her year registered is mended later too.
    """
    writer, agreement = _hers(session, writer, key)
    if agreement.state == AgreementState.IN_REVIEW:
        return agreement
    if agreement.application_id is None:
        seasons.hold(session, writer.graduate.school_id, writer.graduate.year)
        applications.refuse_writing(session, writer)
    else:
        mending.refuse_filed(session, writer.graduate)
    _check(agreement, paper, writer.at)
    answering.refuse_registering(session, writer)
    agreed_at = datetime.combine(paper.signed_on, _NOON, SHANGHAI)
    values = answering.destination(session, vault, writer, agreement.terms, agreed_at)
    _move(session, agreement, AgreementEvent.HAND_IN, writer.at, due_by=None, reason="")
    review = _sent(session, writer, agreement, values)
    _replace(session, vault, writer, review, paper.pictures)
    _note(session, writer, "paper_handed_in", agreement)
    return agreement


def _check(agreement: Agreement, paper: SignedPaper, at: datetime) -> None:
    if agreement.state != AgreementState.ISSUED:
        raise _not_now(agreement, at)
    if not paper.pictures:
        sentence = "请选择签字盖章后的协议书照片或扫描件。"
        raise RuleError("pictures_missing", sentence, "file")
    if len(paper.pictures) > MOST_PICTURES:
        raise RuleError("too_many_files", f"最多上传 {MOST_PICTURES} 个文件。", "file")
    issued_on, today = (each.astimezone(SHANGHAI).date() for each in (agreement.accepted_at, at))
    if not issued_on <= paper.signed_on <= today:
        day = f"{issued_on.year}年{issued_on.month}月{issued_on.day}日"
        sentence = f"签字日期应在核发日（{day}）至今天之间，请与协议书核对。"
        raise RuleError("signed_on_range", sentence, "signed_on")


def _sent(
    session: Session, writer: Writer, agreement: Agreement, values: dict[str, str]
) -> Application:
    """Send the review of a paper to the first level, begun where it was not sent back."""
    if agreement.application_id is not None:
        mending.send_again(session, writer, agreement, values)
        return session.get_one(Application, agreement.application_id)
    answering.give_up_draft(session, writer)
    sent = {
        "category": terms.CATEGORY,
        "values": values,
        "based_on": writer.graduate.registration_id,
        "submitted_at": writer.at,
    }
    review = begin(session, writer, Purpose.AGREEMENT, sent)
    agreement.application_id = review.id
    session.flush()
    return review


def _replace(
    session: Session,
    vault: Vault,
    writer: Writer,
    review: Application,
    pictures: Sequence[CheckedDocument],
) -> None:
    """Put the pictures in the place of those handed in before, which stay on record."""
    before = (Evidence.application_id == review.id, Evidence.removed_at.is_(None))
    session.execute(update(Evidence).where(*before).values(removed_at=writer.at))
    for number, each in enumerate(pictures, 1):
        upload = EvidenceUpload(EvidenceKind.AGREEMENT, f"{NAME}{number}", each)
        evidence.keep(session, vault, writer, review, upload)


def take_back(session: Session, writer: Writer, key: str) -> None:
    """Take back what was handed in while it is reviewed, to hand it in anew or not at all.

    Said twice, it is once. Raises NotFound, or RuleError `not_issued` where it is decided.
    """
    writer, agreement = _hers(session, writer, key)
    if agreement.state == AgreementState.ISSUED:
        return
    review_id, due_by = agreement.application_id, _due_by(writer.at)
    values = {"application_id": None, "due_by": due_by, "reason": ""}
    those = (Agreement.id == agreement.id, Agreement.request_id.is_not(None))
    event = AgreementEvent.TAKE_BACK
    if not move(session, AGREEMENT, Agreement.state, event, *those, **values):
        raise _not_now(agreement, writer.at)
    review = application_moves.current(session, writer.graduate.id)
    if review is None or review.id != review_id:
        raise RuntimeError("an agreement stands otherwise than its review")
    withdraw = ApplicationEvent.WITHDRAW
    application_moves.move(session, writer, Purpose.AGREEMENT, withdraw, review.revision, {})
    _note(session, writer, "paper_taken_back", agreement)


def give_up(session: Session, writer: Writer, key: str, why: str) -> None:
    """Give up a paper that is not handed in: there is no agreement then. Said twice, it is once.

    Raises NotFound, or RuleError `reason_missing`, `reason_too_long` or `not_issued`.
    """
    reason = f"本人放弃：{written_reason(why, '请写明放弃的原因，学校会看到。')}"
    writer, agreement = _hers(session, writer, key)
    those = (Agreement.id == agreement.id, *_out(writer.at))
    ended_by = (reason, writer.actor)
    if agreement_ends.end(session, AgreementEvent.GIVE_UP, those, ended_by, writer.at):
        _note(session, writer, "paper_given_up", agreement)
        return
    if (agreement.state, agreement.reason) != (AgreementState.FAILED, reason):
        raise _not_now(agreement, writer.at)


def _hers(session: Session, writer: Writer, key: str) -> tuple[Writer, Agreement]:
    """Lock her records, and return her and the paper of one of her requests, as they stand."""
    writer = answering.locked(session, writer)
    agreement = of_request(session, writer.graduate, key)
    if agreement is None:
        raise NotFound("协议书")
    return writer, agreement


def _out(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of a paper that is out, in time."""
    return Agreement.state == AgreementState.ISSUED, Agreement.due_by > at


def _due_by(at: datetime) -> datetime:
    return deadlines.last_moment(at, deadlines.PAPER_DAYS)


def _move(
    session: Session, agreement: Agreement, event: AgreementEvent, at: datetime, **values: object
) -> None:
    those = (Agreement.id == agreement.id, Agreement.due_by > at)
    if not move(session, AGREEMENT, Agreement.state, event, *those, **values):
        raise _not_now(session.get_one(Agreement, agreement.id, populate_existing=True), at)
    session.refresh(agreement)


def _not_now(agreement: Agreement, at: datetime) -> RuleError:
    """Return the refusal of a step that a paper does not wait for, or not any more."""
    if agreement.state == AgreementState.ISSUED and (agreement.due_by or at) <= at:
        sentence = "交回期限已过，这份协议书不能再使用。仍要线下签约的，请重新申请。"
        return RuleError("handed_in_late", sentence)
    title = AGREEMENT_TITLES[AgreementState(agreement.state)]
    return RuleError("not_issued", f"这份协议目前为“{title}”，不能这样办理，请刷新页面。")


def _note(session: Session, writer: Writer, action: str, agreement: Agreement) -> None:
    graduate = writer.graduate
    details = {"agreement": agreement.key, "employer": agreement.terms["unit_name"]}
    subject = f"{audit.GRADUATE}{graduate.key}"
    record = AuditRecord(writer.actor, action, subject, graduate.school_id, details)
    audit.note(session, record, writer.at)
