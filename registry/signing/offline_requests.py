"""A graduate asks for an agreement on paper (线下签约): with an employer that cannot sign online.

The employer is who she says, checked by its credit code; the school looks at it before it issues
the paper, and again when the signed paper comes back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.school_tables import School
from registry.base.database import insert_new
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.record import validation
from registry.record.tables import Graduate
from registry.record.validation import Problem, Refused
from registry.review.application_moves import Writer
from registry.review.seasons import season
from registry.signing import answering, employers, inviting, terms
from registry.signing.states import (
    OFFLINE_REQUEST,
    OFFLINE_REQUEST_TITLES,
    OfflineRequestEvent,
    OfflineRequestState,
)
from registry.signing.tables import OfflineRequest

MOST_SHOWN = 20
"""Requests of a graduate that are listed."""
MOST_ASKED = 20
"""Requests that one record may ever make."""


@dataclass(frozen=True)
class PaperTerms:
    """What both parties are to sign: who employs her, and the terms."""

    unit: Mapping[str, str]
    said: Mapping[str, str]


def offered(session: Session, graduate: Graduate) -> bool:
    """Say whether a graduate's school issues agreements on paper, and signs here at all."""
    elsewhere = select(School.correction_system).where(School.id == graduate.school_id)
    offers = season(session, graduate.school_id, graduate.cohort).offers_papers
    return offers and not session.scalar(elsewhere)


def refuse_asking(session: Session, writer: Writer) -> None:
    """Refuse a graduate who cannot ask now, with what to do first.

    Raises RuleError `papers_not_offered`, or what `answering.refuse_accepting` raises.
    """
    answering.refuse_accepting(session, writer)
    if not offered(session, writer.graduate):
        sentence = "学校本届不办理线下签约，请联系单位网上签约，或咨询学校就业指导中心。"
        raise RuleError("papers_not_offered", sentence)


def check(writer: Writer, asked: PaperTerms) -> dict[str, str]:
    """Return the terms with the employer as they are kept.

    Raises Refused with every problem of either, or RuleError `bound_elsewhere`.
    """
    found, unit = list[Problem](), dict[str, str]()
    try:
        unit = employers.checked(asked.unit)
    except Refused as refused:
        found += refused.problems
    offer = {**unit, **asked.said}
    found += inviting.problems(offer, writer.graduate, writer.at)
    if validation.refused(found):
        raise Refused(found)
    if inviting.is_bound_elsewhere(writer.graduate, unit["unit_name"]):
        sentence = (
            "您是定向（委托）培养毕业生，只能与协议单位签约。如有变化，请联系学校就业指导中心。"
        )
        raise RuleError("bound_elsewhere", sentence)
    return offer


def ask(session: Session, writer: Writer, asked: PaperTerms) -> OfflineRequest:
    """Ask for a paper, or ask again for what the school has returned; sent twice, it is once.

    Raises what `refuse_asking` and `check` raise, or RuleError `papers_asked` where another request
    waits, or `too_many_requests`.
    """
    writer = answering.locked(session, writer)
    refuse_asking(session, writer)
    offer = check(writer, asked)
    waiting = open_of(session, writer.graduate)
    if waiting is None:
        waiting = _begin(session, writer, offer)
    elif waiting.state == OfflineRequestState.RETURNED:
        _again(session, writer, waiting, offer)
    elif waiting.terms != offer:
        sentence = "您已有一份线下签约申请待学校核发。如需修改，请先撤回。"
        raise RuleError("papers_asked", sentence)
    else:
        return waiting
    _note(session, writer, "offline_asked", waiting)
    session.refresh(waiting)
    return waiting


def _begin(session: Session, writer: Writer, offer: Mapping[str, str]) -> OfflineRequest:
    if len(own(session, writer.graduate)) >= MOST_ASKED:
        sentence = f"您已申请 {MOST_ASKED} 次线下签约，请联系学校就业指导中心处理。"
        raise RuleError("too_many_requests", sentence)
    row = insert_new(session, OfflineRequest).values(
        graduate_id=writer.graduate.id,
        state=OFFLINE_REQUEST.start,
        terms=offer,
        asked_at=writer.at,
    )
    return session.scalars(row.returning(OfflineRequest)).one()


def _again(
    session: Session, writer: Writer, waiting: OfflineRequest, offer: Mapping[str, str]
) -> None:
    values = {"terms": offer, "asked_at": writer.at, "reason": ""}
    if not _move(session, waiting, OfflineRequestEvent.ASK_AGAIN, **values):
        raise not_open(session, waiting)


def withdraw(session: Session, writer: Writer, key: str) -> None:
    """Take a request back before the school has issued the paper; said twice, it is once.

    Raises NotFound, or RuleError `request_over`.
    """
    writer = answering.locked(session, writer)
    found = find(session, writer.graduate, key)
    if found.state == OfflineRequestState.WITHDRAWN:
        return
    if not _move(session, found, OfflineRequestEvent.WITHDRAW, ended_at=writer.at):
        raise not_open(session, found)
    _note(session, writer, "offline_withdrawn", found)


def _move(
    session: Session, found: OfflineRequest, event: OfflineRequestEvent, **values: object
) -> bool:
    that, column = OfflineRequest.id == found.id, OfflineRequest.state
    return bool(move(session, OFFLINE_REQUEST, column, event, that, **values))


def not_open(session: Session, found: OfflineRequest) -> RuleError:
    """Return the refusal of what does not happen to a request as it stands now."""
    now = session.get_one(OfflineRequest, found.id, populate_existing=True)
    title = OFFLINE_REQUEST_TITLES[OfflineRequestState(now.state)]
    return RuleError("request_over", f"线下签约申请目前为“{title}”，请核对最新情况。")


def open_of(session: Session, graduate: Graduate) -> OfflineRequest | None:
    """Return the request of a graduate that the school or she has to do something about."""
    return session.scalar(
        select(OfflineRequest)
        .where(OfflineRequest.graduate_id == graduate.id, OfflineRequest.ended_at.is_(None))
        .execution_options(populate_existing=True)
    )


def own(session: Session, graduate: Graduate) -> Sequence[OfflineRequest]:
    """Return a graduate's requests, newest first."""
    hers = select(OfflineRequest).where(OfflineRequest.graduate_id == graduate.id)
    return session.scalars(hers.order_by(OfflineRequest.id.desc()).limit(MOST_SHOWN)).all()


def find(session: Session, graduate: Graduate, key: str) -> OfflineRequest:
    """Return one of her requests as it stands now; raise NotFound for others."""
    found = session.scalar(
        select(OfflineRequest)
        .where(OfflineRequest.graduate_id == graduate.id, OfflineRequest.key == key)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("线下签约申请")
    return found


def written(found: OfflineRequest) -> PaperTerms:
    """Return what a request said, to be written anew."""
    unit = {name: text for name, text in found.terms.items() if name in terms.UNIT}
    said = {name: text for name, text in found.terms.items() if name in terms.TERMS}
    return PaperTerms(unit, said)


def _note(session: Session, writer: Writer, action: str, found: OfflineRequest) -> None:
    graduate = writer.graduate
    details = {"request": found.key, "employer": found.terms["unit_name"]}
    subject = f"{audit.GRADUATE}{graduate.key}"
    record = AuditRecord(writer.actor, action, subject, graduate.school_id, details)
    audit.note(session, record, writer.at)
