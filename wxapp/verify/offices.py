"""Lists of an office with an account (/receiver): up to 500 lines at once, each one logged."""

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.tables import Role
from registry.base import workbook
from registry.base.errors import RuleError
from registry.base.stamp import Stamp
from registry.numbers import report, shape
from registry.numbers.lookup import receiver_lists
from registry.numbers.lookup.looking_up import Finding, ListEntry
from registry.numbers.lookup.receiver_lists import HEADING_WITHIN, MOST_LINES, ReceiverAccount
from registry.numbers.shape import Kind
from registry.record.fields import BLOCK_TITLES, Block
from registry.roster import reading as table_files
from wxapp.core import downloads
from wxapp.core.db import writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.who import WrongRole, current_staff
from wxapp.verify.looking import guard
from wxapp.verify.sheets import for_templates, keep_out_of_indexes, to_the_second

blueprint = Blueprint("offices", __name__, url_prefix="/receiver")
blueprint.after_request(keep_out_of_indexes)
blueprint.context_processor(lambda: {**for_templates(), "me": current_staff()})

LIST_BYTES = 1 << 20
FOUND, MISSED, SLIPPED = "有效", "未查到", "编号疑似抄错"
HEADING = ["姓名", "编号"]


@dataclass(frozen=True)
class LineResult:
    """What is results of one line of the list."""

    line: ListEntry
    result: str
    values: Sequence[str]
    """The fields of the report, in the order of the table's columns; all empty for a miss."""


@blueprint.url_value_preprocessor
def _take_a_file(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Raise what a form may weigh, before its token is read."""
    request.max_content_length = LIST_BYTES


@blueprint.before_request
def _let_in() -> None:
    if current_staff().role != Role.RECEIVER:
        raise WrongRole


@blueprint.get("/")
def page() -> ResponseReturnValue:
    """Ask for a list."""
    return _page(None)


@blueprint.post("/")
def look_up() -> ResponseReturnValue:
    """Look the list up and show what came of each line."""
    kind = Kind.HOUSEHOLD if request.form.get("kind") == Kind.HOUSEHOLD else Kind.FILE
    try:
        lines = _lines()
        with writing() as session:
            findings = _looked_up(session, kind, lines)
    except RuleError as refusal:
        return _page(refusal), status_of(refusal)
    titles, results = _results(kind, lines, findings)
    counts = Counter(each.result for each in results)
    asked_at = to_the_second(now())
    return render_template(
        "verify/list_result.html",
        kind=kind,
        titles=titles,
        results=results,
        found=counts[FOUND],
        slipped=counts[SLIPPED],
        asked_at=asked_at,
        workbook=_workbook(titles, results, asked_at),
    )


def _looked_up(session: Session, kind: Kind, lines: Sequence[ListEntry]) -> list[Finding]:
    staff = current_staff()
    office = ReceiverAccount(staff.key, guard().address_index(request.remote_addr or ""))
    findings = receiver_lists.look_up(session, resources().vault, office, kind, lines, now())
    looked_up = audit.by_staff(staff, "look_up_list", details={"lines": len(lines)})
    audit.note(session, looked_up, now())
    return findings


def _lines() -> list[ListEntry]:
    file = request.files.get("file")
    if file is None or not file.filename:
        return receiver_lists.pasted(request.form.get("lines", ""))
    table_files.refuse_other_ending(file.filename)
    content = file.read()
    table_files.refuse_hostile(content)
    with table_files.reading(content) as opened:
        rows = [row for _, row in islice(opened.rows, MOST_LINES + HEADING_WITHIN + 1)]
    return receiver_lists.tabled(rows)


def _results(
    kind: Kind, lines: Sequence[ListEntry], findings: Sequence[Finding]
) -> tuple[list[str], list[LineResult]]:
    """Return the titles of the table's columns, and its lines."""
    columns = report.columns(kind)
    results = []
    for line, finding in zip(lines, findings, strict=True):
        values = {
            (block.block, each.title): each.value for block in finding.shown for each in block.lines
        }
        result = _result(line, finding)
        ends_on = finding.number.ends_on.isoformat() if finding.number is not None else ""
        results.append(
            LineResult(line, result, [ends_on, *(values.get(each, "") for each in columns)])
        )
    return ["有效期至", *(_title(*each) for each in columns)], results


def _result(line: ListEntry, finding: Finding) -> str:
    if finding.number is not None:
        return FOUND
    return SLIPPED if shape.has_slip(line.number) else MISSED


def _title(block: Block, title: str) -> str:
    """Return a column's title: two blocks have a unit, and one table holds them all."""
    return title if block is Block.BASIC else f"{BLOCK_TITLES[block]}·{title}"


def _workbook(titles: Sequence[str], results: Sequence[LineResult], asked_at: str) -> str:
    """Return the table as a workbook within an address: nothing of it is kept here."""
    heading = [*HEADING, "结果", *titles, "查询时间"]
    rows = [
        [each.line.name, each.line.number, each.result, *each.values, asked_at] for each in results
    ]
    return _address_of([heading, *rows], stamp=downloads.stamp())


def _address_of(rows: Sequence[Sequence[str]], *, stamp: Stamp | None) -> str:
    file = BytesIO()
    workbook.write(file, rows, stamp=stamp)
    return f"data:{workbook.MEDIA_TYPE};base64,{base64.b64encode(file.getvalue()).decode()}"


def _page(refusal: RuleError | None) -> str:
    return render_template(
        "verify/list.html",
        kind=request.form.get("kind", Kind.FILE),
        lines=request.form.get("lines", ""),
        refusal=refusal,
        most=MOST_LINES,
        template=_address_of([HEADING], stamp=None),
    )
