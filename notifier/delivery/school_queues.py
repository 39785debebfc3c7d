"""Queues of what may be sent now: each school's event messages, and then each campaign's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import Session

from notifier.ledger import kinds, quota, states
from notifier.ledger.tables import Account, Campaign
from registry.base.clock import SHANGHAI
from registry.base.database import UtcDateTime
from registry.base.detached import read_rows
from registry.base.written_out import is_one_of
from runtime.settings import Settings


@dataclass(frozen=True)
class SchoolQueue:
    """Messages that share a campaign; without one, the event messages of a school or of all."""

    campaign_id: int | None
    kind: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    school_id: int | None = None
    prefers_delivery: bool = False
    """Whether what nobody can know is rather sent twice than not at all."""

    @property
    def for_events(self) -> bool:
        """Say whether this is a queue of event messages."""
        return self.campaign_id is None

    @property
    def place(self) -> int:
        """Return a number that orders queues of one sort, for as long as they exist."""
        return self.campaign_id or self.school_id or 0


EVENTS = SchoolQueue(None)

Moment = datetime | BindParameter[datetime]
"""One that is known, or one that comes with the execution of a statement that is made once."""
AT = bindparam("at", type_=UtcDateTime())
"""The moment that a statement is asked about which is made once."""
_APP_ID = bindparam("app", type_=String())


def campaign_queues(session: Session, at: datetime) -> list[SchoolQueue]:
    """Return the queues of campaigns that send, in a fixed order."""
    return [
        SchoolQueue(ident, kind, texts, prefers_delivery=prefers == "delivery")
        for ident, kind, texts, prefers in session.execute(_sending(), {AT.key: at})
    ]


@cache
def _sending() -> Select[int, str, dict[str, str], str]:
    return (
        select(Campaign.id, Campaign.kind, Campaign.texts, Campaign.prefers)
        .where(sends(AT), Campaign.kind.in_(list(kinds.kinds())))
        .order_by(Campaign.id)
    )


def sends(at: Moment) -> ColumnElement[bool]:
    """Return the condition on a campaign that its messages may be claimed at this moment."""
    in_time = or_(Campaign.not_after.is_(None), Campaign.not_after > at)
    return and_(is_one_of(Campaign.state, [states.CampaignState.SENDING]), in_time)


@dataclass(frozen=True)
class AccountPause:
    """Why nothing may be sent, and until when; None: until somebody resumes the account."""

    reason: str
    until: datetime | None


def pause_of(session: Session, settings: Settings, at: datetime) -> AccountPause | None:
    """Return the pause of the account that holds at this moment."""
    return pause_of_app(session, settings.wechat_app_id, at)


def pause_of_app(session: Session, app_id: str, at: datetime) -> AccountPause | None:
    """Return the pause that holds at this moment, of the account or of the mini program."""
    found = read_rows(session, _PAUSE, {AT.key: at, _APP_ID.key: app_id})
    return AccountPause(found[0][0] or "", found[0][1]) if found else None


def pause_and_use(
    session: Session, settings: Settings, at: datetime
) -> tuple[AccountPause | None, quota.Use]:
    """Return the pause of the account that holds at this moment, and today's use, by one look."""
    values = {AT.key: at, _APP_ID.key: settings.wechat_app_id, **quota.of_day(at)}
    [(reserved, app_id, reason, until)] = read_rows(session, _pause_and_use(), values)
    pause = AccountPause(reason or "", until) if app_id else None
    return pause, quota.use_of(settings, reserved or 0)


@cache
def _pause_and_use() -> Select[*tuple[Any, ...]]:
    paused = and_(Account.app_id == _APP_ID, pause_in_force(AT))
    one = select(quota.USED.scalar_subquery().label("reserved")).subquery()
    wanted = select(one.c.reserved, Account.app_id, Account.pause_reason, Account.paused_until)
    return wanted.select_from(one.outerjoin(Account, paused))


def pause_in_force(at: Moment) -> ColumnElement[bool]:
    """Return the condition on an account that a pause holds at this moment."""
    goes_on = or_(Account.paused_until.is_(None), Account.paused_until > at)
    return and_(Account.pause_reason.is_not(None), goes_on)


def account_is_paused() -> ColumnElement[bool]:
    """Return whether a pause holds; its values are those of `pause_values`."""
    return exists().where(Account.app_id == _APP_ID, pause_in_force(AT))


def pause_values(settings: Settings, at: datetime) -> dict[str, Any]:
    """Return what a statement that asks for the pause is executed with."""
    return {AT.key: at, _APP_ID.key: settings.wechat_app_id}


_PAUSE = select(Account.pause_reason, Account.paused_until).where(
    Account.app_id == _APP_ID, pause_in_force(AT)
)


def quiet_until(settings: Settings, at: datetime) -> datetime | None:
    """Return when the quiet hours that hold at this moment end; None outside them."""
    if settings.quiet_hours is None:
        return None
    start, end = settings.quiet_hours
    local = at.astimezone(SHANGHAI)
    now = local.time()
    quiet = start <= now < end if start <= end else (now >= start or now < end)
    if not quiet:
        return None
    return _next(local, end)


def _next(local: datetime, moment: time) -> datetime:
    today = datetime.combine(local.date(), moment, SHANGHAI)
    return today if today > local else today + timedelta(days=1)


def kinds_for_any_hour() -> list[str]:
    """Return the kinds that quiet hours do not hold back."""
    return [kind.name for kind in kinds.kinds().values() if kind.any_hour]
