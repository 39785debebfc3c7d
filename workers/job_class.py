"""RQ's job, of which only the name is believed: whoever writes to Redis runs nothing else here.

RQ imports and calls what a job in Redis names: a function of any module, with any arguments,
functions to call after it, addresses to report to. A worker holds the keys of the database, so it
takes a name that stands in `workers.jobs.BY_NAME`, and nothing more.
"""

from collections.abc import Callable, Mapping
from typing import Any

from rq.exceptions import DeserializationError
from rq.job import Job as RqJob
from typing_extensions import override

from runtime import tracing
from workers.jobs import BY_NAME

KEPT = (
    b"created_at",
    b"data",
    b"description",
    b"enqueued_at",
    b"failure_ttl",
    b"last_heartbeat",
    b"meta",
    b"origin",
    b"result_ttl",
    b"started_at",
    b"status",
    b"timeout",
    b"worker_name",
)
"""What is read of a job: no callbacks, webhooks, repeats, dependencies or former results."""


class UnknownJob(Exception):
    """What is not a name of ours alone; carries nothing of it, which may be anything."""


class NamedJob(RqJob):
    """A job that can do what its name stands for here, without arguments."""

    @override
    def restore(self, raw_data: Mapping[Any, Any]) -> None:
        """Read the fields that a wake-up has; one that cannot be read is nobody's job."""
        kept = {name: value for name, value in raw_data.items() if name in KEPT}
        try:
            super().restore(kept)
        except (AttributeError, KeyError, TypeError, ValueError):
            super().restore({b"data": b"unreadable"})
        self._unreadable_meta = None
        self.meta = _traced(self.meta)

    @property
    @override
    def func(self) -> Callable[[], None]:
        """Return what the name stands for; raise UnknownJob for any other, or for arguments."""
        try:
            known = BY_NAME.get(self.func_name or "")
            more = (self.instance, self.args, self.kwargs)
        except (DeserializationError, TypeError, ValueError):
            raise UnknownJob from None
        if known is None or any(more):
            raise UnknownJob
        return known

    @property
    def trace(self) -> str | None:
        """Return the span that asked for it, where that is traced."""
        return self.meta.get(tracing.KEY)

    @property
    def is_known(self) -> bool:
        """Say whether a worker does it."""
        try:
            return bool(self.func)
        except UnknownJob:
            return False


def _traced(meta: object) -> dict[str, str]:
    """Return of a job's `meta` what is as long as the name of a span; it may be anything."""
    given = meta.get(tracing.KEY) if isinstance(meta, dict) else None
    fits = isinstance(given, str) and len(given) == tracing.PARENT_LENGTH
    return {tracing.KEY: given} if fits and isinstance(given, str) else {}
