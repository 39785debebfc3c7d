"""Browsers that a member of staff signed in with: known again by a token that only they hold.

A known browser is asked no puzzle, and nothing that strangers do to the account slows it down. A
row says so for one account and one browser; it ends when it was not used for a long time, when its
owner takes it back, and when somebody else sets the password.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from registry.accounts import addresses
from registry.accounts.tables import StaffDevice
from registry.base.crypto import Vault
from registry.base.database import insert_new

LIFETIME = timedelta(days=180)
"""How long a browser that is not used any more stays known."""


@dataclass(frozen=True)
class Device:
    """A browser that is asking: its token, from where, and its name."""

    token: str | None
    """None of a browser that never signed in."""
    address: str
    summary: str = ""
    """In two words, as `wxapp.core.devices.device_of` says it."""


def fit_token(session: Session, token: str | None) -> str:
    """Return the token of a browser, or a new one where it has none that we gave out.

    So that a token somebody planted there is never one that becomes known.
    """
    given = StaffDevice.device_hash == _hash(token or "")
    known = session.scalar(select(StaffDevice.id).where(given).limit(1)) is not None
    return token if token is not None and known else secrets.token_urlsafe(32)


def place_of(vault: Vault, staff_id: int, address: str) -> str:
    """Return the blind index of an address as one account has it: no two can be compared."""
    return _places_of(vault, staff_id, address)[0]


def _places_of(vault: Vault, staff_id: int, address: str) -> Sequence[str]:
    return vault.indexes("staff device place", f"{staff_id}\0{addresses.household(address)}")


def remember(session: Session, vault: Vault, staff_id: int, device: Device, at: datetime) -> bool:
    """Write down that somebody has signed in with a browser; say whether it was not known before.

    Called once all that a sign-in asks has been given. The device has a token. One that was taken
    back, or is too old, counts as new.
    """
    assert device.token is not None, "a browser is given a token before it is remembered"
    device_hash = _hash(device.token)
    seen = {
        "place_index": place_of(vault, staff_id, device.address),
        "summary": device.summary,
        "last_seen_at": at,
    }
    if _update(session, _known(staff_id, at) & (StaffDevice.device_hash == device_hash), seen):
        return False
    anew = {**seen, "first_seen_at": at, "revoked_at": None}
    row = {"staff_id": staff_id, "device_hash": device_hash, **anew}
    made = insert_new(session, StaffDevice).values(row).returning(StaffDevice.id)
    if session.scalar(made) is None:
        _update(session, _is(staff_id, device_hash), anew)
    return True


def is_known(session: Session, staff_id: int, token: str | None, at: datetime) -> bool:
    """Say whether somebody has signed in with this browser, and has not taken it back."""
    if token is None:
        return False
    mine = _known(staff_id, at) & (StaffDevice.device_hash == _hash(token))
    return session.scalar(select(StaffDevice.id).where(mine)) is not None


def known_since(
    session: Session, staff_id: int, token: str | None, at: datetime
) -> datetime | None:
    """Return when somebody first signed in with this browser; None for one that is not known."""
    mine = _known(staff_id, at) & (StaffDevice.device_hash == _hash(token or ""))
    return session.scalar(select(StaffDevice.first_seen_at).where(mine))


def is_known_place(
    session: Session, vault: Vault, staff_id: int, address: str, at: datetime
) -> bool:
    """Say whether a browser that is known was last used from this address."""
    here = StaffDevice.place_index.in_(_places_of(vault, staff_id, address))
    found = session.scalar(select(StaffDevice.id).where(_known(staff_id, at), here).limit(1))
    return found is not None


def of_staff(session: Session, staff_id: int, at: datetime) -> Sequence[StaffDevice]:
    """Return the known browsers of a member of staff, the one used last first."""
    wanted = select(StaffDevice).where(_known(staff_id, at))
    return session.scalars(wanted.order_by(StaffDevice.last_seen_at.desc())).all()


def revoke(session: Session, staff_id: int, key: str, at: datetime) -> bool:
    """Let one of somebody's own browsers be known no more; say whether it was."""
    return _update(session, _known(staff_id, at) & (StaffDevice.key == key), {"revoked_at": at})


def revoke_all(session: Session, staff_id: int, at: datetime, but: str | None = None) -> None:
    """Let no browser of a member of staff be known any more, but the one with this token."""
    which = _known(staff_id, at)
    if but is not None:
        which &= StaffDevice.device_hash != _hash(but)
    _update(session, which, {"revoked_at": at})


def sweep(session: Session, at: datetime) -> None:
    """Delete the browsers that have not been used for a long time."""
    over = StaffDevice.last_seen_at <= at - LIFETIME
    session.execute(delete(StaffDevice).where(over).execution_options(synchronize_session=False))


def _is(staff_id: int, device_hash: str) -> ColumnElement[bool]:
    return (StaffDevice.staff_id == staff_id) & (StaffDevice.device_hash == device_hash)


def _known(staff_id: int, at: datetime) -> ColumnElement[bool]:
    return (
        (StaffDevice.staff_id == staff_id)
        & StaffDevice.revoked_at.is_(None)
        & (StaffDevice.last_seen_at > at - LIFETIME)
    )


def _update(session: Session, which: ColumnElement[bool], values: dict[str, object]) -> bool:
    moved = session.scalars(
        update(StaffDevice)
        .where(which)
        .values(values)
        .returning(StaffDevice.id)
        .execution_options(synchronize_session=False)
    )
    return bool(moved.all())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
