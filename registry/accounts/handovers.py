"""What the mini program hands over to its web-view: a token, good once, for a minute, here alone.

The token stands in the fragment of an address and the device's secret beside it, so neither is in
a log or a referrer; who sees one of the two opens nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete
from sqlalchemy.orm import Session

from registry.accounts import sessions
from registry.accounts.tables import MiniHandover

LIFETIME = timedelta(minutes=1)


@dataclass(frozen=True)
class Handover:
    """Who is handed over, from which device, and what the session begins with."""

    openid: str
    device_hash: str
    content: dict[str, Any]


def give_out(session: Session, handover: Handover, at: datetime) -> str:
    """Return a new token; the earlier ones of the device open nothing any more."""
    end_of_device(session, handover.device_hash)
    token = sessions.new_token()
    row = MiniHandover(
        token_hash=sessions.hash_of(token),
        device_hash=handover.device_hash,
        openid=handover.openid,
        content=handover.content,
        expires_at=at + LIFETIME,
    )
    session.add(row)
    return token


def take_back(session: Session, token: str, secret: str, at: datetime) -> Handover | None:
    """Use a token up; None where it is unknown, used, late or another device's."""
    device_hash = sessions.hash_of(secret)
    found = session.execute(
        delete(MiniHandover)
        .where(
            MiniHandover.token_hash == sessions.hash_of(token),
            MiniHandover.device_hash == device_hash,
            MiniHandover.expires_at > at,
        )
        .returning(MiniHandover.openid, MiniHandover.content)
        .execution_options(synchronize_session=False)
    ).first()
    return Handover(found.openid, device_hash, found.content) if found else None


def end_of_device(session: Session, device_hash: str) -> None:
    """End the tokens of a device: it has signed out, or got another."""
    _delete(session, MiniHandover.device_hash == device_hash)


def sweep(session: Session, at: datetime) -> None:
    """Delete the tokens that are over."""
    _delete(session, MiniHandover.expires_at <= at)


def _delete(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(delete(MiniHandover).where(which).execution_options(synchronize_session=False))
