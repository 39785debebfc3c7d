"""What is done for all a transfer list shows is started: a few at once, many in the background."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import RuleError
from registry.numbers.shape import Issue
from registry.tasks import run, start
from registry.tasks.kinds import PROCEDURES, TRANSFERS
from registry.tasks.start import Asker
from registry.tasks.states import TaskKind
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core.db import writing
from wxapp.core.resources import now, resources
from wxapp.school.door import blueprint, staff_context
from wxapp.school.number_filters import kind_of, read_wanted
from wxapp.school.number_lists import refused_list


@blueprint.post("/transfer/<kind>/office")
def start_task(kind: str) -> ResponseReturnValue:
    """Have something done for all the list shows."""
    wanted = read_wanted(request.args, staff_context().year, Issue.TRANSFER, kind_of(kind))
    task_kind = _task_kind()
    try:
        with writing() as session:
            asker = Asker(staff_context().staff.id, staff_context().scope, now())
            task = start.start(session, asker, task_kind, wanted)
            soon = task.total <= PROCEDURES[task_kind].soon
            if not soon:
                wakeups.ask(session, Job.DO_TASK)
    except RuleError as refusal:
        return refused_list(wanted, refusal)
    if soon:
        run.run_now(resources(), resources().settings.public_url, task.id)
    return redirect(url_for("school.task", key=task.key), 303)


def _task_kind() -> TaskKind:
    given = request.form.get("work", "")
    if given not in {kind for kinds in TRANSFERS.values() for kind in kinds}:
        abort(400)
    return TaskKind(given)
