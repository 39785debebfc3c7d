"""All schools' campaigns that are not at their end: enough to see and to stop them, no more."""

from collections.abc import Callable
from datetime import datetime

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from notifier.campaigns import campaigns, plan_words
from notifier.delivery import account_state
from notifier.ledger import outcomes, states
from notifier.ledger.states import CampaignEvent
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.base.errors import RuleError
from registry.record.scope import Scope
from wxapp.core.db import deciding, reading
from wxapp.core.resources import now
from wxapp.core.who import current_staff
from wxapp.ops.door import blueprint

Move = Callable[[Session, Scope, str, datetime], object]

MOVES: dict[str, Move] = {
    "pause": lambda session, scope, key, _at: campaigns.pause(
        session, scope, key, reason=outcomes.PAUSED_BY_OPERATOR.code
    ),
    "resume": lambda session, scope, key, at: campaigns.resume(
        session, scope, key, at=at, by_operator=True
    ),
}


@blueprint.get("/campaigns", endpoint="campaigns")
def show_campaigns() -> str:
    """Show them; asked by htmx, only the part that moves."""
    with reading() as session:
        found = account_state.under_way(session)
    live = "HX-Request" in request.headers
    return render_template(
        "ops/campaigns_live.html" if live else "ops/campaigns.html",
        campaigns=found,
        most=account_state.MOST_CAMPAIGNS,
        titles=states.CAMPAIGN_TITLES,
        can=_moves_from,
    )


def _moves_from(state: states.CampaignState) -> set[str]:
    moves = {CampaignEvent.PAUSE, CampaignEvent.RESUME}
    return {event.value for event in moves & states.CAMPAIGN.events(state)}


@blueprint.post("/campaigns/<key>/<move>", endpoint="move_campaign")
def move_campaign(key: str, move: str) -> Response:
    """Stop a school's campaign, or let it go on; a second press changes nothing."""
    if move not in MOVES:
        raise RuleError("move_unknown", "没有这种操作，请刷新页面后重试。")
    with deciding() as session:
        scope = campaigns.scope_of_key(session, key)
        campaign = campaigns.find(session, scope, key)
        before = plan_words.of_state(campaign)
        MOVES[move](session, scope, key, now())
        said = {"changes": plan_words.changes(before, plan_words.of_state(campaign))}
        actor, action = current_staff().actor, f"campaign_{move}"
        record = AuditRecord(actor, action, f"campaign:{key}", scope.school_id, said)
        audit.note(session, record, now())
    return redirect(url_for("ops.campaigns"), 303)
