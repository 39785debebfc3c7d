"""Every event of every life, on real rows: it moves as the table says, or moves nothing."""

from enum import StrEnum

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.base.moves import move, moved_by
from tests.rows import a_row
from tests.state_columns import LIVES, Life

each_life = pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)


@each_life
def test_an_event_moves_one_row_where_the_table_says_or_nothing(
    session: Session, life: Life
) -> None:
    model = life.column.class_
    one, other = (_a_row_of(session, life) for _ in range(2))
    for state in _states(life):
        for event in _events(life):
            _put(session, life, state)
            moved = move(session, life.table, life.column, event, model.id == one)
            target = life.table.after(state, event)
            assert list(moved) == ([] if target is None else [one]), (state, event)
            assert _state(session, life, one) == (target or state), (state, event)
            assert _state(session, life, other) == state, (state, event)


@each_life
def test_what_is_not_in_the_table_cannot_be_asked_for_a_row_alone(life: Life) -> None:
    for state in _states(life):
        for event in _events(life):
            if life.table.after(state, event) is None:
                with pytest.raises(ValueError, match="does not happen"):
                    moved_by(life.table, state, event)
            else:
                assert moved_by(life.table, state, event) in life.table.states


def _a_row_of(session: Session, life: Life) -> int:
    (start, *_) = life.table.starts
    return a_row(session, life.column.class_.__table__, **life.rows, **{life.column.key: start})


def _states(life: Life) -> list[StrEnum]:
    """Return every state there is a word for, also where this life never comes to it."""
    state: StrEnum = next(iter(life.table.states))
    return list(type(state))


def _events(life: Life) -> list[StrEnum]:
    event: StrEnum = next(iter(life.table.moves))[1]
    return list(type(event))


def _put(session: Session, life: Life, state: StrEnum) -> None:
    table = life.column.class_.__table__
    session.execute(update(table).values({life.column.key: state}))


def _state(session: Session, life: Life, ident: int) -> str | None:
    return session.scalar(select(life.column).where(life.column.class_.id == ident))
