"""Keeping other sites' pages from sending forms here through a visitor's browser."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def refuse_foreign_forms(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 403 to anything but a reading request that names another site as its origin."""
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if foreign and request.method not in ("GET", "HEAD"):
        raise web.HTTPForbidden(text="this form comes from another site")
    return await handler(request)
