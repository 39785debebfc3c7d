"""Runs tasks: takes the oldest that is free, and does it as its kind is done."""

from collections.abc import Mapping

from registry.base.errors import RuleError
from registry.base.gc_tuning import few_collections
from registry.tasks import claims, kinds
from registry.tasks.claims import Claim, Overtaken
from registry.tasks.procedure import Procedure, Running, TaskResources
from registry.tasks.states import TaskEvent, TaskKind

MAX_ATTEMPTS = 5
"""How often a task is claimed before it is refused: its work ends the process, or never ends."""


def run_next(
    resources: TaskResources,
    base_url: str,
    procedures: Mapping[TaskKind, Procedure] = kinds.PROCEDURES,
) -> bool:
    """Run one task that waits, or whose worker was lost; say whether there was one."""
    with resources.sessions.begin() as session:
        mine = claims.claim(session)
    return _run(resources, base_url, procedures, mine)


def run_now(
    resources: TaskResources,
    base_url: str,
    task_id: int,
    procedures: Mapping[TaskKind, Procedure] = kinds.PROCEDURES,
) -> bool:
    """Run this task at once, unless a worker has it; say whether it was free."""
    with resources.sessions.begin() as session:
        mine = claims.claim(session, only=task_id)
    return _run(resources, base_url, procedures, mine)


def _run(
    resources: TaskResources,
    base_url: str,
    procedures: Mapping[TaskKind, Procedure],
    mine: Claim | None,
) -> bool:
    if mine is not None:
        run_claimed(Running(resources, base_url, procedures[mine.kind], mine))
    return mine is not None


def run_claimed(running: Running) -> None:
    """Do a task that is ours; a refusal ends it with its sentence."""
    try:
        if running.claim.attempts > MAX_ATTEMPTS:
            procedure = running.procedure
            said = procedure.given_up_in.get(running.claim.state, procedure.given_up)
            running.end(TaskEvent.REFUSE, message=said)
        else:
            _do(running)
    except Overtaken:
        pass  # whoever has it by now writes what comes of it


def _do(running: Running) -> None:
    try:
        with few_collections():
            running.procedure.run(running)
    except RuleError as refusal:
        running.end(TaskEvent.REFUSE, message=refusal.sentence)
