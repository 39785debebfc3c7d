"""The second factor of a member of staff: turned on, asked for at each sign-in, replaced, off."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from sqlalchemy import Delete, delete, func, select, update
from sqlalchemy.orm import Session

from registry.accounts import addresses, attempts, passwords, sessions, staff_notices
from registry.accounts import staff as staff_rules
from registry.accounts.attempts import Counted, Limit, Subject
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Staff
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.second_factor import totp
from registry.second_factor.tables import BackupCode, SecondFactor

PURPOSE = "second_factor"
BACKUP_CODES = 10

HERE = Limit(free=5, longest=timedelta(minutes=15))
"""One account from one address (IPv6: /48)."""
ANYWHERE = Limit(free=10, longest=timedelta(minutes=5))
"""One account from all addresses: only who has the password comes so far. Three codes of a million
are good at any time, so thirty tries an hour find one in 460 days; the owner is told before."""
STRANGE = 3
"""So many wrong codes in an hour are told to the owner: somebody else has the password."""

NO_CODE = "请填写手机上的 6 位动态码。手机不在身边时，可以填写备用码。"
WRONG = RuleError("factor_code_wrong", "动态码不对或已用过，请填写手机上最新的 6 位数字。", "code")


class Used(StrEnum):
    """What a sign-in was completed with."""

    CODE = "code"
    BACKUP_CODE = "backup_code"


def codes_left(session: Session, staff_id: int) -> int:
    """Return how many backup codes somebody has left."""
    unused = select(func.count()).select_from(BackupCode)
    unused = unused.where(BackupCode.staff_id == staff_id, BackupCode.used_at.is_(None))
    return session.scalar(unused) or 0


def turn_on(
    session: Session, vault: Vault, staff: Staff, secret: str, written: str, at: datetime
) -> list[str] | None:
    """Have a secret in force once its first code is right; return new backup codes, None if wrong.

    An earlier secret and earlier backup codes are good no more, and every session ends.
    """
    step = totp.step_matching(secret, _digits(written), at)
    if step is None:
        return None
    codes = make_backup_codes(session, staff.id)
    session.execute(_of(SecondFactor, staff.id))
    sealed = vault.seal(PURPOSE, staff.id, secret)
    session.add(SecondFactor(staff_id=staff.id, secret_sealed=sealed, last_step=step))
    staff.second_factor_since = at
    sessions.end_all_of_staff(session, staff.id)
    return codes


def turn_off(session: Session, staff: Staff) -> bool:
    """Take a second factor off, end every session of its owner; say whether there was one."""
    staff_rules.lock(session, staff.id)
    session.execute(_of(BackupCode, staff.id))
    gone = session.scalars(_of(SecondFactor, staff.id).returning(SecondFactor.id)).all()
    staff.second_factor_since = None
    sessions.end_all_of_staff(session, staff.id)
    return bool(gone)


def make_backup_codes(session: Session, staff_id: int) -> list[str]:
    """Return ten new codes, to be shown once; those before are good no more."""
    staff_rules.lock(session, staff_id)
    session.execute(_of(BackupCode, staff_id))
    codes = [passwords.made_up() for _ in range(BACKUP_CODES)]
    session.add_all(
        BackupCode(staff_id=staff_id, code_hash=staff_rules.hashed(_plain(each))) for each in codes
    )
    session.flush()
    return codes


def check(
    session: Session, vault: Vault, staff: Staff, written: str, address: str, at: datetime
) -> Used | RuleError:
    """Use up a code by the time, or a backup code; return which, or the refusal: it is counted.

    Codes `factor_code_missing`, `factor_code_wrong`, `too_many_attempts`.
    """
    if not _plain(written):
        return RuleError("factor_code_missing", NO_CODE, "code")
    subjects = _subjects(vault, staff.id, address)
    until = attempts.wait_until(session, PURPOSE, subjects, at)
    if until is not None:
        seconds = ceil((until - at).total_seconds())
        return RuleError("too_many_attempts", f"连续输错多次，请 {seconds} 秒后再试。")
    used = _use(session, vault, staff.id, written, at)
    if used is None:
        attempts.count_failure(session, PURPOSE, subjects, at)
        _tell_if_strange(session, staff, subjects[-1], at)
        return WRONG
    for each in subjects:
        attempts.forget(session, PURPOSE, each)
    if used is Used.BACKUP_CODE:
        left = {"left": codes_left(session, staff.id)}
        staff_notices.tell(session, staff.id, NoticeKind.BACKUP_CODE_USED, left, at)
    return used


def _tell_if_strange(session: Session, staff: Staff, anywhere: Subject, at: datetime) -> None:
    wanted = Counted(anywhere.index, attempts.WINDOW, STRANGE)
    tally = attempts.tallies(session, PURPOSE, [wanted], at)[anywhere.index]
    if tally.failures >= STRANGE:
        staff_notices.tell_once(session, staff.id, NoticeKind.WRONG_CODES, {}, at)


def _use(session: Session, vault: Vault, staff_id: int, written: str, at: datetime) -> Used | None:
    digits = _digits(written)
    if digits.isdecimal() and len(digits) == totp.DIGITS:
        return Used.CODE if _use_code(session, vault, staff_id, digits, at) else None
    used = _use_backup_code(session, staff_id, _plain(written), at)
    return Used.BACKUP_CODE if used else None


def _use_code(session: Session, vault: Vault, staff_id: int, digits: str, at: datetime) -> bool:
    """Use a code by the time up: of one used before, or of a step before it, no row is moved."""
    row = session.scalar(select(SecondFactor).where(SecondFactor.staff_id == staff_id))
    if row is None:
        return False
    step = totp.step_matching(vault.open(PURPOSE, staff_id, row.secret_sealed), digits, at)
    if step is None:
        return False
    used = session.scalar(
        update(SecondFactor)
        .where(SecondFactor.id == row.id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.id)
        .execution_options(synchronize_session=False)
    )
    return used is not None


def _use_backup_code(session: Session, staff_id: int, code: str, at: datetime) -> bool:
    fitting = [each.id for each in _unused(session, staff_id) if _fits(each, code)]
    used = session.scalars(
        update(BackupCode)
        .where(BackupCode.id.in_(fitting), BackupCode.used_at.is_(None))
        .values(used_at=at)
        .returning(BackupCode.id)
        .execution_options(synchronize_session=False)
    )
    return bool(used.all())


def _unused(session: Session, staff_id: int) -> Sequence[BackupCode]:
    wanted = select(BackupCode).where(BackupCode.staff_id == staff_id, BackupCode.used_at.is_(None))
    return session.scalars(wanted).all()


def _fits(row: BackupCode, code: str) -> bool:
    return staff_rules.fits(row.code_hash, code)


def _of(table: type[BackupCode | SecondFactor], staff_id: int) -> Delete:
    gone = delete(table).where(table.staff_id == staff_id)
    return gone.execution_options(synchronize_session=False)


def _digits(written: str) -> str:
    """Return what was written without blanks, in half width: 123 456 as well as １２３４５６."""
    return "".join(unicodedata.normalize("NFKC", written).split())


def _plain(written: str) -> str:
    """Return a backup code as it is compared: without its hyphens, in small letters."""
    return _digits(written).replace("-", "").casefold()


def _subjects(vault: Vault, staff_id: int, address: str) -> list[Subject]:
    here = vault.index(PURPOSE, f"here\0{staff_id}\0{addresses.site(address)}")
    return [
        Subject(here, HERE),
        Subject(vault.index(PURPOSE, f"anywhere\0{staff_id}"), ANYWHERE),
    ]
