"""The account's own row: there from the first time that something is noted in it."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from notifier.ledger.tables import Account
from registry.base.database import insert_new


def make_sure(session: Session, app_id: str) -> None:
    """Make the account's row unless it is there."""
    session.execute(insert_new(session, Account).values(app_id=app_id, pause_detail=""))


def note(session: Session, app_id: str, **values: Any) -> None:  # noqa: ANN401 - columns of Account
    """Write columns of the account's row, which is made if it is missing."""
    make_sure(session, app_id)
    session.execute(
        update(Account)
        .where(Account.app_id == app_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
