"""The postings of one graduate: all of them for the school, where her file is for herself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.numbers import service
from registry.numbers.posting import noting
from registry.numbers.posting.states import PostingState
from registry.numbers.posting.tables import Posting
from registry.record.scope import Scope
from registry.record.tables import Graduate, Registration

EXPECTED_WITHIN = timedelta(days=30)
"""After how long without a receipt she should ask."""


@dataclass(frozen=True)
class OwnPosting:
    """Where her file is, as she reads it."""

    posting: Posting
    is_late: bool
    """Whether it should have come in by now."""


def own(session: Session, graduate_id: int, at: datetime) -> OwnPosting | None:
    """Return where a graduate's file is; None where it was not posted."""
    found = noting.standing_of(session, [graduate_id]).get(graduate_id)
    if found is None:
        return None
    waits = found.state == PostingState.POSTED
    return OwnPosting(found, waits and service.today(at) > found.posted_on + EXPECTED_WITHIN)


def owner(session: Session, scope: Scope, key: str) -> str:
    """Return whose (by key) a posting is; raise NotFound for one of nobody in the scope."""
    return session.get_one(Graduate, noting.find(session, scope, key).graduate_id).key


def of_graduate(session: Session, graduate_id: int) -> Sequence[Posting]:
    """Return every posting of a graduate, newest first."""
    wanted = select(Posting).where(Posting.graduate_id == graduate_id)
    return session.scalars(wanted.order_by(Posting.id.desc())).all()


def registration_of(session: Session, graduate: Graduate) -> Registration | None:
    """Return what is registered of where a graduate's file goes; None where nothing is."""
    if graduate.registration_id is None:
        return None
    return session.get_one(Registration, graduate.registration_id)
