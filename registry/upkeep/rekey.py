"""Sealing again, under the newest key, whatever is still sealed under an older one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, Select, Table, bindparam, cast, func, null, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.base import files, large_files
from registry.base.crypto import Vault
from registry.base.database import Base
from registry.base.file_tables import FilePiece, StoredFile
from registry.codes import identity
from registry.numbers import issuing
from registry.numbers.tables import IssuedNumber
from registry.record.contact_tables import ContactChange
from registry.record.tables import Graduate
from registry.roster.tables import ImportChange
from registry.second_factor import factor
from registry.second_factor.tables import SecondFactor

BATCH = 1000
FILES_AT_ONCE = 10
"""A file may have 20 MB."""


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed values, and what they are sealed for."""

    column: InstrumentedAttribute[Any]
    purpose: str | Callable[[int], str]
    """One for the whole column, or one for each row, made of its `bound_to`."""
    batch: int = BATCH
    bound_to: InstrumentedAttribute[Any] | None = None

    @property
    def table(self) -> Table:
        """Return the column's table."""
        table = self.column.class_.__table__
        assert isinstance(table, Table)
        return table

    def purpose_of(self, bound_to: int | None) -> str:
        """Return what a row's value is sealed for."""
        if isinstance(self.purpose, str):
            return self.purpose
        assert bound_to is not None
        return self.purpose(bound_to)


SEALED = (
    SealedColumn(Graduate.identity_sealed, identity.IDENTITY),
    SealedColumn(Graduate.phone_sealed, identity.PHONE),
    SealedColumn(Graduate.particulars_sealed, identity.PARTICULARS),
    SealedColumn(ContactChange.phone_sealed, identity.PHONE),
    SealedColumn(ImportChange.identity_sealed, identity.IDENTITY),
    SealedColumn(ImportChange.phone_sealed, identity.PHONE),
    SealedColumn(ImportChange.particulars_sealed, identity.PARTICULARS),
    SealedColumn(IssuedNumber.number_sealed, issuing.NUMBER),
    SealedColumn(StoredFile.sealed, files.PURPOSE, FILES_AT_ONCE),
    SealedColumn(FilePiece.sealed, large_files.PURPOSE, FILES_AT_ONCE),
    SealedColumn(SecondFactor.secret_sealed, factor.sealed_for, bound_to=SecondFactor.staff_id),
)
"""Every sealed column there is."""


def sealed_columns() -> set[str]:
    """Return the names of all columns that hold sealed values, by their names in the tables."""
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name == "sealed" or column.name.endswith("_sealed")
    }


def reseal_batch(session: Session, vault: Vault, which: SealedColumn, after: int) -> int | None:
    """Seal the next values after a row's id again; return the last id looked at, None at the end.

    A value that changed meanwhile is left alone: whoever changed it sealed it under the newest key.
    Raises UnreadableValue where a key is missing.
    """
    rows = session.execute(_older(vault, which, after)).all()
    if not rows:
        return None
    again = _resealing(vault, which)
    name = which.column.key
    table = which.table
    statement = (
        update(table)
        .where(table.c.id == bindparam("row"), table.c[name] == bindparam("old"))
        .values({name: bindparam("new")})
    )
    session.connection().execute(
        statement, [{"row": row, "old": old, "new": again(old, to)} for row, old, to in rows]
    )
    return int(rows[-1][0])


def _older(vault: Vault, which: SealedColumn, after: int) -> Select[Any]:
    """Find what is sealed under another than the newest key, in the order of the rows."""
    table, column = which.table, which.table.c[which.column.key]
    prefix = vault.prefix
    start: Any = func.substr(column, 1, len(prefix))
    current: Any = prefix
    if isinstance(column.type, LargeBinary):
        current = cast(prefix.encode(), LargeBinary)
    bound_to = null() if which.bound_to is None else table.c[which.bound_to.key]
    return (
        select(table.c.id, column, bound_to)
        .where(table.c.id > after, column.is_not(None), start != current)
        .order_by(table.c.id)
        .limit(which.batch)
    )


def _resealing(vault: Vault, which: SealedColumn) -> Callable[[Any, int | None], Any]:
    def text(value: str, bound_to: int | None) -> str:
        purpose = which.purpose_of(bound_to)
        return vault.seal(purpose, vault.open(purpose, value))

    def content(value: bytes, bound_to: int | None) -> bytes:
        purpose = which.purpose_of(bound_to)
        return vault.seal_bytes(purpose, vault.open_bytes(purpose, value))

    return content if isinstance(which.table.c[which.column.key].type, LargeBinary) else text
