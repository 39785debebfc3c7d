"""Moving rows from state to state: one guarded UPDATE, and the rows it moved are the answer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Update, case, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.base.state_table import E, S, StateTable


def moving(
    table: StateTable[S, E],
    column: InstrumentedAttribute[str],
    event: E,
    *those: ColumnElement[bool],
    **values: Any,  # noqa: ANN401 - columns of the same row
) -> Update:
    """Return the UPDATE that moves `those` rows by `event`; others are left alone.

    For statements that also name a table of values; whatever needs no more calls `move`.
    """
    targets = table.targets(event)
    return (
        update(column.class_)
        .where(column.in_(sorted(targets)), *those)
        .values({column: _after(column, targets), **values})
        .execution_options(synchronize_session=False)
    )


def move(
    session: Session,
    table: StateTable[S, E],
    column: InstrumentedAttribute[str],
    event: E,
    *those: ColumnElement[bool],
    **values: Any,  # noqa: ANN401 - columns of the same row
) -> Sequence[int]:
    """Move `those` rows by `event`, writing `values` with it; return the ids of who moved."""
    moved = moving(table, column, event, *those, **values).returning(column.class_.id)
    return session.scalars(moved).all()


def _after(column: InstrumentedAttribute[str], targets: dict[S, S]) -> Any:  # noqa: ANN401 - a state or an expression
    found = set(targets.values())
    return found.pop() if len(found) == 1 else case(targets, value=column)
