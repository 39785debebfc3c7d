"""Changes of who graduates are and how they are reached: released by a second, or judged."""

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from notifier.binding import objections as objecting
from registry.accounts import audit
from registry.base.errors import RuleError
from registry.base.written_reason import written_reason
from registry.record import contact_changes, contact_lists, graduate_page, graduates
from registry.record.contact_states import CONTACT_TITLES
from registry.record.contact_tables import KIND_TITLES, PUT_RIGHT_TITLES
from registry.record.tables import Graduate
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.lists import read_place
from wxapp.core.resources import now
from wxapp.school.door import blueprint, staff_context

NO_REASON = "请写明核实的情况，会记入操作日志。"
JUDGEMENTS = {"uphold": True, "dismiss": False}


def shown(session: Session, graduate: Graduate) -> dict[str, Any]:
    """Return what her page shows of it."""
    return {
        "contact_changes": contact_lists.of_graduate(session, graduate.id, now()),
        "contact_titles": CONTACT_TITLES,
        "contact_kinds": KIND_TITLES,
        "put_right": PUT_RIGHT_TITLES,
        "now": now(),
    }


@blueprint.get("/objections", endpoint="objections")
def list_objections() -> str:
    """Show the objections that somebody has to look at."""
    with reading() as session:
        page = contact_lists.objections(session, staff_context().scope, read_place(request.args))
        seeing.people(graduates.numbered(session, (each.graduate_key for each in page.rows)))
    return render_template("school/objections.html", page=page, contact_kinds=KIND_TITLES)


@blueprint.post("/graduates/<key>/release")
def release_binding(key: str) -> Response:
    """Let her bind before the wait is over; a second press changes nothing."""
    reason = written_reason(request.form.get("reason", ""), NO_REASON)
    with writing() as session:
        change = contact_changes.find(session, staff_context().scope, key, _change())
        if contact_changes.release(session, change, staff_context().staff, reason, now()):
            record = staff_context().audit_record(
                "binding_released", graduate_page.subject(key), {"reason": reason}
            )
            audit.note(session, record, now())
    return redirect(url_for("school.graduate", key=key, tab="log"), 303)


@blueprint.post("/graduates/<key>/objection")
def judge_objection(key: str) -> Response:
    """Decide on her objection; a second press changes nothing."""
    reason = written_reason(request.form.get("reason", ""), NO_REASON)
    judgement = request.form.get("judgement", "")
    if judgement not in JUDGEMENTS:
        raise RuleError("judgement_missing", "请选择异议是否成立。", "judgement")
    upheld, staff = JUDGEMENTS[judgement], staff_context().staff
    with writing() as session:
        change = contact_changes.find(session, staff_context().scope, key, _change())
        objecting.judge(session, change, staff, reason, now(), upheld=upheld)
    return redirect(url_for("school.graduate", key=key, tab="log"), 303)


def _change() -> str:
    return request.form.get("change", "")
