"""Lists of a campaign as workbooks: what became of each recipient, and who is not reached."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import IO

from sqlalchemy.orm import Session

from notifier.binding import own_copy
from notifier.campaigns import audience, campaigns, merge_task, progress
from notifier.ledger import kinds as message_kinds
from notifier.ledger import outcomes, states, undone_imports
from notifier.ledger.kinds import Kind
from notifier.ledger.tables import Campaign
from registry.base.clock import SHANGHAI
from registry.tasks import import_lists, kinds, name_lists, roster_steps, roster_undo
from registry.tasks.people import Building, members
from registry.tasks.procedure import Procedure, Running
from registry.tasks.states import TaskKind, TaskState

CHUNK = 1000
UNREACHABLE = ("学号", "姓名", "院系", "班级", "原因")
RESULTS = ("学号", "姓名", "院系", "班级", "结果", "原因", "时间")


def asked(campaign: Campaign, state: states.MessageState | None) -> dict[str, str]:
    """Return what a task keeps of the list it is to make."""
    return {"campaign": campaign.key, "state": state or ""}


def write_results(building: Building, file: IO[bytes]) -> None:
    """Write the results of the campaign a task is about."""
    task = building.task
    campaign = campaigns.find(building.session, task.scope, task.asked["campaign"])
    state = states.MessageState(task.asked["state"]) if task.asked["state"] else None
    name_lists.write_lines(building, file, result_lines(building.session, campaign, state))


def result_lines(
    session: Session, campaign: Campaign, state: states.MessageState | None
) -> Iterator[Sequence[str]]:
    """Yield the heading and a line for each recipient, of one state or of all."""
    yield RESULTS
    after = 0
    while chunk := progress.results(session, campaign, state=state, after=after, limit=CHUNK):
        after = chunk[-1].message_id
        for row in chunk:
            yield (
                *(row.student_number, row.name, row.department, row.class_name),
                *(row.state_title, row.reason_sentence, _time(row.at)),
            )


def _time(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def write_unreachable(building: Building, file: IO[bytes]) -> None:
    """Write whom the message of a task's kind still does not reach, of those it was asked for."""
    kind = message_kinds.kinds()[building.task.asked["kind"]]
    name_lists.write_lines(building, file, _unreachable(building, kind))


def _unreachable(building: Building, kind: Kind) -> Iterator[Sequence[str]]:
    yield UNREACHABLE
    session, after = building.session, 0
    people = [members(building.task.id, building.task.scope)]
    while chunk := audience.unreachable(session, people, kind, after=after, limit=CHUNK):
        after = chunk[-1].graduate_id
        for row in chunk:
            reason = outcomes.sentence(row.reason)
            yield row.student_number, row.name, row.department, row.class_name, reason


def check_apply_or_undo(running: Running) -> None:
    """Do what an import waits for; undoing it concerns messages and bindings, too."""
    if running.claim.state is TaskState.UNDOING:
        roster_undo.undo(running, undone_imports.TELLING)
    else:
        roster_steps.check_or_apply(running)


PROCEDURES: dict[TaskKind, Procedure] = kinds.PROCEDURES | {
    TaskKind.ROSTER_IMPORT: replace(
        kinds.PROCEDURES[TaskKind.ROSTER_IMPORT], run=check_apply_or_undo
    ),
    TaskKind.RESULTS: kinds.name_list("发送结果名单", write_results),
    TaskKind.UNREACHABLE: kinds.name_list("无法送达名单", write_unreachable),
    TaskKind.OBSTACLES: kinds.name_list(
        "不能撤销的原因",
        partial(import_lists.write_obstacles, others=undone_imports.in_the_way),
    ),
    TaskKind.SCHOOL_MERGE: merge_task.PROCEDURE,
    TaskKind.OWN_COPY: own_copy.PROCEDURE,
}
"""Every kind of task there is."""
