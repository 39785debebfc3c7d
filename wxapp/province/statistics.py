"""Statistics of the province: rates by school and level, structure, a workbook of all."""

from io import BytesIO

from flask import Response, render_template, request

from registry.base import workbook
from registry.base.clock import SHANGHAI
from registry.province.rates import formula
from registry.statistics import report
from registry.statistics.groups import groups
from registry.statistics.province_table import province_levels, province_table
from registry.statistics.report import ReportFacts
from registry.statistics.structure import structure_of_province
from registry.statistics.suppression import is_small
from wxapp.core import downloads
from wxapp.core.db import reading
from wxapp.core.resources import now
from wxapp.province.door import blueprint, province_context

WIDTH = 14
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
    with reading() as session:
        found = structure_of_province(session, province_context().province, province_context().year)
    columns = groups(formula(province_context().year))
    return render_template(
        "province/destinations.html",
        parts=[(each, report.part_rows(each, columns)) for each in found.parts if each.shares],
        found=found,
        staying=report.HIDDEN if is_small(found.staying.number) else found.staying.number,
        titles=TITLES,
        chosen="",
        hidden_words=report.HIDDEN_WORDS,
    )


@blueprint.get("/statistics/workbook", endpoint="statistics_workbook")
def make_workbook() -> Response:
    """Give all tables as a workbook; small groups hidden."""
    context = province_context()
    with reading() as session:
        tables = [make(session, context.province, context.year) for make in TABLES.values()]
        parts = structure_of_province(session, context.province, context.year).parts
    facts = ReportFacts(context.name, "", context.year, context.staff.name, now())
    file = BytesIO()
    workbook.write_sheets(file, report.sheets(facts, tables, parts, public=True), WIDTH)
    stamp = f"{now().astimezone(SHANGHAI):%Y%m%d_%H%M}"
    name = f"{report.title(facts)}_{stamp}.xlsx"
    return downloads.attachment(file.getvalue(), workbook.MEDIA_TYPE, name)
