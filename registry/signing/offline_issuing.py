"""A school issues the papers that its graduates ask for (核发协议书), or returns what they ask."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, joinedload

from registry.accounts import audit
from registry.accounts.school_tables import Department
from registry.accounts.tables import Staff
from registry.base.counting import Counting, Query, columns
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.base.paging import Page, Place, nearest, turned
from registry.base.written_reason import written_reason
from registry.record import events
from registry.record.events import PaperAnswered
from registry.record.scope import MADE, Scope, made_for, not_ended, within
from registry.record.tables import Graduate
from registry.review.application_moves import Writer
from registry.review.seasons import season
from registry.signing import (
    agreement_papers,
    answering,
    deadlines,
    employer_standing,
    inviting,
    offline_requests,
    versions,
)
from registry.signing.states import (
    OFFLINE_REQUEST,
    AgreementState,
    OfflineRequestEvent,
    OfflineRequestState,
)
from registry.signing.tables import Agreement, OfflineRequest

HINT = "请下载打印，双方签字盖章后拍照交回"
"""What she is told of a paper that was issued: 20 characters at most."""


@dataclass(frozen=True)
class ListedRequest:
    """A request in a school's list."""

    key: str
    graduate_id: int
    name: str
    student_number: str
    department: str
    unit_name: str
    unit_code: str
    post: str
    state: OfflineRequestState
    asked_at: datetime


@dataclass(frozen=True)
class SeenRequest:
    """A request as somebody saw it who answers it."""

    key: str
    terms: str
    """The digest of its terms."""


def page(
    session: Session, scope: Scope, state: OfflineRequestState | None, place: Place
) -> Page[ListedRequest]:
    """Return the requests in scope: what waits oldest first, others newest first."""
    wanted = _listed().where(within(scope), not_ended())
    if state is not None:
        wanted = wanted.where(OfflineRequest.state == state)
    start = select(OfflineRequest.id).where(OfflineRequest.key == (place.before or place.after))
    begin, oldest_first = start.scalar_subquery(), state is OfflineRequestState.ASKED
    found = nearest(wanted, OfflineRequest.id, begin, place, newest_first=not oldest_first)
    return turned(map(_read, session.execute(found)), place)


def counts(session: Session, scope: Scope) -> dict[OfflineRequestState, int]:
    """Return how many requests in scope stand in each state."""
    rows = session.execute(
        select(OfflineRequest.state, func.count())
        .join(Graduate, Graduate.id == OfflineRequest.graduate_id)
        .where(within(scope), not_ended())
        .group_by(OfflineRequest.state)
    )
    found = dict(rows.all())
    return {state: found.get(state, 0) for state in OfflineRequestState}


def waiting(scope: Scope) -> Counting:
    """Return the query of the requests in scope that wait for the school."""
    made, values = made_for(scope)
    return Counting(_waiting(made), values)


@lru_cache(MADE)
def _waiting(scope: Scope) -> Query:
    return (
        select(*columns(OfflineRequest.asked_at))
        .join(Graduate, Graduate.id == OfflineRequest.graduate_id)
        .where(within(scope), not_ended(), OfflineRequest.state == OfflineRequestState.ASKED)
    )


def _listed() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(OfflineRequest.key, OfflineRequest.graduate_id, OfflineRequest.terms),
            *(OfflineRequest.state, OfflineRequest.asked_at),
            *(Graduate.name, Graduate.student_number, Department.name.label("department")),
        )
        .join(Graduate, Graduate.id == OfflineRequest.graduate_id)
        .join(Department, Department.id == Graduate.department_id)
    )


def _read(row: Row[*tuple[Any, ...]]) -> ListedRequest:
    return ListedRequest(
        *(row.key, row.graduate_id, row.name, row.student_number, row.department),
        *(row.terms["unit_name"], row.terms["unit_code"], row.terms["post"]),
        *(OfflineRequestState(row.state), row.asked_at),
    )


def find(session: Session, scope: Scope, key: str) -> OfflineRequest:
    """Return a request of a graduate in scope, with her; raise NotFound for others."""
    with_her = joinedload(OfflineRequest.graduate).joinedload
    found = session.scalar(
        select(OfflineRequest)
        .join(Graduate, Graduate.id == OfflineRequest.graduate_id)
        .where(within(scope), OfflineRequest.key == key)
        .options(with_her(Graduate.department), with_her(Graduate.school))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("线下签约申请")
    return found


def agreement_key(session: Session, found: OfflineRequest) -> str | None:
    """Return the key of the agreement that a request became."""
    return session.scalar(select(Agreement.key).where(Agreement.request_id == found.id))


def obstacle(session: Session, found: OfflineRequest, at: datetime) -> RuleError | None:
    """Return why the paper of a request cannot be issued now."""
    try:
        _refuse_issuing(session, found, at)
    except RuleError as refusal:
        return refusal
    return None


def _refuse_issuing(session: Session, found: OfflineRequest, at: datetime) -> None:
    graduate, unit = found.graduate, found.terms["unit_name"]
    if graduate.is_ended:
        raise RuleError("record_ended", "这条毕业生记录已停用，不能核发。")
    if not season(session, graduate.school_id, graduate.year).offers_papers:
        raise RuleError("papers_not_offered", "本届设置为不办理线下签约，请先在设置中开通。")
    if graduate.id in inviting.cannot_sign(session, [graduate], unit, at):
        sentence = (
            "该毕业生目前不能签约：本届登记未开放或已截止、去向已由省级备案、"
            "在省级系统签约，或属于定向（委托）培养。请核对。"
        )
        raise RuleError("cannot_sign", sentence)
    if (held := answering.held_by(session, graduate)) is not None:
        sentence = f"该毕业生与“{held.terms['unit_name']}”已有一份就业协议，不能核发。"
        raise RuleError("already_accepted", sentence)
    employer_standing.refuse_listed(session, found.terms["unit_code"], graduate.school_id, at)


def issue(
    session: Session, scope: Scope, staff: Staff, seen: SeenRequest, at: datetime
) -> Agreement:
    """Issue the paper of a request as it was seen: an agreement that both have yet to sign.

    Said twice, it is one. Raises NotFound outside the scope, or RuleError `school_only`,
    `request_changed`, `request_over`, `record_ended`, `papers_not_offered`, `cannot_sign`,
    `already_accepted` or `employer_listed`.
    """
    found = _locked(session, scope, seen.key, at)
    if found.state == OfflineRequestState.ISSUED:
        return session.scalars(select(Agreement).where(Agreement.request_id == found.id)).one()
    _refuse_changed(found, seen)
    _refuse_issuing(session, found, at)
    _move(session, found, OfflineRequestEvent.ISSUE, ended_at=at)
    agreement = Agreement(
        graduate_id=found.graduate_id,
        request_id=found.id,
        state=AgreementState.ISSUED,
        terms=found.terms,
        accepted_at=at,
        retract_until=at,
        due_by=deadlines.last_moment(at, deadlines.PAPER_DAYS),
    )
    session.add(agreement)
    session.flush()
    asked_by = f"{audit.GRADUATE}{found.graduate.key}"
    versions.keep_first(session, agreement, asked_by, found.asked_at)
    agreement_papers.give(session, Agreement.id == agreement.id, at)
    text = agreement_papers.text_digest(session, agreement)
    _tell(session, staff, found, "paper_issued", {"text": text}, at)
    _announce(session, found, HINT, at)
    return agreement


def send_back(
    session: Session, scope: Scope, staff: Staff, seen: SeenRequest, why: str, at: datetime
) -> None:
    """Return a request for a reason, to be mended and sent again; said twice, it is once.

    Raises NotFound outside the scope, or RuleError `school_only`, `reason_missing`,
    `reason_too_long`, `request_changed` or `request_over`.
    """
    reason = written_reason(why, "请写明退回的原因，以便毕业生修改。")
    found = _locked(session, scope, seen.key, at)
    if (found.state, found.reason) == (OfflineRequestState.RETURNED, reason):
        return
    _refuse_changed(found, seen)
    _move(session, found, OfflineRequestEvent.RETURN, reason=reason)
    _tell(session, staff, found, "offline_returned", {"reason": reason}, at)
    _announce(session, found, reason, at)


def _locked(session: Session, scope: Scope, key: str, at: datetime) -> OfflineRequest:
    """Lock all records of whose request it is, and return it as it stands then."""
    if not scope.whole_school:
        raise RuleError("school_only", "线下签约由学校核发，请联系学校就业指导中心。")
    answering.locked(session, Writer(find(session, scope, key).graduate, at))
    return find(session, scope, key)


def _refuse_changed(found: OfflineRequest, seen: SeenRequest) -> None:
    if found.state == OfflineRequestState.ASKED and versions.digest(found.terms) != seen.terms:
        sentence = "毕业生刚刚修改了申请，请核对新的内容后再办理。"
        raise RuleError("request_changed", sentence)


def _move(
    session: Session, found: OfflineRequest, event: OfflineRequestEvent, **values: object
) -> None:
    that, column = OfflineRequest.id == found.id, OfflineRequest.state
    if not move(session, OFFLINE_REQUEST, column, event, that, **values):
        raise offline_requests.not_open(session, found)
    session.refresh(found)


def _tell(
    session: Session,
    staff: Staff,
    found: OfflineRequest,
    action: str,
    more: dict[str, str],
    at: datetime,
) -> None:
    details = {"request": found.key, "employer": found.terms["unit_name"], **more}
    subject = f"{audit.GRADUATE}{found.graduate.key}"
    audit.note(session, audit.by_staff(staff, action, subject, details), at)


def _announce(session: Session, found: OfflineRequest, hint: str, at: datetime) -> None:
    answered = PaperAnswered(
        school_id=found.graduate.school_id,
        graduate_id=found.graduate_id,
        request_id=found.id,
        unit=found.terms["unit_name"],
        issued=found.state == OfflineRequestState.ISSUED,
        hint=hint,
        at=at,
    )
    events.announce(session, answered)
