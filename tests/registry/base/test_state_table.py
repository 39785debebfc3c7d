"""What can be asked of a state table."""

from enum import StrEnum

import pytest

from registry.base.state_table import StateTable


class Door(StrEnum):
    """The states of a door."""

    OPEN = "open"
    SHUT = "shut"
    LOCKED = "locked"
    GONE = "gone"


class Act(StrEnum):
    """What can be done with it."""

    SHUT = "shut"
    LOCK = "lock"
    PAINT = "paint"
    REMOVE = "remove"


TABLE = StateTable(
    {
        (Door.OPEN, Act.SHUT): Door.SHUT,
        (Door.SHUT, Act.LOCK): Door.LOCKED,
        **{(state, Act.PAINT): state for state in (Door.OPEN, Door.SHUT)},
        **{(state, Act.REMOVE): Door.GONE for state in (Door.OPEN, Door.SHUT, Door.LOCKED)},
    },
    starts={Door.OPEN},
)


def test_it_says_where_an_event_may_happen_and_where_it_leads() -> None:
    assert TABLE.sources(Act.REMOVE) == {Door.OPEN, Door.SHUT, Door.LOCKED}
    assert TABLE.target(Act.REMOVE) is Door.GONE
    assert TABLE.targets(Act.PAINT) == {Door.OPEN: Door.OPEN, Door.SHUT: Door.SHUT}
    assert TABLE.after(Door.OPEN, Act.SHUT) is Door.SHUT
    assert TABLE.after(Door.LOCKED, Act.SHUT) is None
    assert TABLE.events(Door.LOCKED) == {Act.REMOVE}


def test_it_says_where_a_life_begins_and_ends() -> None:
    assert TABLE.start is Door.OPEN
    assert TABLE.ends == {Door.GONE}
    assert TABLE.states == set(Door)


def test_one_answer_is_refused_where_there_are_several() -> None:
    with pytest.raises(ValueError, match="2 states"):
        TABLE.target(Act.PAINT)
    two_starts = StateTable(dict(TABLE.moves), starts={Door.OPEN, Door.SHUT})
    with pytest.raises(ValueError, match="2 states"):
        _ = two_starts.start
