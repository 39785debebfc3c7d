"""The console's door: who may come in, what they see of it, and the year they look at."""

from typing import Any

from flask import Blueprint, g
from sqlalchemy.orm import Session

from notifier.delivery import account_state
from registry.accounts.tables import Role, Staff
from registry.codes import categories
from registry.record import filter_choices, provenance
from registry.record.cohort import cohort_in_season
from registry.record.confirmation import states as confirmation
from registry.record.scope import Scope
from registry.review.cohort_work import CohortWork, by_cohort
from registry.review.decisions import level_of
from registry.tasks import lookup
from wxapp.core.cohort_choice import shown_cohort
from wxapp.core.db import reading
from wxapp.core.menus import Entry
from wxapp.core.page_help import helper
from wxapp.core.resources import now, resources
from wxapp.core.rights import may
from wxapp.core.staff_context import StaffContext, shown_season, staff_context
from wxapp.core.who import WrongRole, current_staff, scope_of
from wxapp.school.page_help import HELP

__all__ = ["blueprint", "school_only", "shown_season", "staff_context"]

blueprint = Blueprint("school", __name__, url_prefix="/school")


MENU = (
    Entry("school.home", "首页", "home"),
    Entry("school.graduates", "毕业生", "people"),
    Entry("school.reviews", "审核", "review"),
    Entry("school.confirmations", "登记确认", "check"),
    Entry("school.statistics", "统计", "chart"),
    Entry("school.transfers", "核验与转递", "number"),
    Entry("school.campaigns", "消息与提醒", "message"),
    Entry("school.agreements", "就业协议", "review", school_only=True),
    Entry("school.employers", "用人单位", "people", school_only=True),
    Entry("school.terminations", "解约", "review", school_only=True),
    Entry("school.breaches", "举报", "alert", school_only=True),
    Entry("school.patterns", "异常提示", "review", school_only=True),
    Entry("school.imports", "导入", "import", school_only=True),
    Entry("school.reporting", "报省级备案", "send", school_only=True),
    Entry("school.tasks", "任务", "tasks"),
    Entry("school.settings", "设置", "settings", school_only=True),
    Entry("school.audit_log", "日志查询", "log", school_only=True),
)


def school_only() -> None:
    """Let in only those who see the whole school; raise WrongRole for a department's staff."""
    if staff_context().staff.role != Role.SCHOOL:
        raise WrongRole


@blueprint.before_request
def _let_in() -> None:
    staff = current_staff()
    scope = scope_of(staff)
    with reading() as session:
        g.staff_context = _staff_context(session, staff, scope)
        g.notice = account_state.notice(session, resources().settings, now())


def _staff_context(session: Session, staff: Staff, scope: Scope) -> StaffContext:
    cohorts = {*filter_choices.years(session, scope), cohort_in_season(now())}
    offered = sorted(cohorts, reverse=True)
    school = staff.school
    assert school is not None  # whoever has a scope here is of a school
    return StaffContext(staff, scope, offered, shown_cohort(offered, now()), school.name)


@blueprint.url_defaults
def _keep_year(_endpoint: str, values: dict[str, Any]) -> None:
    """Name the cohort in every address of a console that has several."""
    kept = g.get("staff_context")
    if kept and len(kept.years) > 1:
        values.setdefault("year", kept.year)


def _cohort_work() -> dict[int, CohortWork]:
    """Return what waits in each cohort, for the level of who is asking."""
    context = staff_context()
    with reading() as session:
        return by_cohort(session, context.scope, level_of(context.staff))


def _tasks_moving() -> bool:
    """Say whether some task of who is asking goes on."""
    with reading() as session:
        return lookup.is_any_moving(session, staff_context().scope)


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    whole_school = staff_context().whole_school
    seen = [each for each in MENU if may(each.endpoint) and (whole_school or not each.school_only)]
    return {
        "staff_context": staff_context(),
        "cohort_work": _cohort_work,
        "tasks_moving": _tasks_moving,
        "review_frame": "base/console.html",
        "review_entry": "school.reviews",
        "notice": g.notice,
        "menu": seen,
        "page_help": helper(HELP),
        "state_titles": confirmation.TITLES,
        "source_titles": provenance.TITLES,
        "source_words": provenance.words_of,
        "category_title": categories.category_title,
    }
