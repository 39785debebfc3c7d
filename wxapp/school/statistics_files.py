"""The statistics to take along: one printed page, and a workbook; small groups are hidden."""

from flask import Response
from flask.typing import ResponseReturnValue

from registry.base import typesetting
from registry.base.clock import SHANGHAI
from registry.record import graduates
from registry.statistics import report
from registry.statistics.rate_table import rate_tables
from registry.statistics.report_facts import facts_of, is_public
from registry.statistics.season_days import SeasonCurve, same_day_before
from registry.statistics.tally import By
from registry.tasks.start import NameList
from registry.tasks.states import TaskKind
from wxapp.core import downloads
from wxapp.core.db import reading
from wxapp.core.resources import now
from wxapp.school import name_lists
from wxapp.school.door import blueprint, staff_context
from wxapp.school.statistics import both_seasons, narrowed


@blueprint.get("/statistics/report.pdf", endpoint="statistics_report")
def print_report() -> Response:
    """Give the page for the president: rate, against last year, by department, what is missing."""
    wanted, today = narrowed(), now().astimezone(SHANGHAI).date()
    scope, by = staff_context().scope, staff_context().staff.name
    with reading() as session:
        facts = facts_of(session, scope, wanted, by, now())
        tables = rate_tables(session, scope, wanted)
        earlier = _earlier(*both_seasons(session, wanted, today))
    found = report.hidden(list(tables.values()), whole_is_public=is_public(scope, wanted))
    lines = _lines_of_page()
    shown = report.rows_of(tables[lines], found.lines[list(tables).index(lines)], found.whole)
    said = report.content(facts, tables[lines], shown, earlier)
    pdf = typesetting.typeset(report.TEMPLATE, said, now())
    minute = f"{now().astimezone(SHANGHAI):%Y%m%d_%H%M}"
    return downloads.pdf(pdf, f"{said['title']}_{minute}.pdf")


def _lines_of_page() -> By:
    """Return what the page's lines are: the parts of what is seen."""
    if staff_context().whole_school:
        return By.DEPARTMENT
    return By.CLASS if staff_context().scope.counsellor_id else By.MAJOR


@blueprint.post("/statistics/workbook", endpoint="statistics_workbook")
def make_workbook() -> ResponseReturnValue:
    """Have all tables written into a workbook."""
    wanted, scope = narrowed(), staff_context().scope
    asked = {"department": wanted.department, "level": wanted.level}
    with reading() as session:
        total = graduates.total(session, scope, wanted)
    listed = NameList(TaskKind.STATISTICS, wanted.year, total, asked=asked)
    said = {name: value for name, value in asked.items() if value}
    record = staff_context().audit_record("export_statistics", f"year:{wanted.year}", said)
    return name_lists.begin(listed, record)


def _earlier(ours: SeasonCurve, theirs: SeasonCurve) -> str:
    """Return the sentence that compares with the cohort before on the same day of its season."""
    last = ours.days[-1] if ours.days else None
    then = theirs.on(same_day_before(last.day)) if last else None
    if last is None or then is None:
        return f"{theirs.year} 届没有同期数据，无法比较。"
    difference = (last.placed.share or 0) - (then.placed.share or 0)
    day = f"{then.day.year}年{then.day.month}月{then.day.day}日"
    change = f"本届{'高' if difference >= 0 else '低'} {abs(difference) * 100:.2f} 个百分点"
    return f"{theirs.year} 届同期（{day}）落实率为 {then.placed.percent}，{change}。"
