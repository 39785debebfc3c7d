"""The province's graduates in a national layout, made by a task, for who asks alone."""

from collections.abc import Collection, Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import audit
from registry.base.errors import NotFound, RuleError
from registry.base.file_tables import StoredFile
from registry.province import batch_decisions, monitoring, national_rows
from registry.province.national_layouts import LAYOUTS
from registry.province.national_rows import ProvinceExport
from registry.roster.layouts import Layout
from registry.tasks import own_tasks
from registry.tasks.file_making import KEPT_FOR
from registry.tasks.kinds import PROCEDURES
from registry.tasks.own_tasks import OwnTask
from registry.tasks.states import MOVING, OF_FIGURES, TITLES, TaskKind, TaskState
from registry.tasks.tables import Task
from wxapp.core import downloads, own_exports
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.province.door import blueprint, province_context

SHOWN = 10
"""Exports of the last day that are listed."""
LISTS = frozenset({TaskKind.PROVINCE_LIST})
KINDS = LISTS | {TaskKind.PROVINCE_STATISTICS}
WHO = {"": "全部毕业生", "filed": "仅已备案"}


@blueprint.get("/exports", endpoint="exports")
def show_exports() -> str:
    """Show the form, and what was asked for in the last day."""
    with reading() as session:
        return _page(session, request.args)


def _page(session: Session, given: Mapping[str, str], refusal: RuleError | None = None) -> str:
    province, staff = province_context().province, province_context().staff
    return render_template(
        "province/exports.html",
        asked=given,
        batch=_batch(session, given.get("batch", "")),
        layouts=[(each.value, layout.title) for each, layout in LAYOUTS.items()],
        schools=monitoring.school_choices(session, province),
        who=list(WHO.items()),
        refusal=refusal,
        exports=own_tasks.recent_for_staff(session, staff.id, KINDS, now() - KEPT_FOR, SHOWN),
        titles=TITLES,
        most=PROCEDURES[TaskKind.PROVINCE_LIST].most,
    )


def _batch(session: Session, key: str) -> object:
    """Return the batch that the address names and its school; None where it names none."""
    return batch_decisions.find(session, province_context().province, key) if key else None


@blueprint.post("/exports", endpoint="make_export")
def make_export() -> ResponseReturnValue:
    """Have the graduates that the form asks for made a file, a short list at once."""
    try:
        return _made(request.form)
    except NotFound:
        raise
    except RuleError as refusal:
        with reading() as session:
            return _page(session, request.form, refusal), status_of(refusal)


def _made(given: Mapping[str, str]) -> Response:
    with reading() as session:
        wanted = _checked(session, given, PROCEDURES[TaskKind.PROVINCE_LIST].most or 0)
    return redirect(url_for("province.export", key=own_exports.begin(wanted).key), 303)


def _checked(session: Session, given: Mapping[str, str], most: int) -> OwnTask:
    asked, wanted = _asked(given), _wanted(given)
    _batch(session, wanted.batch)  # another province's is not found
    number = national_rows.count(session, wanted)
    if not number:
        raise RuleError("nobody_meant", "没有符合条件的毕业生，请先调整条件。")
    if number > most:
        sentence = f"一次最多导出 {most:,} 人，现在有 {number:,} 人，请按学校或批次分次导出。"
        raise RuleError("too_many", sentence)
    return OwnTask(TaskKind.PROVINCE_LIST, asked, number, wanted.year)


def _asked(given: Mapping[str, str]) -> dict[str, str]:
    layout = given.get("layout", "")
    if layout not in set(Layout):
        raise RuleError("layout_unknown", "请选择导出格式。", "layout")
    named = {name: given.get(name, "") for name in ("school", "batch")}
    named["filed"] = given.get("who", "")
    kept = {name: value for name, value in named.items() if value}
    return {"layout": layout, "title": LAYOUTS[Layout(layout)].title, **kept}


def _wanted(given: Mapping[str, str]) -> ProvinceExport:
    return ProvinceExport(
        *(province_context().province, province_context().year),
        school=given.get("school", ""),
        batch=given.get("batch", ""),
        filed=bool(given.get("who")),
    )


@blueprint.get("/exports/<key>", endpoint="export")
def show_export(key: str) -> str:
    """Show how an export stands; asked by htmx, only the part that moves."""
    with reading() as session:
        task = _find(session, key, KINDS)
        file = own_tasks.file_of(session, task, now())
    state = TaskState(task.state)
    live = "HX-Request" in request.headers
    return render_template(
        "province/export_live.html" if live else "province/export.html",
        task=task,
        file=file,
        figures=task.kind in OF_FIGURES,
        moving=state in MOVING,
        state_title=TITLES[state],
    )


def _find(session: Session, key: str, kinds: Collection[TaskKind]) -> Task:
    return own_tasks.find_for_staff(session, province_context().staff.id, kinds, key)


@blueprint.post("/exports/<key>/file", endpoint="fetch_export")
def fetch_export(key: str) -> ResponseReturnValue:
    """Send the file to who asked for it, and keep in the log that it was taken."""
    with writing() as session:
        task, file = _found(session, key, LISTS)
        said = {"lines": task.done, "year": task.year}
        record = audit.by_staff(province_context().staff, "province_file", "province_list", said)
        audit.note(session, record, now())
    return downloads.stored(file)


@blueprint.post("/exports/<key>/statistics", endpoint="fetch_statistics")
def fetch_statistics(key: str) -> ResponseReturnValue:
    """Send figures, also to those who may take no lists along; the log keeps that, too."""
    with writing() as session:
        task, file = _found(session, key, OF_FIGURES)
        about, said = "province_statistics", {"year": task.year}
        record = audit.by_staff(province_context().staff, "statistics_file", about, said)
        audit.note(session, record, now())
    return downloads.stored(file)


def _found(session: Session, key: str, kinds: Collection[TaskKind]) -> tuple[Task, StoredFile]:
    task = _find(session, key, kinds)
    file = own_tasks.file_of(session, task, now())
    if file is None:
        raise NotFound("文件（保存 24 小时）")
    return task, file
