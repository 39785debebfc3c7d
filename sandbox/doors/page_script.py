"""The script that pages work with inside WeChat (JS-SDK), and the check of its signature."""

import hashlib
import hmac
import json
from pathlib import Path

from aiohttp import web

from sandbox.calls.token_calls import ticket_of
from sandbox.doors.keys import WORLD
from sandbox.world import World

FILE = Path(__file__).parent.parent / "static" / "jweixin.js"
PATH = "/open/js/jweixin-1.6.0.js"


def add_page_script(app: web.Application) -> None:
    """Mount the script where the platform has it."""
    app.router.add_get(PATH, script)


async def script(request: web.Request) -> web.StreamResponse:
    """Answer with the script; with a signature, with what the platform says of it."""
    if "signature" not in request.query:
        return web.FileResponse(FILE, headers={"Content-Type": "text/javascript; charset=utf-8"})
    refusal = json.dumps(_refusal(request.app[WORLD], request))
    return web.Response(text=f"wx.checked({refusal});", content_type="text/javascript")


def _refusal(world: World, request: web.Request) -> str:
    """Return what is wrong of a configuration, "" for nothing."""
    asked = request.query
    if asked.get("appId") != world.config.app_id:
        return "invalid appId"
    names = ("nonceStr", "timestamp", "url")
    nonce, timestamp, url = (asked.get(name, "") for name in names)
    said = f"jsapi_ticket={ticket_of(world, 'jsapi')}&noncestr={nonce}"
    wanted = hashlib.sha1(f"{said}&timestamp={timestamp}&url={url}".encode()).hexdigest()  # noqa: S324 - the platform's
    is_signed = hmac.compare_digest(wanted, asked["signature"])
    return "" if is_signed else "invalid signature"
