"""Filters of a list under a name (常用筛选), of one member of staff or shared in the school."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from registry.accounts.tables import Role, Staff
from registry.base.database import BigId
from registry.base.errors import NotFound, RuleError
from registry.base.text import clean
from registry.record.list_tables import ListView, ViewedPage
from registry.record.scope import Scope

LONGEST_NAME = 40
MOST = 100
"""Views of one member of staff."""
NOT_KEPT = frozenset({"q", "chosen", "year"})
"""Parameters that name a person, end with a day, or are chosen apart."""
BETWEEN = ","
"""What stands between the keys of several departments."""
_OF_DEPARTMENTS = frozenset({"department", "departments"})
TITLES = {ViewedPage.GRADUATES: "常用筛选", ViewedPage.REMINDER: "常用发送对象"}


@dataclass(frozen=True)
class NewView:
    """Filters that somebody wants to keep."""

    name: str
    query: Mapping[str, str]
    """Parameters of the list's address."""
    shared: bool
    page: ViewedPage = ViewedPage.GRADUATES


_OFFERED = (
    select(ListView)
    .where(
        ListView.school_id == bindparam("school", type_=BigId),
        ListView.page == bindparam("page"),
        or_(ListView.staff_id == bindparam("staff", type_=BigId), ListView.shared),
    )
    .order_by(ListView.name, ListView.id)
)


def offered(
    session: Session, scope: Scope, staff_id: int, page: ViewedPage = ViewedPage.GRADUATES
) -> Sequence[ListView]:
    """Return one's own views of a page and those that are shared in the school, by name."""
    asked = {"school": scope.school_id, "staff": staff_id, "page": page}
    return session.scalars(_OFFERED, asked).all()


def save(session: Session, staff: Staff, scope: Scope, wanted: NewView, at: datetime) -> ListView:
    """Keep filters under a name.

    Raises RuleError `view_name_missing`, `view_name_too_long`, `view_empty`, `view_name_taken` or
    `too_many_views`.
    """
    kept = {field: value for field, value in wanted.query.items() if field not in NOT_KEPT}
    if not kept:
        raise RuleError("view_empty", "请先设置筛选条件，再保存（姓名、学号不保存）。", "name")
    name = _name(session, scope, staff.id, wanted.name, wanted.page)
    number = select(func.count()).where(ListView.staff_id == staff.id)
    if session.scalars(number).one() >= MOST:
        sentence = f"一人最多保存 {MOST} 个{TITLES[wanted.page]}，请先删除不用的。"
        raise RuleError("too_many_views", sentence, "name")
    view = ListView(
        school_id=scope.school_id,
        staff_id=staff.id,
        page=wanted.page,
        name=name,
        query=kept,
        shared=wanted.shared,
        created_at=at,
    )
    session.add(view)
    session.flush()
    return view


def _name(session: Session, scope: Scope, staff_id: int, name: str, page: ViewedPage) -> str:
    wanted = clean(name)
    if not wanted:
        raise RuleError("view_name_missing", "请填写名称。", "name")
    if len(wanted) > LONGEST_NAME:
        raise RuleError("view_name_too_long", f"名称最多 {LONGEST_NAME} 个字。", "name")
    if wanted in {each.name for each in offered(session, scope, staff_id, page)}:
        sentence = f"已有名为“{wanted}”的{TITLES[page]}，请换一个名称。"
        raise RuleError("view_name_taken", sentence, "name")
    return wanted


def make_room(session: Session, source: int, target: int) -> None:
    """Rename what a school (id) shares under a name that another shares, too, before they merge."""
    theirs = _shared_in(session, target)
    taken = {(each.page, each.name) for each in theirs}
    for view in _shared_in(session, source):
        if (view.page, view.name) in taken:
            mine = taken | {(each.page, each.name) for each in _shared_in(session, source)}
            view.name = _free_name(view, mine)
            session.flush()


def _shared_in(session: Session, school_id: int) -> Sequence[ListView]:
    wanted = select(ListView).where(ListView.school_id == school_id, ListView.shared)
    return session.scalars(wanted.order_by(ListView.id)).all()


def _free_name(view: ListView, taken: Collection[tuple[str, str]]) -> str:
    """Return a view's name with the first number behind it that makes it another."""
    for number in count(2):
        told = f"（{number}）"
        name = f"{view.name[: LONGEST_NAME - len(told)]}{told}"
        if (view.page, name) not in taken:
            return name
    raise AssertionError


def rename_department(session: Session, school_id: int, key: str, into: str) -> None:
    """Have every view of a school name another department where it names this one."""
    for view in session.scalars(select(ListView).where(ListView.school_id == school_id)):
        kept = {name: _renamed(name, said, key, into) for name, said in view.query.items()}
        if kept != view.query:
            view.query = kept


def _renamed(name: str, said: str, key: str, into: str) -> str:
    if name not in _OF_DEPARTMENTS:
        return said
    keys = (into if each == key else each for each in said.split(BETWEEN))
    return BETWEEN.join(dict.fromkeys(keys))


def may_change(staff: Staff, view: ListView) -> bool:
    """Say whether a member of staff may rename and remove a view."""
    return view.staff_id == staff.id or staff.role == Role.SCHOOL


def find(session: Session, staff: Staff, scope: Scope, key: str, page: ViewedPage) -> ListView:
    """Return a view that is offered to a member of staff; raise NotFound for others."""
    found = (view for view in offered(session, scope, staff.id, page) if view.key == key)
    if (view := next(found, None)) is None:
        raise NotFound(TITLES[page])
    return view


def find_own(
    session: Session,
    staff: Staff,
    scope: Scope,
    key: str,
    page: ViewedPage = ViewedPage.GRADUATES,
) -> ListView:
    """Return a view that a member of staff may change; raise NotFound for others."""
    view = find(session, staff, scope, key, page)
    if not may_change(staff, view):
        raise NotFound(TITLES[page])
    return view


def rename(session: Session, staff: Staff, scope: Scope, key: str, name: str) -> ListView:
    """Give a view another name; raises as `save` and `find_own` do."""
    view = find_own(session, staff, scope, key)
    if clean(name) != view.name:
        view.name = _name(session, scope, staff.id, name, ViewedPage(view.page))
    return view


def remove(
    session: Session,
    staff: Staff,
    scope: Scope,
    key: str,
    page: ViewedPage = ViewedPage.GRADUATES,
) -> ListView:
    """Remove a view; raises as `find_own` does."""
    view = find_own(session, staff, scope, key, page)
    session.delete(view)
    return view
