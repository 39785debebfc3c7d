"""Telling open phone pages that there is something new."""

import asyncio


class Live:
    """Who is looking at which phone."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Event]] = {}

    def watch(self, openid: str) -> asyncio.Event:
        """Return an event that is set whenever the phone has something new."""
        event = asyncio.Event()
        self._watchers.setdefault(openid, set()).add(event)
        return event

    def leave(self, openid: str, event: asyncio.Event) -> None:
        """Stop watching."""
        watchers = self._watchers.get(openid, set())
        watchers.discard(event)
        if not watchers:
            self._watchers.pop(openid, None)

    def tell(self, openid: str) -> None:
        """Say that this phone has something new."""
        for event in self._watchers.get(openid, ()):
            event.set()
