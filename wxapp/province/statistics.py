"""Statistics of the province: rates by school and level, structure, a workbook of all."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.province import national_rows
from registry.province.national_rows import ProvinceExport
from registry.province.rates import formula
from registry.statistics import kept_figures, report
from registry.statistics.groups import groups
from registry.statistics.province_table import province_levels, province_table
from registry.statistics.suppression import is_small
from registry.tasks.own_tasks import OwnTask
from registry.tasks.states import TaskKind
from wxapp.core import own_exports
from wxapp.core.db import reading
from wxapp.province.door import blueprint, province_context
from wxapp.province.figures import figures_here

TABLES = {"school": province_table, "level": province_levels}
"""By what a line is, as the address says it."""
TITLES = {"school": "按学校", "level": "按学历"}


@blueprint.get("/rates", endpoint="rates")
def show_rates() -> str:
    """Show the destination rate by school or level, to be printed; small groups hidden."""
    by = request.args.get("by", "school")
    chosen = by if by in TABLES else "school"
    with reading() as session:
        table = TABLES[chosen](session, province_context().province, province_context().year)
    return render_template(
        "province/rates.html",
        table=table,
        chosen=chosen,
        titles=TITLES,
        headings=report.headings(table),
        rows=report.rows(table, whole_is_public=True) if table.lines else [],
        hidden_words=report.HIDDEN_WORDS,
    )


@blueprint.get("/destinations", endpoint="destinations")
def show_structure() -> str:
    """Show the structure of the province's destinations; small groups hidden."""
    shown = figures_here(kept_figures.STRUCTURE)
    found = shown.found.figure if shown.found else None
    columns = groups(formula(province_context().year))
    told = [each for each in found.parts if each.shares] if found else []
    return render_template(
        "province/destinations.html",
        shown=shown,
        parts=[(each, report.part_rows(each, columns)) for each in told],
        found=found,
        staying=_told(found.staying.number) if found else "",
        titles=TITLES,
        chosen="",
        hidden_words=report.HIDDEN_WORDS,
    )


def _told(number: int) -> int | str:
    return report.HIDDEN if is_small(number) else number


@blueprint.post("/statistics/workbook", endpoint="statistics_workbook")
def make_workbook() -> ResponseReturnValue:
    """Have all tables written into a workbook, for who asks alone; small groups hidden."""
    context = province_context()
    with reading() as session:
        total = national_rows.count(session, ProvinceExport(context.province, context.year))
    asked = {"title": "毕业去向统计"}
    task = own_exports.begin(OwnTask(TaskKind.PROVINCE_STATISTICS, asked, total, context.year))
    return redirect(url_for("province.export", key=task.key), 303)
