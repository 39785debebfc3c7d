"""Batches that schools reported: what waits, what one holds, filing and returning."""

from collections.abc import Callable
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.base.errors import NotFound, RuleError
from registry.province import batch_decisions, batch_entries, batches
from registry.province.states import BatchState
from registry.record import graduates
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.incoming import whole
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.province.door import blueprint, province_context


@blueprint.get("/batches", endpoint="batches")
def show_batches() -> str:
    """Show the batches of a state; what waits for the province to begin with."""
    state = _state(request.args.get("state", BatchState.SENT))
    with reading() as session:
        before = request.args.get("before", "")
        rows = batch_decisions.of_province(session, province_context().province, state, before)
    older = rows[-1][0].key if len(rows) == batches.PAGE else None
    return render_template("province/batches.html", rows=rows, state=state, older=older)


def _state(given: str) -> BatchState:
    if given not in set(BatchState):
        raise RuleError("state_unknown", "没有这种状态，请从列表上方重新选择。", "state")
    return BatchState(given)


@blueprint.get("/batches/<key>", endpoint="batch")
def show_batch(key: str) -> str:
    """Show one batch: its counts, who is in it, who was left out and why."""
    with reading() as session:
        return _page(session, key)


def _page(session: Session, key: str, refusal: str = "", reason: str = "") -> str:
    batch, school = batch_decisions.find(session, province_context().province, key)
    rows = batch_entries.entries(session, batch, request.args.get("after", ""))
    seen = graduates.numbered(session, (each.key for each in rows))
    seeing.people(seen, {"batch": key}, batch.school_id)
    return render_template(
        "province/batch.html",
        batch=batch,
        school=school,
        rows=rows,
        following=rows[-1].key if len(rows) == batch_entries.PAGE else None,
        refusal=refusal,
        reason=reason,
        filed=request.args.get("filed", type=whole),
    )


@blueprint.post("/batches/<key>/file", endpoint="file_batch")
def file_batch(key: str) -> Response | tuple[str, int]:
    """File a batch: from now on its schools' copies change only through the province."""

    def act(session: Session) -> str:
        batch, _ = batch_decisions.find(session, province_context().province, key)
        if batch.state == BatchState.FILED:  # the same press twice
            return ""
        signed = batches.signature(province_context().staff)
        done = batch_decisions.file_batch(session, province_context().province, key, signed, now())
        return urlencode({"filed": done.filed})

    return _done(key, act)


@blueprint.post("/batches/<key>/return", endpoint="return_batch")
def return_batch(key: str) -> Response | tuple[str, int]:
    """Return a batch with a reason, filed or not."""

    def act(session: Session) -> str:
        batch, _ = batch_decisions.find(session, province_context().province, key)
        if batch.state != BatchState.RETURNED:
            signed, reason = (
                batches.signature(province_context().staff),
                request.form.get("reason", ""),
            )
            batch_decisions.return_batch(
                session, province_context().province, key, signed, reason, now()
            )
        return ""

    return _done(key, act)


@blueprint.post("/batches/<key>/release", endpoint="release")
def release(key: str) -> Response | tuple[str, int]:
    """Give one filed graduate of a batch back to the school, with a reason."""

    def act(session: Session) -> str:
        batch, _ = batch_decisions.find(session, province_context().province, key)
        graduate = request.form.get("graduate", "")
        if not batch_entries.holds(session, batch, graduate):
            raise NotFound("已备案的毕业生")
        signed, reason = batches.signature(province_context().staff), request.form.get("reason", "")
        batch_decisions.release(
            session, province_context().province, graduate, signed, reason, now()
        )
        return ""

    return _done(key, act)


def _done(key: str, act: Callable[[Session], str]) -> Response | tuple[str, int]:
    try:
        with writing() as session:
            query = act(session)
    except NotFound:
        raise
    except RuleError as refusal:
        with reading() as session:
            reason = request.form.get("reason", "")
            return _page(session, key, refusal.sentence, reason), status_of(refusal)
    address = url_for("province.batch", key=key)
    return redirect(f"{address}{'&' if '?' in address else '?'}{query}" if query else address, 303)
