"""Consents (同意): which text a graduate agreed to, for what, and whether it still holds.

Sources: Personal Information Protection Law, articles 13 to 17 (consent, withdrawal, notice) and 29
(separate consent). What a school has to do by law rests on no consent and goes on without one.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from registry.base.database import one_of
from registry.record.privacy_tables import Consent


class ConsentPurpose(StrEnum):
    """For what she agreed."""

    BINDING = "binding"
    """Her WeChat is bound, and gets messages."""
    FACE = "face"
    """Separately (单独同意): name and identity number go to the provider of the face check."""


PURPOSE_TITLES = {
    ConsentPurpose.BINDING: "绑定微信并接收登记通知",
    ConsentPurpose.FACE: "人脸核身（单独同意）",
}


def give(
    session: Session,
    graduate_ids: Sequence[int],
    purpose: ConsentPurpose,
    notice: str,
    at: datetime,
) -> None:
    """Keep that she agreed to a text, for each of her records; one consent holds at a time."""
    withdraw(session, graduate_ids, purpose, at)
    rows = [
        {"graduate_id": each, "purpose": purpose, "notice": notice, "given_at": at}
        for each in graduate_ids
    ]
    if rows:
        session.execute(insert(Consent), rows)


def withdraw(
    session: Session, graduate_ids: Sequence[int], purpose: ConsentPurpose, at: datetime
) -> int:
    """Let consents hold no longer; return how many did."""
    ended = session.scalars(
        update(Consent)
        .where(
            one_of(session, Consent.graduate_id, graduate_ids),
            Consent.purpose == purpose,
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=at)
        .returning(Consent.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


def of_graduate(session: Session, graduate_id: int, limit: int = 50) -> Sequence[Consent]:
    """Return what a graduate agreed to, newest first."""
    wanted = select(Consent).where(Consent.graduate_id == graduate_id)
    return session.scalars(wanted.order_by(Consent.id.desc()).limit(limit)).all()
