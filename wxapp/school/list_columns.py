"""The columns of the list of graduates: which there are, and which one member of staff looks at."""

from flask import redirect, request
from werkzeug.wrappers import Response

from registry.accounts import staff as staff_rules
from registry.record.graduate_order import Sort
from wxapp.core.db import writing
from wxapp.school.door import blueprint, staff_context
from wxapp.school.filters import list_address

COLUMNS = {
    "number": "学号",
    "department": "院系",
    "level": "学历",
    "major": "专业",
    "class": "班级",
    "sex": "性别",
    "origin": "生源地",
    "graduation": "毕业年月",
    "state": "登记确认",
    "category": "毕业去向",
    "unit": "单位名称",
    "source": "信息来源",
    "reported": "上报时间",
    "answered": "确认时间",
}
USUAL = ("number", "department", "major", "class", "state", "category", "unit", "reported")
SORTED_BY = {
    "name": Sort.NAME,
    "number": Sort.NUMBER,
    "department": Sort.DEPARTMENT,
    "reported": Sort.REPORTED,
    "answered": Sort.ANSWERED,
}
"""Columns a press on whose head orders the list."""


def shown() -> list[str]:
    """Return the columns that who is asking looks at; a name that is no column any more is none."""
    kept = staff_context().staff.list_columns
    wanted = set(USUAL if kept is None else kept)
    if not staff_context().whole_school:
        wanted.discard("department")
    return [name for name in COLUMNS if name in wanted]


@blueprint.post("/graduates/columns")
def choose_columns() -> Response:
    """Keep which columns are looked at; none chosen, or `usual` pressed, is the usual ones."""
    given = [name for name in request.form.getlist("column") if name in COLUMNS]
    wanted = None if "usual" in request.form or not given else given
    with writing() as session:
        staff_rules.choose_columns(session, staff_context().staff.id, wanted)
    return redirect(list_address(), 303)
