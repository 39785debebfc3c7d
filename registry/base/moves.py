"""Moving rows from state to state: one guarded UPDATE, and the rows it moved are the answer."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Update, case, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.base.state_table import E, S, StateTable
from registry.base.written_out import is_one_of


def moving(
    table: StateTable[S, E],
    column: InstrumentedAttribute[str],
    event: E,
    *those: ColumnElement[bool],
    **values: Any,  # noqa: ANN401 - columns of the same row
) -> Update:
    """Return the UPDATE that moves `those` rows by `event`; others are left alone.

    For statements that also name a table of values, or that are executed once for each of many
    rows; whatever needs no more calls `move`.
    """
    targets = table.targets(event)
    return (
        update(column.class_)
        .where(is_one_of(column, sorted(targets)), *those)
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


def moving_by_condition(
    table: StateTable[S, E],
    column: InstrumentedAttribute[str],
    choices: Sequence[tuple[ColumnElement[bool], E]],
    otherwise: E,
    *those: ColumnElement[bool],
    **values: Any,  # noqa: ANN401 - columns of the same row
) -> Update:
    """Return the UPDATE that moves each of `those` rows by the first event whose condition holds.

    `otherwise` moves the rest. Only rows in a state where each of these events may happen are
    touched.
    """
    events = [*(event for _, event in choices), otherwise]
    sources = frozenset.intersection(*(table.sources(event) for event in events))
    targets = [(condition, table.target(event)) for condition, event in choices]
    return _past_the_session(
        column,
        (is_one_of(column, sorted(sources)), *those),
        {column.key: case(*targets, else_=table.target(otherwise)), **values},
    )


def moving_each(
    column: InstrumentedAttribute[str],
    source: StrEnum,
    target: ColumnElement[str],
    *those: ColumnElement[bool],
    **values: Any,  # noqa: ANN401 - columns of the same row
) -> Update:
    """Return the UPDATE that moves each of `those` rows out of `source`, by its own event.

    `target` is a column of a table of values, which `moved_by` has made.
    """
    return _past_the_session(
        column, (is_one_of(column, [source]), *those), {column.key: target, **values}
    )


def moved_by(table: StateTable[S, E], source: S, event: E) -> S:
    """Return where an event leads from a state; raise ValueError for a move that is not allowed."""
    target = table.after(source, event)
    if target is None:
        raise ValueError(f"{event} does not happen to what is {source}")
    return target


def _past_the_session(
    column: InstrumentedAttribute[str],
    those: Sequence[ColumnElement[bool]],
    values: Mapping[str, Any],
) -> Update:
    """Return an UPDATE of the table and not of the mapped class: thousands of rows cost less."""
    table = column.class_.__table__
    return update(table).where(*those).values(values)


def _after(column: InstrumentedAttribute[str], targets: dict[S, S]) -> Any:  # noqa: ANN401 - a state or an expression
    found = set(targets.values())
    if not found:
        return column  # the event is none of this life's: no row is in a state where it may happen
    return found.pop() if len(found) == 1 else case(targets, value=column)
