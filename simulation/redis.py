"""What the engine asks of Redis, kept in a dict; it can be away, or loading and know nothing."""

from redis.exceptions import BusyLoadingError
from redis.exceptions import ConnectionError as Unreachable

from notifier.ledger.mark import KEY
from simulation.scheduler import Scheduler


class Memory:
    """The little of Redis that the engine uses."""

    def __init__(self, scheduler: Scheduler) -> None:
        """Begin empty."""
        self._scheduler = scheduler
        self._kept: dict[str, str] = {}
        self.away_until = 0.0
        self.loading_until = 0.0

    @property
    def mark(self) -> int:
        """Return the ledger's count as it is kept here."""
        return max((int(self._kept[key]) for key in self._kept if key.startswith(KEY)), default=0)

    def get(self, key: str) -> str | None:
        """Return what is kept under a key."""
        self._reach()
        if self._scheduler.now < self.loading_until:
            raise BusyLoadingError("loading the dataset in memory")
        return self._kept.get(key)

    def set(self, key: str, value: object, **_options: object) -> None:
        """Keep a value."""
        self._reach()
        self._kept[key] = str(value)

    def eval(self, _script: str, _keys: int, key: str, value: str) -> None:
        """Run the one script that the engine has: keep the larger number."""
        self._reach()
        self._kept[key] = str(max(int(value), int(self._kept.get(key, 0))))

    def delete(self, key: str) -> None:
        """Forget a value."""
        self._reach()
        self._kept.pop(key, None)

    def register_script(self, _script: str) -> None:
        """Take the rate limiter's script, which is never run: there is no limit here."""

    def _reach(self) -> None:
        self._scheduler.pause(0.0005)
        if self._scheduler.now < self.away_until:
            raise Unreachable("nobody there")
