"""Batches that schools reported: what waits, what one holds, filing and returning."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.base.errors import NotFound, RuleError
from registry.codes import categories
from registry.province import batch_decisions, batch_entries, batches, monitoring
from registry.province.batch_decisions import BatchFilter
from registry.province.batch_entries import PLACE_TITLES, EntryFilter, EntryPlace
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
    """Show the batches that are asked for; what waits for the province to begin with."""
    state = _one_of(BatchState, request.args.get("state", BatchState.SENT), "state")
    school = request.args.get("school", "")
    wanted = BatchFilter(state, school, request.args.get("of", type=whole))
    province, before = province_context().province, request.args.get("before", "")
    with reading() as session:
        rows = batch_decisions.of_province(session, province, wanted, before)
        schools = monitoring.school_choices(session, province)
    kept = {"state": state, "school": school or None, "of": wanted.year}
    return render_template(
        "province/batches.html",
        rows=rows,
        wanted=wanted,
        kept=kept,
        schools=schools,
        older=rows[-1][0].key if len(rows) == batches.PAGE else None,
    )


Choice = TypeVar("Choice", bound=StrEnum)


def _one_of(choices: type[Choice], given: str, field: str) -> Choice:
    if given not in set(choices):
        raise RuleError("state_unknown", "没有这种状态，请从列表上方重新选择。", field)
    return choices(given)


@blueprint.get("/batches/<key>", endpoint="batch")
def show_batch(key: str) -> str:
    """Show one batch: its counts, who is in it, who was left out and why."""
    with reading() as session:
        return _page(session, key)


def _page(session: Session, key: str, refusal: str = "", reason: str = "") -> str:
    batch, school = batch_decisions.find(session, province_context().province, key)
    wanted = _entry_filter(request.args)
    rows = batch_entries.entries(session, batch, request.args.get("after", ""), wanted=wanted)
    seen = graduates.numbered(session, (each.key for each in rows))
    seeing.people(seen, {"batch": key}, batch.school_id)
    return render_template(
        "province/batch.html",
        batch=batch,
        school=school,
        rows=rows,
        changed=batch_entries.count_changed(session, batch),
        wanted=wanted,
        kept=_kept(wanted),
        category_choices=[(code, categories.category_title(code)) for code in sorted(batch.counts)],
        places=[(each.value, title) for each, title in PLACE_TITLES.items()],
        place_titles=PLACE_TITLES,
        following=rows[-1].key if len(rows) == batch_entries.PAGE else None,
        refusal=refusal,
        reason=reason,
        filed=request.args.get("filed", type=whole),
    )


def _entry_filter(given: Mapping[str, str]) -> EntryFilter:
    place = given.get("place", "")
    return EntryFilter(
        words=given.get("q", "").strip(),
        category=given.get("category", ""),
        place=_one_of(EntryPlace, place, "place") if place else None,
    )


def _kept(wanted: EntryFilter) -> dict[str, str]:
    """Return what the address of the next page names of a filter."""
    named = {"q": wanted.words, "category": wanted.category, "place": wanted.place or ""}
    return {name: value for name, value in named.items() if value}


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
