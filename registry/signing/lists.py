"""What lists of invitations show: an employer's own, a graduate's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session, aliased

from registry.accounts.school_tables import Department, School
from registry.accounts.tables import Staff
from registry.base.errors import NotFound
from registry.base.paging import Page, Place, nearest, turned
from registry.record.tables import Graduate
from registry.signing import termination_lists
from registry.signing.agreement_sources import source_key, with_sources
from registry.signing.paper_tables import AgreementPaper
from registry.signing.states import (
    AGREEMENT_TITLES,
    INVITATION_TITLES,
    AgreementState,
    InvitationState,
)
from registry.signing.supplement_tables import Supplement
from registry.signing.tables import Agreement, Invitation, OfflineRequest
from registry.signing.termination_states import Party, TerminationState, answers
from registry.signing.termination_tables import Termination

MOST_OF_GRADUATE = 50
STREAMED = 1_000
"""Rows a round trip of a whole list."""


@dataclass(frozen=True)
class ListedInvitation:
    """An invitation, with what it became."""

    key: str
    graduate_id: int
    graduate_key: str
    school_id: int
    unit_name: str
    post: str
    name: str
    student_number: str
    school: str
    department: str
    major: str
    level: str
    sent_at: datetime
    sent_by: str
    answer_by: datetime
    ended_at: datetime | None
    reason: str
    """Why it was refused or withdrawn, or what it became was returned or ended."""
    invitation: InvitationState
    agreement: AgreementState | None
    due_by: datetime | None = None
    """While what it became is mended: until when."""
    number: str = ""
    """Of the agreement that it became (协议书编号), ungrouped; empty where there is none yet."""
    termination: str = ""
    """How the last request to terminate that agreement stands, as the employer reads it."""

    @property
    def state(self) -> str:
        """Return how it stands, as one word for programs."""
        return self.agreement or self.invitation

    @property
    def title(self) -> str:
        """Return how it stands, as people read it."""
        if self.agreement is not None:
            return AGREEMENT_TITLES[self.agreement]
        return INVITATION_TITLES[self.invitation]

    @property
    def is_open(self) -> bool:
        """Say whether it waits for an answer."""
        return self.invitation is InvitationState.OPEN


def page(
    session: Session, employer_id: int, state: InvitationState | None, place: Place, at: datetime
) -> Page[ListedInvitation]:
    """Return the invitations of an employer, newest first, in one state where one is given."""
    mine = Invitation.employer_id == employer_id
    start = select(Invitation.id).where(mine, Invitation.key == (place.before or place.after))
    wanted = _listed().where(mine)
    if state is not None:
        wanted = wanted.where(Invitation.state == state)
    begin = start.scalar_subquery()
    rows = session.execute(nearest(wanted, Invitation.id, begin, place, newest_first=True))
    return turned((_read(row, at) for row in rows), place)


def every(session: Session, employer_id: int, at: datetime) -> Iterator[ListedInvitation]:
    """Yield all invitations of an employer, newest first, some a round trip."""
    wanted = _listed().where(Invitation.employer_id == employer_id).order_by(Invitation.id.desc())
    for row in session.execute(wanted.execution_options(yield_per=STREAMED)):
        yield _read(row, at)


def counts(session: Session, employer_id: int) -> dict[InvitationState, int]:
    """Return how many invitations of an employer stand in each state."""
    rows = session.execute(
        select(Invitation.state, func.count())
        .where(Invitation.employer_id == employer_id)
        .group_by(Invitation.state)
    )
    found = {InvitationState(state): number for state, number in rows}
    return {state: found.get(state, 0) for state in InvitationState}


def of_employer(session: Session, employer_id: int, key: str, at: datetime) -> ListedInvitation:
    """Return one invitation of an employer; raise NotFound for others."""
    return _one(session, _listed().where(Invitation.employer_id == employer_id), key, at)


def own(session: Session, graduate: Graduate, at: datetime) -> list[ListedInvitation]:
    """Return a graduate's invitations, newest first."""
    wanted = _listed().where(Invitation.graduate_id == graduate.id)
    rows = session.execute(wanted.order_by(Invitation.id.desc()).limit(MOST_OF_GRADUATE))
    return [_read(row, at) for row in rows]


def own_one(session: Session, graduate: Graduate, key: str, at: datetime) -> ListedInvitation:
    """Return one of a graduate's invitations; raise NotFound for others."""
    return _one(session, _listed().where(Invitation.graduate_id == graduate.id), key, at)


def key_of(session: Session, graduate: Graduate, invitation_id: int) -> str | None:
    """Return the key of one of a graduate's invitations by its number; None for others."""
    hers = (Invitation.graduate_id == graduate.id, Invitation.id == invitation_id)
    return session.scalar(select(Invitation.key).where(*hers))


def key_reviewed_as(session: Session, graduate: Graduate, application_id: int) -> str | None:
    """Return the key of what the agreement began as that is reviewed as an application of hers."""
    hers = (Agreement.graduate_id == graduate.id, Agreement.application_id == application_id)
    wanted = with_sources(select(source_key()).select_from(Agreement))
    return session.scalar(wanted.where(*hers))


def key_supplemented(session: Session, graduate: Graduate, supplement_id: int) -> str | None:
    """Return the key of what the agreement began as that a supplement of hers is to."""
    hers = (Supplement.graduate_id == graduate.id, Supplement.id == supplement_id)
    wanted = select(source_key()).join_from(
        Supplement, Agreement, Agreement.id == Supplement.agreement_id
    )
    return session.scalar(with_sources(wanted).where(*hers))


def request_key(session: Session, graduate: Graduate, request_id: int) -> str | None:
    """Return the key of one of a graduate's requests for a paper by its number; None for others."""
    hers = (OfflineRequest.graduate_id == graduate.id, OfflineRequest.id == request_id)
    return session.scalar(select(OfflineRequest.key).where(*hers))


def is_request(session: Session, graduate: Graduate, key: str) -> bool:
    """Say whether a key is one of a graduate's requests for a paper."""
    hers = (OfflineRequest.graduate_id == graduate.id, OfflineRequest.key == key)
    return session.scalar(select(OfflineRequest.id).where(*hers)) is not None


def unit_of(session: Session, graduate: Graduate, key: str) -> str:
    """Return the employer of one of her invitations or requests, by key; empty for others."""
    for table in (Invitation, OfflineRequest):
        hers = (table.graduate_id == graduate.id, table.key == key)
        found = session.scalar(select(table.terms).where(*hers))
        if found:
            return str(found["unit_name"])
    return ""


def terms_of(session: Session, key: str) -> dict[str, str]:
    """Return the terms of an invitation that was found before, or what was agreed to since."""
    row = session.execute(
        select(Invitation.terms, Agreement.terms.label("agreed"))
        .outerjoin(Agreement, Agreement.invitation_id == Invitation.id)
        .where(Invitation.key == key)
    ).one()
    return _terms(row)


def _terms(row: Row[*tuple[Any, ...]]) -> dict[str, str]:
    terms: dict[str, str] = row.agreed or row.terms
    return terms


def _listed() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Invitation.key, Invitation.terms, Invitation.sent_at, Invitation.answer_by),
            *(Invitation.ended_at, Invitation.reason, Invitation.state),
            Graduate.key.label("graduate_key"),
            *(Graduate.name, Graduate.student_number, Graduate.major, Graduate.level),
            *(Invitation.graduate_id, Graduate.school_id),
            School.name.label("school"),
            Department.name.label("department"),
            Staff.name.label("sent_by"),
            Agreement.state.label("agreement"),
            *(Agreement.terms.label("agreed"), Agreement.reason.label("said"), Agreement.due_by),
            *(AgreementPaper.number, Termination.party),
            Termination.state.label("termination"),
        )
        .join(Graduate, Graduate.id == Invitation.graduate_id)
        .join(School, School.id == Graduate.school_id)
        .join(Department, Department.id == Graduate.department_id)
        .join(Staff, Staff.id == Invitation.sent_by)
        .outerjoin(Agreement, Agreement.invitation_id == Invitation.id)
        .outerjoin(AgreementPaper, AgreementPaper.agreement_id == Agreement.id)
        .outerjoin(Termination, Termination.id == _last_termination())
    )


def _last_termination() -> ScalarSelect[int]:
    """Return the query of the last request to terminate the agreement of a row."""
    asked = aliased(Termination)
    last = select(func.max(asked.id)).where(asked.agreement_id == Agreement.id)
    return last.correlate(Agreement).scalar_subquery()


def _one(
    session: Session, wanted: Select[*tuple[Any, ...]], key: str, at: datetime
) -> ListedInvitation:
    row = session.execute(wanted.where(Invitation.key == key)).one_or_none()
    if row is None:
        raise NotFound("邀请")
    return _read(row, at)


def _read(row: Row[*tuple[Any, ...]], at: datetime) -> ListedInvitation:
    """Return a row as it is to be read: what the clock has not ended yet is over all the same."""
    state = InvitationState(row.state)
    if state is InvitationState.OPEN and row.answer_by <= at:
        state = InvitationState.LAPSED
    return ListedInvitation(
        *(row.key, row.graduate_id, row.graduate_key, row.school_id, _terms(row)["unit_name"]),
        *(_terms(row)["post"], row.name, row.student_number),
        *(
            row.school,
            row.department,
            row.major,
            row.level,
            row.sent_at,
            row.sent_by,
            row.answer_by,
        ),
        ended_at=row.ended_at,
        reason=row.said or row.reason,
        invitation=state,
        agreement=AgreementState(row.agreement) if row.agreement else None,
        due_by=row.due_by,
        number=row.number or "",
        termination=_termination(row),
    )


def _termination(row: Row[*tuple[Any, ...]]) -> str:
    if row.termination is None:
        return ""
    answerer = answers(Party(row.party))
    return termination_lists.title(TerminationState(row.termination), answerer, Party.EMPLOYER)
