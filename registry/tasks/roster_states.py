"""The life of an import: states, events, and which may follow which."""

from enum import StrEnum


class State(StrEnum):
    """Where an import stands."""

    WAITING = "waiting"
    CHECKING = "checking"
    PLANNED = "planned"
    APPROVED = "approved"
    APPLYING = "applying"
    FINISHED = "finished"
    REFUSED = "refused"
    ABANDONED = "abandoned"


class Event(StrEnum):
    """What can happen to an import."""

    CLAIM = "claim"
    PLAN = "plan"
    APPROVE = "approve"
    FINISH = "finish"
    REFUSE = "refuse"
    ABANDON = "abandon"
    GIVE_BACK = "give_back"


class Policy(StrEnum):
    """What becomes of a file some of whose rows are refused."""

    VALID_ROWS = "valid_rows"
    ALL_OR_NOTHING = "all_or_nothing"


TITLES = {
    State.WAITING: "等待核对",
    State.CHECKING: "正在核对",
    State.PLANNED: "核对完成，待确认导入",
    State.APPROVED: "等待导入",
    State.APPLYING: "正在导入",
    State.FINISHED: "导入完成",
    State.REFUSED: "没有导入",
    State.ABANDONED: "已放弃",
}

POLICY_TITLES = {
    Policy.VALID_ROWS: "只导入核对通过的行",
    Policy.ALL_OR_NOTHING: "全部通过才导入",
}

MOVES: dict[tuple[State, Event], State] = {
    (State.WAITING, Event.CLAIM): State.CHECKING,
    (State.WAITING, Event.ABANDON): State.ABANDONED,
    (State.CHECKING, Event.CLAIM): State.CHECKING,  # by another, after the lease of a lost worker
    (State.CHECKING, Event.PLAN): State.PLANNED,
    (State.CHECKING, Event.REFUSE): State.REFUSED,
    (State.PLANNED, Event.APPROVE): State.APPROVED,
    (State.PLANNED, Event.ABANDON): State.ABANDONED,
    (State.APPROVED, Event.CLAIM): State.APPLYING,
    (State.APPROVED, Event.ABANDON): State.ABANDONED,
    (State.APPLYING, Event.CLAIM): State.APPLYING,
    (State.APPLYING, Event.FINISH): State.FINISHED,
    (State.APPLYING, Event.REFUSE): State.REFUSED,
    (State.APPLYING, Event.GIVE_BACK): State.APPROVED,
}

LEASED = frozenset({State.CHECKING, State.APPLYING})
FINAL = frozenset(State) - {state for state, _ in MOVES}


def sources(event: Event) -> frozenset[State]:
    """Return the states from which `event` may happen: the WHERE of a guarded UPDATE."""
    return frozenset(state for state, candidate in MOVES if candidate is event)
