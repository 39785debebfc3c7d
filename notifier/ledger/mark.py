"""The ledger's mark: a count that only rises, kept in the ledger and in Redis alike.

A ledger that stands behind what Redis remembers was put back to an earlier state, as by restoring a
backup (decision 10). Redis may be lost at any time; then there is nothing to compare.
"""

from contextlib import suppress

from redis import RedisError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notifier.ledger import account
from notifier.ledger.tables import Account
from runtime.resources import Resources

KEY = "quxiang:ledger-mark:"


def is_behind(resources: Resources) -> bool:
    """Say whether the ledger has forgotten something of what it did.

    While Redis cannot be read there is nothing to compare: it is believed.
    """
    remembered = remembered_by_redis(resources)
    with resources.readers.begin() as session:
        mark = session.scalar(
            select(Account.ledger_mark).where(Account.app_id == resources.settings.wechat_app_id)
        )
    return 0 < (mark or 0) < (remembered or 0)


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
