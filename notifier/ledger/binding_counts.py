"""How many graduates have a WeChat, and how many of those follow the account."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from notifier.ledger import bindings
from notifier.ledger.tables import Binding, Follower
from registry.accounts.school_tables import Department
from registry.base.counting import Counting, Query, columns
from registry.base.database import UtcDateTime
from registry.record.graduate_filter import GraduateFilter, matching
from registry.record.scope import MADE, Scope, made_for, of_school
from registry.record.tables import Graduate

TOLD = ("following", "not_following", "unbound")
"""Of `traits.WECHAT`, those of which every graduate is one."""


def binding_counts(session: Session, scope: Scope, people: GraduateFilter) -> dict[str, int]:
    """Return how many of these people are each of `TOLD`, in one pass.

    `people` are named without what they are registered with.
    """
    told = case(
        (Binding.id.is_(None), "unbound"), (Follower.subscribed, "following"), else_="not_following"
    )
    rows = session.execute(
        select(told, func.count())
        .select_from(Graduate)
        .outerjoin(Binding, bindings.of_graduate(Graduate.id))
        .outerjoin(Follower, Follower.openid == Binding.openid)
        .where(matching(scope, people))
        .group_by(told)
    )
    counted: Counter[str] = Counter(dict(rows.all()))
    return {each: counted[each] for each in TOLD}


def bound_since(scope: Scope, year: int, since: datetime) -> Counting:
    """Return the query of how many of a cohort bound, at a moment or later, what they have now."""
    made, values = made_for(scope)
    return Counting(_bound_since(made, year), {**values, _SINCE.key: since})


_SINCE = bindparam("bound_since", type_=UtcDateTime())


@lru_cache(MADE)
def _bound_since(scope: Scope, year: int) -> Query:
    bound = select(*columns()).select_from(Binding)
    if not scope.whole_school:
        hers = bound.join(Graduate, Graduate.id == Binding.graduate_id)
        bound = hers.where(matching(scope, GraduateFilter(year)))
    return bound.where(
        of_school(Binding.school_id, scope),
        Binding.year == year,
        Binding.bound_at >= _SINCE,
        Binding.ended_at.is_(None),
    )


@dataclass(frozen=True)
class GroupBindings:
    """How many of a group are bound, and follow."""

    people: int
    bound: int
    following: int
    """Of those bound."""
    recent: int
    """Of those bound, who bound since the day that was asked about."""

    @property
    def unbound(self) -> int:
        """Return how many have no WeChat."""
        return self.people - self.bound


@dataclass(frozen=True)
class DepartmentBindings(GroupBindings):
    """Those of a department."""

    department_id: int
    department_key: str
    department: str


@dataclass(frozen=True)
class ClassBindings(DepartmentBindings):
    """A class, or those of a department who are in none."""

    class_name: str


def by_class(
    session: Session, scope: Scope, people: GraduateFilter, since: datetime
) -> list[ClassBindings]:
    """Return the classes of these people, by department and name.

    `people` are named without what they are registered with.
    """
    about = (Department.id, Department.key, Department.name, Graduate.class_name)
    following = func.count(case((Follower.subscribed, Binding.id)))
    recent = func.count(case((Binding.bound_at >= since, Binding.id)))
    rows = session.execute(
        select(func.count(), func.count(Binding.id), following, recent, *about)
        .select_from(Graduate)
        .join(Department, Department.id == Graduate.department_id)
        .outerjoin(Binding, bindings.of_graduate(Graduate.id))
        .outerjoin(Follower, Follower.openid == Binding.openid)
        .where(matching(scope, people))
        .group_by(*about)
        .order_by(Department.name, Graduate.class_name)
    )
    return [ClassBindings(*row) for row in rows]


def by_department(classes: Sequence[ClassBindings]) -> list[DepartmentBindings]:
    """Add up classes, which are in the order of their departments."""
    found = groupby(classes, attrgetter("department", "department_id"))
    return [_of_department([*those]) for _, those in found]


def _of_department(classes: Sequence[ClassBindings]) -> DepartmentBindings:
    first = classes[0]
    return DepartmentBindings(
        sum(each.people for each in classes),
        sum(each.bound for each in classes),
        sum(each.following for each in classes),
        sum(each.recent for each in classes),
        *(first.department_id, first.department_key, first.department),
    )
