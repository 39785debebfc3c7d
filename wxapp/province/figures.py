"""Figures that look at all people of the province, and whether newer ones are being counted."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Response

from registry.statistics import kept_figures
from registry.statistics.kept_figures import OfCohort, ProvinceFigures
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core.db import reading, writing
from wxapp.core.resources import now
from wxapp.province.door import blueprint, province_context


@dataclass(frozen=True)
class FiguresShown:
    """What a page shows of them."""

    figures: ProvinceFigures | None
    """None until they were counted for the first time."""
    is_due: bool
    """Whether a worker was asked for newer ones."""


def figures_here() -> FiguresShown:
    """Return the figures of this province and cohort; where they are due, ask a worker for them."""
    of = OfCohort(province_context().province, province_context().year)
    with reading() as session:
        found = kept_figures.find(session, of, now())
    due = kept_figures.is_due(found, now())
    if due:
        with writing() as session:
            kept_figures.ask(session, of, now())
            wakeups.ask(session, Job.DO_TASK)
    return FiguresShown(found, due)


@blueprint.get("/figures", endpoint="figures")
def wait_for_figures() -> Response:
    """Have a page that waits for the first figures load itself once there are some."""
    ready = {"HX-Refresh": "true"} if figures_here().figures is not None else {}
    return Response(status=HTTPStatus.NO_CONTENT, headers=ready, mimetype="text/plain")
