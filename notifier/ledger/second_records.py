"""Rows of changes by which one record may open another: told, and waited for, before it does.

Records of one school, name and identity number are one person's, so whoever binds one binds all. A
record that came, was renamed or has its first phone is therefore a change of the others where
somebody else could bind it: its phone is none of theirs, or another WeChat is bound to it. The same
of the record itself, where it was somebody's before: to whom it goes may be the stranger. A phone
by which she could be bound already tells nobody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session, aliased

from notifier.ledger import bindings, contact_rows
from notifier.ledger.contact_rows import ContactRow
from notifier.ledger.tables import Binding
from registry.base.database import one_of, random_key
from registry.base.text import compared_name
from registry.record import contact_changes
from registry.record.contact_tables import ContactChange, ContactKind
from registry.record.person_events import ChangedPerson, PeopleChanged
from registry.record.tables import Graduate

_mine, _other = aliased(Graduate), aliased(Graduate)


class Reached(NamedTuple):
    """A record, and the phone by which somebody can be bound to it."""

    id: int
    phone_sealed: str | None
    phone_index: str | None
    person: str
    """The identity number, as index."""


@dataclass(frozen=True)
class Found:
    """What rows are to be written of one event, read before anything follows from it."""

    happened: PeopleChanged
    records: Sequence[ContactRow]
    numbers: Sequence[ContactRow]
    whose: Mapping[int, str]
    """The persons of the records."""

    def write(self, session: Session) -> list[tuple[ContactKind, Sequence[ContactRow]]]:
        """Write them; return which, by their kind."""
        told = {self._way(each) for each in self.numbers}
        once = contact_rows.once_a_phone(self.records, self.whose)
        once = [
            each._replace(phone_sealed=None) if self._way(each) in told else each for each in once
        ]
        kinds = [(ContactKind.IDENTITY, self.numbers), (ContactKind.RECORD, once)]
        for kind, rows in kinds:
            contact_rows.add(session, self.happened, kind, rows)
        return kinds

    def _way(self, row: ContactRow) -> tuple[str | None, str | None]:
        return self.whose.get(row.graduate_id), row.phone_index


def find(session: Session, happened: PeopleChanged) -> Found:
    """Find who has to be told of an event, in a few statements, however many it is about."""
    back = _put_back(session, happened.persons, happened.at)
    ids_of_all = [each.graduate_id for each in happened.persons]
    changed = [each for each in ids_of_all if not back.get(each, False)]
    ids = happened.graduate_ids if happened.added else changed
    if not ids:
        return Found(happened, [], [], {})
    pairs = _pairs(session, ids, {*ids} if happened.added else set())
    people = {*changed, *(each.id for pair in pairs for each in pair)}
    wechats = contact_rows.last_wechats(session, sorted(people))
    numbers = _numbers(happened.persons, back, wechats)
    renamed = {each.graduate_id for each in happened.persons if each.renamed}
    renamed -= {each.graduate_id for each in numbers} | back.keys()  # told already
    ways = _Ways(session, happened, pairs)
    told = [
        (on, by)
        for mine, other in pairs
        for on, by in ((other, mine), (mine, other))
        if (on is other or mine.id in renamed) and ways.is_new(on, by)
    ]
    records = [
        ContactRow(
            *(random_key(), on.id, wechats.get(on.id), on.phone_sealed, on.phone_index),
            other_id=by.id,
        )
        for on, by in dict.fromkeys(told)
        if on.phone_index is not None or on.id in wechats
    ]
    whose = {each.id: each.person for pair in pairs for each in pair}
    return Found(happened, records, numbers, whose)


def _pairs(
    session: Session, ids: Sequence[int], but: Collection[int]
) -> list[tuple[Reached, Reached]]:
    """Return the records beside the others of their school, name and number, `but` for some.

    Records that came together open nothing of before; those renamed together may.
    """
    rows = session.execute(
        select(
            *(_mine.id, _mine.phone_sealed, _mine.phone_index, _mine.identity_index),
            *(_other.id, _other.phone_sealed, _other.phone_index, _other.identity_index),
            *(_mine.name, _other.name.label("other_name")),
        )
        .join(
            _other,
            and_(
                _other.identity_index == _mine.identity_index,
                _other.school_id == _mine.school_id,
                _other.id != _mine.id,
            ),
        )
        .where(_mine.identity_index != "", one_of(session, _mine.id, ids))
        .order_by(_mine.id, _other.id)
    ).all()
    return [
        (Reached(*row[:4]), Reached(*row[4:8]))
        for row in rows
        if compared_name(row.name) == compared_name(row.other_name) and row[4] not in but
    ]


class _Ways:
    """By which records somebody else than before could be bound to which."""

    def __init__(
        self,
        session: Session,
        happened: PeopleChanged,
        pairs: Sequence[tuple[Reached, Reached]],
    ) -> None:
        people = {each.id for pair in pairs for each in pair}
        bound = session.execute(
            select(Binding.graduate_id, Binding.openid, Binding.phone_index).where(
                one_of(session, Binding.graduate_id, sorted(people)), Binding.ended_at.is_(None)
            )
        ).all()
        self._proven = {each.graduate_id: each.phone_index for each in bound}
        """The phones by which the WeChats of records were proven."""
        self._wechats = {each.graduate_id: each.openid for each in bound}
        others = sorted({other.id for _, other in pairs})
        waiting = contact_changes.waiting(session, others, happened.at)
        self._believed = {
            mine: {each.phone_index for _, each in those if each.id not in waiting}
            for mine, those in groupby(pairs, lambda pair: pair[0].id)
        }

    def is_new(self, on: Reached, by: Reached) -> bool:
        """Say whether who could bind one record can bind another now."""
        wechat = self._wechats.get(by.id)
        if wechat is not None:
            proven = self._proven[by.id] is not None and self._proven[by.id] == on.phone_index
            return wechat != self._wechats.get(on.id) and not proven
        believed = self._believed.get(by.id, {on.phone_index})
        return by.phone_index is not None and by.phone_index not in believed


def _numbers(
    persons: Sequence[ChangedPerson], back: Collection[int], wechats: Mapping[int, str]
) -> list[ContactRow]:
    """Return rows of identity numbers that became others, but for those put back."""
    return [
        ContactRow(
            *(random_key(), each.graduate_id, wechats.get(each.graduate_id)),
            *(each.phone_sealed, each.phone_index, each.identity_sealed, each.identity_index),
        )
        for each in persons
        if each.identity_index and each.graduate_id not in back
        if each.phone_index is not None or each.graduate_id in wechats
    ]


def _put_back(session: Session, persons: Sequence[ChangedPerson], at: datetime) -> dict[int, bool]:
    """Take back the changes after which a number is again what it was; return whose.

    With whether the record is reached as it was: meanwhile somebody else may have had it as theirs.
    """
    now = {each.graduate_id: each.new_identity_index for each in persons if each.identity_index}
    if not now:
        return {}
    rows: Sequence[Row[*tuple[Any, ...]]] = session.execute(
        select(
            *(ContactChange.id, ContactChange.key),
            *(ContactChange.graduate_id, ContactChange.identity_index),
            *(ContactChange.phone_index, ContactChange.made_at, Binding.bound_at),
        )
        .outerjoin(Binding, bindings.of_graduate(ContactChange.graduate_id))
        .where(
            one_of(session, ContactChange.graduate_id, sorted(now)),
            ContactChange.kind == ContactKind.IDENTITY,
            ContactChange.state.in_(contact_rows.MAY_BE_PUT_BACK),
        )
    ).all()
    back = [each for each in rows if now[each.graduate_id] == each.identity_index]
    if back:
        contact_changes.take_back(session, [each.id for each in back])
        contact_rows.cancel_waiting(session, [each.key for each in back], at)
    phones = {each.graduate_id: each.phone_index for each in persons}
    return {
        each.graduate_id: each.phone_index == phones[each.graduate_id]
        and (each.bound_at is None or each.bound_at <= each.made_at)
        for each in back
    }
