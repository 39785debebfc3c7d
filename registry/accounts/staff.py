"""Members of staff: made for a place, signed in by a password kept as argon2id."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from registry.accounts.password_strength import check_password
from registry.accounts.school_tables import Department
from registry.accounts.sign_in_guard import SignInAsker, SignInGuard
from registry.accounts.tables import LOGIN_LENGTH, NAME_LENGTH, ROLE_TITLES, Role, Staff
from registry.base.crypto import Vault
from registry.base.database import insert_new
from registry.base.errors import RuleError
from registry.codes import regions

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's parameters
_NOBODYS_HASH = _hasher.hash("nobody's password")

PLACES = {
    Role.SCHOOL: {"school"},
    Role.DEPARTMENT: {"school", "department"},
    Role.COUNSELLOR: {"school"},
    Role.PROVINCE: {"province"},
    Role.OPERATOR: set[str](),
    Role.RECEIVER: set[str](),
    Role.EMPLOYER: {"employer"},
    Role.MINISTRY: set[str](),
}
"""Role -> to what somebody of it belongs, and to nothing else."""
_PLACE_TITLES = {"school": "学校", "department": "院系", "province": "省份", "employer": "用人单位"}
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]*")
"""What every keyboard writes and nobody takes for another's."""


ACTOR = "staff:"
"""How rows begin that name a member of staff."""


@dataclass(frozen=True)
class NewStaff:
    """What a new member of staff is made from."""

    login: str
    name: str
    role: Role
    school_id: int | None = None
    department_id: int | None = None
    province: str | None = None
    employer_id: int | None = None

    @property
    def places(self) -> set[str]:
        """Return to what somebody is to belong, as `PLACES` names it."""
        given = (self.school_id, self.department_id, self.province, self.employer_id)
        return {name for name, value in zip(_PLACE_TITLES, given, strict=True) if value is not None}


def create_staff(session: Session, new: NewStaff, password: str, at: datetime) -> Staff:
    """Add a member of staff.

    Raises RuleError `name_form`, `login_form`, `login_taken`, `password_too_short`,
    `password_too_easy`, `province_unknown`, or `role_needs_place` where the role wants another
    place (school, department, province) than was given.
    """
    name, login = _check(new)
    check_password(password, login, name)
    return add_staff(session, new, hashed(password), at)


def add_staff(session: Session, new: NewStaff, password_hash: str, at: datetime) -> Staff:
    """Add a member of staff with a password that was checked; raise as `create_staff` does."""
    name, login = _check(new)
    row = insert_new(session, Staff).values(
        login=login,
        name=name,
        role=new.role,
        school_id=new.school_id,
        department_id=new.department_id,
        province=new.province,
        employer_id=new.employer_id,
        password_hash=password_hash,
        active=True,
        created_at=at,
    )
    made: Staff | None = session.scalar(row.returning(Staff))
    if made is None:
        raise _taken()
    return made


def check_new(session: Session, new: NewStaff) -> tuple[str, str]:
    """Return name and login of somebody who is added later; raise as `add_staff` does."""
    name, login = _check(new)
    if session.scalar(select(Staff.id).where(Staff.login == login)) is not None:
        raise _taken()
    return name, login


def _taken() -> RuleError:
    return RuleError("login_taken", "这个登录名已有人使用，请换一个。", "login")


def _check(new: NewStaff) -> tuple[str, str]:
    """Return name and login as they are kept; raise RuleError for what cannot be."""
    _check_places(new)
    return _checked_name(new.name), _checked_login(new.login)


def find_department(session: Session, school_id: int | None, **by: str) -> Department:
    """Return a school's department by its `key` or `name`; raise RuleError `no_such_department`."""
    found = session.scalar(select(Department).filter_by(school_id=school_id, **by))
    if found is None:
        raise RuleError("no_such_department", "没有找到这个院系，请核对后再选。", "department")
    return found


def _check_places(new: NewStaff) -> None:
    wanted, role = PLACES[new.role], ROLE_TITLES[new.role]
    for place, title in _PLACE_TITLES.items():
        if place in wanted - new.places:
            raise RuleError("role_needs_place", f"身份是“{role}”，还要选择{title}。", place)
        if place in new.places - wanted:
            sentence = f"身份是“{role}”，不属于某个{title}：请不选{title}，或改选别的身份。"
            raise RuleError("role_needs_place", sentence, place)
    if new.province is not None and not regions.is_province(new.province):
        sentence = "没有这个省份代码，请填 GB/T 2260 的六位代码，例如 370000。"
        raise RuleError("province_unknown", sentence, "province")


def _checked_name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise RuleError("name_form", "请填写姓名。", "name")
    if len(name) > NAME_LENGTH:
        raise RuleError("name_form", f"姓名最多 {NAME_LENGTH} 个字，请改短。", "name")
    if not name.isprintable():
        sentence = "姓名里有看不见或显示不出来的字符，请删除后重新输入。"
        raise RuleError("name_form", sentence, "name")
    return name


def _checked_login(text: str) -> str:
    login = normalised(text)
    if not login:
        raise RuleError("login_form", "请填写登录名。", "login")
    if len(login) > LOGIN_LENGTH:
        raise RuleError("login_form", f"登录名最多 {LOGIN_LENGTH} 个字符，请改短。", "login")
    if not _LOGIN.fullmatch(login):
        sentence = "登录名只能用英文字母、数字和 . _ - @，以字母或数字开头，不能有汉字和空格。"
        raise RuleError("login_form", sentence, "login")
    return login


def sign_in(
    session: Session, vault: Vault, login: str, password: str, asker: SignInAsker, at: datetime
) -> Staff | RuleError:
    """Return who the password belongs to, or the refusal, as a value: its count has to be kept.

    Codes `sign_in_failed` (which part was wrong is told to nobody, and takes the same time),
    `first_password_expired`, and those of `SignInGuard.refusal`.
    """
    guard = guard_of(session, vault, login, asker, at)
    refusal, staff = guard.refusal(), guard.staff
    if refusal is not None:
        return refusal
    right = fits(staff.password_hash if staff else _NOBODYS_HASH, password)
    if staff is None or not right or not still_theirs(session, staff.id, staff.password_hash):
        guard.count_failure()
        return RuleError(
            "sign_in_failed", "登录名或密码不对，请检查后再试。忘记密码请联系管理员重置。"
        )
    if staff.first_password_until is not None and staff.first_password_until <= at:
        return RuleError("first_password_expired", "初始密码已过期，请联系管理员重新设置一次。")
    guard.forget()
    if _hasher.check_needs_rehash(staff.password_hash):
        staff.password_hash = hashed(password)
    return staff


def guard_of(
    session: Session, vault: Vault, login: str, asker: SignInAsker, at: datetime
) -> SignInGuard:
    """Return who weighs a try to sign in by this login."""
    name = normalised(login)
    staff = session.scalar(select(Staff).where(Staff.login == name))
    return SignInGuard(session, vault, name, staff, asker, at)


def find_active(session: Session, staff_id: int) -> Staff | None:
    """Return a member of staff who may sign in, with school and department."""
    return session.scalar(
        select(Staff)
        .where(Staff.id == staff_id, Staff.active.is_(True))
        .options(joinedload(Staff.school), joinedload(Staff.department), joinedload(Staff.employer))
    )


def lock(session: Session, staff_id: int) -> Staff:
    """Return a member of staff, locked until the transaction ends: one act after the other."""
    return session.get_one(Staff, staff_id, with_for_update={"key_share": True})


def actors(session: Session, ids: Collection[int | None]) -> dict[int, str]:
    """Return how rows name members of staff, by id."""
    wanted = select(Staff).where(Staff.id.in_({each for each in ids if each is not None}))
    return {each.id: each.actor for each in session.scalars(wanted)}


def names(session: Session, named: Collection[str]) -> dict[str, str]:
    """Return the names of members of staff, by how rows name them; of others none."""
    keys = {each.removeprefix(ACTOR) for each in named if each.startswith(ACTOR)}
    found = session.execute(select(Staff.key, Staff.name).where(Staff.key.in_(keys)))
    return {f"{ACTOR}{key}": name for key, name in found}


def choose_columns(session: Session, staff_id: int, columns: list[str] | None) -> None:
    """Keep which columns of the list of graduates somebody looks at; None for the usual ones."""
    session.execute(update(Staff).where(Staff.id == staff_id).values(list_columns=columns))


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


def hashed(password: str) -> str:
    """Return a password as it is kept: argon2id, a fiftieth of a second of work."""
    return _hasher.hash(password)


def fits(password_hash: str, password: str) -> bool:
    """Say whether a password, or a code, is the one that was hashed; as long as hashing takes."""
    try:
        return _hasher.verify(password_hash, password)
    except VerifyMismatchError:
        return False
