"""What a graduate's list of agreements on paper shows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from registry.base.errors import NotFound
from registry.record.tables import Graduate
from registry.signing.offline_requests import MOST_SHOWN
from registry.signing.states import (
    AGREEMENT_TITLES,
    OFFLINE_REQUEST_TITLES,
    AgreementState,
    OfflineRequestState,
)
from registry.signing.tables import Agreement, OfflineRequest


@dataclass(frozen=True)
class ListedPaper:
    """A request for a paper, with what it became."""

    key: str
    unit_name: str
    post: str
    title: str
    """How it stands, as people read it."""
    hint: str
    """What she has to do; empty where she has nothing to do."""
    due_by: datetime | None
    """Until when."""


_HINTS = {
    str(OfflineRequestState.RETURNED): "学校退回了线下签约申请，请修改后重新提交",
    str(AgreementState.ISSUED): "纸质协议书已核发，请签字盖章后拍照交回",
}


def own(session: Session, graduate: Graduate) -> list[ListedPaper]:
    """Return a graduate's requests with their agreements, newest first."""
    newest = _listed(graduate).order_by(OfflineRequest.id.desc()).limit(MOST_SHOWN)
    return [_read(*row) for row in session.execute(newest)]


def own_one(session: Session, graduate: Graduate, key: str) -> ListedPaper:
    """Return one of a graduate's requests; raise NotFound for others."""
    that = _listed(graduate).where(OfflineRequest.key == key)
    row = session.execute(that).one_or_none()
    if row is None:
        raise NotFound("线下签约申请")
    return _read(*row)


def _listed(graduate: Graduate) -> Select[OfflineRequest, str, datetime | None]:
    return (
        select(OfflineRequest, Agreement.state, Agreement.due_by)
        .outerjoin(Agreement, Agreement.request_id == OfflineRequest.id)
        .where(OfflineRequest.graduate_id == graduate.id)
    )


def _read(found: OfflineRequest, state: str | None, due_by: datetime | None) -> ListedPaper:
    title = OFFLINE_REQUEST_TITLES[OfflineRequestState(found.state)]
    if state is not None:
        title = AGREEMENT_TITLES[AgreementState(state)]
    hint = _HINTS.get(state or found.state, "")
    said = found.terms
    return ListedPaper(found.key, said["unit_name"], said["post"], title, hint, due_by)
