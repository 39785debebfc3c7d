"""How many graduates have a WeChat, and how many of those follow the account."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from notifier.ledger import bindings
from notifier.ledger.tables import Binding, Follower
from registry.accounts.school_tables import Department
from registry.record.graduate_filter import GraduateFilter, matching
from registry.record.scope import Scope, of_school
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


def bound_since(session: Session, scope: Scope, people: GraduateFilter, since: datetime) -> int:
    """Return how many of these people bound the WeChat they have now at a moment or later."""
    bound = (
        select(func.count())
        .select_from(Binding)
        .where(
            of_school(Binding.school_id, scope),
            Binding.year == people.year,
            Binding.bound_at >= since,
            Binding.ended_at.is_(None),
        )
    )
    if not scope.whole_school or people != GraduateFilter(people.year):
        hers = bound.join(Graduate, Graduate.id == Binding.graduate_id)
        bound = hers.where(matching(scope, people))
    return session.scalars(bound).one()


@dataclass(frozen=True)
class ClassBindings:
    """A class, or those of a department who are in none: how many are bound, and follow."""

    department_id: int
    department_key: str
    department: str
    class_name: str
    people: int
    bound: int
    following: int
    """Of those bound."""

    @property
    def unbound(self) -> int:
        """Return how many have no WeChat."""
        return self.people - self.bound


def by_class(session: Session, scope: Scope, people: GraduateFilter) -> list[ClassBindings]:
    """Return the classes of these people, by department and name.

    `people` are named without what they are registered with.
    """
    about = (Department.id, Department.key, Department.name, Graduate.class_name)
    following = func.count(case((Follower.subscribed, Binding.id)))
    rows = session.execute(
        select(*about, func.count(), func.count(Binding.id), following)
        .select_from(Graduate)
        .join(Department, Department.id == Graduate.department_id)
        .outerjoin(Binding, bindings.of_graduate(Graduate.id))
        .outerjoin(Follower, Follower.openid == Binding.openid)
        .where(matching(scope, people))
        .group_by(*about)
        .order_by(Department.name, Graduate.class_name)
    )
    return [ClassBindings(*row) for row in rows]
