"""The life of a confirmation is the table of the guides, and every pair of it is decided."""

import pytest

from registry.record.confirmation.states import (
    MOVES,
    TITLES,
    ConfirmationEvent,
    ConfirmationState,
    after,
    sources,
)

GUIDES = {
    (ConfirmationState.NOT_REPORTED, ConfirmationEvent.REPORT): ConfirmationState.UNCONFIRMED,
    (ConfirmationState.UNCONFIRMED, ConfirmationEvent.CONFIRM): ConfirmationState.CONFIRMED,
    (ConfirmationState.UNCONFIRMED, ConfirmationEvent.DISPUTE): ConfirmationState.DISPUTED,
    (ConfirmationState.DISPUTED, ConfirmationEvent.WITHDRAW): ConfirmationState.UNCONFIRMED,
    (ConfirmationState.UNCONFIRMED, ConfirmationEvent.CHANGE): ConfirmationState.UNCONFIRMED,
    (ConfirmationState.CONFIRMED, ConfirmationEvent.CHANGE): ConfirmationState.UNCONFIRMED,
    (ConfirmationState.DISPUTED, ConfirmationEvent.CHANGE): ConfirmationState.UNCONFIRMED,
    (ConfirmationState.UNCONFIRMED, ConfirmationEvent.VOID): ConfirmationState.NOT_REPORTED,
    (ConfirmationState.CONFIRMED, ConfirmationEvent.VOID): ConfirmationState.NOT_REPORTED,
    (ConfirmationState.DISPUTED, ConfirmationEvent.VOID): ConfirmationState.NOT_REPORTED,
}


@pytest.mark.parametrize("event", ConfirmationEvent)
@pytest.mark.parametrize("state", ConfirmationState)
def test_what_may_follow_is_what_the_guides_say(
    state: ConfirmationState, event: ConfirmationEvent
) -> None:
    assert after(state, event) == GUIDES.get((state, event))
    assert (state in sources(event)) == ((state, event) in GUIDES)


def test_each_event_leads_to_one_state() -> None:
    for event in ConfirmationEvent:
        assert len({state for (_, each), state in MOVES.items() if each is event}) == 1


def test_each_state_has_the_word_of_the_guides() -> None:
    assert list(TITLES.values()) == ["未上报", "未确认", "确认无误", "确认有误"]
