"""Notices that the ledger was put back to an earlier state, as by restoring a backup.

What was sent since would be sent again. So the ledger counts, and Redis keeps the last count: one
that is behind its own past sends nothing until an operator has looked (decision 10). Redis may be
lost at any time; then there is nothing to compare, and nothing is held.
"""

from contextlib import suppress
from datetime import datetime

from redis import RedisError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notifier.campaigns import campaigns
from notifier.delivery import circuit_breaker
from notifier.delivery.circuit_breaker import Stop
from notifier.ledger import account, outcomes, states
from notifier.ledger.states import CampaignEvent
from notifier.ledger.tables import Account, Campaign, Message
from registry.base.database import database_now
from runtime.resources import Resources

KEY = "quxiang:ledger-mark:"


def is_behind(resources: Resources) -> bool:
    """Say whether the ledger has forgotten something of what it did."""
    remembered = _remembered(resources)
    with resources.readers.begin() as session:
        mark = session.scalar(
            select(Account.ledger_mark).where(Account.app_id == resources.settings.wechat_app_id)
        )
    return 0 < (mark or 0) < remembered


def keep(resources: Resources) -> None:
    """Count on, and stop all sending if the ledger is behind. Any number of clockworks may."""
    remembered = _remembered(resources)
    with resources.sessions.begin() as session:
        mark = _count(session, resources.settings.wechat_app_id, 1)
        if mark <= remembered:
            if mark > 1:  # 1: a new database beside an old Redis
                _hold(session, resources, database_now(session))
            mark = _count(session, resources.settings.wechat_app_id, remembered + 1 - mark)
    with suppress(RedisError):  # it is told again at the next turn
        resources.redis.set(_key(resources), mark)


def _count(session: Session, app_id: str, steps: int) -> int:
    """Move the count of the account on; return where it stands now."""
    account.make_sure(session, app_id)
    return session.scalars(
        update(Account)
        .where(Account.app_id == app_id)
        .values(ledger_mark=Account.ledger_mark + steps)
        .returning(Account.ledger_mark)
        .execution_options(synchronize_session=False)
    ).one()


def _hold(session: Session, resources: Resources, at: datetime) -> None:
    """Pause the account and what is to start; note which messages may have been sent before."""
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
        update(Message)
        .where(Message.state == states.MessageState.WAITING)
        .values(reason=circuit_breaker.FORGOTTEN)
        .execution_options(synchronize_session=False)
    )


def _remembered(resources: Resources) -> int:
    """Return the count that Redis keeps; 0 where it does not know."""
    try:
        return int(resources.redis.get(_key(resources)) or 0)
    except RedisError:
        return 0


def _key(resources: Resources) -> str:
    return f"{KEY}{resources.settings.wechat_app_id}"
