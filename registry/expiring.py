"""What is kept for a time and then deleted: files that went in or out, codes that were sent."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from registry.people import OneTimeCode, StoredFile

CODES_KEPT = timedelta(days=1)
"""How long a code's row outlives the code, for questions about it."""


def sweep(session: Session, at: datetime) -> None:
    """Delete the files and the codes whose time is over."""
    for rows in (
        delete(StoredFile).where(StoredFile.expires_at <= at),
        delete(OneTimeCode).where(OneTimeCode.expires_at <= at - CODES_KEPT),
    ):
        session.execute(rows.execution_options(synchronize_session=False))
