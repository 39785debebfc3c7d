"""Holds all sending when the ledger was put back to an earlier state, as by restoring a backup.

What was sent since would be sent again. So nothing is sent until an operator has looked
(decision 10).
"""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from notifier.campaigns import campaigns
from notifier.delivery import circuit_breaker
from notifier.delivery.circuit_breaker import Stop
from notifier.ledger import mark, mini_allowances, outcomes, states
from notifier.ledger.states import CampaignEvent
from notifier.ledger.tables import Campaign, Message
from registry.base.database import database_now
from runtime.resources import Resources


def keep(resources: Resources) -> None:
    """Count on, and stop all sending if the ledger is behind. Any number of clockworks may."""
    remembered = mark.remembered_by_redis(resources)
    if remembered is None:  # a count that is not compared would hide a restore
        return
    app_id = resources.settings.wechat_app_id
    with resources.sessions.begin() as session:
        stands = mark.count(session, app_id, 1)
        known = mark.of_ledger(session, app_id)._replace(mark=stands - 1)
        if remembered.is_ahead_of(known):  # as a new database's first clockwork found it, perhaps
            remembered = mark.remembered_by_redis(resources) or remembered
        if stands == 1:  # a new database, perhaps beside an old Redis
            mark.let_redis_forget_claims(resources)
        elif remembered.is_ahead_of(known):
            _hold(session, resources, database_now(session))
            mark.count_claims(session, remembered.claims)
        stands = mark.count(session, app_id, max(0, remembered.mark + 1 - stands))
    mark.let_redis_remember(resources, stands)


def _hold(session: Session, resources: Resources, at: datetime) -> None:
    """Pause the account and what is to start; mark which messages may have been sent before.

    Also those that the backup has in flight: what became of them is forgotten. A campaign that
    staff had paused before it was written may have been gone on with since: it says so from now on.
    """
    mini_allowances.forget_what_failed(session, at)
    stop = Stop(None, outcomes.LEDGER_RESTORED, "")
    circuit_breaker.pause_account(session, resources.settings, stop, at)
    campaigns.move_all(
        session,
        CampaignEvent.PAUSE,
        Campaign.state == states.CampaignState.SCHEDULED,
        Campaign.start_at <= at,
        reason=outcomes.LEDGER_RESTORED.code,
    )
    session.execute(
        update(Campaign)
        .where(
            Campaign.state == states.CampaignState.PAUSED,
            Campaign.reason == outcomes.PAUSED_BY_STAFF,
            Campaign.started_at.is_(None),
            Campaign.start_at <= at,
        )
        .values(reason=outcomes.LEDGER_RESTORED.code)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Message)
        .where(Message.state.in_(list(states.OPEN_MESSAGES)))
        .values(held_at=at, reason=circuit_breaker.FORGOTTEN)
        .execution_options(synchronize_session=False)
    )
