"""How far a member of staff sees: a school, or one department. Every query of theirs takes it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_

from registry.tables import Graduate


@dataclass(frozen=True)
class Scope:
    """A school, and the department where only one of them is meant."""

    school_id: int
    department_id: int | None = None


def within(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a graduate lies within the scope."""
    mine = Graduate.school_id == scope.school_id
    if scope.department_id is None:
        return mine
    return and_(mine, Graduate.department_id == scope.department_id)
