"""Codes that prove a phone: six digits, five minutes, five tries, once; only a keyed hash is kept.

A code holds in one browser session and for one WeChat identity. Where nobody matched a row is
written all the same, for nobody: the same work, and no code can fit it.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from registry.accounts.tables import OneTimeCode
from registry.base.crypto import Vault

DIGITS = 6
MINUTES = 5
TRIES = 5
KEPT = timedelta(days=1)
"""How long a code's row outlives the code, for questions about it."""


class CodeVerdict(StrEnum):
    """What a typed code is worth."""

    RIGHT = "right"
    WRONG = "wrong"
    SPENT = "spent"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Asker:
    """For what, in which browser session and WeChat identity a code was asked for."""

    purpose: str
    session_hash: str
    openid: str


def is_code(typed: str) -> bool:
    """Say whether what was typed has the form of a code: six digits, whatever stands around."""
    digits = typed.strip()
    return len(digits) == DIGITS and digits.isascii() and digits.isdigit()


def last_sent_at(session: Session, asker: Asker) -> datetime | None:
    """Return when this browser session last asked for a code."""
    return session.scalar(select(func.max(OneTimeCode.sent_at)).where(*_of(asker)))


def issue(
    session: Session, vault: Vault, asker: Asker, graduate_id: int | None, at: datetime
) -> str:
    """Make a code for a graduate, or one that fits nobody; those before it hold no more."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row = OneTimeCode(
        purpose=asker.purpose,
        session_hash=asker.session_hash,
        graduate_id=graduate_id,
        code_hash=_hash(vault, asker, code),
        sent_at=at,
        expires_at=at + timedelta(minutes=MINUTES),
    )
    session.add(row)
    return code


def check(
    session: Session, vault: Vault, asker: Asker, typed: str, at: datetime
) -> tuple[CodeVerdict, int | None]:
    """Take one of the newest code's tries; return what it was worth, and whom the code is for.

    A code that is right is used up by it.
    """
    row = _newest(session, asker)
    if row is None or row.used_at is not None or row.expires_at <= at:
        return CodeVerdict.EXPIRED, None
    if not _take_a_try(session, row.id):
        return CodeVerdict.SPENT, row.graduate_id
    fits = hmac.compare_digest(_hash(vault, asker, typed.strip()), row.code_hash)
    if not fits or row.graduate_id is None:
        return CodeVerdict.WRONG, row.graduate_id
    _use_up(session, row.id, at)
    return CodeVerdict.RIGHT, row.graduate_id


def sweep(session: Session, at: datetime) -> None:
    """Delete the codes that ran out more than a day ago."""
    session.execute(
        delete(OneTimeCode)
        .where(OneTimeCode.expires_at <= at - KEPT)
        .execution_options(synchronize_session=False)
    )


def _of(asker: Asker) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeCode.session_hash == asker.session_hash,
        OneTimeCode.purpose == asker.purpose,
    )


def _newest(session: Session, asker: Asker) -> OneTimeCode | None:
    return session.scalar(
        select(OneTimeCode)
        .where(*_of(asker))
        .order_by(OneTimeCode.id.desc())
        .limit(1)
        .with_for_update()
    )


def _take_a_try(session: Session, row_id: int) -> bool:
    taken = session.scalar(
        update(OneTimeCode)
        .where(OneTimeCode.id == row_id, OneTimeCode.tries < TRIES, OneTimeCode.used_at.is_(None))
        .values(tries=OneTimeCode.tries + 1)
        .returning(OneTimeCode.id)
        .execution_options(synchronize_session=False)
    )
    return taken is not None


def _use_up(session: Session, row_id: int, at: datetime) -> None:
    session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.id == row_id)
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )


def _hash(vault: Vault, asker: Asker, code: str) -> str:
    return vault.index(f"{asker.purpose} code", f"{asker.session_hash}\0{asker.openid}\0{code}")
