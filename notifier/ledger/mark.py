"""The ledger's mark: a count that only rises, kept in the ledger and in Redis alike.

A ledger that stands behind what Redis remembers was put back to an earlier state, as by restoring a
backup (decision 10). Redis may be lost at any time; then there is nothing to compare.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis import RedisError
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from notifier.ledger import account
from notifier.ledger.tables import Account
from registry.base.errors import RuleError
from runtime.resources import Resources

KEY = "quxiang:ledger-mark:"

_STANDS = select(Account.ledger_mark).where(Account.app_id == bindparam("app_id"))


class Remembered:
    """The largest mark that Redis kept or this process has seen: what the ledger is held against.

    Each comparison reads the ledger's mark in the transaction that relies on it, so that a restore
    is noticed though its broken connections were hidden, as by a pool or a pooler.
    """

    def __init__(self, resources: Resources) -> None:
        """Ask Redis; where it cannot be read there is nothing to compare, and all is believed."""
        self._resources = resources
        self._mark = 0
        self.ask_redis()

    def ask_redis(self) -> None:
        """Remember what Redis does, if that is more."""
        self._mark = max(self._mark, remembered_by_redis(self._resources) or 0)

    def is_ahead_of(self, session: Session) -> bool:
        """Say whether the ledger has forgotten something of what it did.

        A ledger that has not begun to count is a new one.
        """
        stands = session.scalar(_STANDS, {"app_id": self._resources.settings.wechat_app_id}) or 0
        if 0 < stands < self._mark:
            return True
        self._mark = max(self._mark, stands)
        return False


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


def remembered_by_redis(resources: Resources) -> int | None:
    """Return the mark that Redis keeps, 0 where it keeps none; None where it cannot be read."""
    try:
        return int(resources.redis.get(_key(resources)) or 0)
    except RedisError:
        return None


def let_redis_remember(resources: Resources, mark: int) -> None:
    """Tell Redis the mark, which it never lowers; while it is away the next turn tells it again."""
    with suppress(RedisError):
        resources.redis.eval(_RAISE, 1, _key(resources), str(mark))


_RAISE = """
if tonumber(ARGV[1]) > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], ARGV[1])
end
"""


def _key(resources: Resources) -> str:
    return f"{KEY}{resources.settings.wechat_app_id}"
