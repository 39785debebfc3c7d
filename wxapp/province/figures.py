"""Figures that look at all people of the province, and whether newer ones are being counted."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Generic, TypeVar

from flask import Response

from registry.statistics import kept_figures
from registry.statistics.kept_figures import CountedFigures, FiguresPart, OfCohort
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core.db import reading, writing
from wxapp.core.resources import now
from wxapp.province.door import blueprint, province_context

Figure = TypeVar("Figure")


@dataclass(frozen=True)
class FiguresShown(Generic[Figure]):
    """What a page shows of them."""

    found: CountedFigures[Figure] | None
    """None until it was counted for the first time."""
    is_due: bool
    """Whether a worker was asked for newer ones."""


def figures_here(part: FiguresPart[Figure]) -> FiguresShown[Figure]:
    """Return a part for this province and cohort; where it is due, ask a worker for all."""
    of = OfCohort(province_context().province, province_context().year)
    with reading() as session:
        found = kept_figures.find(session, of, part, now())
    due = kept_figures.is_due(found, now())
    if due:
        with writing() as session:
            kept_figures.ask(session, of, now())
            wakeups.ask(session, Job.DO_TASK)
    return FiguresShown(found, due)


@blueprint.get("/figures", endpoint="figures")
def wait_for_figures() -> Response:
    """Have a page that waits for the first figures load itself once there are some."""
    shown = figures_here(kept_figures.IS_THERE)
    ready = {"HX-Refresh": "true"} if shown.found else {}
    return Response(status=HTTPStatus.NO_CONTENT, headers=ready, mimetype="text/plain")
