"""A life as a table: its states, what can happen, and where each event leads from where.

Every state column of the product belongs to one `StateTable`; `registry.base.moves` makes of it
the guarded UPDATE that is the only way such a column is written.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class StateTable(Generic[S, E]):
    """The moves of one life, and the states in which it may begin."""

    def __init__(self, moves: Mapping[tuple[S, E], S], starts: Collection[S]) -> None:
        self.moves = MappingProxyType(dict(moves))
        self.starts = frozenset(starts)

    @property
    def states(self) -> frozenset[S]:
        """Return every state the life can be in."""
        reached = set(self.moves.values()) | {state for state, _ in self.moves}
        return self.starts | reached

    @property
    def ends(self) -> frozenset[S]:
        """Return the states that nothing leads out of."""
        return self.states - {state for state, _ in self.moves}

    @property
    def start(self) -> S:
        """Return the one state the life begins in; raise ValueError where there are several."""
        if len(self.starts) != 1:
            raise ValueError(f"it may begin in {len(self.starts)} states")
        return next(iter(self.starts))

    def targets(self, event: E) -> dict[S, S]:
        """Return where `event` leads from each state in which it may happen."""
        return {state: to for (state, each), to in self.moves.items() if each is event}

    def sources(self, event: E) -> frozenset[S]:
        """Return the states in which `event` may happen: the WHERE of a guarded UPDATE."""
        return frozenset(self.targets(event))

    def target(self, event: E) -> S:
        """Return the one state `event` leads to; raise ValueError where it depends."""
        found = set(self.targets(event).values())
        if len(found) != 1:
            raise ValueError(f"{event} leads to {len(found)} states")
        return found.pop()

    def after(self, state: S, event: E) -> S | None:
        """Return the state `event` leads to from `state`, or None where it may not happen."""
        return self.moves.get((state, event))

    def events(self, state: S) -> frozenset[E]:
        """Return what may happen in `state`."""
        return frozenset(event for each, event in self.moves if each is state)
