"""Blind indexes of people while the index key changes: all rows of one value change together.

Records of one identity number are one person's, which SQL sees by their indexes being equal. So
whoever writes an index, of the two that rows may be kept under, writes it into every row of that
value in the same transaction (docs/decisions/0035-index-key.md).
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import String, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.base.crypto import Vault
from registry.base.database import rows_of
from registry.codes import identity
from registry.record.tables import Graduate

Column = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


def bring_along(
    session: Session, vault: Vault, numbers: Collection[str], phones: Collection[str]
) -> None:
    """Have every row of these identity numbers and phones be found by the index written now."""
    if not vault.has_two_index_keys:
        return
    for column, said, of in (
        (Graduate.identity_index, numbers, identity.identity_indexes),
        (Graduate.phone_index, phones, identity.phone_indexes),
    ):
        known = [of(vault, each) for each in set(said) - {""}]
        replace(session, [column], {other: now for now, *others in known for other in others})


def replace(session: Session, columns: Sequence[Column], pairs: Mapping[str, str]) -> None:
    """Write other indexes for those that the pairs begin with, in every row that has one."""
    if not pairs:
        return
    given = rows_of(
        session,
        "pairs",
        {"earlier": (String(), list(pairs)), "wanted": (String(), list(pairs.values()))},
    )
    for column in columns:
        session.execute(
            update(column.class_)
            .where(column == given.c.earlier)
            .values({column: given.c.wanted})
            .execution_options(synchronize_session=False)
        )
