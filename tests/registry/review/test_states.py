"""What may follow what in a review, as a list of facts."""

import pytest

from registry.review.states import (
    APPLICATION,
    EDITABLE,
    FINAL,
    LEVEL_CHOICES,
    STATE_TITLES,
    WAITING,
    Level,
    Purpose,
    level_of,
    passing,
    waiting_for,
)
from registry.review.states import ApplicationEvent as Event
from registry.review.states import ApplicationState as State

DEPARTMENT, SCHOOL, PROVINCE = Level.DEPARTMENT, Level.SCHOOL, Level.PROVINCE
REGISTER, VOID = Purpose.REGISTER, Purpose.VOID


@pytest.mark.parametrize(
    ("purpose", "state", "event", "expected"),
    [
        (REGISTER, State.DRAFT, Event.SUBMIT, State.SUBMITTED),
        (REGISTER, State.DRAFT, Event.WITHDRAW, None),
        (REGISTER, State.SUBMITTED, Event.SAVE, None),
        (REGISTER, State.SUBMITTED, Event.WITHDRAW, State.WITHDRAWN),
        (REGISTER, State.SUBMITTED, Event.PASS_DEPARTMENT, State.DEPARTMENT_PASSED),
        (REGISTER, State.DEPARTMENT_PASSED, Event.PASS_DEPARTMENT, None),
        (REGISTER, State.DEPARTMENT_PASSED, Event.PASS_SCHOOL, State.SCHOOL_PASSED),
        (REGISTER, State.SCHOOL_PASSED, Event.PASS_LAST, State.PASSED),
        (REGISTER, State.SCHOOL_PASSED, Event.RETURN, State.RETURNED),
        (REGISTER, State.RETURNED, Event.SUBMIT, State.SUBMITTED),
        (REGISTER, State.RETURNED, Event.PASS_LAST, None),
        (REGISTER, State.WITHDRAWN, Event.DISCARD, State.DISCARDED),
        (REGISTER, State.PASSED, Event.RETURN, None),
        (VOID, State.SUBMITTED, Event.RETURN, State.DECLINED),
        (VOID, State.SUBMITTED, Event.WITHDRAW, State.DISCARDED),
        (VOID, State.SUBMITTED, Event.PASS_LAST, State.PASSED),
        (VOID, State.DRAFT, Event.SUBMIT, None),
    ],
)
def test_an_event_leads_where_the_table_says(
    purpose: Purpose, state: State, event: Event, expected: State | None
) -> None:
    assert APPLICATION[purpose].after(state, event) is expected


def test_every_state_is_named_and_is_waiting_editable_or_final() -> None:
    assert set(STATE_TITLES) == set(State)
    assert set(State) == WAITING | EDITABLE | FINAL
    assert not WAITING & EDITABLE
    assert not (WAITING | EDITABLE) & FINAL


def test_a_final_state_is_left_by_nothing() -> None:
    assert {State.PASSED, State.DECLINED, State.DISCARDED} == FINAL
    for table in APPLICATION.values():
        assert not any(state in FINAL for state, _ in table.moves)


def test_but_for_saving_an_event_has_one_target() -> None:
    for table in APPLICATION.values():
        for event in Event:
            assert event is Event.SAVE or len(set(table.targets(event).values())) <= 1


@pytest.mark.parametrize(
    ("levels", "state", "expected"),
    [
        ((DEPARTMENT, SCHOOL), State.SUBMITTED, DEPARTMENT),
        ((DEPARTMENT, SCHOOL), State.DEPARTMENT_PASSED, SCHOOL),
        ((SCHOOL,), State.SUBMITTED, SCHOOL),
        ((SCHOOL,), State.DEPARTMENT_PASSED, SCHOOL),
        ((SCHOOL, PROVINCE), State.SCHOOL_PASSED, PROVINCE),
        ((DEPARTMENT, SCHOOL), State.SCHOOL_PASSED, None),
        ((DEPARTMENT, SCHOOL), State.DRAFT, None),
        ((DEPARTMENT, SCHOOL), State.PASSED, None),
    ],
)
def test_the_levels_say_who_decides_next(
    levels: tuple[Level, ...], state: State, expected: Level | None
) -> None:
    assert level_of(state, levels) is expected


@pytest.mark.parametrize("levels", LEVEL_CHOICES)
def test_each_choice_of_levels_leads_from_sent_to_passed(levels: tuple[Level, ...]) -> None:
    state: State | None = State.SUBMITTED
    for level in levels:
        assert state is not None
        assert level_of(state, levels) is level
        assert state in waiting_for(level, levels)
        state = APPLICATION[REGISTER].after(state, passing(level, levels))
    assert state is State.PASSED
    assert SCHOOL in levels
