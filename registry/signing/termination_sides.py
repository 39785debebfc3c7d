"""The two sides of a termination, and what belongs to each."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from registry.accounts.tables import Staff
from registry.base.errors import NotFound
from registry.base.retention import DEFAULT, Retention
from registry.record.tables import Graduate
from registry.review.application_moves import Writer
from registry.signing.agreement_sources import called
from registry.signing.tables import Agreement, Invitation
from registry.signing.termination_states import LIVE, Party
from registry.signing.termination_tables import Termination


@dataclass(frozen=True)
class Side:
    """The party that does something about a termination, and when."""

    party: Party
    ident: int
    """Of the graduate, or of the employer."""
    actor: str
    """As the audit log names who did it."""
    at: datetime
    keeps: Retention = DEFAULT
    """How long documents are kept."""


def graduate_side(writer: Writer) -> Side:
    """Return the side of a graduate."""
    return Side(Party.GRADUATE, writer.graduate.id, writer.actor, writer.at, writer.keeps)


def employer_side(staff: Staff, at: datetime, keeps: Retention = DEFAULT) -> Side:
    """Return the side of somebody's employer."""
    assert staff.employer_id is not None, "the door lets in nobody else"
    return Side(Party.EMPLOYER, staff.employer_id, staff.actor, at, keeps)


def theirs(side: Side) -> ColumnElement[bool]:
    """Return the condition that a termination is about an agreement of this side."""
    if side.party is Party.GRADUATE:
        return Termination.graduate_id == side.ident
    return Termination.employer_id == side.ident


def agreement_of(session: Session, side: Side, key: str) -> Agreement:
    """Return the agreement that began as what has a key, with the invitation, as it stands now.

    Raises NotFound for others.
    """
    hers = side.party is Party.GRADUATE
    party = Agreement.graduate_id if hers else Invitation.employer_id
    found = session.scalar(
        select(Agreement)
        .outerjoin(Invitation, Invitation.id == Agreement.invitation_id)
        .where(called(key), party == side.ident)
        .options(joinedload(Agreement.invitation))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("就业协议")
    return found


def find(session: Session, side: Side, key: str) -> Termination:
    """Return a termination of this side as it stands now; raise NotFound for others."""
    return read(session, Termination.key == key, theirs(side))


def read(session: Session, *those: ColumnElement[bool]) -> Termination:
    """Return one termination, with agreement and invitation; raise NotFound where there is none."""
    found = session.scalar(
        select(Termination)
        .where(*those)
        .options(joinedload(Termination.agreement).joinedload(Agreement.invitation))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("解约申请")
    return found


def live_of(session: Session, agreement_id: int) -> Termination | None:
    """Return the request about an agreement that somebody has to do something about."""
    return session.scalar(
        select(Termination)
        .where(Termination.agreement_id == agreement_id, Termination.state.in_(sorted(LIVE)))
        .options(joinedload(Termination.agreement).joinedload(Agreement.invitation))
        .execution_options(populate_existing=True)
    )


def lock(session: Session, graduate_id: int) -> None:
    """Lock the graduate first, as everywhere: what is read from now on stands."""
    hers = select(Graduate.id).where(Graduate.id == graduate_id)
    session.execute(hers.with_for_update(key_share=True))
