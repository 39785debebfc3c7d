"""What a recording does to one graduate, decided from data alone, and what is told of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.base.text import compared_name
from registry.record import events, important_fields
from registry.record.confirmation.states import ConfirmationEvent
from registry.record.person_events import ChangedPerson, PhoneChange
from registry.record.recordings import Foreseen, PutBack, Recording


@dataclass(frozen=True)
class RecordMove:
    """One graduate's step, decided from data alone."""

    graduate_id: int
    stood: Mapping[str, Any]
    """The graduate before, by column."""
    registered: Mapping[str, Any] | None
    """What is in force before, by column."""
    version: int
    """The one in force afterwards."""
    values: dict[str, Any] | None
    basics: Mapping[str, Any]
    event: ConfirmationEvent | None
    """What happens to the confirmation."""
    found: Sequence[important_fields.Difference]
    first: bool
    """Reported where nothing was in force."""
    reset: bool
    puts_back: PutBack | None
    reported_at: datetime | None
    """When the source says that it was reported."""

    @property
    def ends(self) -> bool:
        """Say whether the record is ended (`registry.review.ended`)."""
        stood: int = self.stood["year"]
        year: int = self.basics.get("year", stood)
        return year < 0 < stood


def foreseen(move: RecordMove) -> Foreseen:
    """Return what a move would change, before and after."""
    before = {name: move.stood[name] for name in move.basics}
    registered = move.registered or {}
    before |= {name: registered.get(name, "") for name in move.values or ()}
    after = {**move.basics, **(move.values or {})}
    return Foreseen(move.graduate_id, before, after)


def recording(move: RecordMove, ids: Mapping[int, int], ended: Collection[int]) -> Recording:
    """Return what a move changed, so that it can be put back."""
    ident, stood = move.graduate_id, move.stood
    return Recording(
        graduate_id=ident,
        before={name: stood[name] for name in move.basics},
        found_at=stood["updated_at"],
        registration_before=stood["registration_id"],
        registration_after=ids.get(ident, stood["registration_id"]),
        confirmation=stood["confirmation"],
        answered_at=stood["answered_at"],
        authorization_ended=ident in ended,
    )


def reports(moves: Sequence[RecordMove]) -> list[events.FirstReport]:
    """Return the destinations that came into force where none was."""
    first = [move for move in moves if move.first]
    return [
        events.FirstReport(each.graduate_id, each.stood["year"], each.version) for each in first
    ]


def changes(
    moves: Sequence[RecordMove], ids: Mapping[int, int], ended: Collection[int]
) -> list[events.Change]:
    """Return the changes to what graduates had seen; `ids` are the new versions by graduate.

    `ended` are those whose authorization of a verification ended.
    """
    return [
        events.Change(
            graduate_id=move.graduate_id,
            registration_id=ids.get(move.graduate_id, move.stood["registration_id"] or 0),
            version=move.version,
            blocks=important_fields.changed_titles(move.found),
            reset=move.reset,
            authorization_ended=move.graduate_id in ended,
        )
        for move in moves
        if move.stood["registration_id"] is not None and move.found
    ]


def persons(moves: Sequence[RecordMove]) -> list[ChangedPerson]:
    """Return who may be another person now."""
    return [_person(move) for move in moves if _may_be_another(move)]


def _may_be_another(move: RecordMove) -> bool:
    first_phone = move.basics.get("phone_index") and move.stood["phone_index"] is None
    return bool(first_phone or _is_renamed(move))


def _is_renamed(move: RecordMove) -> bool:
    name = move.basics.get("name", move.stood["name"])
    return "identity_index" in move.basics or (
        compared_name(name) != compared_name(move.stood["name"])
    )


def _person(move: RecordMove) -> ChangedPerson:
    stood = move.stood
    phone = (stood["phone_sealed"], stood["phone_index"])
    renamed = _is_renamed(move)
    if "identity_index" not in move.basics or not stood["identity_index"]:
        return ChangedPerson(move.graduate_id, renamed, *phone)
    number = (stood["identity_sealed"], stood["identity_index"], move.basics["identity_index"])
    return ChangedPerson(move.graduate_id, renamed, *phone, *number)


def phones(moves: Sequence[RecordMove]) -> list[PhoneChange]:
    """Return the phones that are changed."""
    return [_phone_change(move) for move in moves if "phone_index" in move.basics]


def _phone_change(move: RecordMove) -> PhoneChange:
    stood, phone = move.stood, move.basics["phone_index"]
    return PhoneChange(move.graduate_id, stood["phone_sealed"], stood["phone_index"], phone)
