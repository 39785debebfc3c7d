"""Numbers lapse, by kind, the moment an important field of theirs changes. None ever revives.

Source: the operating guide for schools, 2.2; what a field
lapses is said by `registry.record.important_fields`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Row, true
from sqlalchemy.orm import Session

from registry.base.clock import SHANGHAI
from registry.base.database import one_of
from registry.base.moves import moving
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import ISSUED_NUMBER, NumberEvent
from registry.numbers.tables import IssuedNumber
from registry.record import events
from registry.record.fields import Block
from registry.record.important_fields import Difference

LAPSED_BY: dict[Block, frozenset[Kind]] = {
    Block.BASIC: frozenset(Kind),
    Block.DESTINATION: frozenset(Kind),
    Block.FILE: frozenset({Kind.FILE}),
    Block.HOUSEHOLD: frozenset({Kind.HOUSEHOLD}),
}
"""The kinds whose numbers show a block."""
ALL_KINDS = frozenset(Kind)


def kinds_of(found: Collection[Difference]) -> frozenset[Kind]:
    """Return the kinds whose numbers lapse by these changes."""
    return frozenset(kind for each in found for kind in LAPSED_BY[each.about.block])


def lapse(session: Session, kinds: Mapping[int, frozenset[Kind]], at: datetime) -> set[int]:
    """Lapse the numbers of graduates (by id) whose rows the caller has locked.

    Return those of them who had authorized a verification that still held.
    """
    ended, lapsed = set[int](), dict[int, list[str]]()
    for kind in Kind:
        ids = [graduate_id for graduate_id, theirs in kinds.items() if kind in theirs]
        today = at.astimezone(SHANGHAI).date()
        for row in _lapse(session, ids, kind, at) if ids else ():
            lapsed.setdefault(row.graduate_id, []).append(kind)
            if row.issue == Issue.VERIFICATION and row.ends_on >= today:
                ended.add(row.graduate_id)
    if lapsed:
        told = {ident: sorted(set(theirs)) for ident, theirs in lapsed.items()}
        events.announce(session, events.NumbersLapsed(told, at))
    return ended


def _lapse(
    session: Session, ids: Collection[int], kind: Kind, at: datetime
) -> Sequence[Row[*tuple[int, str, date]]]:
    found = session.execute(
        moving(
            ISSUED_NUMBER,
            IssuedNumber.standing,
            NumberEvent.LAPSE,
            one_of(session, IssuedNumber.graduate_id, list(ids)),
            IssuedNumber.kind == kind,
            IssuedNumber.newest == true(),
            ended_at=at,
        ).returning(IssuedNumber.graduate_id, IssuedNumber.issue, IssuedNumber.ends_on)
    )
    return found.all()
