"""Who may come in at the province's door, and the year they look at."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, g, request

from registry.accounts.tables import Role, Staff
from registry.base.clock import SHANGHAI
from registry.codes import categories, regions
from registry.province import states as batch_states
from registry.province.selection import LEFT_OUT_TITLES
from registry.record.scope import in_province
from wxapp.core.db import reading
from wxapp.core.menus import Entry
from wxapp.core.resources import now
from wxapp.core.staff_context import Desk
from wxapp.core.who import WrongRole, current_staff

blueprint = Blueprint("province", __name__, url_prefix="/province")
YEARS_BACK = 5


@dataclass(frozen=True)
class Office:
    """A province's office: who works here, for which province, and the year they look at."""

    staff: Staff
    province: str
    """GB/T 2260 code, six digits."""
    years: list[int]
    year: int

    @property
    def name(self) -> str:
        """Return the province's name."""
        return regions.region_name(self.province)


MENU = (
    Entry("province.home", "上报批次", "import"),
    Entry("province.waiting", "审核", "review"),
    Entry("province.schools", "各校进度", "check"),
    Entry("province.rates", "去向落实率", "tasks"),
    Entry("province.reminders", "提醒", "message"),
)


def office() -> Office:
    """Return the office of the member of staff who is asking."""
    found = g.office
    assert isinstance(found, Office)
    return found


@blueprint.url_value_preprocessor
def _take_school(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Take the school out of the address: its desk is set up when the province is let in."""
    g.school_key = (values or {}).pop("school", None)


@blueprint.before_request
def _let_in() -> None:
    staff = current_staff()
    if staff.role != Role.PROVINCE or not staff.province:
        raise WrongRole
    newest = now().astimezone(SHANGHAI).year
    years = list(range(newest, newest - YEARS_BACK, -1))
    asked = request.args.get("year", type=int)
    g.office = Office(staff, staff.province, years, asked if asked in years else newest)
    if g.school_key is not None:
        g.desk = _desk(g.school_key)


def _desk(school_key: str) -> Desk:
    """Return the desk at which the province reviews one of its schools; NotFound for others."""
    with reading() as session:
        school, scope = in_province(session, office().province, school_key)
    return Desk(office().staff, scope, office().years, office().year, school.name)


@blueprint.url_defaults
def _keep_year(_endpoint: str, values: dict[str, Any]) -> None:
    """Keep a year that was chosen in every address of the door."""
    kept = g.get("office")
    if kept and kept.year != kept.years[0]:
        values.setdefault("year", kept.year)


@blueprint.url_defaults
def _keep_school(endpoint: str, values: dict[str, Any]) -> None:
    """Keep the school that is reviewed in the addresses of its review."""
    kept = g.get("school_key")
    if kept and current_app.url_map.is_endpoint_expecting(endpoint, "school"):
        values.setdefault("school", kept)


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    at_desk = {"desk": g.desk} if "desk" in g else {}
    return at_desk | {
        "review_frame": "province/page.html",
        "review_entry": "province.waiting",
        "office": office(),
        "menu": MENU,
        "notice": "",
        "category_title": categories.category_title,
        "batch_titles": batch_states.TITLES,
        "left_out_titles": LEFT_OUT_TITLES,
    }
