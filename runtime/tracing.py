"""Traces (OpenTelemetry), where a setting says so: one over request, queue, ledger and receipt.

Without the setting nothing is imported, and each function here looks at one name and returns. What
a trace crosses processes by is W3C's `traceparent`: with a wake-up in Redis, with a message in the
ledger. A span carries codes, numbers and names of ours; never what somebody typed, an address, an
openid or an exception's own words.
"""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from runtime.settings import Settings

PARENT_LENGTH = 55
"""Characters of a `traceparent`: version, trace, span and flags; trace and span are random."""
KEY = "trace"
"""What a wake-up's `meta` holds it under."""
Fact = str | int
_NOTHING: AbstractContextManager[None] = nullcontext()


class Tracing(Protocol):
    """What a process that is traced has open."""

    def span(
        self, name: str, parent: str | None, facts: Mapping[str, Fact]
    ) -> AbstractContextManager[None]:
        """Have what is done inside be a span."""
        ...

    def record(self, name: str, parent: str, began: int, facts: Mapping[str, Fact]) -> None:
        """Write down a span that is over now."""
        ...

    def note(self, name: str, facts: Mapping[str, Fact]) -> None:
        """Name the span around anew, and add to it."""
        ...

    def current(self) -> str | None:
        """Return the span around, for those that are to follow it."""
        ...


_traced: Tracing | None = None


def begin(settings: Settings, service: str) -> None:
    """Trace this process, if the settings say where to; call it after a fork."""
    if settings.traces_url:
        from runtime.open_tracing import OpenTracing  # noqa: PLC0415 - an extra, 0.2 s to load

        use(OpenTracing.to(settings.traces_url, service, settings.traces_share))


def use(tracing: Tracing | None) -> None:
    """Trace this process so, or no more."""
    global _traced  # noqa: PLW0603 - one for a process, as OpenTelemetry's own is
    _traced = tracing


def is_on() -> bool:
    """Say whether this process is traced."""
    return _traced is not None


def span(name: str, parent: str | None = None, **facts: Fact) -> AbstractContextManager[None]:
    """Have what is done inside be a span: of `parent`, or of the one around it."""
    return _NOTHING if _traced is None else _traced.span(name, parent, facts)


def note(name: str, **facts: Fact) -> None:
    """Name the span around by what it turned out to be."""
    if _traced is not None:
        _traced.note(name, facts)


def current() -> str | None:
    """Return what goes along with a wake-up or a message; None where this is not traced."""
    return None if _traced is None else _traced.current()


def moment() -> int:
    """Return the machine's clock in nanoseconds, for `record`; 0 where nothing is traced."""
    return 0 if _traced is None else time.time_ns()


def record(name: str, parent: str | None, began: int, **facts: Fact) -> None:
    """Write down what began at a `moment` and is over now, for a parent that is traced."""
    if _traced is not None and parent:
        _traced.record(name, parent, began, facts)
