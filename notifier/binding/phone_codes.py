"""Codes that prove a phone: six digits, five minutes, five tries, once; only a keyed hash is kept.

A code holds in one browser session and for one WeChat identity. Where nobody matched a row is
written all the same, for nobody: the same work, and no code can fit it.

A phone gets only so many codes in a day, whoever asks. Who asks after that is sent none, and proves
the phone by the last that came to it: so strangers who ask for codes in her name leave her one that
she can use, and nothing else that they do is in her way.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from registry.accounts import attempts
from registry.accounts.tables import OneTimeCode
from registry.base import retention
from registry.base.crypto import Vault

DIGITS = 6
MINUTES = 5
TRIES = 5
A_DAY = 5
"""Codes for one phone in 24 hours, as many as the provider lets through in an hour."""
DAY = timedelta(days=1)
APART = timedelta(seconds=60)
"""How long a phone has to itself between two codes, and who asks waits to ask again."""
KEPT = retention.CODE
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


@dataclass(frozen=True)
class Holder:
    """Whom a code is for, and the blind index of the phone."""

    graduate_id: int | None
    """None for somebody of an employer."""
    phone_index: str


@dataclass(frozen=True)
class CheckedCode:
    """What a typed code was worth, whom it was for, and whether others had asked for it."""

    verdict: CodeVerdict
    graduate_id: int | None = None
    shared: bool = False


def last_sent_at(session: Session, asker: Asker) -> datetime | None:
    """Return when this browser session last asked for a code."""
    return session.scalar(select(func.max(OneTimeCode.sent_at)).where(*_of(asker)))


def issue(session: Session, vault: Vault, asker: Asker, holder: Holder | None, at: datetime) -> str:
    """Make a code for a graduate, or one that fits nobody; those before it hold no more."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row = _row(asker, holder, at, _hashes(vault, asker, code)[0])
    row.phone_hash = _hashes_for_phone(vault, holder, code)[0] if holder else None
    session.add(row)
    return code


def share(session: Session, asker: Asker, holder: Holder | None, at: datetime) -> None:
    """Let who asks prove the phone by the last code that was sent to it; none is sent."""
    session.add(_row(asker, holder, at, SHARED))


SHARED = ""
"""Stands for the hash of a code of one's own."""


def _row(asker: Asker, holder: Holder | None, at: datetime, code_hash: str) -> OneTimeCode:
    return OneTimeCode(
        purpose=asker.purpose,
        session_hash=asker.session_hash,
        graduate_id=holder.graduate_id if holder else None,
        phone_index=holder.phone_index if holder else None,
        code_hash=code_hash,
        sent_at=at,
        expires_at=at + timedelta(minutes=MINUTES),
    )


def may_be_sent(session: Session, asker: Asker, holder: Holder | None, at: datetime) -> bool:
    """Say whether a phone may get another code now; of nobody's the same is asked.

    Who asks at the same moment for one phone, from wherever, comes one after another.
    """
    phone_index = holder.phone_index if holder else ""
    whose = phone_index or asker.session_hash
    attempts.take_turns(session, [attempts.turn_of(asker.purpose, whose)])
    sent_to = _sent_to(asker, phone_index, at)
    wanted = select(func.count(), func.max(OneTimeCode.sent_at)).where(*sent_to)
    sent, last = session.execute(wanted).one()
    return not sent or (sent < A_DAY and last + APART <= at)


def is_shared(session: Session, asker: Asker) -> bool:
    """Say whether the asker proves the phone by a code that somebody else asked for."""
    row = _newest(session, asker)
    return row is not None and row.code_hash == SHARED


def check(session: Session, vault: Vault, asker: Asker, typed: str, at: datetime) -> CheckedCode:
    """Take one of the newest code's tries, and say what the typed one was worth.

    A code that is right is used up by it, whoever asked for it.
    """
    row = _newest(session, asker)
    if row is None or row.used_at is not None or row.expires_at <= at:
        return CheckedCode(CodeVerdict.EXPIRED)
    shared = row.code_hash == SHARED
    if not _take_a_try(session, row.id):
        return CheckedCode(CodeVerdict.SPENT, row.graduate_id, shared)
    used = _fitting(session, vault, asker, row, typed.strip(), at)
    if row.phone_index is None or not used or not _use_up(session, used, at):
        return CheckedCode(CodeVerdict.WRONG, row.graduate_id, shared)
    return CheckedCode(CodeVerdict.RIGHT, row.graduate_id, shared)


def _fitting(
    session: Session, vault: Vault, asker: Asker, row: OneTimeCode, typed: str, at: datetime
) -> set[int]:
    """Return the rows that a typed code uses up: of one's own, or of the last on the phone too."""
    if row.code_hash != SHARED:
        return {row.id} if _is_one_of(row.code_hash, _hashes(vault, asker, typed)) else set()
    holder = Holder(row.graduate_id, row.phone_index or "")
    newest = session.scalar(
        select(OneTimeCode)
        .where(*_sent_to(asker, holder.phone_index, at))
        .order_by(OneTimeCode.id.desc())
        .limit(1)
    )
    if newest is None or newest.phone_hash is None or newest.used_at is not None:
        return set()
    fits = _is_one_of(newest.phone_hash, _hashes_for_phone(vault, holder, typed))
    return {row.id, newest.id} if fits else set()


def _sent_to(asker: Asker, phone_index: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the condition of the codes that were sent to a phone in the last 24 hours."""
    return (
        OneTimeCode.purpose == asker.purpose,
        OneTimeCode.phone_index == phone_index,
        OneTimeCode.phone_hash.is_not(None),
        OneTimeCode.sent_at > at - DAY,
    )


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


def _use_up(session: Session, rows: set[int], at: datetime) -> bool:
    """Mark a code as used; say whether it was good until now."""
    used = session.scalars(
        update(OneTimeCode)
        .where(OneTimeCode.id.in_(rows), OneTimeCode.used_at.is_(None))
        .values(used_at=at)
        .returning(OneTimeCode.id)
        .execution_options(synchronize_session=False)
    )
    return set(used) == rows


def _hashes(vault: Vault, asker: Asker, code: str) -> Sequence[str]:
    said = f"{asker.session_hash}\0{asker.openid}\0{code.strip()}"
    return vault.indexes(f"{asker.purpose} code", said)


def _hashes_for_phone(vault: Vault, holder: Holder, code: str) -> Sequence[str]:
    return vault.indexes("code of phone", f"{holder.phone_index}\0{code}")


def _is_one_of(kept: str, hashes: Sequence[str]) -> bool:
    return any(hmac.compare_digest(each, kept) for each in hashes)
