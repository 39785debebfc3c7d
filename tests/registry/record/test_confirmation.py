"""The life of a confirmation is the table of the guides, and every pair of it is decided."""

import pytest

from registry.record.confirmation.states import CONFIRMATION, TITLES
from registry.record.confirmation.states import ConfirmationEvent as Event
from registry.record.confirmation.states import ConfirmationState as State

GUIDES = {
    (State.NOT_REPORTED, Event.REPORT): State.UNCONFIRMED,
    (State.UNCONFIRMED, Event.CONFIRM): State.CONFIRMED,
    (State.UNCONFIRMED, Event.DISPUTE): State.DISPUTED,
    (State.DISPUTED, Event.WITHDRAW): State.UNCONFIRMED,
    (State.UNCONFIRMED, Event.CHANGE): State.UNCONFIRMED,
    (State.CONFIRMED, Event.CHANGE): State.UNCONFIRMED,
    (State.DISPUTED, Event.CHANGE): State.UNCONFIRMED,
    (State.UNCONFIRMED, Event.VOID): State.NOT_REPORTED,
    (State.CONFIRMED, Event.VOID): State.NOT_REPORTED,
    (State.DISPUTED, Event.VOID): State.NOT_REPORTED,
    # Not in the guides: an import that had reset the answer was undone (decision 0022).
    (State.UNCONFIRMED, Event.CONFIRMED_AGAIN): State.CONFIRMED,
    (State.UNCONFIRMED, Event.DISPUTED_AGAIN): State.DISPUTED,
}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", State)
def test_what_may_follow_is_what_the_guides_say(state: State, event: Event) -> None:
    assert CONFIRMATION.after(state, event) == GUIDES.get((state, event))
    assert (state in CONFIRMATION.sources(event)) == ((state, event) in GUIDES)


def test_each_event_leads_to_one_state() -> None:
    for event in Event:
        assert CONFIRMATION.target(event) in State


def test_each_state_has_the_word_of_the_guides() -> None:
    assert list(TITLES.values()) == ["未上报", "未确认", "确认无误", "确认有误"]
