"""Who may come in at the Ministry's door: it looks at figures and fetches what was forwarded.

It changes nothing, and its pages name nobody.
"""

from typing import Any

from flask import Blueprint, g

from registry.accounts.tables import Role
from registry.record.cohort import cohort_in_season
from wxapp.core.cohort_choice import shown_cohort, was_chosen
from wxapp.core.menus import Entry
from wxapp.core.page_help import helper
from wxapp.core.resources import now
from wxapp.core.who import WrongRole, current_staff
from wxapp.ministry.page_help import HELP

blueprint = Blueprint("ministry", __name__, url_prefix="/ministry")
YEARS_BACK = 5
MENU = (
    Entry("ministry.home", "各省进度", "home"),
    Entry("ministry.rates", "去向落实率", "chart"),
    Entry("ministry.forwardings", "各省转报", "import"),
    Entry("ministry.syncs", "接口同步", "send"),
)


def year() -> int:
    """Return the cohort that the page shows."""
    found = g.ministry_year
    assert isinstance(found, int)
    return found


@blueprint.before_request
def _let_in() -> None:
    if current_staff().role != Role.MINISTRY:
        raise WrongRole
    newest = cohort_in_season(now())
    g.ministry_years = list(range(newest, newest - YEARS_BACK, -1))
    g.ministry_year = shown_cohort(g.ministry_years, now())


@blueprint.url_defaults
def _keep_year(_endpoint: str, values: dict[str, Any]) -> None:
    """Name the cohort in every address once one was chosen in this browser."""
    if g.get("ministry_year") and was_chosen():
        values.setdefault("year", g.ministry_year)


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    return {
        "menu": MENU,
        "page_help": helper(HELP),
        "me": current_staff(),
        "notice": "",
        "years": g.ministry_years,
        "year": year(),
    }
