"""Destinations of the interface put in force or out of it, school by school, as any door does."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.base.database import one_of
from registry.interface.people import Person, SyncedSchool
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
    """Lock every graduate that a batch may change, school by school, each in the usual order."""
    wanted: dict[int, set[int]] = {}
    for person in people:
        wanted.setdefault(person.school.id, set()).add(person.id)
    for kept in standing:
        if kept.school_id is not None and kept.graduate_id is not None:
            wanted.setdefault(kept.school_id, set()).add(kept.graduate_id)
    for school_id in sorted(wanted):
        in_force.lock(session, school_id, sorted(wanted[school_id]))


def put_in_force(session: Session, written: Sequence[Written], pusher: Pusher) -> None:
    """Record destinations; what did not change resets nothing and tells nobody."""
    for school, theirs in _by_school(written):
        origin = Origin(
            school_id=school.id,
            source=Source.PROVINCE_INTERFACE,
            source_name=school.system,
            by=BY,
            recorded_by=f"province_key:{pusher.keyid}",
            at=pusher.at,
        )
        proposals = [
            Proposal(person.id, said, reported_at=reported_at)
            for person, said, reported_at in theirs
        ]
        registration.record(session, origin, proposals)


def _by_school(written: Sequence[Written]) -> Iterator[tuple[SyncedSchool, list[Written]]]:
    schools = {person.school.id: person.school for person, _, _ in written}
    for ident in sorted(schools):
        yield schools[ident], [each for each in written if each[0].school.id == ident]


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
