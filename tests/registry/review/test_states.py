"""What may follow what in a review, as a list of facts."""

import pytest

from registry.review.states import (
    EDITABLE,
    FINAL,
    LEVEL_CHOICES,
    MOVES,
    STATE_TITLES,
    WAITING,
    ApplicationEvent,
    ApplicationState,
    Level,
    Purpose,
    after,
    level_of,
    passing,
    sources,
    waiting_for,
)

DEPARTMENT, SCHOOL, PROVINCE = Level.DEPARTMENT, Level.SCHOOL, Level.PROVINCE
REGISTER, VOID = Purpose.REGISTER, Purpose.VOID


@pytest.mark.parametrize(
    ("purpose", "state", "event", "expected"),
    [
        (REGISTER, ApplicationState.DRAFT, ApplicationEvent.SUBMIT, ApplicationState.SUBMITTED),
        (REGISTER, ApplicationState.DRAFT, ApplicationEvent.WITHDRAW, None),
        (REGISTER, ApplicationState.SUBMITTED, ApplicationEvent.SAVE, None),
        (
            REGISTER,
            ApplicationState.SUBMITTED,
            ApplicationEvent.WITHDRAW,
            ApplicationState.WITHDRAWN,
        ),
        (
            REGISTER,
            ApplicationState.SUBMITTED,
            ApplicationEvent.PASS_DEPARTMENT,
            ApplicationState.DEPARTMENT_PASSED,
        ),
        (REGISTER, ApplicationState.DEPARTMENT_PASSED, ApplicationEvent.PASS_DEPARTMENT, None),
        (
            REGISTER,
            ApplicationState.DEPARTMENT_PASSED,
            ApplicationEvent.PASS_SCHOOL,
            ApplicationState.SCHOOL_PASSED,
        ),
        (
            REGISTER,
            ApplicationState.SCHOOL_PASSED,
            ApplicationEvent.PASS_LAST,
            ApplicationState.PASSED,
        ),
        (
            REGISTER,
            ApplicationState.SCHOOL_PASSED,
            ApplicationEvent.RETURN,
            ApplicationState.RETURNED,
        ),
        (REGISTER, ApplicationState.RETURNED, ApplicationEvent.SUBMIT, ApplicationState.SUBMITTED),
        (REGISTER, ApplicationState.RETURNED, ApplicationEvent.PASS_LAST, None),
        (
            REGISTER,
            ApplicationState.WITHDRAWN,
            ApplicationEvent.DISCARD,
            ApplicationState.DISCARDED,
        ),
        (REGISTER, ApplicationState.PASSED, ApplicationEvent.RETURN, None),
        (VOID, ApplicationState.SUBMITTED, ApplicationEvent.RETURN, ApplicationState.DECLINED),
        (VOID, ApplicationState.SUBMITTED, ApplicationEvent.WITHDRAW, ApplicationState.DISCARDED),
        (VOID, ApplicationState.SUBMITTED, ApplicationEvent.PASS_LAST, ApplicationState.PASSED),
        (VOID, ApplicationState.DRAFT, ApplicationEvent.SUBMIT, None),
    ],
)
def test_an_event_leads_where_the_table_says(
    purpose: Purpose,
    state: ApplicationState,
    event: ApplicationEvent,
    expected: ApplicationState | None,
) -> None:
    assert after(purpose, state, event) is expected


def test_every_state_is_named_and_is_waiting_editable_or_final() -> None:
    assert set(STATE_TITLES) == set(ApplicationState)
    assert set(ApplicationState) == WAITING | EDITABLE | FINAL
    assert not WAITING & EDITABLE
    assert not (WAITING | EDITABLE) & FINAL


def test_a_final_state_is_left_by_nothing() -> None:
    assert {ApplicationState.PASSED, ApplicationState.DECLINED, ApplicationState.DISCARDED} == FINAL
    assert not any(state in FINAL for moves in MOVES.values() for state, _ in moves)


def test_but_for_saving_an_event_has_one_target() -> None:
    for purpose, moves in MOVES.items():
        for event in ApplicationEvent:
            targets = {after(purpose, state, event) for state in sources(purpose, event)}
            assert event is ApplicationEvent.SAVE or len(targets) <= 1, (purpose, event, moves)


@pytest.mark.parametrize(
    ("levels", "state", "expected"),
    [
        ((DEPARTMENT, SCHOOL), ApplicationState.SUBMITTED, DEPARTMENT),
        ((DEPARTMENT, SCHOOL), ApplicationState.DEPARTMENT_PASSED, SCHOOL),
        ((SCHOOL,), ApplicationState.SUBMITTED, SCHOOL),
        ((SCHOOL,), ApplicationState.DEPARTMENT_PASSED, SCHOOL),
        ((SCHOOL, PROVINCE), ApplicationState.SCHOOL_PASSED, PROVINCE),
        ((DEPARTMENT, SCHOOL), ApplicationState.SCHOOL_PASSED, None),
        ((DEPARTMENT, SCHOOL), ApplicationState.DRAFT, None),
        ((DEPARTMENT, SCHOOL), ApplicationState.PASSED, None),
    ],
)
def test_the_levels_say_who_decides_next(
    levels: tuple[Level, ...], state: ApplicationState, expected: Level | None
) -> None:
    assert level_of(state, levels) is expected


@pytest.mark.parametrize("levels", LEVEL_CHOICES)
def test_each_choice_of_levels_leads_from_sent_to_passed(levels: tuple[Level, ...]) -> None:
    state: ApplicationState | None = ApplicationState.SUBMITTED
    for level in levels:
        assert state is not None
        assert level_of(state, levels) is level
        assert state in waiting_for(level, levels)
        state = after(REGISTER, state, passing(level, levels))
    assert state is ApplicationState.PASSED
    assert SCHOOL in levels
