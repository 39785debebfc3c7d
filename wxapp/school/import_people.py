"""Whom a checked import would bring in or change, and who is on record but not in the file."""

from collections.abc import Iterator
from io import BytesIO

from flask import render_template, request, send_file
from werkzeug.wrappers import Response

from registry.accounts import audit
from registry.base import workbook
from registry.base.errors import NotFound
from registry.roster.plan import FATE_TITLES, Fate, PersonForeseen, Plan
from registry.roster.reading import row_of
from registry.tasks import roster_import
from wxapp.core import downloads, seeing
from wxapp.core.db import reading, writing
from wxapp.core.resources import now, resources
from wxapp.school.door import blueprint, school_only, staff_context

PAGE = 50
_HEADINGS = ("情况", "学号", "姓名", "院系", "文件中的行", "变更内容")


@blueprint.get("/imports/<key>/people", endpoint="import_people")
def show_people(key: str) -> str:
    """Show the people of one kind, a page at a time."""
    school_only()
    with reading() as session:
        found = roster_import.find(session, staff_context().scope, key)
        plan = roster_import.plan_of(session, resources().vault, found)
    if plan is None:
        raise NotFound("核对结果（保存 7 天）")
    asked = request.args.get("what", "")
    what = Fate(asked) if asked in set(Fate) else _first(plan)
    page = max(request.args.get("page", 1, int), 1)
    people = plan.of(what)
    pages = -(-len(people) // PAGE)
    shown = people[(page - 1) * PAGE : page * PAGE]
    seeing.people([], {"rows": len(shown), "import": key})
    return render_template(
        "school/import_people.html",
        found=found,
        file_name=found.asked["file_name"],
        what=what,
        page=page,
        pages=pages,
        previous=page - 1 if page > 1 else None,
        next=page + 1 if page < pages else None,
        people=shown,
        kinds=[(fate, title, len(plan.of(fate))) for fate, title in FATE_TITLES.items()],
        row_of=row_of,
    )


def _first(plan: Plan) -> Fate:
    return next((fate for fate in Fate if plan.of(fate)), Fate.NEW)


@blueprint.post("/imports/<key>/people")
def download_people(key: str) -> Response:
    """Send all of them as a workbook."""
    school_only()
    with writing() as session:
        found = roster_import.find(session, staff_context().scope, key)
        plan = roster_import.plan_of(session, resources().vault, found)
        if plan is None:
            raise NotFound("核对结果（保存 7 天）")
        record = staff_context().audit_record("import_people", f"import:{key}")
        audit.note(session, record, now())
    made = BytesIO()
    workbook.write(made, _lines(plan), "核对结果", stamp=downloads.stamp())
    made.seek(0)
    name = f"核对结果-{found.key[:6]}.xlsx"
    return send_file(made, workbook.MEDIA_TYPE, as_attachment=True, download_name=name)


def _lines(plan: Plan) -> Iterator[tuple[str, ...]]:
    yield _HEADINGS
    for fate, title in FATE_TITLES.items():
        yield from (_line(title, each) for each in plan.of(fate))


def _line(title: str, person: PersonForeseen) -> tuple[str, ...]:
    changes = "；".join(
        f"{name}：{before or '空'} → {after}" for name, before, after in person.changes
    )
    row = str(row_of(person.row)) if person.row else ""
    return (title, person.student_number, person.name, person.department, row, changes)
