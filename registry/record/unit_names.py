"""Names of units by their parts: 海纳 finds 青岛海纳软件有限公司.

A database finds beginnings along an index, nothing within. So each name is kept by every end of it
that people may type the beginning of, read from the registrations by a duty: nobody who registers
waits for it. Beginnings of names are found among the registrations themselves, at once.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.base.database import insert_new
from registry.codes.categories import GROUPS, Group
from registry.record.tables import Registration, UnitNamePart

SHORTEST = 2
LONGEST = 20
"""Characters of a part: nobody types more before they choose."""
BATCH = 5000
SETTLED = timedelta(minutes=5)
"""So old are registrations that are read: one with a smaller number may still be uncommitted."""
_EMPLOYING = frozenset({Group.EMPLOYED, Group.GRASSROOTS})
"""A business of one's own or a workshop often bears its owner's name: it is shown to nobody."""
_FORMS = re.compile(
    r"(?:集团|股份|控股)*(?:有限)?(?:责任)?(?:公司|分公司|集团)(?:[(（][^)）]*[)）])?$"
)
"""What most names end in: no part begins there."""
_MARK = ""
"""The part of the row that says which registration was read last."""


def employing() -> list[str]:
    """Return the first two digits of the categories whose unit is an employer."""
    return [code for code, group in GROUPS.items() if group in _EMPLOYING]


def parts_of(name: str) -> list[str]:
    """Return the parts a name is found by, besides its beginning."""
    form = _FORMS.search(name)
    end = form.start() if form and form.start() > 0 else len(name)
    return [name[at : at + LONGEST] for at in range(1, end) if len(name) - at >= SHORTEST]


def names_with(session: Session, text: str, limit: int) -> Sequence[str]:
    """Return names that hold a text of two characters or more, not at their beginning."""
    beginning = text[:LONGEST]
    found = (
        select(UnitNamePart.unit_name)
        .where(UnitNamePart.part >= beginning, UnitNamePart.part < f"{beginning}\U0010ffff")
        .order_by(UnitNamePart.part, UnitNamePart.unit_name)
        .limit(limit * 2)  # a name may hold it twice
    )
    names = dict.fromkeys(each for each in session.scalars(found) if text in each)
    return list(names)[:limit]


def read_on(session: Session, at: datetime) -> int:
    """Read the names of the next registrations; return how many registrations, 0 for none."""
    mark = _mark(session)
    rows = session.execute(
        select(Registration.id, Registration.category, Registration.unit_name)
        .where(Registration.id > mark, Registration.recorded_at <= at - SETTLED)
        .order_by(Registration.id)
        .limit(BATCH)
    ).all()
    if not rows:
        return 0
    kinds = frozenset(employing())
    names = {name for _, category, name in rows if category[:2] in kinds and name}
    if parts := list(_rows(names)):
        session.execute(insert_new(session, UnitNamePart), parts)
    moved = update(UnitNamePart).where(UnitNamePart.part == _MARK, UnitNamePart.read_to == mark)
    session.execute(moved.values(read_to=rows[-1][0]))
    return len(rows)


def _mark(session: Session) -> int:
    """Return which registration was read last; hold the place so that one reads at a time."""
    first = {"part": _MARK, "unit_name": "", "read_to": 0}
    session.execute(insert_new(session, UnitNamePart).values(**first))
    wanted = select(UnitNamePart.read_to).where(UnitNamePart.part == _MARK).with_for_update()
    return session.scalars(wanted).one() or 0


def _rows(names: set[str]) -> Iterator[dict[str, object]]:
    for name in sorted(names):
        for part in parts_of(name):
            yield {"part": part, "unit_name": name, "read_to": None}
