"""What people do, and what befalls whole servers, at the moments a history names."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from notifier.binding import bind
from notifier.campaigns import campaigns
from notifier.delivery import circuit_breaker
from notifier.delivery.circuit_breaker import Stop
from notifier.ledger import mark, outcomes, states
from notifier.ledger.tables import Binding, Campaign, Follower
from notifier.wechat import pushes
from notifier.wechat.callback import CallbackEvent
from registry.base.database import database_now
from registry.base.errors import RuleError
from registry.record.scope import Scope
from registry.record.tables import Graduate
from runtime.settings import Settings
from simulation.history import Act, AtMoment
from simulation.wechat import Receipt

if TYPE_CHECKING:
    from simulation.play import Played

_TO_CAMPAIGNS: dict[Act, Callable[[Session, Scope, str, datetime], object]] = {
    Act.PAUSE: lambda session, scope, key, _at: campaigns.pause(session, scope, key),
    Act.RESUME: lambda session, scope, key, at: campaigns.resume(session, scope, key, at=at),
    Act.CANCEL: lambda session, scope, key, at: campaigns.cancel(session, scope, key, at=at),
    Act.RETRY: lambda session, scope, key, at: campaigns.retry_failed(session, scope, key, at=at),
}
_TO_THE_ACCOUNT: dict[Act, Callable[[Session, Settings, datetime], None]] = {
    Act.HALT: lambda session, settings, at: circuit_breaker.pause_account(
        session, settings, Stop(None, outcomes.PAUSED_BY_OPERATOR, ""), at
    ),
    Act.GO_ON: circuit_breaker.resume_account,
}
_HELD_BY_A_RESTORE = select(Campaign.id).where(
    Campaign.state == states.CampaignState.PAUSED,
    Campaign.reason == outcomes.LEDGER_RESTORED.code,
)
PUSH_TRIES = 3
PUSH_PAUSE = 5.0
RESTORE_SECONDS = 4.0


class Acts:
    """Each act by its name; a page that finds no database is not asked again."""

    def __init__(self, played: Played) -> None:
        """Act on a history."""
        self._played = played
        self._backup: sqlite3.Connection | None = None
        self._mark = 0
        self.restored, self._restored_at = False, 0.0
        self.rebound = 0
        self.sent_anew = set[int]()
        """Campaigns that people went on with though a restore held them before they were written:
        they were told that all of it may have come before."""

    def do(self, moment: AtMoment) -> None:
        """Do what is to be done at a moment."""
        self._played.stir()
        if moment.act in self._at_servers():
            self._at_servers()[moment.act](moment)
            return
        with suppress(SQLAlchemyError, RuleError):
            with mark.deciding(self._played.resources) as page:
                warned = set(page.scalars(_HELD_BY_A_RESTORE).all())
                self._on_page(page, moment)
            if moment.act is Act.RESUME:
                self.sent_anew |= warned

    @property
    def awaits_a_count(self) -> bool:
        """Say whether a clockwork has yet to count for the backup to be one that can be noticed."""
        return self._backup is not None and not self.restored and not self._was_counted()

    @property
    def restore_was_hidden(self) -> bool:
        """Say whether Redis could not be read after the restore: then nobody can notice it."""
        redis = self._played.redis
        return self.restored and max(redis.away_until, redis.loading_until) > self._restored_at

    def resume_all(self) -> None:
        """Have staff and operator go on with whatever somebody stopped."""
        self.do(AtMoment(0.0, Act.GO_ON))
        self.do(AtMoment(0.0, Act.RESUME))

    def take_push(self, receipt: Receipt) -> None:
        """Keep what WeChat pushes; it tries three times."""
        status = "success" if receipt.shown else "failed:user block"
        event = CallbackEvent(
            dedup_key=f"{receipt.openid}:{receipt.msgid}:{receipt.at}",
            event="TEMPLATESENDJOBFINISH",
            openid=receipt.openid,
            wx_msgid=receipt.msgid or None,
            status=status,
            content={},
            happened_at=self._played.moment(receipt.at),
        )
        for _ in range(PUSH_TRIES):
            try:
                with self._played.resources.sessions.begin() as session:
                    pushes.store_all(session, [event])
            except SQLAlchemyError:
                self._played.scheduler.pause(PUSH_PAUSE)
            else:
                return

    def _on_page(self, session: Session, moment: AtMoment) -> None:
        at = database_now(session)
        if moment.act in _TO_CAMPAIGNS:
            for key in self._played.keys:
                _TO_CAMPAIGNS[moment.act](session, self._played.house.scope, key, at)
        elif moment.act in _TO_THE_ACCOUNT:
            _TO_THE_ACCOUNT[moment.act](session, self._played.resources.settings, at)
        else:
            self._bind(session, moment)

    def _bind(self, session: Session, moment: AtMoment) -> None:
        at = database_now(session)
        people = session.scalars(select(Graduate.id).order_by(Graduate.id)).all()
        graduate = people[moment.whom % self._played.history.people]
        bind.end(session, graduate, reason="self", by="simulation", at=at)
        if moment.act is Act.REBIND:
            self.rebound += 1
            openid = f"openid-{moment.whom}-{self.rebound}"
            session.add(Follower(openid=openid, subscribed=True, changed_at=at))
            session.add(Binding(openid=openid, graduate_id=graduate, bound_at=at))

    def _at_servers(self) -> dict[Act, Callable[[AtMoment], None]]:
        return {
            Act.DATABASE_AWAY: self._lose_database,
            Act.REDIS_AWAY: self._lose_redis,
            Act.REDIS_LOADING: self._load_redis,
            Act.CLOCK_FORWARD: self._move_clock,
            Act.BACKUP: self._make_backup,
            Act.RESTORE: self._restore,
        }

    def _lose_database(self, moment: AtMoment) -> None:
        self._played.database.lose(moment.seconds)

    def _lose_redis(self, moment: AtMoment) -> None:
        self._played.redis.away_until = self._played.scheduler.now + moment.seconds

    def _load_redis(self, moment: AtMoment) -> None:
        self._played.redis.loading_until = self._played.scheduler.now + moment.seconds

    def _move_clock(self, moment: AtMoment) -> None:
        self._played.database.clock_ahead += moment.seconds

    def _make_backup(self, _moment: AtMoment) -> None:
        self._backup = self._played.database.backup()
        self._mark = self._counted()

    def _restore(self, _moment: AtMoment) -> None:
        """Put the backup back, if a clockwork has counted since: else nobody can notice."""
        if self._backup is None or not self._was_counted():
            return
        self.restored, self._restored_at = True, self._played.scheduler.now
        self._played.database.lose(RESTORE_SECONDS)
        self._played.database.restore(self._backup)

    def _was_counted(self) -> bool:
        return self._played.redis.mark > self._mark > 0

    def _counted(self) -> int:
        rows = self._played.rows("SELECT ledger_mark FROM account")
        return int(rows[0]["ledger_mark"]) if rows else 0
