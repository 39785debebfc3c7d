"""Statistics of confirmations by source and department (登记确认情况统计)."""

from flask import render_template

from registry.record import graduates
from registry.record.graduate_filter import GraduateFilter
from wxapp.core.db import reading
from wxapp.school.door import blueprint, staff_context


@blueprint.get("/confirmations", endpoint="confirmations")
def show_statistics() -> str:
    """Show how many stand in each state, by source and by department."""
    wanted = GraduateFilter(staff_context().year)
    with reading() as session:
        sources = graduates.by_source(session, staff_context().scope, wanted)
        departments = graduates.by_department(session, staff_context().scope, wanted)
        counts = graduates.counts(session, staff_context().scope, wanted)
    return render_template(
        "school/confirmations.html",
        sources=sources,
        departments=departments,
        counts=counts,
        total=sum(counts.values()),
    )
