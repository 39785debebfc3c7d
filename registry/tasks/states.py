"""What a task may be, and its life."""

from enum import StrEnum

from registry.base.state_table import StateTable


class TaskKind(StrEnum):
    """What is done. Each is described in `registry.tasks.kinds`, or above it in `notifier`."""

    NUMBERS = "numbers"
    """Transfer numbers alone; asked: `number_kind`."""
    TABLE = "table"
    """Asked, as of the next three: `number_kind`. Numbers are made or renewed first."""
    POSTING_LIST = "posting_list"
    SLIPS = "slips"
    LABELS = "labels"
    """Of addresses, to stick on; asked, as of the next two: `number_kind`."""
    ENVELOPES_C4 = "envelopes_c4"
    ENVELOPES_ZL = "envelopes_zl"
    REPORTS = "reports"
    GRADUATES = "graduates"
    LEFT_OUT = "left_out"
    """Who is left out of what is reported to the province."""
    AGREEMENTS = "agreements"
    """Signed online; asked: what `registry.signing.school_agreements.read_filter` reads."""
    RESULTS = "results"
    """What became of each recipient; asked: `campaign`, its key, and `state` of the messages."""
    UNREACHABLE = "unreachable"
    """Whom a reminder does not reach; asked: `kind` of the message, and `campaign`, its key, where
    there is one."""
    STATISTICS = "statistics"
    """All tables of a cohort; asked: `department`, a key, and `level`, either empty for all."""
    IMPORT_PEOPLE = "import_people"
    """Whom the check of an import found; asked, as of the next: `import`, its key."""
    OBSTACLES = "import_obstacles"
    """Who keeps an import from being undone."""
    SCHOOL_MERGE = "school_merge"
    """Asked by the operator: `source`, a school's key, names of both, and `reason`."""
    ROSTER_IMPORT = "roster_import"
    """Asked: `file_name`, and `policy` (`registry.roster.problems.Policy`); of one that is undone
    `undone_by` and `undone_why`."""
    INVITATIONS = "invitations"
    """Asked: `file_name`, and `policy`, as of an import."""
    COURIER_LIST = "courier_list"
    """Files that were posted; asked: `file_name`, `policy`, as of an import, and `way`
    (`registry.numbers.posting.states.PostingWay`) of rows that do not say it."""
    AUDIT_LOG = "audit_log"
    """Asked: the fields of `registry.record.log_query`."""
    REVIEW = "review"
    """Asked: `decision`, `reason`, `purpose`, and `rest` where those worth a look are left."""
    PROVINCE_LIST = "province_list"
    """Graduates of a province in a national layout; asked: `title`, `layout` and the filters of
    `registry.province.national_rows.ProvinceExport`."""
    PROVINCE_STATISTICS = "province_figures"
    """All tables of a province's cohort; asked: `title`."""
    INVITATION_LIST = "invitation_list"
    """All invitations of an employer; asked: `employer`, its key."""
    FORWARDING = "forwarding"
    """The signed file for the Ministry; asked: `forwarding`, its key."""
    OWN_COPY = "own_copy"
    """All that is kept about a person, for herself; asked: `session`, the hash of the browser
    session that proved her and may fetch it."""


LISTS = frozenset(
    {
        *(TaskKind.GRADUATES, TaskKind.LEFT_OUT, TaskKind.AGREEMENTS, TaskKind.RESULTS),
        *(TaskKind.UNREACHABLE, TaskKind.STATISTICS, TaskKind.IMPORT_PEOPLE, TaskKind.OBSTACLES),
    }
)
"""Lists of names, and statistics: no transfer number is made for them."""
OF_FIGURES = frozenset({TaskKind.STATISTICS, TaskKind.PROVINCE_STATISTICS})
"""Files that name nobody: whoever may not take lists along may have these."""
IMPORTS = frozenset({TaskKind.ROSTER_IMPORT})
"""Files that are checked first and applied when that was approved."""
COURIER_LISTS = frozenset({TaskKind.COURIER_LIST})
"""Lists of posted files: checked first, and noted when that was approved."""
OF_OPERATORS = frozenset({TaskKind.SCHOOL_MERGE})
"""What schools neither ask for nor see."""
OF_EMPLOYERS = frozenset({TaskKind.INVITATIONS})
"""What employers ask for and see: checked first, and sent when that was approved."""
OF_ASKERS = frozenset(
    {
        *(TaskKind.AUDIT_LOG, TaskKind.PROVINCE_LIST, TaskKind.PROVINCE_STATISTICS),
        *(TaskKind.INVITATION_LIST, TaskKind.FORWARDING, TaskKind.OWN_COPY),
    }
)
"""What is whose who asked for it: nobody else lists, opens or fetches it."""
REVIEWS = frozenset({TaskKind.REVIEW})
"""Applications that are looked through first and decided on when that was approved."""
_CHECKED = IMPORTS | COURIER_LISTS | REVIEWS
FILES = frozenset(TaskKind) - _CHECKED - OF_OPERATORS - OF_EMPLOYERS - OF_ASKERS
"""What is done for people chosen from a list; a file comes of all but the numbers."""


class TaskState(StrEnum):
    """Where a task stands; PLANNED to APPLYING and UNDO_ASKED to UNDONE are of imports alone."""

    WAITING = "waiting"
    RUNNING = "running"
    """Of an import: being checked."""
    PLANNED = "planned"
    """Checked; somebody must approve what it would change."""
    APPROVED = "approved"
    APPLYING = "applying"
    FINISHED = "finished"
    REFUSED = "refused"
    """Ended with a sentence that says why."""
    ABANDONED = "abandoned"
    UNDO_ASKED = "undo_asked"
    UNDOING = "undoing"
    UNDONE = "undone"


class TaskEvent(StrEnum):
    """What can happen to a task."""

    CLAIM = "claim"
    PLAN = "plan"
    APPROVE = "approve"
    GIVE_BACK = "give_back"
    """The record has changed since the check: it is checked and applied once more."""
    CHECK_AGAIN = "check_again"
    """Others would be new than the approved check said: it is checked anew, and waits again."""
    FINISH = "finish"
    REFUSE = "refuse"
    ABANDON = "abandon"
    UNDO = "undo"


TASK = StateTable(
    {
        (TaskState.WAITING, TaskEvent.CLAIM): TaskState.RUNNING,
        (TaskState.WAITING, TaskEvent.ABANDON): TaskState.ABANDONED,
        # By another worker, once the lease of a lost one has ended:
        (TaskState.RUNNING, TaskEvent.CLAIM): TaskState.RUNNING,
        (TaskState.RUNNING, TaskEvent.PLAN): TaskState.PLANNED,
        (TaskState.RUNNING, TaskEvent.FINISH): TaskState.FINISHED,
        (TaskState.RUNNING, TaskEvent.REFUSE): TaskState.REFUSED,
        (TaskState.PLANNED, TaskEvent.APPROVE): TaskState.APPROVED,
        (TaskState.PLANNED, TaskEvent.ABANDON): TaskState.ABANDONED,
        (TaskState.APPROVED, TaskEvent.CLAIM): TaskState.APPLYING,
        (TaskState.APPROVED, TaskEvent.ABANDON): TaskState.ABANDONED,
        (TaskState.APPLYING, TaskEvent.CLAIM): TaskState.APPLYING,
        (TaskState.APPLYING, TaskEvent.GIVE_BACK): TaskState.APPROVED,
        (TaskState.APPLYING, TaskEvent.CHECK_AGAIN): TaskState.WAITING,
        (TaskState.APPLYING, TaskEvent.FINISH): TaskState.FINISHED,
        (TaskState.APPLYING, TaskEvent.REFUSE): TaskState.REFUSED,
        (TaskState.FINISHED, TaskEvent.UNDO): TaskState.UNDO_ASKED,
        (TaskState.UNDO_ASKED, TaskEvent.CLAIM): TaskState.UNDOING,
        (TaskState.UNDOING, TaskEvent.CLAIM): TaskState.UNDOING,
        (TaskState.UNDOING, TaskEvent.FINISH): TaskState.UNDONE,
        # Something was built on the import: it stays as it is.
        (TaskState.UNDOING, TaskEvent.REFUSE): TaskState.FINISHED,
    },
    starts={TaskState.WAITING, TaskState.APPROVED},
)
"""A task begins WAITING; an import that needs no approval begins APPROVED."""

MOVING = TASK.sources(TaskEvent.CLAIM)
"""States that pass without anybody's doing: a page that shows one looks again."""
LEASED = frozenset({TaskState.RUNNING, TaskState.APPLYING, TaskState.UNDOING})
"""States in which a worker has the task, until its lease ends."""
OVER = TASK.ends | {TaskState.FINISHED}
"""States in which nothing is left to do, though somebody may want a finished import undone."""

TITLES = {
    TaskState.WAITING: "排队中",
    TaskState.RUNNING: "正在办理",
    TaskState.FINISHED: "已完成",
    TaskState.REFUSED: "没有完成",
}
IMPORT_TITLES = {
    TaskState.WAITING: "等待核对",
    TaskState.RUNNING: "正在核对",
    TaskState.PLANNED: "核对完成，待确认导入",
    TaskState.APPROVED: "等待导入",
    TaskState.APPLYING: "正在导入",
    TaskState.FINISHED: "导入完成",
    TaskState.REFUSED: "没有导入",
    TaskState.ABANDONED: "已放弃",
    TaskState.UNDO_ASKED: "等待撤销",
    TaskState.UNDOING: "正在撤销",
    TaskState.UNDONE: "已撤销",
}
COURIER_TITLES = {
    TaskState.WAITING: "等待核对",
    TaskState.RUNNING: "正在核对",
    TaskState.PLANNED: "核对完成，待确认登记",
    TaskState.APPROVED: "等待登记",
    TaskState.APPLYING: "正在登记",
    TaskState.FINISHED: "登记完成",
    TaskState.REFUSED: "没有登记",
    TaskState.ABANDONED: "已放弃",
}
REVIEWING_TITLES = {
    TaskState.WAITING: "等待检查",
    TaskState.RUNNING: "正在检查",
    TaskState.PLANNED: "检查完成，待确认审核",
    TaskState.APPROVED: "即将开始审核",
    TaskState.APPLYING: "正在审核",
    TaskState.FINISHED: "审核完成",
    TaskState.REFUSED: "没有完成",
    TaskState.ABANDONED: "已取消",
}
INVITING_TITLES = {
    TaskState.WAITING: "等待核对",
    TaskState.RUNNING: "正在核对",
    TaskState.PLANNED: "核对完成，待确认发送",
    TaskState.APPROVED: "等待发送",
    TaskState.APPLYING: "正在发送",
    TaskState.FINISHED: "发送完成",
    TaskState.REFUSED: "没有发送",
    TaskState.ABANDONED: "已放弃",
}
