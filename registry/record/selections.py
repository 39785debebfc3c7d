"""Whom a member of staff chose from a list: settled once, so that each job is for exactly them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from registry.base import retention
from registry.base.database import one_of_texts
from registry.base.errors import NotFound, RuleError
from registry.record.graduate_filter import Trait
from registry.record.list_tables import SelectedGraduate, Selection
from registry.record.scope import Scope, not_ended, within
from registry.record.tables import Graduate

PARAMETER = "chosen"
"""Of an address: the key of a selection."""


People = Select[int]
"""A query of the ids of graduates."""


def choose(
    session: Session, scope: Scope, staff_id: int, people: People, at: datetime
) -> Selection:
    """Keep those of a query of ids who are in the scope; raise RuleError `nobody_chosen`."""
    made = Selection(school_id=scope.school_id, staff_id=staff_id, size=0, created_at=at)
    session.add(made)
    session.flush()
    mine = select(Graduate.id, literal(made.id)).where(
        within(scope), not_ended(), Graduate.id.in_(people)
    )
    columns = [SelectedGraduate.graduate_id, SelectedGraduate.selection_id]
    session.execute(insert(SelectedGraduate).from_select(columns, mine))
    held = select(func.count()).where(SelectedGraduate.selection_id == made.id).scalar_subquery()
    size = session.scalars(
        update(Selection).where(Selection.id == made.id).values(size=held).returning(Selection.size)
    ).one()
    if not size:
        raise RuleError("nobody_chosen", "请先勾选毕业生。", "key")
    return made


def keyed(session: Session, keys: Sequence[str]) -> Select[int]:
    """Return the query of the ids of graduates named by key."""
    return select(Graduate.id).where(one_of_texts(session, Graduate.key, keys))


def find(session: Session, scope: Scope, staff_id: int, key: str) -> Selection:
    """Return what a member of staff chose; raise NotFound for others' and for what is over."""
    found = session.scalar(
        select(Selection).where(
            Selection.key == key,
            Selection.school_id == scope.school_id,
            Selection.staff_id == staff_id,
        )
    )
    if found is None:
        raise NotFound("选定的名单（保留 1 天）")
    return found


def members(scope: Scope, staff_id: int, key: str) -> Select[int]:
    """Return the query of the ids that a member of staff chose; of others' nobody."""
    mine = select(Selection.id).where(
        Selection.key == key, Selection.school_id == scope.school_id, Selection.staff_id == staff_id
    )
    return select(SelectedGraduate.graduate_id).where(
        SelectedGraduate.selection_id == mine.scalar_subquery()
    )


def chosen(scope: Scope, staff_id: int, key: str) -> Trait:
    """Return the trait that a member of staff chose her."""
    return Trait(PARAMETER, key, Graduate.id.in_(members(scope, staff_id, key)))


def sweep(session: Session, at: datetime) -> int:
    """Forget what was chosen long enough ago; return how many selections."""
    gone = session.scalars(
        delete(Selection)
        .where(Selection.created_at <= at - retention.SELECTION)
        .returning(Selection.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
