"""Export of what a list shows, as a workbook: text cells only, identity numbers masked."""

from collections.abc import Iterator, Sequence

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.record import graduate_filter, graduates
from registry.record.graduate_filter import GraduateFilter
from registry.tasks.name_lists import graduate_lines
from registry.tasks.start import NameList
from registry.tasks.states import TaskKind
from wxapp.core.db import reading
from wxapp.core.resources import resources
from wxapp.school import name_lists
from wxapp.school.door import blueprint, staff_context
from wxapp.school.filters import parameters, read_filter


@blueprint.post("/graduates/export")
def export() -> Response:
    """Give the filtered rows as a workbook; the audit log keeps who took how many."""
    wanted, scope = read_filter(request.args, staff_context().year), staff_context().scope

    def lines(session: Session) -> Iterator[Sequence[str]]:
        rows = graduates.every(session, graduate_filter.matching(scope, wanted))
        return graduate_lines(rows, resources().vault)

    with reading() as session:
        total = graduates.total(session, scope, wanted)
    listed = NameList(TaskKind.GRADUATES, wanted.year, total, graduates.ids(scope, wanted))
    record = staff_context().audit_record(
        "export_graduates", f"year:{wanted.year}", _harmless(wanted)
    )
    return name_lists.give(listed, lines, record)


def _harmless(wanted: GraduateFilter) -> dict[str, str]:
    """Return the filter as the log may keep it: without what was searched for by name."""
    return {name: value for name, value in parameters(wanted).items() if name != "q"}
