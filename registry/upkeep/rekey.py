"""Sealing again, under the newest key and bound to its row, whatever is still sealed otherwise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, Select, Table, bindparam, cast, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.accounts import unsent_forms
from registry.accounts.tables import UnsentForm
from registry.base import files, large_files
from registry.base.crypto import Vault
from registry.base.database import Base
from registry.base.file_tables import FilePiece, StoredFile
from registry.breaches import steps
from registry.breaches.tables import BreachReport, BreachStep
from registry.codes import identity
from registry.interface import keys
from registry.interface.tables import ProvinceKey
from registry.numbers.sealed_number import LINK, NUMBER, PLACE
from registry.numbers.tables import IssuedNumber
from registry.record.contact_tables import ContactChange
from registry.record.tables import Graduate
from registry.roster.tables import ImportChange
from registry.second_factor import factor
from registry.second_factor.tables import SecondFactor
from registry.signing.employer_papers import Certification, EmployerTakeover

BATCH = 1000
FILES_AT_ONCE = 10
"""A file may have 20 MB."""


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed values, what they are sealed for, and what of a row they are bound to."""

    column: InstrumentedAttribute[Any]
    purpose: str
    place: Sequence[InstrumentedAttribute[Any]]
    """Never changes as long as the row is there; joined by a slash."""
    batch: int = BATCH

    @property
    def table(self) -> Table:
        """Return the column's table."""
        table = self.column.class_.__table__
        assert isinstance(table, Table)
        return table


_GRADUATE, _OF_HER = [Graduate.id], [ImportChange.graduate_id]
_UNSENT = [UnsentForm.graduate_id, UnsentForm.openid, UnsentForm.form]
_PIECE = [FilePiece.file_id, FilePiece.place]
SEALED = (
    SealedColumn(Graduate.identity_sealed, identity.IDENTITY, _GRADUATE),
    SealedColumn(Graduate.phone_sealed, identity.PHONE, _GRADUATE),
    SealedColumn(Graduate.particulars_sealed, identity.PARTICULARS, _GRADUATE),
    SealedColumn(ContactChange.phone_sealed, identity.PHONE, [ContactChange.graduate_id]),
    SealedColumn(ContactChange.identity_sealed, identity.IDENTITY, [ContactChange.graduate_id]),
    SealedColumn(ImportChange.identity_sealed, identity.IDENTITY, _OF_HER),
    SealedColumn(ImportChange.phone_sealed, identity.PHONE, _OF_HER),
    SealedColumn(ImportChange.particulars_sealed, identity.PARTICULARS, _OF_HER),
    SealedColumn(IssuedNumber.number_sealed, NUMBER, PLACE),
    SealedColumn(IssuedNumber.link_sealed, LINK, PLACE),
    SealedColumn(BreachReport.words_sealed, steps.PURPOSE, [BreachReport.key]),
    SealedColumn(BreachStep.words_sealed, steps.PURPOSE, [BreachStep.key]),
    SealedColumn(StoredFile.sealed, files.PURPOSE, [StoredFile.key], FILES_AT_ONCE),
    SealedColumn(FilePiece.sealed, large_files.PURPOSE, _PIECE, FILES_AT_ONCE),
    SealedColumn(Certification.handler_phone_sealed, identity.PHONE, [Certification.key]),
    SealedColumn(EmployerTakeover.phone_sealed, identity.PHONE, [EmployerTakeover.key]),
    SealedColumn(ProvinceKey.secret_sealed, keys.PURPOSE, [ProvinceKey.keyid]),
    SealedColumn(UnsentForm.typed_sealed, unsent_forms.PURPOSE, _UNSENT),
    SealedColumn(SecondFactor.secret_sealed, factor.PURPOSE, [SecondFactor.staff_id]),
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


def reseal_batch(
    session: Session, vault: Vault, which: SealedColumn, after: int, limit: int | None = None
) -> int | None:
    """Seal the next values after a row's id again; return the last id looked at, None at the end.

    A value that changed meanwhile is left alone: whoever changed it sealed it under the newest key.
    Raises UnreadableValue where a key is missing.
    """
    rows = session.execute(_older(vault, which, after).limit(limit or which.batch)).all()
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
        statement,
        [{"row": row, "old": old, "new": again(_joined(place), old)} for row, old, *place in rows],
    )
    return int(rows[-1][0])


def _joined(place: Sequence[object]) -> str:
    return "/".join(str(each) for each in place)


def _older(vault: Vault, which: SealedColumn, after: int) -> Select[Any]:
    """Find what is not sealed under the newest key, or not bound, in the order of the rows."""
    table, column = which.table, which.table.c[which.column.key]
    prefix = vault.prefix
    start: Any = func.substr(column, 1, len(prefix))
    current: Any = prefix
    if isinstance(column.type, LargeBinary):
        current = cast(prefix.encode(), LargeBinary)
    return (
        select(table.c.id, column, *which.place)
        .where(table.c.id > after, column.is_not(None), start != current)
        .where(func.length(column) > 0)  # empty: it lies in the object store
        .order_by(table.c.id)
    )


def _resealing(vault: Vault, which: SealedColumn) -> Callable[[str, Any], Any]:
    def text(place: str, value: str) -> str:
        return vault.seal(which.purpose, place, vault.open(which.purpose, place, value))

    def content(place: str, value: bytes) -> bytes:
        return vault.seal_bytes(which.purpose, place, vault.open_bytes(which.purpose, place, value))

    return content if isinstance(which.table.c[which.column.key].type, LargeBinary) else text
