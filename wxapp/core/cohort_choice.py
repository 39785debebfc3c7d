"""Which cohort (届) a console's page shows: the one in season, or the one that was chosen.

A school's addresses name their cohort where it has several, a province's once one was chosen, so
that two windows of one browser do not act on each other's; the choice is remembered for addresses
that name none.
"""

from collections.abc import Sequence
from datetime import datetime

from flask import request

from registry.record.cohort import cohort_in_season
from wxapp.core.browser_session import browser

REMEMBERED = "cohort"


def was_chosen() -> bool:
    """Say whether a cohort was ever chosen in this browser's session."""
    return REMEMBERED in browser()


def shown_cohort(cohorts: Sequence[int], at: datetime) -> int:
    """Return the cohort to show, the one in season being among those offered; remember a choice."""
    in_season = cohort_in_season(at)
    remembered: int = browser().get(REMEMBERED, in_season)
    asked = request.args.get("year", type=int)
    if asked is None or asked not in cohorts:
        return remembered if remembered in cohorts else in_season
    if asked != remembered:
        browser()[REMEMBERED] = asked
    return asked
