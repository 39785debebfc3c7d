"""Who may come in at the province's door, and the year they look at."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, g

from registry.accounts.tables import Role, Staff
from registry.codes import categories, regions
from registry.province import states as batch_states
from registry.province.selection import LEFT_OUT_TITLES
from registry.record.cohort import cohort_in_season
from registry.record.scope import in_province
from registry.review.cohort_work import CohortWork, of_province
from wxapp.core.cohort_choice import shown_cohort, was_chosen
from wxapp.core.db import reading
from wxapp.core.menus import Entry
from wxapp.core.page_help import helper
from wxapp.core.resources import now
from wxapp.core.staff_context import StaffContext
from wxapp.core.who import WrongRole, current_staff
from wxapp.province.page_help import HELP

blueprint = Blueprint("province", __name__, url_prefix="/province")
YEARS_BACK = 5


@dataclass(frozen=True)
class ProvinceContext:
    """Who of a province works here, for which province, and the year they look at."""

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
    Entry("province.home", "首页", "home"),
    Entry("province.batches", "上报批次", "import"),
    Entry("province.forwardings", "转报教育部", "send"),
    Entry("province.waiting", "审核", "review"),
    Entry("province.people", "毕业生", "people"),
    Entry("province.exports", "导出毕业生", "import"),
    Entry("province.schools", "各校进度", "check"),
    Entry("province.syncs", "接口同步", "send"),
    Entry("province.rates", "去向落实率", "tasks"),
    Entry("province.flags", "去向核查", "check"),
    Entry("province.reminders", "提醒", "message"),
    Entry("province.breaches", "举报", "alert"),
    Entry("province.employers", "用人单位", "people"),
    Entry("province.patterns", "异常提示", "review"),
    Entry("province.audit_log", "日志查询", "log"),
)


def province_context() -> ProvinceContext:
    """Return the context of the member of staff who is asking."""
    found = g.province_context
    assert isinstance(found, ProvinceContext)
    return found


@blueprint.url_value_preprocessor
def _take_school(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Take the school out of the address, for the staff context of who is let in."""
    g.school_key = (values or {}).pop("school", None)


@blueprint.before_request
def _let_in() -> None:
    staff = current_staff()
    if staff.role != Role.PROVINCE or not staff.province:
        raise WrongRole
    at = now()
    newest = cohort_in_season(at)
    years = list(range(newest, newest - YEARS_BACK, -1))
    g.province_context = ProvinceContext(staff, staff.province, years, shown_cohort(years, at))
    if g.school_key is not None:
        g.staff_context = _staff_context(g.school_key)


def _staff_context(school_key: str) -> StaffContext:
    """Return the context in which the province reviews one of its schools; NotFound for others."""
    with reading() as session:
        school, scope = in_province(session, province_context().province, school_key)
    return StaffContext(
        province_context().staff,
        scope,
        province_context().years,
        province_context().year,
        school.name,
    )


@blueprint.url_defaults
def _keep_year(_endpoint: str, values: dict[str, Any]) -> None:
    """Name the cohort in every address once one was chosen in this browser."""
    kept = g.get("province_context")
    if kept and (was_chosen() or kept.year != kept.years[0]):
        values.setdefault("year", kept.year)


@blueprint.url_defaults
def _keep_school(endpoint: str, values: dict[str, Any]) -> None:
    """Keep the school that is reviewed in the addresses of its review."""
    kept = g.get("school_key")
    if kept and current_app.url_map.is_endpoint_expecting(endpoint, "school"):
        values.setdefault("school", kept)


def _cohort_work() -> dict[int, CohortWork]:
    """Return what waits for the province in each cohort."""
    with reading() as session:
        return of_province(session, province_context().province)


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    in_context = {"staff_context": g.staff_context} if "staff_context" in g else {}
    return in_context | {
        "review_frame": "province/page.html",
        "review_entry": "province.waiting",
        "province_context": province_context(),
        "cohort_work": _cohort_work,
        "menu": MENU,
        "page_help": helper(HELP),
        "notice": "",
        "category_title": categories.category_title,
        "batch_titles": batch_states.TITLES,
        "left_out_titles": LEFT_OUT_TITLES,
    }
