"""Members of staff: made by the operator, signed in by a password kept as argon2id."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry import attempts
from registry.attempts import Limit, Subject
from registry.crypto import Vault
from registry.errors import RuleError
from registry.people import ROLE_TITLES, Role, Staff

PASSWORD_LENGTH = 10
DIFFERENT_CHARACTERS = 4
LOGIN_GUESSED = 4
"""A shorter login may stand in a password by chance."""
PURPOSE = "sign_in"

HERE = Limit(free=5, longest=timedelta(minutes=15))
"""One login from one address: the guesser's own wait."""
ANYWHERE = Limit(free=20, longest=timedelta(minutes=1))
"""One login from all addresses: short, since a stranger can cause it."""
ADDRESS = Limit(free=50, longest=timedelta(minutes=1))
"""All logins from one address: an office shares one."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's parameters
_NOBODYS_HASH = _hasher.hash("nobody's password")

_PLACES = {
    Role.SCHOOL: {"school_id"},
    Role.DEPARTMENT: {"school_id", "department_id"},
    Role.PROVINCE: {"province"},
    Role.OPERATOR: set[str](),
    Role.RECEIVER: set[str](),
}


@dataclass(frozen=True)
class NewStaff:
    """What a new member of staff is made from."""

    login: str
    name: str
    role: Role
    school_id: int | None = None
    department_id: int | None = None
    province: str | None = None


def create_staff(session: Session, new: NewStaff, password: str, at: datetime) -> Staff:
    """Add a member of staff.

    Raises RuleError `password_too_short`, `password_too_easy`, `login_taken`, or `role_needs_place`
    where the role wants another place (school, department, province) than was given.
    """
    check_password(new.login, password)
    given = {
        name
        for name in ("school_id", "department_id", "province")
        if getattr(new, name) is not None
    }
    if given != _PLACES[new.role]:
        raise RuleError(
            "role_needs_place", f"“{ROLE_TITLES[new.role]}”账号的所属学校、院系或省份不对。", "role"
        )
    login = normalised(new.login)
    if not login or session.scalar(select(Staff.id).where(Staff.login == login)):
        raise RuleError("login_taken", "这个登录名为空或已有人使用，请换一个。", "login")
    staff = Staff(
        login=login,
        name=new.name,
        role=new.role,
        school_id=new.school_id,
        department_id=new.department_id,
        province=new.province,
        password_hash=hashed(password),
        active=True,
        created_at=at,
    )
    session.add(staff)
    session.flush()
    return staff


def sign_in(
    session: Session, vault: Vault, login: str, password: str, address: str, at: datetime
) -> Staff | RuleError:
    """Return who the password belongs to, or the refusal, as a value: its count has to be kept.

    Codes `sign_in_failed` (which part was wrong is told to nobody, and takes the same time),
    `too_many_attempts` and `first_password_expired`.
    """
    name = normalised(login)
    subjects = _subjects(vault, name, address)
    until = attempts.wait_until(session, PURPOSE, subjects, at)
    if until is not None:
        seconds = ceil((until - at).total_seconds())
        return RuleError("too_many_attempts", f"密码连续输错多次，请 {seconds} 秒后再试。")
    staff = session.scalar(select(Staff).where(Staff.login == name))
    fits = _fits(staff.password_hash if staff else _NOBODYS_HASH, password)
    if staff is None or not fits or not still_theirs(session, staff.id, staff.password_hash):
        attempts.count_failure(session, PURPOSE, subjects, at)
        return RuleError(
            "sign_in_failed", "登录名或密码不对，请检查后再试。忘记密码请联系管理员重置。"
        )
    if staff.first_password_until is not None and staff.first_password_until <= at:
        return RuleError("first_password_expired", "初始密码已过期，请联系管理员重新设置一次。")
    attempts.forget(session, PURPOSE, subjects[0])
    if _hasher.check_needs_rehash(staff.password_hash):
        staff.password_hash = hashed(password)
    return staff


def still_theirs(session: Session, staff_id: int, password_hash: str | None) -> bool:
    """Say whether somebody is active and has the password that was checked; hold it so.

    Checking takes long, and who changes or disables an account meanwhile ends the sessions they
    see. So whatever follows from a check asks this first: until its transaction ends, a change
    waits, and then finds the session to end.
    """
    wanted = select(Staff.id).where(
        Staff.id == staff_id, Staff.password_hash == password_hash, Staff.active.is_(True)
    )
    return session.scalar(wanted.with_for_update(key_share=True)) is not None


def normalised(login: str) -> str:
    """Return the login as it is stored and compared."""
    return login.strip().casefold()


def check_password(login: str, password: str) -> None:
    """Raise RuleError `password_too_short` or `password_too_easy` for one that is easily found."""
    if len(password) < PASSWORD_LENGTH:
        raise RuleError("password_too_short", f"密码至少 {PASSWORD_LENGTH} 位。", "password")
    login = normalised(login)
    holds_login = len(login) >= LOGIN_GUESSED and login in password.casefold()
    if len(set(password)) < DIFFERENT_CHARACTERS or holds_login:
        raise RuleError(
            "password_too_easy", "密码太容易猜到，请换一个不含登录名的密码。", "password"
        )


def hashed(password: str) -> str:
    """Return a password as it is kept: argon2id, a fiftieth of a second of work."""
    return _hasher.hash(password)


def _subjects(vault: Vault, login: str, address: str) -> list[Subject]:
    def index(*parts: str) -> str:
        return vault.index(PURPOSE, "\0".join(parts))

    return [
        Subject(index("here", login, address), HERE),
        Subject(index("anywhere", login), ANYWHERE),
        Subject(index("address", address), ADDRESS),
    ]


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except VerifyMismatchError:
        return False
