"""Passwords changed by their owner, or given anew by whoever looks after the accounts."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts import devices, sessions, staff
from registry.accounts.devices import Device
from registry.accounts.password_strength import check_password
from registry.accounts.school_tables import Department, School
from registry.accounts.sign_in_guard import SignInAsker
from registry.accounts.tables import Staff
from registry.base.crypto import Vault
from registry.base.errors import RuleError

GOOD_FOR = timedelta(days=3)
"""How long somebody can sign in with a first password, which at least one other person knows."""
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are read for one another."""
GROUPS, GROUP_LENGTH = 3, 4
"""Twelve letters of 31: 59 bits."""


@dataclass(frozen=True)
class PasswordChange:
    """What was written to change a password."""

    old: str
    new: str
    again: str


def change(
    session: Session,
    vault: Vault,
    login: str,
    written: PasswordChange,
    device: Device,
    at: datetime,
) -> Staff | RuleError:
    """Change a password; end all sessions, and know no other browser than this any more.

    Returns whose it is, or the refusal: its count is kept.

    Refuses with `old_password_wrong`, or as a sign-in does. Raises RuleError `password_mismatch`,
    `password_unchanged`, `password_too_short` or `password_too_easy` before the old one is tried.
    """
    if written.new != written.again:
        raise RuleError("password_mismatch", "两次输入的新密码不一样，请重新填写。", "again")
    if written.new == written.old:
        raise RuleError("password_unchanged", "新密码不能和原密码相同。", "password")
    check_password(written.new, *_words_about(session, login))
    asker = SignInAsker(device, signed_in=True)
    found = staff.sign_in(session, vault, login, written.old, asker, at)
    if isinstance(found, RuleError):
        wrong = RuleError("old_password_wrong", "原密码不对，请重新填写。", "old")
        return wrong if found.code == "sign_in_failed" else found
    found.password_hash = staff.hashed(written.new)
    found.first_password_until = None
    sessions.end_all_of_staff(session, found.id)
    devices.revoke_all(session, found.id, at, but=device.token)
    return found


def give_first(session: Session, member: Staff, password: str, at: datetime) -> None:
    """Give somebody a password that has to be changed at the first sign-in.

    All sessions end, and no browser is known any more. Raises RuleError `password_too_short` or
    `password_too_easy`.
    """
    check_password(password, *_words_about(session, member.login))
    member.password_hash = staff.hashed(password)
    member.first_password_until = at + GOOD_FOR
    sessions.end_all_of_staff(session, member.id)
    devices.revoke_all(session, member.id, at)


def _words_about(session: Session, login: str) -> list[str]:
    """Return what is known of somebody by who knows them: login, name, school, department."""
    columns = (Staff.name, School.name, School.code, Department.name)
    wanted = select(*columns).where(Staff.login == login).outerjoin(Staff.school)
    found = session.execute(wanted.outerjoin(Staff.department)).one_or_none()
    return [login, *filter(None, found or ())]


def made_up() -> str:
    """Return a password that can be read out over the telephone."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)
