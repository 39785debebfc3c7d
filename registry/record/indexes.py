"""Blind indexes of people while the index key changes: all rows of one value change together.

Records of one identity number are one person's, which SQL sees by their indexes being equal. So
whoever writes an index, of the two that rows may be kept under, writes it into every row of that
value in the same transaction (docs/decisions/0035-index-key.md).
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from registry.base.crypto import Vault
from registry.codes import identity
from registry.record.tables import Graduate


def bring_along(session: Session, vault: Vault, people: Iterable[tuple[str, str]]) -> None:
    """Have every record of these people be found by the index written now.

    `people` are identity numbers and phones, normalised; who has no number has one record.
    """
    if not vault.has_two_index_keys:
        return
    numbers, phones = dict[str, str](), list[dict[str, str]]()
    for number, phone in people:
        if not number:
            continue
        now, earlier = identity.identity_indexes(vault, number)
        numbers[earlier] = now
        if phone:
            phone_now, phone_earlier = identity.phone_indexes(vault, phone)
            phones.append({"whose": now, "earlier": phone_earlier, "now": phone_now})
    replace_identities(session, numbers)
    if phones:
        table = Graduate.__table__
        hers = (
            table.c.identity_index == bindparam("whose"),
            table.c.phone_index == bindparam("earlier"),
        )
        statement = update(table).where(*hers).values(phone_index=bindparam("now"))  # type: ignore[arg-type]  # it is a Table
        session.connection().execute(statement, phones)


def replace_identities(session: Session, pairs: Mapping[str, str]) -> None:
    """Write other indexes for those that the pairs begin with, in every record that has one."""
    if not pairs:
        return
    table = Graduate.__table__
    statement = (
        update(table)  # type: ignore[arg-type]  # it is a Table
        .where(table.c.identity_index == bindparam("earlier"))
        .values(identity_index=bindparam("now"))
    )
    rows = [{"earlier": earlier, "now": now} for earlier, now in pairs.items()]
    session.connection().execute(statement, rows)
