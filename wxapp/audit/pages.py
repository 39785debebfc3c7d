"""The list of the audit log, and the search for a person in it."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.accounts.audit_log import reading as log
from registry.accounts.audit_log.reading import AuditScope
from registry.accounts.audit_log.words import KINDS
from registry.base.errors import RuleError
from registry.base.paging import Place
from registry.codes.identity import identity_indexes, normalised
from registry.record import log_query, logged_people
from registry.record.log_query import FIELDS, LogQuery
from registry.record.logged_rows import said_rows
from registry.tasks import own_tasks
from registry.tasks.file_making import KEPT_FOR
from registry.tasks.states import TITLES, TaskKind
from wxapp.core import seeing
from wxapp.core.db import reading
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.who import WrongRole, current_staff

FRAMES = {"school": "base/console.html", "province": "province/page.html", "ops": "ops/page.html"}
"""Door -> what its pages stand in."""
EXPORTS_SHOWN = 5
NOBODY_FOUND = RuleError(
    "nobody_found", "没有找到这位毕业生，请核对姓名、学号或身份证号。", "words"
)


def own_scope() -> AuditScope:
    """Return whose log is read by who asks; raise WrongRole for those who read none."""
    scope = log_query.scope_of(current_staff())
    if scope is None:
        raise WrongRole
    return scope


def show_log() -> ResponseReturnValue:
    """Show a page of the rows that the address asks for; that it was looked at is one more row."""
    scope = own_scope()
    try:
        with reading() as session:
            query = log_query.read(session, resources().vault, scope, request.args)
            return _page(session, scope, query)
    except RuleError as refusal:
        if refusal.code == "not_found":
            raise
        return _refused(scope, refusal)


def find_person() -> ResponseReturnValue:
    """Find whose rows are meant; an identity number never comes into an address."""
    scope, words = own_scope(), request.form.get("words", "").strip()
    kept = _typed()
    indexes = identity_indexes(resources().vault, normalised(words))
    with reading() as session:
        found = logged_people.find(session, scope, words, indexes) if words else []
    if len(found) == 1 or not words:
        person = found[0].key if found else None
        return redirect(url_for(".audit_log", **kept | {"person": person}), 303)
    if not found:
        return _refused(scope, NOBODY_FOUND, words)
    seeing.searched([each.id for each in found])
    return shown("audit/people.html", people=found, query=kept)


def _typed() -> dict[str, Any]:
    """Return what else the address asks for."""
    return {name: value for name, value in request.args.items() if name not in {"after", "before"}}


def _refused(scope: AuditScope, refusal: RuleError, words: str = "") -> tuple[str, int]:
    """Show the list without a filter, and why."""
    with reading() as session:
        query = log_query.read(session, resources().vault, scope, {})
        return _page(session, scope, query, refusal, words), status_of(refusal)


def _page(
    session: Session,
    scope: AuditScope,
    query: LogQuery,
    refusal: RuleError | None = None,
    words: str = "",
) -> str:
    page = log.page(session, scope, query.wanted, _row_place(request.args))
    seeing.audit_log(query.person.key if query.person else None)
    return shown(
        "audit/list.html",
        page=page,
        rows=said_rows(session, scope, page.rows),
        typed={name: query.typed.get(name, "") for name in FIELDS},
        query=query.typed,
        without_person={name: said for name, said in query.typed.items() if name != "person"},
        person=query.person,
        kind_choices=[(each.name, each.title) for each in KINDS],
        doers=log.doers(session, scope),
        finds_people=scope != AuditScope(),
        refusal=refusal,
        words=words,
        exports=own_tasks.recent_for_staff(
            session, current_staff().id, {TaskKind.AUDIT_LOG}, now() - KEPT_FOR, EXPORTS_SHOWN
        ),
        export_titles=TITLES,
    )


def _row_place(given: Mapping[str, str]) -> Place:
    """Read where a page begins: rows are named by their numbers."""
    return Place(after=_number(given.get("after", "")), before=_number(given.get("before", "")))


def _number(text: str) -> str:
    return text if text.isascii() and text.isdigit() and len(text) <= 18 else ""


def shown(template: str, **values: object) -> str:
    """Render a page of the log in the frame of the door that is asked."""
    door = request.blueprint or ""
    return render_template(template, frame=FRAMES[door], entry=f"{door}.audit_log", **values)
