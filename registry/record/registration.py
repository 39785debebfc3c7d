"""Recording registrations: versions are added, never overwritten, only when something changed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import FromClause, Update, inspect, update
from sqlalchemy.orm import Session

from registry.base.bulk_rows import given_rows, insert_rows
from registry.base.errors import RuleError
from registry.base.moves import moving
from registry.base.reserved_ids import reserve_ids
from registry.numbers import lapse
from registry.record import (
    comparison,
    events,
    important_fields,
    in_force,
    number_changes,
    province_lock,
    record_moves,
)
from registry.record.confirmation.states import (
    ANSWERED,
    CONFIRMATION,
    ConfirmationEvent,
    ConfirmationState,
)
from registry.record.events import RecordEvent
from registry.record.in_force import InForce
from registry.record.person_events import PeopleChanged, PhonesChanged
from registry.record.record_moves import RecordMove
from registry.record.recordings import Foreseen, PutBack, Recorded, Recording
from registry.record.tables import BY_AGREEMENT, Graduate, Registration, Source
from registry.review.application_moves import follow_cohorts, follow_departments
from registry.signing import agreement_ends, agreement_moves

CHUNK = 1000  # graduates a round trip; keeps statements under SQLite's parameter limit

_KEPT = {"id", "graduate_id", "school_id", "year", "version", "source", "source_name"}
_TIMES = {"reported_at", "recorded_at", "recorded_by"}
COLUMNS = tuple(
    attribute.key
    for attribute in inspect(Registration).column_attrs
    if attribute.key not in _KEPT | _TIMES
)
"""The columns a registration says something in, all but its provenance."""
_SAID = frozenset(COLUMNS)
WHOSE_IT_IS = {"name", "identity_index", "phone_index"}
"""The columns of a graduate by which her records are known to be one person's."""


@dataclass(frozen=True)
class Proposal:
    """What a source says of one graduate now: only the fields it knows."""

    graduate_id: int
    registration: Mapping[str, Any] = field(default_factory=dict)
    """Values by column of Registration; needs `category` for a first version."""
    basics: Mapping[str, Any] = field(default_factory=dict)
    """New values by column of Graduate."""
    puts_back: PutBack | None = None
    reported_at: datetime | None = None
    """When it was reported where it comes from; None: now."""


@dataclass(frozen=True)
class Origin:
    """Where proposals come from, and when."""

    school_id: int
    source: Source
    source_name: str
    by: str
    """Who changed it, as the message says it: 学校, 省级系统, 本人."""
    recorded_by: str
    at: datetime
    others: Mapping[int, str] = field(default_factory=dict)
    """Further schools whose graduates are proposed too, and what their source is called."""

    @property
    def names(self) -> dict[int, str]:
        """Return what the source is called, by school."""
        return {self.school_id: self.source_name, **self.others}


def record(
    session: Session,
    origin: Origin,
    proposals: Sequence[Proposal],
    recordings: list[Recording] | None = None,
) -> Recorded:
    """Add a version for each graduate whose registration really changed, and say so as an event.

    The graduates are locked from the comparison to the commit, so an answer given meanwhile is
    either about the old version, and reset, or about the new one. Raises RuleError
    `locked_by_province` where it would change what a province has filed, and `agreement_in_force`
    where an agreement signed online, or being signed, says otherwise. What was changed of whom is
    added to `recordings`.
    """
    outcome = Recorded()
    for start in range(0, len(proposals), CHUNK):
        chunk = proposals[start : start + CHUNK]
        outcome += _record_chunk(session, origin, chunk, recordings)
    return outcome


def foresee(
    session: Session, origin: Origin, proposals: Sequence[Proposal]
) -> tuple[Recorded, list[Foreseen]]:
    """Return what `record` would do now, without doing it, and whom it would change."""
    outcome, people = Recorded(), list[Foreseen]()
    for start in range(0, len(proposals), CHUNK):
        chunk = proposals[start : start + CHUNK]
        moves = _decided(session, origin, chunk)
        outcome += _outcome(moves, len(chunk))
        people += map(record_moves.foreseen, moves)
    return outcome, people


def bound_ids(session: Session, ids: Collection[int]) -> set[int]:
    """Return those of these graduates of whom `record` may refuse something."""
    return province_lock.locked_ids(session, ids) | agreement_moves.bound_ids(session, ids)


def locked(session: Session, origin: Origin, proposals: Sequence[Proposal]) -> set[int]:
    """Return the graduates whom `record` would refuse to change, since a province filed them."""
    filed = province_lock.locked_ids(session, [each.graduate_id for each in proposals])
    about_them = [each for each in proposals if each.graduate_id in filed]
    return _locked(session, origin, _decided(session, origin, about_them))


def _locked(session: Session, origin: Origin, moves: Sequence[RecordMove]) -> set[int]:
    if origin.source is Source.PROVINCE_INTERFACE:
        return set()
    changed = [
        move.graduate_id for move in moves if move.values is not None or move.found or move.ends
    ]
    return province_lock.locked_ids(session, changed)


def held_by_agreements(
    session: Session, origin: Origin, proposals: Sequence[Proposal]
) -> dict[int, str]:
    """Return whom `record` would refuse to change for an agreement, and why."""
    return _held(session, origin, _decided(session, origin, proposals))


def _held(session: Session, origin: Origin, moves: Sequence[RecordMove]) -> dict[int, str]:
    """Return whose agreement stands against the version she would get, with the sentence.

    What an agreement itself registers is none of them, nor what a province's own system says: there
    nothing is signed here, and it has the last word.
    """
    if origin.source is Source.PROVINCE_INTERFACE or origin.source_name in BY_AGREEMENT:
        return {}
    said = {move.graduate_id: move.values for move in moves if move.values is not None}
    against = agreement_moves.stood_against(session, said)
    return {ident: agreement_moves.against_sentence(unit) for ident, unit in against.items()}


def _record_chunk(
    session: Session,
    origin: Origin,
    proposals: Sequence[Proposal],
    recordings: list[Recording] | None,
) -> Recorded:
    people = [each.graduate_id for each in proposals]
    in_force.lock_of_schools(session, list(origin.names), people)
    moves = _decided(session, origin, proposals)
    if _locked(session, origin, moves):
        raise province_lock.refusal()
    for sentence in _held(session, origin, moves).values():
        raise RuleError("agreement_in_force", sentence)
    ids = _insert_versions(session, origin, moves)
    ended = _lapse_numbers(session, origin.at, moves)
    _announce(session, origin, moves, ids, ended)
    number_changes.note(session, moves, origin.recorded_by, origin.at)
    if recordings is not None:
        recordings += [record_moves.recording(move, ids, ended) for move in moves]
    outcome = replace(_outcome(moves, len(proposals)), authorizations_ended=frozenset(ended))
    _move_graduates(session, origin.at, moves, ids)  # last: what was read is stale from here on
    return outcome


def _decided(session: Session, origin: Origin, proposals: Sequence[Proposal]) -> list[RecordMove]:
    ids = [each.graduate_id for each in proposals]
    current = in_force.current(session, list(origin.names), ids)
    return [
        move
        for each in proposals
        if each.graduate_id in current and (move := _decide(each, current[each.graduate_id]))
    ]


def _outcome(moves: Sequence[RecordMove], proposed: int) -> Recorded:
    reported = sum(move.first for move in moves)
    return Recorded(
        reported=reported,
        changed=len(moves) - reported,
        unchanged=proposed - len(moves),
        reset=sum(move.reset for move in moves),
    )


def _decide(proposal: Proposal, current: InForce) -> RecordMove | None:
    stood, registration = current.graduate, current.registration
    basics = {
        name: value
        for name, value in proposal.basics.items()
        if stood[name] != value and comparison.really_differ(stood[name], value)
    }
    changed = _changed(proposal, registration)
    if changed is None and not basics:
        return None
    first = registration is None and changed is not None
    both = {**(registration or {}), **stood}
    found = [] if first else _found(both, {**basics, **(changed or {})})
    happened = ConfirmationEvent.REPORT if first else ConfirmationEvent.CHANGE
    touches = first or (registration is not None and important_fields.resets(found))
    if proposal.puts_back and proposal.puts_back.answer:
        happened, touches = proposal.puts_back.answer, True
    state = ConfirmationState(stood["confirmation"])
    moved = CONFIRMATION.after(state, happened) if touches else None
    return RecordMove(
        graduate_id=proposal.graduate_id,
        stood=stood,
        registered=registration,
        version=current.last_version + (changed is not None),
        values=changed and _whole(registration, changed),
        basics=basics,
        event=happened if moved else None,
        first=first,
        found=found,
        reset=state in ANSWERED and moved is ConfirmationState.UNCONFIRMED,
        puts_back=proposal.puts_back,
        reported_at=proposal.reported_at,
    )


def _found(stood: Mapping[str, Any], after: Mapping[str, Any]) -> list[important_fields.Difference]:
    """Return the important fields that differ; those `after` does not name stay as they are."""
    return important_fields.differences({name: stood.get(name) for name in after}, after)


def _changed(proposal: Proposal, stood: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what the next version would say otherwise, or None where it would say the same."""
    said = proposal.registration
    if stood is None:
        return dict(said) if said.get("category") else None
    changed = {
        name: value
        for name, value in said.items()
        if name in _SAID
        if stood[name] != value and comparison.really_differ(stood[name], value)
    }
    gone = {name: "" for name in comparison.codes_that_go(stood, said) if stood[name]}
    return {**gone, **changed} or None


def _whole(stood: Mapping[str, Any] | None, changed: dict[str, Any]) -> dict[str, Any]:
    """Return the next version: what stood, and what is changed."""
    said = {name: _BLANK[name] if value is None else value for name, value in changed.items()}
    return {**({name: stood[name] for name in COLUMNS} if stood else {}), **said}


def _insert_versions(
    session: Session, origin: Origin, moves: Sequence[RecordMove]
) -> dict[int, int]:
    """Write the new versions; their ids are reserved first, which costs less than reading them."""
    changed = [move for move in moves if move.values is not None]
    ids, names = reserve_ids(session, Registration, len(changed)), origin.names
    rows = [
        {
            "id": ident,
            **_BLANK,
            **(move.values or {}),
            "graduate_id": move.graduate_id,
            "school_id": move.stood["school_id"],
            "year": move.stood["year"],
            "version": move.version,
            "source": move.puts_back.source if move.puts_back else origin.source,
            "source_name": move.puts_back.source_name
            if move.puts_back
            else names[move.stood["school_id"]],
            "reported_at": _reported_at(move, origin.at),
            "recorded_at": origin.at,
            "recorded_by": origin.recorded_by,
        }
        for ident, move in zip(ids, changed, strict=True)
    ]
    insert_rows(session, Registration, rows)
    return {move.graduate_id: ident for ident, move in zip(ids, changed, strict=True)}


def _reported_at(move: RecordMove, at: datetime) -> datetime:
    return (move.puts_back and move.puts_back.reported_at) or move.reported_at or at


_BLANK = {name: None if name == "signed_on" else "" for name in COLUMNS}


def _move_graduates(
    session: Session, at: datetime, moves: Sequence[RecordMove], ids: Mapping[int, int]
) -> None:
    """Write what the record says now: one statement for each event of the confirmation, or none."""
    basic_names = _basic_names(moves)
    for event in {move.event for move in moves}:
        rows = [_written(move, at, basic_names, ids) for move in moves if move.event is event]
        session.execute(_writing(event, given_rows(session, Graduate, rows)))
    ids_moved = [move.graduate_id for move in moves]
    if "department_id" in basic_names:
        follow_departments(session, ids_moved)
    if "year" in basic_names:
        follow_cohorts(session, ids_moved)
        elsewhere = [move.graduate_id for move in moves if "year" in move.basics]
        province_lock.leave_batches(session, elsewhere)
        agreement_ends.leave(session, elsewhere, at)
    if moves:
        session.expire_all()


def _written(
    move: RecordMove, at: datetime, basic_names: Sequence[str], ids: Mapping[int, int]
) -> dict[str, Any]:
    stood = move.stood
    is_new = move.graduate_id in ids
    return {
        "id": move.graduate_id,
        **{name: stood[name] for name in basic_names},
        **move.basics,
        "registration_id": ids[move.graduate_id] if is_new else stood["registration_id"],
        "reported_at": _reported_at(move, at) if is_new else stood["reported_at"],
        "updated_at": at,
    }


def _writing(event: ConfirmationEvent | None, given: FromClause) -> Update:
    """Return the UPDATE of graduates from a table of values, which moves confirmations, too."""
    those = Graduate.id == given.c.id
    values = {each.name: each for each in given.c if each.name != "id"}
    if event is None:
        statement = update(Graduate).where(those).values(values)
        return statement.execution_options(synchronize_session=False)
    return moving(CONFIRMATION, Graduate.confirmation, event, those, **values)


def _lapse_numbers(session: Session, at: datetime, moves: Sequence[RecordMove]) -> set[int]:
    """Lapse the numbers that no longer say what holds; return whose authorization ended."""
    shown = {
        move.graduate_id: lapse.ALL_KINDS if move.ends else lapse.kinds_of(move.found)
        for move in moves
        if not move.first
    }
    return lapse.lapse(session, shown, at)


def _basic_names(moves: Sequence[RecordMove]) -> list[str]:
    """Return every basic column any move touches: one statement writes the same columns for all."""
    return sorted({name for move in moves for name in move.basics})


def _announce(
    session: Session,
    origin: Origin,
    moves: Sequence[RecordMove],
    ids: Mapping[int, int],
    ended: Collection[int],
) -> None:
    """Tell of first reports, and of changes to what a graduate had seen."""
    for school_id in sorted({move.stood["school_id"] for move in moves}):
        theirs = [move for move in moves if move.stood["school_id"] == school_id]
        for happened in _happened(replace(origin, school_id=school_id), theirs, ids, ended):
            events.announce(session, happened)


def _happened(
    origin: Origin, moves: Sequence[RecordMove], ids: Mapping[int, int], ended: Collection[int]
) -> Iterator[RecordEvent]:
    school, by, at = origin.school_id, origin.by, origin.at
    if reports := record_moves.reports(moves):
        yield events.DestinationsReported(school, reports, by, at)
    if changes := record_moves.changes(moves, ids, ended):
        yield events.RegistrationsChanged(school, changes, by, at)
    actor = origin.recorded_by
    if phones := record_moves.phones(moves):  # before who is who: a changed phone proves nothing
        yield PhonesChanged(school, phones, actor, at)
    others = [move.graduate_id for move in moves if WHOSE_IT_IS & move.basics.keys()]
    if others:
        yield PeopleChanged(school, others, at, actor, record_moves.persons(moves))
