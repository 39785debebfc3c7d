"""The life of a task of the office, and what a task may be."""

from enum import StrEnum

from registry.numbers.shape import KIND_TITLES, Kind


class Work(StrEnum):
    """What is done: numbers, files that need them made or renewed first, and lists of names."""

    NUMBERS = "numbers"
    """Nothing else."""
    TABLE = "table"
    POSTING_LIST = "posting_list"
    SLIPS = "slips"
    REPORTS = "reports"
    GRADUATES = "graduates"
    LEFT_OUT = "left_out"
    """Who is left out of what is reported to the province."""
    RESULTS = "results"
    """What became of each recipient of a campaign."""


LISTS = frozenset({Work.GRADUATES, Work.LEFT_OUT, Work.RESULTS})
"""Lists of names: of no kind, and no number is made for them."""


_TITLES = {
    Work.NUMBERS: "生成{kind}转递编号",
    Work.TABLE: "{kind}转递信息表",
    Work.POSTING_LIST: "寄档清单",
    Work.SLIPS: "档案转递单",
    Work.REPORTS: "{kind}转递报告",
    Work.GRADUATES: "毕业生登记确认情况",
    Work.LEFT_OUT: "未列入上报名单",
    Work.RESULTS: "发送结果名单",
}


def title_of(work: Work, kind: Kind | None) -> str:
    """Return what a task, its button and its file are called."""
    return _TITLES[work].format(kind=KIND_TITLES[kind] if kind else "")


class State(StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    REFUSED = "refused"


class Event(StrEnum):
    """What can happen to a task."""

    CLAIM = "claim"
    FINISH = "finish"
    REFUSE = "refuse"


TITLES = {
    State.WAITING: "排队中",
    State.RUNNING: "正在办理",
    State.FINISHED: "已完成",
    State.REFUSED: "没有完成",
}

MOVES: dict[tuple[State, Event], State] = {
    (State.WAITING, Event.CLAIM): State.RUNNING,
    (State.RUNNING, Event.CLAIM): State.RUNNING,  # by another, after the lease of a lost worker
    (State.RUNNING, Event.FINISH): State.FINISHED,
    (State.RUNNING, Event.REFUSE): State.REFUSED,
}

MOVING = frozenset({State.WAITING, State.RUNNING})
