"""Whom a checked import would bring in or change, and who is on record but not in the file."""

from flask import render_template, request
from werkzeug.wrappers import Response

from registry.base.errors import NotFound
from registry.roster.plan import FATE_TITLES, Fate, Plan
from registry.roster.reading import row_of
from registry.tasks import roster_import
from registry.tasks.import_lists import GONE
from registry.tasks.start import NameList
from registry.tasks.states import TaskKind
from wxapp.core import seeing
from wxapp.core.db import reading
from wxapp.core.resources import resources
from wxapp.school import name_lists
from wxapp.school.door import blueprint, school_only, staff_context

PAGE = 50


@blueprint.get("/imports/<key>/people", endpoint="import_people")
def show_people(key: str) -> str:
    """Show the people of one kind, a page at a time."""
    school_only()
    with reading() as session:
        found = roster_import.find(session, staff_context().scope, key)
        plan = roster_import.plan_of(session, resources().vault, found)
    if plan is None:
        raise NotFound(GONE)
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
    """Have all of them written into a workbook."""
    school_only()
    with reading() as session:
        found = roster_import.find(session, staff_context().scope, key)
        plan = roster_import.plan_of(session, resources().vault, found)
    if plan is None:
        raise NotFound(GONE)
    total = sum(len(plan.of(fate)) for fate in Fate)
    listed = NameList(TaskKind.IMPORT_PEOPLE, found.year, total, asked={"import": key})
    return name_lists.begin(listed, staff_context().audit_record("import_people", f"import:{key}"))
