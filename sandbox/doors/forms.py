"""Reading what a browser sends as a form."""

from aiohttp import web
from aiohttp.http import HttpProcessingError

Field = str | bytes | bytearray | web.FileField


async def form_parts(request: web.Request) -> dict[str, Field]:
    """Return texts and files of a form; one that cannot be read, of no charset too, has none."""
    try:
        return dict(await request.post())
    except (ValueError, LookupError, HttpProcessingError):
        return {}


async def form_of(request: web.Request) -> dict[str, str]:
    """Return the texts of a form, the first of each name."""
    parts = await form_parts(request)
    return {name: text for name, text in parts.items() if isinstance(text, str)}
