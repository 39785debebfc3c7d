"""The list of the audit log, the search for a person in it, and the list as a workbook."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import Any

from flask import redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import audit
from registry.accounts.audit_log import reading as log
from registry.accounts.audit_log.reading import AuditScope
from registry.accounts.audit_log.words import KINDS
from registry.base import workbook
from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.codes.identity import IDENTITY
from registry.record import logged_people
from wxapp.audit.asking import FIELDS, LogQuery, own_scope, read_query, read_row_place
from wxapp.audit.saying import SaidRow, said_rows
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.who import current_staff

FRAMES = {"school": "base/console.html", "province": "province/page.html", "ops": "ops/page.html"}
"""Door -> what its pages stand in."""
MOST = 20_000
"""Rows of one workbook: what takes a few seconds."""
HEADINGS = ("时间", "操作人", "身份", "操作", "对象", "来源地址代码", "设备", "说明")
CHUNK = 1000
NOBODY_FOUND = RuleError(
    "nobody_found", "没有找到这位毕业生，请核对姓名、学号或身份证号。", "words"
)


def show_log() -> ResponseReturnValue:
    """Show a page of the rows that the address asks for; that it was looked at is one more row."""
    scope = own_scope()
    try:
        with reading() as session:
            query = read_query(session, resources().vault, scope, request.args)
            return _page(session, scope, query)
    except RuleError as refusal:
        if refusal.code == "not_found":
            raise
        return _refused(scope, refusal)


def find_person() -> ResponseReturnValue:
    """Find whose rows are meant; an identity number never comes into an address."""
    scope, words = own_scope(), request.form.get("words", "").strip()
    kept = _typed()
    index = resources().vault.index(IDENTITY, words.upper())
    with reading() as session:
        found = logged_people.find(session, scope, words, index) if words else []
    if len(found) == 1 or not words:
        person = found[0].key if found else None
        return redirect(url_for(".audit_log", **kept | {"person": person}), 303)
    if not found:
        return _refused(scope, NOBODY_FOUND, words)
    seeing.searched([each.id for each in found])
    return _shown("audit/people.html", people=found, query=kept)


def _typed() -> dict[str, Any]:
    """Return what else the address asks for."""
    return {name: value for name, value in request.args.items() if name not in {"after", "before"}}


def _refused(scope: AuditScope, refusal: RuleError, words: str = "") -> tuple[str, int]:
    """Show the list without a filter, and why."""
    with reading() as session:
        query = read_query(session, resources().vault, scope, {})
        return _page(session, scope, query, refusal, words), status_of(refusal)


def _page(
    session: Session,
    scope: AuditScope,
    query: LogQuery,
    refusal: RuleError | None = None,
    words: str = "",
) -> str:
    page = log.page(session, scope, query.wanted, read_row_place(request.args))
    seeing.audit_log(query.person.key if query.person else None)
    return _shown(
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
    )


def _shown(template: str, **values: object) -> str:
    door = request.blueprint or ""
    return render_template(template, frame=FRAMES[door], entry=f"{door}.audit_log", **values)


def export_log() -> Response:
    """Send the rows that the address asks for as a workbook; that is a row of the log, too."""
    scope, vault = own_scope(), resources().vault
    with reading() as session:
        query = read_query(session, vault, scope, request.args)
        those = log.conditions(session, scope, query.wanted)
        if log.count(session, those, MOST) > MOST:
            sentence = f"一次最多导出 {MOST:,} 行，请缩小时间范围后再导出。"
            raise RuleError("too_many_rows", sentence)
        file = BytesIO()
        rows = workbook.write(file, _lines(session, scope, query), "操作日志")
    about = f"{audit.GRADUATE}{query.person.key}" if query.person else "audit"
    with writing() as session:
        record = audit.by_staff(current_staff(), "export_audit", about, {"rows": rows})
        audit.note(session, record, now())
    file.seek(0)
    name = f"操作日志_{now().astimezone(SHANGHAI):%Y%m%d_%H%M}.xlsx"
    return send_file(file, workbook.MEDIA_TYPE, as_attachment=True, download_name=name)


def _lines(session: Session, scope: AuditScope, query: LogQuery) -> Iterator[Sequence[str]]:
    yield HEADINGS
    those = log.conditions(session, scope, query.wanted)
    rows = log.every(session, those, MOST)
    while some := list(islice(rows, CHUNK)):
        yield from map(_line, said_rows(session, scope, some))


def _line(row: SaidRow) -> Sequence[str]:
    at = f"{row.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    said = "；".join(row.lines)
    return (at, row.who, row.role, row.what, row.about, row.place, row.device, said)
