"""A decision on more than one press can make: it becomes a task, which is approved on its page."""

from dataclasses import replace

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.review import lists
from registry.tasks import reviews
from registry.tasks.reviews import ReviewWish
from registry.tasks.start import Asker
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core.resources import now
from wxapp.core.staff_context import staff_context
from wxapp.reviews.deciding import MOST, read_moment, read_verdict
from wxapp.reviews.filters import read_review_filter


def begin(session: Session) -> ResponseReturnValue | None:
    """Begin a task for all that the list counts, at a school; None where a press can decide.

    Raises as `read_verdict` and `read_moment` do.
    """
    context, form = staff_context(), request.form
    if form.get("whom") != "all" or context.scope.province:
        return None
    seen_at = read_moment(form.get("listed_at", ""))
    wanted = replace(read_review_filter(session, request.args), until=seen_at)
    if len(lists.first_of(session, context.scope, wanted, MOST + 1)) <= MOST:
        return None
    wish = ReviewWish(
        verdict=read_verdict(form),
        purpose=wanted.purpose,
        year=context.year,
        applications=lists.ids(context.scope, wanted, reviews.MOST),
    )
    task = reviews.ask(session, Asker(context.staff.id, context.scope, now()), wish)
    wakeups.ask(session, Job.DO_TASK)
    return redirect(url_for(".review_task", key=task.key), 303)
