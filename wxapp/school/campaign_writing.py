"""Making a campaign: whom it is for, what it says, when; nothing is sent before it is checked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from notifier.campaigns import audience as audiences
from notifier.campaigns import campaigns, looked_at, plan_words, previews
from notifier.campaigns.audience import Reach
from notifier.campaigns.estimate import Estimate, estimate_of
from notifier.campaigns.looked_at import LookAgain
from notifier.campaigns.previews import Preview
from notifier.ledger import kinds
from registry.accounts import audit
from registry.base.errors import RuleError
from registry.record import filter_choices, graduates, list_views, selections
from registry.record.list_tables import ViewedPage
from registry.roster import number_column
from wxapp.core import seeing
from wxapp.core.campaign_form import STATE_CHOICES, limits
from wxapp.core.db import reading, writing
from wxapp.core.lists import offers
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.school.campaign_form import KINDS, CampaignForm, read_written, written_of
from wxapp.school.door import blueprint, staff_context
from wxapp.school.saved_audiences import written_from
from wxapp.school.uploads import uploaded

NOBODY = Reach(0, 0, 0, 0, 0)


@dataclass(frozen=True)
class CampaignForecast:
    """What the form leads to: how many are reached, the card of one of them, or a refusal."""

    reach: Reach
    numbers: int
    """Of the list of student numbers; 0 where none was given."""
    not_found: Sequence[str]
    """Those of them that nobody of the year has whom the reader may see."""
    told_today: int
    """Those who have had the same card today."""
    estimate: Estimate
    card: Preview | None
    refusal: RuleError | None


def _see(session: Session, written: CampaignForm) -> CampaignForecast:
    scope, year = staff_context().scope, staff_context().year
    reach, told, card, refused = NOBODY, 0, None, None
    audience = written.audience(year)
    not_found = audiences.numbers_not_found(session, scope, audience)
    try:
        reach = audiences.reach(session, scope, audience, written.kind, now())
        told = audiences.told_today(session, scope, audience, written.kind, now())
        one = request.form.get("preview_for", "").strip()
        card = previews.preview_of_draft(session, scope, written.draft(year), now(), one)
    except RuleError as refusal:
        refused = refusal
    seeing.card(card)
    ahead = estimate_of(session, resources().settings, written.kind, reach.reachable, now())
    return CampaignForecast(reach, len(written.numbers), not_found, told, ahead, card, refused)


@blueprint.get("/campaigns/new")
def new_campaign() -> str:
    """Show the form: filled from a list's filters, a kept audience, a draft, or one to repeat."""
    with reading() as session:
        return form_page(session, _to_begin_with(session, request.args))


def _to_begin_with(session: Session, given: MultiDict[str, str]) -> CampaignForm:
    draft, like = given.get("draft", ""), given.get("like", "")
    if draft or like:
        return written_of(
            campaigns.find_own(session, staff_context().scope, draft or like), key=draft
        )
    if saved := given.get("saved", ""):
        return written_from(session, saved)
    written = read_written(given)
    chosen = given.get(selections.PARAMETER, "")
    return _for_chosen(session, written, chosen) if chosen else written


def _for_chosen(session: Session, written: CampaignForm, chosen: str) -> CampaignForm:
    """Return the form for exactly those who were chosen from a list, by their student numbers."""
    context = staff_context()
    selections.find(session, context.scope, context.staff.id, chosen)
    people = selections.members(context.scope, context.staff.id, chosen)
    numbers = graduates.student_numbers(session, context.scope, people)
    state = "" if written.kind.needless_when else written.state
    return replace(written, state=state, student_numbers="\n".join(numbers))


def form_page(
    session: Session, written: CampaignForm, *, refusal: RuleError | None = None, done: str = ""
) -> str:
    """Return the form as it stands with what it leads to; `done` says what was done just now."""
    return _form(session, written, _see(session, written), refusal, done)


def _form(
    session: Session,
    written: CampaignForm,
    seen: CampaignForecast,
    refusal: RuleError | None,
    done: str = "",
) -> str:
    context = staff_context()
    kept = list_views.offered(session, context.scope, context.staff.id, ViewedPage.REMINDER)
    return render_template(
        "school/campaign_new.html",
        written=written,
        seen=seen,
        refusal=refusal,
        done=done,
        kept=kept,
        removable={each.key for each in kept if list_views.may_change(context.staff, each)},
        kind=written.kind,
        kinds=[kinds.kinds()[name] for name in KINDS],
        offers=offers(filter_choices.choices(session, context.scope, context.year)),
        state_choices=STATE_CHOICES,
        authorizations=list(audiences.AUTHORIZATIONS.items()),
        limits=limits(written.kind),
    )


@blueprint.post("/campaigns/preview")
def preview_campaign() -> str:
    """Show how many are reached and the card: in its place by htmx, or in the whole form."""
    written = read_written(request.form)
    with reading() as session:
        seen = _see(session, written)
        if "HX-Request" in request.headers:
            return render_template("school/campaign_seen.html", seen=seen)
        return _form(session, written, seen, refusal=seen.refusal)


@blueprint.post("/campaigns/numbers")
def read_numbers() -> str | tuple[str, int]:
    """Put the student numbers of a file below those that were pasted; the form comes back."""
    numbers: tuple[str, ...] = ()
    refused = None
    try:
        numbers = number_column.student_numbers(uploaded("numbers").read())
    except RuleError as refusal:
        refused = refusal
    written = read_written(request.form)
    kept = dict.fromkeys((*written.numbers, *numbers))
    written = replace(written, student_numbers="\n".join(kept))
    with reading() as session:
        page = form_page(session, written, refusal=refused)
    return (page, status_of(refused)) if refused else page


@blueprint.post("/campaigns/new")
def create_campaign() -> Response | tuple[str, int]:
    """Write the draft; the next page shows it once more and has the button that sends."""
    written = read_written(request.form)
    try:
        with writing() as session:
            key = _write(session, written)
    except RuleError as refusal:
        with reading() as session:
            if isinstance(refusal, LookAgain):
                written = _looking_again(session, written)
            return form_page(session, written, refusal=refusal), status_of(refusal)
    return redirect(url_for("school.campaign", key=key), 303)


def _looking_again(session: Session, written: CampaignForm) -> CampaignForm:
    """Return what was typed as a change of the draft as it stands now."""
    standing = campaigns.find_own(session, staff_context().scope, written.key)
    return replace(written, seen=looked_at.content_of(standing))


def _write(session: Session, written: CampaignForm) -> str:
    context = staff_context()
    draft, scope, before = written.draft(context.year), context.scope, {}
    if written.key:
        standing = campaigns.find_own(session, scope, written.key)
        looked_at.require_content(session, standing, written.seen)
        before = plan_words.of_campaign(session, standing)
        campaign = campaigns.rewrite(session, scope, written.key, draft, at=now())
    else:
        campaign = campaigns.create(session, scope, draft, by=context.actor, at=now())
    changed = plan_words.changes(before, plan_words.of_campaign(session, campaign))
    action = "campaign_rewrite" if written.key else "campaign_create"
    record = context.audit_record(action, f"campaign:{campaign.key}", {"changes": changed})
    audit.note(session, record, now())
    return campaign.key
