"""Accounts of a school's staff from a table: read, checked row by row, and made all at once."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, Self

from sqlalchemy.orm import Session

from registry.accounts import campus_accounts, members, passwords
from registry.accounts.school_tables import Department
from registry.accounts.staff import NewStaff, add_staff, find_department, hashed
from registry.accounts.tables import ROLE_TITLES, Role, Staff
from registry.base.errors import RuleError
from registry.base.text import clean
from registry.record import charges
from registry.roster import template
from registry.roster.reading import reading, refuse_hostile, row_of
from registry.roster.template import TemplateColumn

MOST = 100
"""Accounts of one file: each first password costs a fiftieth of a second."""
NAME = "工作人员名单模板.xlsx"
TITLES = {
    "name": "姓名",
    "login": "登录名",
    "role": "身份",
    "department": "院系",
    "classes": "分管班级",
    "majors": "分管专业",
    "work_number": "工号",
}
_MUST = ("name", "login", "role")
_HEADER_WITHIN = 5
_BETWEEN = re.compile(r"[;；、,，\n]+")


@dataclass(frozen=True)
class StaffRow:
    """A row of the file, as it was written."""

    row: int
    name: str = ""
    login: str = ""
    role: str = ""
    department: str = ""
    classes: str = ""
    majors: str = ""
    work_number: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what a form keeps of it between the check and the making."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """Read what `as_json` gave; raise TypeError or ValueError for anything else."""
        number = int(content["row"]) if "row" in content else 0
        texts = {name: str(content.get(name, "")) for name in TITLES}
        return cls(number, **texts)


@dataclass(frozen=True)
class CheckedRow:
    """A row, and why no account would be made of it: empty where one would."""

    row: StaffRow
    refusal: str


class NewAccount(NamedTuple):
    """An account that was made, with the first password, which is kept nowhere."""

    member: Staff
    password: str


def template_workbook(me: Staff) -> bytes:
    """Return the table to fill in."""
    roles = tuple(ROLE_TITLES[each] for each in members.looked_after(me))
    hints = {
        "login": "英文字母、数字和 . _ - @，如工号；每人不同",
        "work_number": "用学校统一身份认证登录的填写，与统一身份认证返回的一致",
        "department": "身份是院系时必填；辅导员填分管班级、专业所在的院系",
        "classes": "只填辅导员，几个班用分号隔开，与名单中的班级一致",
        "majors": "只填辅导员，几个专业用分号隔开，整个专业都归其分管",
    }
    return template.workbook_of(
        [
            TemplateColumn(
                title, name in _MUST, hints.get(name, ""), roles if name == "role" else ()
            )
            for name, title in TITLES.items()
        ]
    )


def read(content: bytes) -> list[StaffRow]:
    """Return the rows of a file.

    Raises RuleError `columns_missing`, `no_rows`, `too_many_rows`, or as `reading` does.
    """
    refuse_hostile(content)
    with reading(content) as file:
        rows = list(islice(file.rows, _HEADER_WITHIN + MOST + 1))
    places, below = _header(rows)
    found = [
        StaffRow(row_of(number), **{name: _cell(cells, at) for name, at in places.items()})
        for number, cells in rows[below:]
    ]
    if not found:
        raise RuleError("no_rows", "文件里没有工作人员，请按模板填写后上传。", "file")
    if len(found) > MOST:
        raise RuleError("too_many_rows", f"一次最多 {MOST} 人，请分成几个文件。", "file")
    return found


def _header(rows: Sequence[tuple[int, Sequence[str]]]) -> tuple[dict[str, int], int]:
    """Return which column says what, and how many rows stand above the first person."""
    for below, (_, cells) in enumerate(rows[:_HEADER_WITHIN], 1):
        titles = [clean(each).rstrip("*") for each in cells]
        places = {name: titles.index(title) for name, title in TITLES.items() if title in titles}
        if all(name in places for name in _MUST):
            return places, below
    wanted = "、".join(TITLES[name] for name in _MUST)
    raise RuleError("columns_missing", f"没有找到这几列：{wanted}。请使用模板的列名。", "file")


def _cell(cells: Sequence[str], place: int) -> str:
    return clean(cells[place]) if place < len(cells) else ""


def check(session: Session, me: Staff, rows: Sequence[StaffRow], at: datetime) -> list[CheckedRow]:
    """Return what would come of each row; the door takes back what is tried here."""
    return [CheckedRow(each, _tried(session, me, each, at)) for each in rows]


def _tried(session: Session, me: Staff, row: StaffRow, at: datetime) -> str:
    try:
        with session.begin_nested():
            _add(session, me, row, "", at)
    except RuleError as refusal:
        return refusal.sentence
    return ""


def make(session: Session, me: Staff, rows: Sequence[StaffRow], at: datetime) -> list[NewAccount]:
    """Make all the accounts, each with a first password.

    Raises RuleError as the first row that is refused, by its number.
    """
    made = []
    for each in rows:
        password = passwords.made_up()
        try:
            member = _add(session, me, each, hashed(password), at)
        except RuleError as refusal:
            raise RuleError(refusal.code, f"第 {each.row} 行：{refusal.sentence}") from None
        made.append(NewAccount(member, password))
    return made


def _add(session: Session, me: Staff, row: StaffRow, password_hash: str, at: datetime) -> Staff:
    role = _role(me, row)
    named = find_department(session, me.school_id, name=row.department) if row.department else None
    department_id = named.id if named and role is not Role.COUNSELLOR else None
    new = NewStaff(row.login, row.name, role, me.school_id, department_id)
    member = add_staff(session, new, password_hash, at)
    member.first_password_until = at + passwords.GOOD_FOR
    campus_accounts.set_number(session, member, row.work_number)
    _charge(session, member, row, named)
    session.flush()
    return member


def _role(me: Staff, row: StaffRow) -> Role:
    for role in members.looked_after(me):
        if row.role == ROLE_TITLES[role]:
            return role
    titles = "、".join(ROLE_TITLES[each] for each in members.looked_after(me))
    raise RuleError("role_missing", f"身份请填写：{titles}。", "role")


def _charge(session: Session, member: Staff, row: StaffRow, named: Department | None) -> None:
    classes, majors = set(_listed(row.classes)), set(_listed(row.majors))
    if not classes and not majors:
        return
    if member.role != Role.COUNSELLOR:
        raise RuleError("charge_of_others", "分管班级、分管专业只有辅导员填写。", "classes")
    if named is None:
        raise RuleError("charge_without_department", "请填写分管班级、专业所在的院系。")
    charges.charge_with(session, member, named, classes, majors)


def _listed(text: str) -> Iterator[str]:
    return (each.strip() for each in _BETWEEN.split(text) if each.strip())
