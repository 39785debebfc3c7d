"""Export of a list as a workbook, as a task: text cells only, identity numbers masked."""

from collections.abc import Callable

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts.audit import AuditRecord
from registry.base.errors import RuleError
from registry.record import graduates, selections
from registry.record.graduate_filter import GraduateFilter
from registry.record.selections import People
from registry.tasks.start import NameList
from registry.tasks.states import TaskKind
from wxapp.core.db import reading, writing
from wxapp.core.resources import now
from wxapp.school import name_lists
from wxapp.school.door import blueprint, staff_context
from wxapp.school.filters import parameters, read_filter


@blueprint.post("/graduates/export")
def export() -> Response:
    """Have the filtered rows written into a workbook."""
    wanted, scope = read_filter(request.args, staff_context().year), staff_context().scope
    with reading() as session:
        total = graduates.total(session, scope, wanted)
    if not total:
        raise RuleError("nobody_meant", "没有符合条件的毕业生，请先调整筛选条件。")
    listed = NameList(TaskKind.GRADUATES, wanted.year, total, graduates.ids(scope, wanted))
    return name_lists.begin(listed, _record(_harmless(wanted)))


def export_chosen(people: Callable[[Session], People]) -> Response:
    """Have those who were chosen written into a workbook."""
    context = staff_context()
    with writing() as session:
        made = selections.choose(session, context.scope, context.staff.id, people(session), now())
        those = selections.members(context.scope, context.staff.id, made.key)
        listed = NameList(TaskKind.GRADUATES, context.year, made.size, those)
        record = _record({selections.PARAMETER: made.key})
    return name_lists.begin(listed, record)


def _record(said: dict[str, str]) -> AuditRecord:
    return staff_context().audit_record("export_graduates", f"year:{staff_context().year}", said)


def _harmless(wanted: GraduateFilter) -> dict[str, str]:
    """Return the filter as the log may keep it: without what was searched for by name."""
    return {name: value for name, value in parameters(wanted).items() if name != "q"}
