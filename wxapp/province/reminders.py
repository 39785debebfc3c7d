"""Reminders to the graduates of the province's schools: made, started and watched in one act."""

from collections.abc import Callable
from dataclasses import replace

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from notifier.binding import colleagues
from notifier.campaigns import (
    audience_words,
    looked_at,
    province_progress,
    province_reminders,
    province_test_send,
)
from notifier.campaigns.audience import Audience
from notifier.campaigns.looked_at import LookAgain
from notifier.campaigns.province_reminders import Acting
from notifier.ledger import kinds, outcomes, states
from notifier.ledger.tables import ProvinceReminder
from registry.base.errors import RuleError
from registry.province import monitoring
from registry.record.shown import SEEN
from wxapp.core.campaign_form import STATE_CHOICES, begins_at, limits
from wxapp.core.db import deciding, reading, writing
from wxapp.core.incoming import whole
from wxapp.core.lists import level_offers
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.province.door import blueprint, province_context
from wxapp.province.reminder_form import (
    ProvinceReminderForecast,
    ProvinceReminderForm,
    read_written,
    see,
    see_first,
    written_of,
)

PAGE = 50


def _start(session: Session, acting: Acting, key: str) -> None:
    """Start what was looked at; raise LookAgain where it is no longer so."""
    standing = province_reminders.find(session, acting.province, key)
    looked_at.require_content(session, standing, request.form.get(SEEN, ""))
    looked = request.form.get("reachable", 0, type=whole)
    province_reminders.start(session, acting, key, looked)


MOVES: dict[str, Callable[[Session, Acting, str], None]] = {
    "start": _start,
    "pause": province_reminders.pause,
    "resume": province_reminders.resume,
    "cancel": province_reminders.cancel,
    "retry": province_reminders.retry,
    "discard": province_reminders.discard,
}


def _acting() -> Acting:
    staff = province_context().staff
    return Acting(province_context().province, staff.actor, staff.name, now())


@blueprint.get("/reminders", endpoint="reminders")
def show_reminders() -> str:
    """Show the province's reminders, newest first."""
    before = request.args.get("before", "")
    with reading() as session:
        start = (
            province_reminders.find(session, province_context().province, before).id
            if before
            else None
        )
        found = province_reminders.recent(
            session, province_context().province, before=start, limit=PAGE + 1
        )
        outlines = province_progress.outlines(session, found[:PAGE])
        effects = province_progress.effects(session, found[:PAGE])
    return render_template(
        "province/reminders.html",
        reminders=found[:PAGE],
        outlines=outlines,
        effects=effects,
        more=len(found) > PAGE,
        titles=states.CAMPAIGN_TITLES,
    )


@blueprint.get("/reminders/new", endpoint="new_reminder")
def new_reminder() -> str:
    """Show the form: for all schools or those in the address, a draft to change, one to repeat."""
    with reading() as session:
        written = _to_begin_with(session, request.args)
        seen = see_first(session, written, province_context().year)
        return _form(session, written, seen, refusal=None)


def _to_begin_with(session: Session, given: MultiDict[str, str]) -> ProvinceReminderForm:
    draft, like = given.get("draft", ""), given.get("like", "")
    if draft or like:
        return written_of(
            province_reminders.find(session, province_context().province, draft or like), key=draft
        )
    return read_written(given, given.getlist("schools") or _all_schools(session))


def _all_schools(session: Session) -> list[str]:
    found = monitoring.confirmations(session, province_context().province, province_context().year)
    return [each.key for each in found.values()]


def _form(
    session: Session,
    written: ProvinceReminderForm,
    seen: ProvinceReminderForecast,
    refusal: RuleError | None,
) -> str:
    province, year = province_context().province, province_context().year
    return render_template(
        "province/reminder_new.html",
        written=written,
        seen=seen,
        refusal=refusal,
        kind=written.kind,
        schools=list(monitoring.confirmations(session, province, year).values()),
        levels=level_offers(monitoring.levels(session, province, year)),
        state_choices=STATE_CHOICES,
        limits=limits(written.kind),
    )


@blueprint.post("/reminders/preview", endpoint="preview_reminder")
def preview_reminder() -> str:
    """Show whom it reaches and a card: in its place by htmx, or in the whole form."""
    with reading() as session:
        written = read_written(request.form, _ticked(session))
        seen = see(session, written, province_context().year)
        if "HX-Request" in request.headers:
            return render_template("province/reminder_seen.html", seen=seen)
        return _form(session, written, seen, seen.refusal)


def _ticked(session: Session) -> list[str]:
    """Return the schools that are ticked, or all or none where a button asked for that."""
    if request.form.get("tick") == "all":
        return _all_schools(session)
    return [] if request.form.get("tick") == "none" else request.form.getlist("schools")


@blueprint.post("/reminders/new", endpoint="create_reminder")
def create_reminder() -> Response | tuple[str, int]:
    """Write the draft; the next page shows it once more and has the button that sends."""
    written = read_written(request.form, request.form.getlist("schools"))
    try:
        with writing() as session:
            key = _write(session, written)
    except RuleError as refusal:
        with reading() as session:
            if isinstance(refusal, LookAgain):
                standing = province_reminders.find(session, _acting().province, written.key)
                written = replace(written, seen=looked_at.content_of(standing))
            seen = see(session, written, province_context().year)
            return _form(session, written, seen, refusal), status_of(refusal)
    return redirect(url_for("province.reminder", key=key), 303)


def _write(session: Session, written: ProvinceReminderForm) -> str:
    draft, acting = written.draft(province_context().year), _acting()
    if written.key:
        standing = province_reminders.find(session, acting.province, written.key)
        looked_at.require_content(session, standing, written.seen)
        return province_reminders.rewrite(session, acting, written.key, draft, written.schools).key
    return province_reminders.create(session, _acting(), draft, written.schools).key


@blueprint.get("/reminders/<key>", endpoint="reminder")
def show_reminder(key: str) -> str:
    """Show how a reminder stands; asked by htmx, only the part that moves."""
    with reading() as session:
        reminder = province_reminders.find(session, province_context().province, key)
        common = _common(reminder)
        if reminder.started_at is None:
            return _draft(session, reminder, common)
        return _started(session, reminder, common)


def _draft(
    session: Session,
    reminder: ProvinceReminder,
    common: dict[str, object],
    refusal: RuleError | None = None,
    not_started: LookAgain | None = None,
) -> str:
    kind, province = kinds.kinds()[reminder.kind], province_context().province
    probe = request.args.get("probe", "")
    return render_template(
        "province/reminder_draft.html",
        **common,
        seen=see(session, written_of(reminder), Audience.from_json(reminder.audience).year),
        begins=begins_at(kind, reminder.start_at),
        colleagues=colleagues.of_province(session, province),
        schools=province_test_send.schools_of(session, reminder),
        probe=province_test_send.found(session, province, probe),
        refusal=refusal,
        content=looked_at.content_of(reminder),
        not_started=not_started,
        message_titles=states.MESSAGE_TITLES,
        reason_sentence=outcomes.sentence,
    )


@blueprint.post("/reminders/<key>/probe", endpoint="probe_reminder")
def send_test(key: str) -> ResponseReturnValue:
    """Send the message to one named person first; what keeps it from going is said on the page."""
    try:
        with writing() as session:
            ident = _send_test(session, key, request.form)
    except RuleError as refusal:
        with reading() as session:
            reminder = province_reminders.find(session, province_context().province, key)
            page = _draft(session, reminder, _common(reminder), refusal)
        return page, status_of(refusal)
    return redirect(url_for("province.reminder", key=key, probe=ident), 303)


def _send_test(session: Session, key: str, given: MultiDict[str, str]) -> str:
    """Send to the colleague who was chosen, else to the student number of a school."""
    if colleague := given.get("colleague", ""):
        return province_test_send.send_to_colleague(session, _acting(), key, colleague)
    school, number = given.get("school", ""), given.get("student_number", "")
    return province_test_send.send(session, _acting(), key, school, number)


def _common(reminder: ProvinceReminder) -> dict[str, object]:
    audience, kind = Audience.from_json(reminder.audience), kinds.kinds()[reminder.kind]
    return {"reminder": reminder, "audience": audience_words.of_audience(audience, kind)}


def _started(session: Session, reminder: ProvinceReminder, common: dict[str, object]) -> str:
    live = "HX-Request" in request.headers
    done = {} if live else province_progress.effects(session, [reminder])
    return render_template(
        "province/reminder_live.html" if live else "province/reminder.html",
        effect=done.get(reminder.id),
        **common,
        progress=province_progress.progress_of(session, reminder),
        live_states=states.LIVE_CAMPAIGNS,
        titles=states.CAMPAIGN_TITLES,
        message_titles=states.MESSAGE_TITLES,
        reason_sentence=outcomes.sentence,
        waiting_sentence=outcomes.waiting_sentence,
    )


@blueprint.post("/reminders/<key>/<move>", endpoint="move_reminder")
def move_reminder(key: str, move: str) -> ResponseReturnValue:
    """Start, pause, go on, cancel, or drop a draft; a second press changes nothing."""
    if move not in MOVES:
        raise RuleError("move_unknown", "没有这种操作，请刷新页面后重试。")
    try:
        with deciding() as session:
            MOVES[move](session, _acting(), key)
    except LookAgain as refusal:
        with reading() as session:
            reminder = province_reminders.find(session, province_context().province, key)
            page = _draft(session, reminder, _common(reminder), not_started=refusal)
        return page, status_of(refusal)
    gone = move == "discard"
    address = url_for("province.reminders") if gone else url_for("province.reminder", key=key)
    return redirect(address, 303)
