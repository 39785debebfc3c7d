"""The operations of the interface. A view says who asks, what is done, what is answered."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, request
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.interface import feed, people, pushing, sync_health
from registry.interface.in_force import Pusher
from registry.interface.pushing import MOST_ROWS, PushOutcome, RowResult
from registry.interface.reading import PushedRow
from registry.interface.sync_days import error_share
from registry.interface.tables import FeedChange
from wxapp.api import strict_json
from wxapp.api.door import key_holder, take_rows
from wxapp.api.models import (
    BatchAnswer,
    Change,
    ChangePage,
    HealthAnswer,
    RecordBatch,
    RowAnswer,
    SyncAnswer,
)
from wxapp.api.rows import ReadRows, answered, read_rows
from wxapp.core.db import reading, writing
from wxapp.core.incoming import whole
from wxapp.core.logs import request_id
from wxapp.core.problems import problem
from wxapp.core.resources import now, resources

IN_BATCH = "#/records/{index}"
ALONE = "#"
USUAL_PAGE = 500
CURSOR = "[0-9A-Za-z.]{1,64}"
"""What a cursor consists of; its meaning is this side's alone."""


def answer(said: BaseModel, status: int = 200) -> Response:
    """Return an answer as JSON."""
    return Response(said.model_dump_json(), status, content_type="application/json")


def put_records() -> Response:
    """Take a batch in: all good rows or none, bad ones refused one by one."""
    dry_run = _dry_run()
    said = _batch()
    if refusal := take_rows(max(1, len(said))):
        return refusal
    told = _push(read_rows(said, IN_BATCH), IN_BATCH, dry_run=dry_run)
    counts = Counter(each.outcome for each in told)
    assert counts.total() == len(said), "rows were lost"
    return answer(
        BatchAnswer(
            batch=request_id(),
            dry_run=dry_run,
            counts={outcome: counts[outcome] for outcome in PushOutcome},
            results=told,
        )
    )


def _batch() -> list[Mapping[str, Any]]:
    """Return the rows of the body, unlooked at; raise RuleError for a body that is no batch."""
    said = strict_json.read(request.get_data())
    rows = said.get("records") if isinstance(said, dict) else None
    if isinstance(rows, list) and len(rows) > MOST_ROWS:
        raise RuleError("too_many_records", f"每批最多 {MOST_ROWS} 条记录，请分批提交。")
    try:
        return list(RecordBatch.model_validate(said).records)
    except ValidationError:
        sentence = '请求体应为 {"records": […]}，其中每条记录是一个对象。'
        raise RuleError("no_batch", sentence) from None


def put_record(source_id: str) -> Response:
    """Take one record in: 201 or 200 where it is kept, 409 for a conflict, 422 where refused."""
    dry_run = _dry_run()
    said = strict_json.read(request.get_data())
    if not isinstance(said, dict):
        raise RuleError("no_record", "请求体应为一条记录（JSON 对象）。")
    if said.get("source_id") != source_id:
        raise RuleError("source_id_disagrees", "请求体中的 source_id 与地址中的不一致。")
    if refusal := take_rows(1):
        return refusal
    told = _push(read_rows([said], ALONE), ALONE, dry_run=dry_run)[0]
    return _single(told)


def _single(told: RowAnswer) -> Response:
    errors = {"errors": [each.model_dump() for each in told.errors]}
    if told.outcome is PushOutcome.REJECTED:
        return problem(422, "rejected", "这条记录未接收，原因见 errors。", errors)
    if told.outcome is PushOutcome.VERSION_CONFLICT:
        sentence = "同一版本已收到过不同的内容，未接收。内容有更改时请递增版本。"
        return problem(409, "version_conflict", sentence)
    return answer(told, 201 if told.outcome is PushOutcome.CREATED else 200)


def _push(rows: ReadRows, prefix: str, *, dry_run: bool) -> list[RowAnswer]:
    """Take rows in, or only say what would become of them; return one answer for each."""
    push = _tried if dry_run else _done
    results = push(rows.good) if rows.good else []
    told = rows.bad | {each.index: answered(each, prefix) for each in results}
    return [told[index] for index in sorted(told)]


def _done(rows: Sequence[PushedRow]) -> list[RowResult]:
    with writing() as session:
        return pushing.push(session, _pusher(), rows)


def _tried(rows: Sequence[PushedRow]) -> list[RowResult]:
    """Do it and take it back: what is said is what would be done."""
    with resources().sessions() as session:
        results = pushing.push(session, _pusher(), rows)
        session.rollback()
    return results


def _pusher() -> Pusher:
    return Pusher(key_holder().province, key_holder().keyid, now())


def _dry_run() -> bool:
    return bool(_query({"dry_run": {"0": False, "1": True}.__getitem__}).get("dry_run"))


def _query(known: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    """Read the query by name; raise RuleError `parameter_wrong` for what is not known or read."""
    given: MultiDict[str, str] = request.args
    found = {}
    for name, values in given.lists():
        try:
            found[name] = known[name](*values)
        except (KeyError, ValueError, TypeError):
            sentence = "查询参数有误：参数名未知、重复，或取值不符合规定。"
            raise RuleError("parameter_wrong", sentence) from None
    return found


def get_changes() -> Response:
    """Give what happened here behind a cursor, in the order in which it was committed."""
    asked = _query({"after": _cursor, "limit": _limit})
    if refusal := take_rows(1):
        return refusal
    with writing() as session:
        limit = asked.get("limit", USUAL_PAGE)
        page = feed.read(session, key_holder().province, asked.get("after"), limit, now())
        items = [_change(each) for each in page.items]
    return answer(ChangePage(items=items, next=page.next, more=page.more))


def _cursor(text: str) -> str:
    if not re.fullmatch(CURSOR, text, re.ASCII):
        raise ValueError("no cursor")
    return text


def _limit(text: str) -> int:
    number = whole(text)
    if not 1 <= number <= feed.MOST:
        raise ValueError("no size of a page")
    return number


def _change(found: FeedChange) -> Change:
    at = found.at.astimezone(SHANGHAI)
    return Change(seq=found.seq, kind=found.kind, at=at, **found.said)  # type: ignore[arg-type]  # a kind's text


def get_sync(code: str) -> Response:
    """Give how the synchronisation of a school stands; what is not the province's is not found."""
    _query({})
    if refusal := take_rows(1):
        return refusal
    with reading() as session:
        province, at = key_holder().province, now()
        found = sync_health.school_of(session, province, code, at)
        if found is None:
            return _not_synced(session, code)
        read = sync_health.feed_of(session, province)
    today = found.today
    return answer(
        SyncAnswer(
            yxdm=found.code,
            yxmc=found.name,
            synced_at=_here(found.synced_at),
            day=at.astimezone(SHANGHAI).date().isoformat(),
            counts={outcome: today[outcome] for outcome in PushOutcome},
            rows=sum(today.values()),
            error_share=error_share(today),
            standing=found.standing,
            feed_unread=read.unread if read else 0,
            feed_read_at=_here(read.read_at) if read else None,
        )
    )


def _not_synced(session: Session, code: str) -> Response:
    """Say of a school of the province that its graduates register here; of others nothing."""
    if not people.registers_here(session, key_holder().province, code):
        abort(404)
    return problem(404, people.REGISTERS_HERE.code, people.REGISTERS_HERE.sentence)


def _here(at: datetime | None) -> datetime | None:
    return at and at.astimezone(SHANGHAI)


def get_health() -> Response:
    """Say that the signature is good, and what time it is here."""
    _query({})
    if refusal := take_rows(1):
        return refusal
    holder = key_holder()
    return answer(
        HealthAnswer(
            status="ok",
            time=now().astimezone(UTC),
            keyid=holder.keyid,
            province=holder.province,
        )
    )
