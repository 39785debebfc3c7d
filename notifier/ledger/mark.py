"""The ledger's marks: counts that only rise, kept in the ledger and in Redis alike.

One counts on as long as a clockwork runs, the other counts claims. A ledger that stands behind what
Redis remembers was put back to an earlier state, as by restoring a backup, or has lost its last
commits, as by a failover to a standby that lagged (decisions 10 and 101). Redis may be lost at any
time; then there is nothing to compare.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import NamedTuple

from redis import RedisError
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from notifier.ledger import account, quota
from notifier.ledger.tables import Account, QuotaDay
from registry.base.database import insert_new
from registry.base.errors import RuleError
from runtime.resources import Resources

KEY = "quxiang:ledger-mark:"
CLAIMS_KEY = "quxiang:ledger-claims:"
AWAY_SECONDS = 5.0
"""How long Redis is told of no claim after it did not answer: claims must not wait for it."""
_CLAIMS_A_DAY = 10**8
"""More than are made: claims are numbered by the day and their place in it."""

_NEWEST = (
    select(QuotaDay)
    .where(QuotaDay.claims > 0)  # the first look of a day makes its row, and may claim nothing
    .order_by(QuotaDay.day.desc())
    .limit(1)
    .subquery()
)
_STANDS = select(
    select(Account.ledger_mark).where(Account.app_id == bindparam("app_id")).scalar_subquery(),
    select(_NEWEST.c.day).scalar_subquery(),
    select(_NEWEST.c.claims).scalar_subquery(),
)


class Marks(NamedTuple):
    """How far something has counted; 0 where it has not begun."""

    mark: int = 0
    claims: int = 0

    def is_ahead_of(self, ledger: "Marks") -> bool:
        """Say whether the ledger has forgotten something; one that has not begun is a new one."""
        return ledger.mark > 0 and (self.mark > ledger.mark or self.claims > ledger.claims)

    def and_also(self, other: "Marks") -> "Marks":
        """Return the larger of each."""
        return Marks(max(self.mark, other.mark), max(self.claims, other.claims))


class Remembered:
    """The largest marks that Redis kept or this process has seen: the ledger is held against them.

    Each comparison reads the ledger's marks in the transaction that relies on it, so that a restore
    is noticed though its broken connections were hidden, as by a pool or a pooler.
    """

    def __init__(self, resources: Resources) -> None:
        """Ask Redis; where it cannot be read there is nothing to compare, and all is believed."""
        self._resources = resources
        self._marks = Marks()
        self._tell_from = 0.0
        self.ask_redis()

    def ask_redis(self) -> None:
        """Remember what Redis does, if that is more."""
        self._marks = self._marks.and_also(remembered_by_redis(self._resources) or Marks())

    def is_ahead_of(self, session: Session) -> bool:
        """Say whether the ledger has forgotten something of what it did."""
        stands = of_ledger(session, self._resources.settings.wechat_app_id)
        if self._marks.is_ahead_of(stands):
            return True
        self._marks = self._marks.and_also(stands)
        return False

    def note_claim(self, number: int) -> None:
        """Remember a claim that was committed, and have Redis remember it before anything is sent.

        What it is not told while it is away is known to this process alone, until the next claim.
        """
        self._marks = self._marks.and_also(Marks(claims=number))
        if not number or time.monotonic() < self._tell_from:
            return
        try:
            _raise(self._resources, CLAIMS_KEY, number)
        except RedisError:
            self._tell_from = time.monotonic() + AWAY_SECONDS


def is_behind(resources: Resources) -> bool:
    """Say whether the ledger has forgotten something of what it did."""
    remembered = Remembered(resources)
    with resources.readers.begin() as session:
        return remembered.is_ahead_of(session)


@contextmanager
def deciding(resources: Resources) -> Iterator[Session]:
    """Begin a transaction in which somebody decides about messages, as by cancelling a campaign.

    Raises RuleError `ledger_behind` where the ledger is behind and no clockwork has noticed: what
    may have been sent is not marked yet.
    """
    remembered = Remembered(resources)
    with resources.sessions.begin() as session:
        if remembered.is_ahead_of(session):
            raise RuleError("ledger_behind", "数据库刚从备份恢复，正在核对，请过一分钟再试。")
        yield session


def count(session: Session, app_id: str, steps: int) -> int:
    """Move the account's mark on; return where it stands now."""
    account.make_sure(session, app_id)
    return session.scalars(
        update(Account)
        .where(Account.app_id == app_id)
        .values(ledger_mark=Account.ledger_mark + steps)
        .returning(Account.ledger_mark)
        .execution_options(synchronize_session=False)
    ).one()


def of_ledger(session: Session, app_id: str) -> Marks:
    """Return how far the ledger has counted."""
    mark, day, claims = session.execute(_STANDS, {"app_id": app_id}).one()
    return Marks(mark or 0, _numbered(day, claims) if claims else 0)


def number_claim(session: Session, at: datetime, count: int) -> int:
    """Reserve the day's quota for a claim of so many messages; return the claim's number."""
    day = quota.day_of(at)
    return _numbered(day, quota.reserve_for_claim(session, day, count))


def _numbered(day: date, claims: int) -> int:
    return day.toordinal() * _CLAIMS_A_DAY + claims


def count_claims(session: Session, number: int) -> None:
    """Have the ledger count its claims on from a number, if that is more than it knows of."""
    ordinal, claims = divmod(number, _CLAIMS_A_DAY)
    if not ordinal:
        return
    day = date.fromordinal(ordinal)
    session.execute(insert_new(session, QuotaDay).values(day=day, reserved=0))
    fewer = (QuotaDay.day == day, QuotaDay.claims < claims)
    session.execute(
        update(QuotaDay)
        .where(*fewer)
        .values(claims=claims)
        .execution_options(synchronize_session=False)
    )


def remembered_by_redis(resources: Resources) -> Marks | None:
    """Return the marks that Redis keeps, 0 where it keeps none; None where it cannot be read."""
    try:
        kept = [resources.redis.get(_key(resources, each)) for each in (KEY, CLAIMS_KEY)]
    except RedisError:
        return None
    return Marks(*(int(each or 0) for each in kept))


def let_redis_remember(resources: Resources, mark: int) -> None:
    """Tell Redis the mark, which it never lowers; while it is away the next turn tells it again."""
    with suppress(RedisError):
        _raise(resources, KEY, mark)


def let_redis_forget_claims(resources: Resources) -> None:
    """Tell Redis that its claims were another database's."""
    with suppress(RedisError):
        resources.redis.delete(_key(resources, CLAIMS_KEY))


_RAISE = """
if tonumber(ARGV[1]) > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], ARGV[1])
end
"""


def _raise(resources: Resources, key: str, number: int) -> None:
    resources.redis.eval(_RAISE, 1, _key(resources, key), str(number))


def _key(resources: Resources, key: str) -> str:
    return f"{key}{resources.settings.wechat_app_id}"
