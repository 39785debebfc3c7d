"""What was typed into a form whose session had ended when it was sent: given back after signing in.

Kept sealed, for the WeChat identity and the record that the form was made for, one row a form. A
browser may not keep it (OWASP ASVS 14.3.3); who else signs in on that phone does not see it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, bindparam, delete, exists, select
from sqlalchemy.orm import Session

from registry.accounts.tables import UnsentForm
from registry.base import retention
from registry.base.crypto import UnreadableValue, Vault
from registry.base.database import BigId, UtcDateTime, insert_new

PURPOSE = "unsent form"

Typed = Sequence[tuple[str, str]]
"""Fields with what was typed, in the form's order; a field may stand there more than once."""


@dataclass(frozen=True)
class FormOwner:
    """Whose form it is, and which: nobody else's form gives back what was typed."""

    graduate_id: int
    openid: str
    form: str
    """The path it is sent to."""

    @property
    def place(self) -> str:
        """Return what the sealed text is bound to."""
        return f"{self.graduate_id}/{self.openid}/{self.form}"


def keep(session: Session, vault: Vault, owner: FormOwner, typed: Typed, at: datetime) -> None:
    """Keep what was typed in place of what was kept before."""
    drop(session, owner)
    sealed = vault.seal(PURPOSE, owner.place, json.dumps(typed, ensure_ascii=False))
    row = {"graduate_id": owner.graduate_id, "openid": owner.openid, "form": owner.form}
    session.execute(insert_new(session, UnsentForm).values(**row, typed_sealed=sealed, at=at))


_KEPT = select(UnsentForm).where(
    UnsentForm.graduate_id == bindparam("graduate", type_=BigId),
    UnsentForm.openid == bindparam("openid"),
    UnsentForm.form == bindparam("form"),
    UnsentForm.at > bindparam("since", type_=UtcDateTime()),
)
"""Made once: each form asks."""


def find(session: Session, vault: Vault, owner: FormOwner, at: datetime) -> Typed:
    """Return what was typed within `retention.UNSENT_FORM`; nothing where nothing is kept."""
    values = {"graduate": owner.graduate_id, "openid": owner.openid, "form": owner.form}
    row = session.scalar(_KEPT, {**values, "since": at - retention.UNSENT_FORM})
    return opened(vault, row) if row else ()


def opened(vault: Vault, row: UnsentForm) -> Typed:
    """Return what a row keeps; nothing where its key is no longer held."""
    owner = FormOwner(row.graduate_id, row.openid, row.form)
    try:
        typed = json.loads(vault.open(PURPOSE, owner.place, row.typed_sealed))
    except UnreadableValue:
        return ()
    return [(name, text) for name, text in typed]


def any_of(openid: SQLColumnExpression[str | None]) -> ColumnElement[bool]:
    """Return whether something is kept of any form, for a query about a WeChat identity."""
    return exists().where(UnsentForm.openid == openid)


def is_kept(session: Session, openid: str, form: str, at: datetime) -> bool:
    """Say whether something is kept of a form for a WeChat identity."""
    young = UnsentForm.at > at - retention.UNSENT_FORM
    wanted = select(UnsentForm.id).where(UnsentForm.openid == openid, UnsentForm.form == form)
    return session.scalar(wanted.where(young).limit(1)) is not None


def drop(session: Session, owner: FormOwner) -> None:
    """Forget what is kept of a form: it was sent."""
    _delete(session, _is(owner))


def sweep(session: Session, at: datetime) -> None:
    """Delete what was kept long enough."""
    _delete(session, UnsentForm.at <= at - retention.UNSENT_FORM)


def _is(owner: FormOwner) -> ColumnElement[bool]:
    return (
        (UnsentForm.graduate_id == owner.graduate_id)
        & (UnsentForm.openid == owner.openid)
        & (UnsentForm.form == owner.form)
    )


def _delete(session: Session, which: ColumnElement[bool]) -> None:
    statement = delete(UnsentForm).where(which)
    session.execute(statement.execution_options(synchronize_session=False))
