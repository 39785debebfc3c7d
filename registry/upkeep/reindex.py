"""Another index key: what is found by a blind index is found by one under the new key.

In batches, in constant memory, beside a running product that reads both indexes and writes the new
one (docs/decisions/0035-index-key.md). Started again it looks at everything again, and changes what
is left.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from registry.base.crypto import Vault
from registry.base.database import one_of, one_of_texts
from registry.codes import identity
from registry.numbers import issuing
from registry.numbers.sealed_number import COLUMNS, LINK, sealed_number
from registry.numbers.tables import IssuedNumber, Lookup
from registry.record import indexes
from registry.record.contact_tables import ContactChange
from registry.record.tables import Graduate
from registry.signing.employer_papers import Certification

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
    """Index the next people anew, all records of each at once, and what follows their phones.

    A row is changed by the index that it has, so that one that was corrected meanwhile is left
    alone. Raises UnreadableValue where a key is missing.
    """
    columns = (
        *(Graduate.id, Graduate.identity_sealed, Graduate.identity_index),
        *(Graduate.phone_sealed, Graduate.phone_index),
    )
    wanted = select(*columns).where(Graduate.id > after).order_by(Graduate.id).limit(limit)
    batch = session.execute(wanted).all()
    if not batch:
        return None
    theirs = [each.identity_index for each in batch if each.identity_index]
    others = one_of_texts(session, Graduate.identity_index, theirs)
    siblings = session.execute(select(*columns).where(others)).all() if theirs else []
    rows = {each.id: each for each in (*batch, *siblings)}.values()
    numbers = _numbers(vault, rows)
    phones = _phones(vault, rows)
    indexes.replace_identities(session, numbers)
    _write(session, Graduate.phone_index, phones)
    for column in followers:
        _follow(session, column, rows, {each["earlier"]: each["now"] for each in phones})
    return Looked(batch[-1].id, len(batch), len(numbers) + len(phones))


def _numbers(vault: Vault, rows: Collection[Any]) -> dict[str, str]:
    """Return the index that each identity number is kept under, and the one it gets."""
    pairs = dict[str, str]()
    for row in rows:
        if row.identity_index:
            number = vault.open(identity.IDENTITY, row.id, row.identity_sealed)
            pairs[row.identity_index] = identity.identity_index(vault, number)
    return {earlier: now for earlier, now in pairs.items() if earlier != now}


def _phones(vault: Vault, rows: Collection[Any]) -> list[dict[str, Any]]:
    changed = []
    for row in rows:
        if row.phone_index and row.phone_sealed:
            phone = vault.open(identity.PHONE, row.id, row.phone_sealed)
            now = vault.index(identity.PHONE, phone)
            if now != row.phone_index:
                changed.append({"row": row.id, "earlier": row.phone_index, "now": now})
    return changed


def _write(session: Session, column: Any, changed: Sequence[dict[str, Any]]) -> None:  # noqa: ANN401 - a column of any type
    """Write other values of a column into rows that still have the earlier ones."""
    if changed:
        table = column.class_.__table__
        same = (
            table.c.id == bindparam("row"),
            table.c[column.key] == bindparam("earlier"),
        )
        statement = update(table).where(*same).values({column.key: bindparam("now")})
        session.connection().execute(statement, changed)


def _follow(
    session: Session,
    column: Any,  # noqa: ANN401 - a column of a table with graduate_id
    rows: Collection[Any],
    phones: Mapping[str, str],
) -> None:
    table = column.class_
    theirs = one_of(session, table.graduate_id, [each.id for each in rows])
    found = session.execute(select(table.id, column).where(theirs, column.is_not(None)))
    changed = [
        {"row": ident, "earlier": value, "now": phones[value]}
        for ident, value in found
        if value in phones
    ]
    _write(session, column, changed)


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


def contact_changes(
    session: Session, vault: Vault, after: int, limit: int = BATCH
) -> Looked | None:
    """Index the next phones and numbers from before a change anew: an objection puts them back."""
    sealed = or_(
        ContactChange.phone_sealed.is_not(None), ContactChange.identity_sealed.is_not(None)
    )
    wanted = (
        select(
            *(ContactChange.id, ContactChange.graduate_id),
            *(ContactChange.phone_sealed, ContactChange.phone_index),
            *(ContactChange.identity_sealed, ContactChange.identity_index),
        )
        .where(ContactChange.id > after, sealed)
        .order_by(ContactChange.id)
        .limit(limit)
    )
    rows = session.execute(wanted).all()
    if not rows:
        return None
    phones, numbers = list[dict[str, Any]](), list[dict[str, Any]]()
    for row in rows:
        if row.phone_sealed and row.phone_index:
            phone = vault.open(identity.PHONE, row.graduate_id, row.phone_sealed)
            phones += _moved(row.id, row.phone_index, vault.index(identity.PHONE, phone))
        if row.identity_sealed and row.identity_index:
            number = vault.open(identity.IDENTITY, row.graduate_id, row.identity_sealed)
            numbers += _moved(row.id, row.identity_index, identity.identity_index(vault, number))
    _write(session, ContactChange.phone_index, phones)
    _write(session, ContactChange.identity_index, numbers)
    return Looked(rows[-1].id, len(rows), len(phones) + len(numbers))


def _moved(row: int, earlier: str, now: str) -> list[dict[str, Any]]:
    return [{"row": row, "earlier": earlier, "now": now}] if earlier != now else []


def handlers(session: Session, vault: Vault, after: int, limit: int = BATCH) -> Looked | None:
    """Index the next phones of those who handle an employer's papers anew."""
    columns = (
        *(Certification.id, Certification.key),
        *(Certification.handler_phone_sealed, Certification.handler_phone_index),
    )
    wanted = select(*columns).where(Certification.id > after).order_by(Certification.id)
    rows = session.execute(wanted.limit(limit)).all()
    if not rows:
        return None
    changed = []
    for row in rows:
        phone = vault.open(identity.PHONE, row.key, row.handler_phone_sealed)
        now = vault.index(identity.PHONE, phone)
        if now != row.handler_phone_index:
            changed.append({"row": row.id, "earlier": row.handler_phone_index, "now": now})
    _write(session, Certification.handler_phone_index, changed)
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
    """Empty the indexes of phones that their person has no more: they are under the earlier key.

    Whose binding it is has to show a code again where a later record has that phone.
    """
    number = 0
    for column in followers:
        table = column.class_
        bound, hers = aliased(Graduate), aliased(Graduate)
        known = exists().where(
            bound.id == table.graduate_id,
            hers.identity_index == bound.identity_index,
            hers.phone_index == column,
        )
        gone = session.scalars(
            update(table)
            .where(column.is_not(None), ~known)
            .values({column: None})
            .returning(table.id)
            .execution_options(synchronize_session=False)
        )
        number += len(gone.all())
    return number
