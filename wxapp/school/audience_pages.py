"""Whom a reminder is for, kept under a name (常用发送对象): saved from the form, and removed."""

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.base.errors import RuleError
from registry.record import list_views
from registry.record.list_tables import ListView, ViewedPage
from registry.record.list_views import NewView
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.school.campaign_form import CampaignForm, read_written
from wxapp.school.campaign_writing import form_page
from wxapp.school.door import blueprint, staff_context
from wxapp.school.saved_audiences import query_of


@blueprint.post("/campaigns/audiences")
def save_audience() -> ResponseReturnValue:
    """Keep whom the form is for under a name; the form comes back as it was typed."""
    context, form = staff_context(), request.form
    written, refused = read_written(form), None
    try:
        with writing() as session:
            name, shared = form.get("audience_name", ""), "audience_shared" in form
            wanted = NewView(name, query_of(written), shared, ViewedPage.REMINDER)
            view = list_views.save(session, context.staff, context.scope, wanted, now())
            _note(session, view, "audience_saved")
    except RuleError as refusal:
        refused = refusal
    return _form(written, refused, "" if refused else "已保存到常用发送对象。")


@blueprint.post("/campaigns/audiences/<key>")
def remove_audience(key: str) -> ResponseReturnValue:
    """Remove one's own; the form comes back as it was typed."""
    context = staff_context()
    with writing() as session:
        view = list_views.remove(session, context.staff, context.scope, key, ViewedPage.REMINDER)
        _note(session, view, "audience_removed")
    return _form(read_written(request.form), None, "已删除。")


def _form(written: CampaignForm, refusal: RuleError | None, done: str) -> ResponseReturnValue:
    with reading() as session:
        page = form_page(session, written, refusal=refusal, done=done)
    return page, status_of(refusal) if refusal else 200


def _note(session: Session, view: ListView, action: str) -> None:
    said = {"name": view.name, "shared": view.shared}
    audit.note(session, staff_context().audit_record(action, f"list_view:{view.key}", said), now())
