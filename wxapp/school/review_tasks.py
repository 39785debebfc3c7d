"""A review of thousands: how far it is, what is worth a look before it begins, what came of it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from registry.base.errors import NotFound, RuleError
from registry.review import lists
from registry.review.decisions import DONE, OUTCOME_SENTENCES, Outcome
from registry.tasks import reviews
from registry.tasks.kinds import PROCEDURES
from registry.tasks.review_steps import LEFT
from registry.tasks.states import MOVING, TaskKind, TaskState
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.rights import may
from wxapp.core.who import WrongRole
from wxapp.school.door import blueprint, staff_context

MARK_TITLES = {
    "without_documents": "没有上传佐证材料",
    "odd": "填写内容需要留意",
    "outrun": "提交后登记信息有更新，不能通过",
    "locked": "去向已由省级备案，不能通过",
}


@blueprint.get("/review-tasks/<key>", endpoint="review_task")
def show_review(key: str) -> str:
    """Show how a review stands; asked by htmx, only the part that moves."""
    return _page(key)


def _page(key: str, refusal: str = "") -> str:
    scope = staff_context().scope
    with reading() as session:
        task = reviews.find(session, scope, key)
        marked = reviews.worth_a_look(session, scope, task)
        undecided = reviews.not_decided(session, scope, task)
        shown = [each.key for each in (*marked, *undecided)]
        seeing.people(lists.numbered(session, shown))
    state, counts = TaskState(task.state), task.counts
    live = "HX-Request" in request.headers
    return render_template(
        "school/review_task_live.html" if live else "school/review_task.html",
        task=task,
        state=state,
        state_title=PROCEDURES[TaskKind.REVIEW].state_titles[state],
        moving=state in MOVING,
        marked=marked,
        marks={mark: counts[mark] for mark in MARK_TITLES if counts.get(mark)},
        mark_titles=MARK_TITLES,
        undecided=undecided,
        done=sum(number for name, number in counts.items() if name in DONE),
        left=counts.get(LEFT, 0),
        refused={
            OUTCOME_SENTENCES[Outcome(name)]: number
            for name, number in counts.items()
            if name in set(Outcome) - DONE
        },
        sentences=OUTCOME_SENTENCES,
        refusal=refusal,
    )


@blueprint.post("/review-tasks/<key>")
def answer_review(key: str) -> ResponseReturnValue:
    """Approve a review that was looked through, or give it up before it begins."""
    if not may("school.decide_many"):
        raise WrongRole
    act = request.form.get("act", "")
    try:
        with writing() as session:
            if act == "give_up":
                reviews.give_up(session, staff_context().scope, key)
            else:
                reviews.approve(session, staff_context().scope, key, only_rest=act == "rest")
                wakeups.ask(session, Job.DO_TASK)
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal.sentence), status_of(refusal)
    return _to(key)


def _to(key: str) -> Response:
    return redirect(url_for("school.review_task", key=key), 303)
