"""Filters of the list of graduates under a name (常用筛选): saved, renamed, removed."""

from flask import redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import audit
from registry.base.errors import NotFound, RuleError
from registry.record import list_views
from registry.record.list_tables import ListView
from registry.record.list_views import NewView
from wxapp.core.db import writing
from wxapp.core.resources import now
from wxapp.school.door import blueprint, staff_context
from wxapp.school.filters import list_address, list_query
from wxapp.school.lists import refused_list


@blueprint.post("/graduates/views")
def save_view() -> ResponseReturnValue:
    """Keep the filters and the order of the list under a name."""
    context, form = staff_context(), request.form
    wanted = NewView(form.get("name", ""), list_query(), shared="shared" in form)
    try:
        with writing() as session:
            view = list_views.save(session, context.staff, context.scope, wanted, now())
            _note(session, view, "list_view_saved")
    except RuleError as refusal:
        return refused_list(refusal)
    return _back()


@blueprint.post("/graduates/views/<key>")
def change_view(key: str) -> ResponseReturnValue:
    """Rename a view, or remove it."""
    context, form = staff_context(), request.form
    try:
        with writing() as session:
            if form.get("act") == "remove":
                view = list_views.remove(session, context.staff, context.scope, key)
                _note(session, view, "list_view_removed")
            else:
                name = form.get("name", "")
                view = list_views.rename(session, context.staff, context.scope, key, name)
                _note(session, view, "list_view_saved")
    except NotFound:
        raise
    except RuleError as refusal:
        return refused_list(refusal)
    return _back()


def _back() -> Response:
    return redirect(list_address(), 303)


def _note(session: Session, view: ListView, action: str) -> None:
    said = {"name": view.name, "shared": view.shared}
    audit.note(session, staff_context().audit_record(action, f"list_view:{view.key}", said), now())
