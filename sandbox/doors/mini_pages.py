"""The mini program on a phone, played: it signs in, asks for the number, opens its web-view.

What a real one does by WeChat's own calls is done here by codes of the sandbox; its server is asked
as the real one asks it (docs/miniprogram.md).
"""

import hashlib
import secrets
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp import web

from sandbox.doors.forms import form_of
from sandbox.doors.keys import WORLD
from sandbox.doors.mini_address import PASSED_ON
from sandbox.doors.phone_acts import phone_of
from sandbox.doors.rendering import notice, page
from sandbox.mini_codes import LOGIN, NUMBER
from sandbox.phones import Phone, plain_number
from sandbox.world import World

PATIENCE = aiohttp.ClientTimeout(total=20)
UNKNOWN = 503
AWAY = {"sentence": "小程序的服务器没有响应，请稍后再试。"}


def add_mini_pages(app: web.Application) -> None:
    """Mount the pages."""
    app.router.add_get("/phone/{openid}/mini", open_mini)
    app.router.add_post("/phone/{openid}/mini", press)


async def open_mini(request: web.Request) -> web.Response:
    """Open the mini program: who is known goes on, all others are asked for their number."""
    world, phone = request.app[WORLD], phone_of(request)
    if not world.config.mini_url:
        return notice(request, "无法打开小程序", "这部手机的微信版本过低。")
    status, said = await _login(request, phone)
    if status == 200 and said.get("outcome") == "signed_in":
        raise web.HTTPSeeOther(_web_view(world, phone, said["open"]))
    return await _ask(request, phone, "" if status == 200 else _sentence(said))


async def press(request: web.Request) -> web.Response:
    """Do what was pressed on WeChat's sheet: let the number be had, another one, or none."""
    world, phone = request.app[WORLD], phone_of(request)
    form = await form_of(request)
    given: dict[str, str] = {}
    if form.get("act") != "refuse":
        number = plain_number(form.get("number") or phone.number)
        code = world.mini_codes.give(NUMBER, phone.openid, world.now(), number)
        given = {"phone_code": code, "consent_version": form.get("version", "")}
    status, said = await _login(request, phone, given)
    if status != 200:
        return await _ask(request, phone, _sentence(said))
    raise web.HTTPSeeOther(_web_view(world, phone, said["open"]))


def _sentence(said: dict[str, Any]) -> str:
    """Return what its server says of a refusal; another server than the right one says nothing."""
    return str(said.get("sentence", AWAY["sentence"]))


async def _ask(request: web.Request, phone: Phone, sentence: str) -> web.Response:
    """Show the notice and the button."""
    status, text = await _call(request, "GET", "privacy", None)
    shown = text if status == 200 else {}
    return page(request, "mini.html", phone=phone, notice=shown, sentence=sentence)


async def _login(
    request: web.Request, phone: Phone, given: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    world = request.app[WORLD]
    secret = world.mini_secrets.setdefault(phone.openid, secrets.token_hex(32))
    asked = {
        "login_code": world.mini_codes.give(LOGIN, phone.openid, world.now()),
        "device": hashlib.sha256(secret.encode()).hexdigest(),
        **{name: request.query[name] for name in PASSED_ON if name in request.query},
        **(given or {}),
    }
    return await _call(request, "POST", "login", asked)


async def _call(
    request: web.Request, method: str, name: str, body: dict[str, Any] | None
) -> tuple[int, dict[str, Any]]:
    url = f"{request.app[WORLD].config.mini_url}/wechat/mini/{name}"
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE) as http,
            http.request(method, url, json=body) as answer,
        ):
            said = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError, LookupError):
        return UNKNOWN, AWAY
    return (answer.status, said) if isinstance(said, dict) else (UNKNOWN, AWAY)


def _web_view(world: World, phone: Phone, address: str) -> str:
    return f"{address}&device={quote(world.mini_secrets[phone.openid])}"
