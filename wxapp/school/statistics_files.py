"""The statistics to take along: one printed page, and a workbook; small groups are hidden."""

from io import BytesIO

from flask import Response
from sqlalchemy.orm import Session

from registry.base import typesetting, workbook
from registry.base.clock import SHANGHAI
from registry.record import filter_choices
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import school_of
from registry.statistics import report
from registry.statistics.rate_table import rate_tables
from registry.statistics.report import ReportFacts
from registry.statistics.season_days import SeasonCurve, same_day_before
from registry.statistics.structure import structure
from registry.statistics.tally import By
from wxapp.core import downloads
from wxapp.core.db import reading
from wxapp.core.lists import level_offers
from wxapp.core.resources import now
from wxapp.school.door import blueprint, staff_context
from wxapp.school.statistics import both_seasons, narrowed

WIDTH = 14


@blueprint.get("/statistics/report.pdf", endpoint="statistics_report")
def print_report() -> Response:
    """Give the page for the president: rate, against last year, by department, what is missing."""
    wanted, today = narrowed(), now().astimezone(SHANGHAI).date()
    with reading() as session:
        facts = _facts(session, wanted)
        tables = rate_tables(session, staff_context().scope, wanted)
        earlier = _earlier(*both_seasons(session, wanted, today))
    found = report.hidden(list(tables.values()), whole_is_public=_is_public(wanted))
    by = _lines_of_page()
    shown = report.rows_of(tables[by], found.lines[list(tables).index(by)], found.whole)
    said = report.content(facts, tables[by], shown, earlier)
    pdf = typesetting.typeset(report.TEMPLATE, said, now())
    return downloads.pdf(pdf, f"{said['title']}_{_stamp()}.pdf")


def _lines_of_page() -> By:
    """Return what the page's lines are: the parts of what is seen."""
    if staff_context().whole_school:
        return By.DEPARTMENT
    return By.CLASS if staff_context().scope.counsellor_id else By.MAJOR


@blueprint.get("/statistics/workbook", endpoint="statistics_workbook")
def make_workbook() -> Response:
    """Give all tables as a workbook."""
    wanted, scope = narrowed(), staff_context().scope
    with reading() as session:
        facts = _facts(session, wanted)
        tables = list(rate_tables(session, scope, wanted).values())
        parts = structure(session, scope, wanted, school_of(session, scope).province).parts
    file = BytesIO()
    sheets = report.sheets(facts, tables, parts, public=_is_public(wanted))
    workbook.write_sheets(file, sheets, WIDTH)
    name = f"{report.title(facts)}_{_stamp()}.xlsx"
    return downloads.attachment(file.getvalue(), workbook.MEDIA_TYPE, name)


def _facts(session: Session, wanted: GraduateFilter) -> ReportFacts:
    context = staff_context()
    departments = dict(filter_choices.departments(session, context.scope))
    levels = dict(level_offers([wanted.level]))
    parts = [departments.get(wanted.department, ""), levels[wanted.level]]
    hers = f"（{context.staff.name}分管）" if context.scope.counsellor_id else context.title
    whose = "" if context.whole_school else hers
    return ReportFacts(
        school_of(session, context.scope).name,
        whose + "".join(parts),
        wanted.year,
        context.staff.name,
        now(),
    )


def _is_public(wanted: GraduateFilter) -> bool:
    """Say whether it is the whole school's cohort, whose sum is published anyway."""
    return staff_context().whole_school and wanted == GraduateFilter(wanted.year)


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


def _stamp() -> str:
    return f"{now().astimezone(SHANGHAI):%Y%m%d_%H%M}"
