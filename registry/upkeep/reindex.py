"""Another index key: what is found by a blind index is found by one under the new key.

In batches, in constant memory, beside a running product that reads both indexes and writes the new
one (docs/decisions/0035-index-key.md). Started again it looks at everything again, and changes what
is left.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.base.crypto import Vault
from registry.codes import identity
from registry.numbers import issuing
from registry.numbers.sealed_number import COLUMNS, LINK, sealed_number
from registry.numbers.tables import IssuedNumber, Lookup
from registry.record import indexes
from registry.record.tables import Graduate

BATCH = 1000
ADDRESS = "address under an earlier key"
REKEYED = "~"
"""How an address in the log of lookups begins that was keyed again: it is not known any more."""

Followers = Sequence[InstrumentedAttribute[str | None]]
"""Columns above the record that hold indexes of phones, too."""


class Looked(NamedTuple):
    """What a batch looked at: up to which row, and how many it changed."""

    last: int
    looked_at: int
    changed: int


Step = Callable[[Session, Vault, int], Looked | None]
"""Does the rows after an id; None when there are no more."""


def people(
    session: Session, vault: Vault, after: int, followers: Followers, limit: int = BATCH
) -> Looked | None:
    """Index the next people anew, and whatever else is kept under their indexes.

    Rows are changed by the index that they have, so that all of one person change at once, and one
    that was corrected meanwhile is left alone. Raises UnreadableValue where a key is missing.
    """
    wanted = (
        select(
            *(Graduate.id, Graduate.identity_sealed, Graduate.identity_index),
            *(Graduate.phone_sealed, Graduate.phone_index),
        )
        .where(Graduate.id > after)
        .order_by(Graduate.id)
        .limit(limit)
    )
    rows = session.execute(wanted).all()
    if not rows:
        return None
    numbers, phones = dict[str, str](), dict[str, str]()
    for row in rows:
        if row.identity_index:
            number = vault.open(identity.IDENTITY, row.id, row.identity_sealed)
            numbers[row.identity_index] = identity.identity_index(vault, number)
        if row.phone_index and row.phone_sealed:
            phone = vault.open(identity.PHONE, row.id, row.phone_sealed)
            phones[row.phone_index] = vault.index(identity.PHONE, phone)
    changed = _differing(numbers), _differing(phones)
    indexes.replace(session, [Graduate.identity_index], changed[0])
    indexes.replace(session, [Graduate.phone_index, *followers], changed[1])
    return Looked(rows[-1].id, len(rows), sum(map(len, changed)))


def _differing(pairs: dict[str, str]) -> dict[str, str]:
    return {earlier: now for earlier, now in pairs.items() if earlier != now}


def numbers(session: Session, vault: Vault, after: int, limit: int = BATCH) -> Looked | None:
    """Index the next numbers anew, and keep the token of the link that was printed with each."""
    wanted = (
        select(IssuedNumber.id, IssuedNumber.number_index, *COLUMNS)
        .where(IssuedNumber.id > after)
        .order_by(IssuedNumber.id)
        .limit(limit)
    )
    rows = session.execute(wanted).all()
    if not rows:
        return None
    changed = []
    for row in rows:
        sealed = sealed_number(row)
        index = issuing.number_index(vault, sealed.number(vault))
        link = row.link_sealed or vault.seal(LINK, sealed.place, sealed.token(vault))
        if index != row.number_index or row.link_sealed is None:
            changed.append({"row": row.id, "index": index, "link": link})
    if changed:
        table = IssuedNumber.__table__
        statement = update(table).where(table.c.id == bindparam("row"))  # type: ignore[arg-type]  # it is a Table
        new = statement.values(number_index=bindparam("index"), link_sealed=bindparam("link"))
        session.connection().execute(new, changed)
    return Looked(rows[-1].id, len(rows), len(changed))


def lookups(session: Session, vault: Vault, after: int, limit: int = BATCH) -> Looked | None:
    """Key the addresses of the next lookups once more, so that the earlier key tells nothing.

    They stay equal among each other, and are equal to none that comes later: the address itself is
    kept nowhere.
    """
    wanted = (
        select(Lookup.id, Lookup.address_index)
        .where(Lookup.id > after, ~Lookup.address_index.startswith(REKEYED))
        .order_by(Lookup.id)
        .limit(limit)
    )
    rows = session.execute(wanted).all()
    if not rows:
        return None
    table = Lookup.__table__
    statement = update(table).where(table.c.id == bindparam("row"))  # type: ignore[arg-type]  # it is a Table
    changed = [{"row": row, "index": _keyed_again(vault, index)} for row, index in rows]
    session.connection().execute(statement.values(address_index=bindparam("index")), changed)
    return Looked(rows[-1].id, len(rows), len(changed))


def _keyed_again(vault: Vault, index: str) -> str:
    return f"{REKEYED}{vault.index(ADDRESS, index)[1:]}"


def forget_strays(session: Session, followers: Followers) -> int:
    """Empty the indexes of phones that nobody has any more: they are under the earlier key.

    Whose binding it is has to show a code again where a later record has that phone.
    """
    number = 0
    for column in followers:
        known = exists().where(Graduate.phone_index == column)
        gone = session.scalars(
            update(column.class_)
            .where(column.is_not(None), ~known)
            .values({column: None})
            .returning(column.class_.id)
            .execution_options(synchronize_session=False)
        )
        number += len(gone.all())
    return number
