"""Destinations of the interface put in force or out of it, as any door does."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.base.database import one_of
from registry.interface.people import Person
from registry.interface.sources import KeptRecord
from registry.record import events, in_force, registration
from registry.record.confirmation.states import ConfirmationState
from registry.record.registration import Origin, Proposal
from registry.record.tables import Graduate, Source
from registry.review.void import void

BY = "省级系统"
"""Who changed it, as messages say it."""
Written = tuple[Person, Mapping[str, Any], datetime | None]
"""Whose, the columns of Registration, and when the source says that it was reported."""


@dataclass(frozen=True)
class Pusher:
    """Which province's system pushes, by which key, and when."""

    province: str
    keyid: str
    at: datetime


def lock_people(
    session: Session, people: Sequence[Person], standing: Collection[KeptRecord]
) -> None:
    """Lock every graduate that a batch may change, in the usual order."""
    wanted = {(person.school.id, person.id) for person in people}
    for kept in standing:
        if kept.school_id is not None and kept.graduate_id is not None:
            wanted.add((kept.school_id, kept.graduate_id))
    if wanted:
        schools, ids = zip(*wanted, strict=True)
        in_force.lock_of_schools(session, sorted(set(schools)), sorted(ids))


def put_in_force(session: Session, written: Sequence[Written], pusher: Pusher) -> None:
    """Record destinations; what did not change resets nothing and tells nobody."""
    if not written:
        return
    names = {person.school.id: person.school.system for person, _, _ in written}
    first = min(names)
    origin = Origin(
        school_id=first,
        source=Source.PROVINCE_INTERFACE,
        source_name=names.pop(first),
        by=BY,
        recorded_by=f"province_key:{pusher.keyid}",
        at=pusher.at,
        others=names,
    )
    proposals = [
        Proposal(person.id, said, reported_at=reported_at) for person, said, reported_at in written
    ]
    registration.record(session, origin, proposals)


def put_out_of_force(session: Session, ending: Sequence[KeptRecord], pusher: Pusher) -> None:
    """Void the destinations that these records spoke for, and have the graduates told."""
    theirs: dict[int, list[int]] = {}
    for kept in ending:
        if not kept.void and kept.school_id is not None and kept.graduate_id is not None:
            theirs.setdefault(kept.school_id, []).append(kept.graduate_id)
    for school_id, ids in sorted(theirs.items()):
        reported = _reported(session, ids)
        ended = void(session, [ident for ident, _ in reported], pusher.at)
        voided = [events.VoidedDestination(ident, was, ident in ended) for ident, was in reported]
        if voided:
            told = events.DestinationsVoided(school_id, voided, BY, pusher.at)
            events.announce(session, told)
    if theirs:
        session.expire_all()


def _reported(session: Session, ids: Sequence[int]) -> list[tuple[int, int]]:
    """Return those who have a destination in force, with its version's row."""
    found = session.execute(
        select(Graduate.id, Graduate.registration_id).where(
            one_of(session, Graduate.id, ids),
            Graduate.confirmation != ConfirmationState.NOT_REPORTED,
        )
    )
    return [(ident, in_force_id or 0) for ident, in_force_id in found]
