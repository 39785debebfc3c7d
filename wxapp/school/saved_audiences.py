"""Whom a reminder is for, under a name (常用发送对象): as it is kept, and as it fills the form."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from registry.base.errors import RuleError
from registry.record import filter_choices, list_views
from registry.record.list_tables import ListView, ViewedPage
from registry.record.list_views import BETWEEN
from wxapp.school.campaign_form import CampaignForm, read_written
from wxapp.school.door import staff_context

DEPARTMENTS = "departments"


def query_of(written: CampaignForm) -> dict[str, str]:
    """Return whom a form is for, as it is kept.

    Raises RuleError `audience_names_people` for a list of student numbers.
    """
    if written.student_numbers.strip():
        sentence = "学号名单不能保存，请清空名单，只保存筛选条件。"
        raise RuleError("audience_names_people", sentence, "student_numbers")
    found = {
        "kind": written.kind.name,
        "state": written.state,
        "level": written.level,
        "major": written.major,
        "class": written.class_name,
        "bound": written.bound,
        "missing_file": "yes" if written.missing_file else "",
        "authorization": written.authorization,
        DEPARTMENTS: BETWEEN.join(written.departments),
    }
    always = {"kind", "state", "authorization"}  # empty: everybody, where a default narrows
    return {name: value for name, value in found.items() if value or name in always}


def written_from(session: Session, key: str) -> CampaignForm:
    """Return the form as a saved one fills it.

    Raises NotFound, or RuleError `saved_audience_stale` where it names a department that is there
    no more, or is not the reader's: without it the form would be for everybody.
    """
    context = staff_context()
    view = list_views.find(session, context.staff, context.scope, key, ViewedPage.REMINDER)
    departments = (
        view.query.get(DEPARTMENTS, "").split(BETWEEN) if DEPARTMENTS in view.query else []
    )
    _refuse_stale(session, view, departments)
    given = MultiDict(view.query)
    given.setlist(DEPARTMENTS, departments)
    return replace(read_written(given), departments=departments)


def _refuse_stale(session: Session, view: ListView, departments: Collection[str]) -> None:
    mine = {key for key, _ in filter_choices.departments(session, staff_context().scope)}
    if not mine.issuperset(departments):
        sentence = f"“{view.name}”中的院系已合并或不在您的范围内，请重新选择发送对象后另存。"
        raise RuleError("saved_audience_stale", sentence)
