"""The account's own row: there from the first time that something is noted in it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notifier.ledger.tables import Account
from registry.base.database import insert_new


def make_sure(session: Session, app_id: str) -> None:
    """Make the account's row unless it is there."""
    session.execute(insert_new(session, Account).values(app_id=app_id, pause_detail=""))


def templates_read_at(session: Session, app_id: str) -> datetime | None:
    """Return when an app's templates were read last; None where they never were."""
    wanted = select(Account.templates_synced_at).where(Account.app_id == app_id)
    return session.scalar(wanted)


def note(session: Session, app_id: str, **values: Any) -> None:  # noqa: ANN401 - columns of Account
    """Write columns of the account's row, which is made if it is missing."""
    make_sure(session, app_id)
    session.execute(
        update(Account)
        .where(Account.app_id == app_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
