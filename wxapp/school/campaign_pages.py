"""Campaigns: the list, one of them live, and what can be done with it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.binding import colleagues
from notifier.campaigns import audience as audiences
from notifier.campaigns import (
    audience_words,
    automatic_reminders,
    campaigns,
    effect,
    looked_at,
    plan_words,
    progress,
    province_reminders,
    test_send,
)
from notifier.campaigns.audience import Audience
from notifier.campaigns.estimate import estimate_of
from notifier.campaigns.looked_at import LookAgain, LookedAt
from notifier.campaigns.previews import Preview, preview_of
from notifier.campaigns.progress import Progress
from notifier.ledger import kinds, outcomes, sent, states
from notifier.ledger.tables import Campaign
from registry.accounts import audit
from registry.accounts import staff as staff_rules
from registry.base.errors import RuleError
from registry.codes import regions
from registry.record.scope import Scope
from registry.record.shown import SEEN
from wxapp.core import seeing
from wxapp.core.campaign_form import begins_at
from wxapp.core.db import deciding, reading, writing
from wxapp.core.incoming import whole
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.school.door import blueprint, staff_context

PAGE = 50
CHUNK = 1000

RECEIPTS_COME = timedelta(minutes=10)
"""So long after its end a campaign's page goes on moving, while messages lack their receipt."""

OTHERS = {automatic_reminders.BY: "系统自动", "command": "平台运维"}
"""Who starts a campaign and is not staff, as the list says it."""

Move = Callable[[Session, Scope, str, datetime], object]


def _start(session: Session, scope: Scope, key: str, at: datetime) -> Campaign:
    """Start what was looked at; raise LookAgain where it is no longer so."""
    form = request.form
    reachable, told = (form.get(name, 0, type=whole) for name in ("reachable", "told_today"))
    looked = LookedAt(form.get(SEEN, ""), reachable, told)
    looked_at.require(session, campaigns.find(session, scope, key), looked, at)
    return campaigns.start(session, scope, key, at=at, by=staff_context().actor)


MOVES: dict[str, Move] = {
    "start": _start,
    "pause": lambda session, scope, key, _at: campaigns.pause(session, scope, key),
    "resume": lambda session, scope, key, at: campaigns.resume(session, scope, key, at=at),
    "cancel": lambda session, scope, key, at: campaigns.cancel(session, scope, key, at=at),
    "retry": lambda session, scope, key, at: campaigns.retry_failed(session, scope, key, at=at),
}


@blueprint.get("/campaigns", endpoint="campaigns")
def show_campaigns() -> str:
    """Show the scope's campaigns, newest first."""
    before = request.args.get("before", "")
    with reading() as session:
        start = campaigns.find(session, staff_context().scope, before).id if before else None
        found = campaigns.recent(session, staff_context().scope, before=start, limit=PAGE + 1)
        shown = found[:PAGE]
        counts = sent.counts_by_campaign(session, shown)
        whom = audience_words.all_in_words(session, shown)
        names = _starters(session, shown)
    return render_template(
        "school/campaigns.html",
        campaigns=shown,
        counts=counts,
        whom=whom,
        names=names,
        more=len(found) > PAGE,
        titles=states.CAMPAIGN_TITLES,
    )


def _starters(session: Session, shown: Sequence[Campaign]) -> dict[int, str]:
    """Return who started each campaign, or made it where nobody did; by its number."""
    of_province = province_reminders.signed_names(session, shown)
    acted = {each.id: each.started_by or each.created_by for each in shown}
    staff = staff_rules.names(session, acted.values())
    named = {ident: staff.get(actor, OTHERS.get(actor, "")) for ident, actor in acted.items()}
    return named | of_province


@blueprint.get("/campaigns/<key>", endpoint="campaign")
def show_campaign(key: str) -> str:
    """Show how a campaign stands; asked by htmx, only the part that moves."""
    with reading() as session:
        campaign = campaigns.find(session, staff_context().scope, key)
        return _page(session, campaign)


@blueprint.post("/campaigns/<key>/preview", endpoint="preview_for_one")
def show_preview(key: str) -> str:
    """Show the page with the card as one named graduate would see it."""
    return show_campaign(key)


@blueprint.post("/campaigns/<key>/probe", endpoint="probe_campaign")
def send_test(key: str) -> ResponseReturnValue:
    """Send the message to one named person first; what keeps it from going is said on the page."""
    try:
        with writing() as session:
            ident = _send_test(session, key, request.form)
            audit.note(
                session, staff_context().audit_record("campaign_probe", f"campaign:{key}"), now()
            )
    except RuleError as refusal:
        with reading() as session:
            return _page(
                session, campaigns.find(session, staff_context().scope, key), refusal
            ), status_of(refusal)
    return redirect(url_for("school.campaign", key=key, probe=ident), 303)


def _send_test(session: Session, key: str, given: Mapping[str, str]) -> str:
    """Send to the colleague who was chosen, else to the student number that was written."""
    scope, at = staff_context().scope, now()
    if given.get("colleague"):
        return test_send.send_to_colleague(session, scope, key, given["colleague"], at=at)
    return test_send.send(session, scope, key, given.get("student_number", ""), at=at)


def _page(
    session: Session,
    campaign: Campaign,
    refusal: RuleError | None = None,
    not_started: LookAgain | None = None,
) -> str:
    progress_now = progress.progress(session, campaign, at=now())
    reminder = province_reminders.of_campaign(session, campaign)
    shown = {
        "campaign": campaign,
        "progress": progress_now,
        "live": progress_now.state in states.LIVE_CAMPAIGNS
        or _receipts_come(campaign, progress_now),
        "done_at": now() + timedelta(seconds=progress_now.seconds_left or 0),
        "titles": states.CAMPAIGN_TITLES,
        "message_titles": states.MESSAGE_TITLES,
        "reason_sentence": outcomes.sentence,
        "waiting_sentence": outcomes.waiting_sentence,
        "probe": test_send.found(session, staff_context().scope, request.args.get("probe", "")),
        "refusal": refusal,
        "not_started": not_started,
        "reminder": reminder,
        "can": set() if reminder else _moves_from(progress_now.state),
    }
    if "HX-Request" in request.headers:
        return render_template("school/campaign_live.html", **shown)
    seeing.nobody()
    return render_template("school/campaign.html", **shown, **_around(session, campaign))


def _around(session: Session, campaign: Campaign) -> dict[str, object]:
    """Return what the page shows around the part that moves."""
    scope, at = campaigns.scope_of(campaign), now()
    audience, kind = Audience.from_json(campaign.audience), kinds.kinds()[campaign.kind]
    reach = audiences.reach(session, scope, audience, kind, at)
    is_draft = campaign.state == states.CampaignState.DRAFT
    return {
        "seen": looked_at.content_of(campaign),
        "reach": reach,
        "told_today": audiences.told_today(session, scope, audience, kind, at) if is_draft else 0,
        "begins": begins_at(kind, campaign.start_at),
        "effect": effect.effect_of(campaign),
        "starter": _starters(session, [campaign])[campaign.id],
        "estimate": estimate_of(session, resources().settings, kind, reach.reachable, at),
        "audience": audience_words.in_words(session, campaign),
        "own": campaigns.is_own(staff_context().scope, campaign),
        "preview": _preview(session, campaign),
        "colleagues": colleagues.of_school(session, scope),
        "region_name": regions.region_name,
    }


def _moves_from(progress_now: states.CampaignState) -> set[str]:
    return {event.value for event in states.CAMPAIGN.events(progress_now)}


def _receipts_come(campaign: Campaign, progress_now: Progress) -> bool:
    ended = campaign.finished_at
    lacking = progress_now.counts[states.MessageState.ACCEPTED] > 0
    return lacking and ended is not None and now() - ended < RECEIPTS_COME


def _preview(session: Session, campaign: Campaign) -> Preview | RuleError | None:
    """Return the card, or why there is none; the page opens either way."""
    try:
        number = request.form.get("preview_for", "").strip()
        card = preview_of(session, campaign, now(), number)
    except RuleError as refusal:
        return refusal
    seeing.card(card)
    return card


@blueprint.post("/campaigns/<key>/move/<move>")
def move_campaign(key: str, move: str) -> ResponseReturnValue:
    """Start, pause, go on, cancel or send again; a second press changes nothing."""
    if move not in MOVES:
        raise RuleError("move_unknown", "没有这种操作，请刷新页面后重试。")
    try:
        _move(key, move)
    except LookAgain as refusal:
        with reading() as session:
            campaign = campaigns.find(session, staff_context().scope, key)
            return _page(session, campaign, not_started=refusal), status_of(refusal)
    return redirect(url_for("school.campaign", key=key), 303)


def _move(key: str, move: str) -> None:
    with deciding() as session:
        campaign = campaigns.find(session, staff_context().scope, key)
        province_reminders.require_own(campaign)
        before = plan_words.of_state(campaign)
        MOVES[move](session, staff_context().scope, key, now())
        changed = plan_words.changes(before, plan_words.of_state(campaign))
        if changed:  # a second press did nothing
            record = staff_context().audit_record(
                f"campaign_{move}", f"campaign:{key}", {"changes": changed}
            )
            audit.note(session, record, now())
