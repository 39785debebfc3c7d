"""OAuth's half in the browser, and the picture of a scene's code."""

import io
import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import segno
from aiohttp import web

from sandbox.doors.keys import WORLD
from sandbox.doors.phone_acts import COOKIE
from sandbox.doors.rendering import notice, page
from sandbox.errors import Refusal
from sandbox.phones import Phone
from sandbox.world import World

STATE = re.compile(r"[a-zA-Z0-9]{0,128}")
SCOPES = ("snsapi_base", "snsapi_userinfo")


def add_oauth_pages(app: web.Application) -> None:
    """Mount the authorize page and the picture."""
    app.router.add_get("/connect/oauth2/authorize", authorize)
    app.router.add_get("/cgi-bin/showqrcode", show_code)


async def authorize(request: web.Request) -> web.Response:
    """Send the visitor back with a code, silently where WeChat would."""
    world = request.app[WORLD]
    wrong = _wrong(world, request)
    if wrong:
        return notice(request, "无法打开页面", wrong)
    phone = _asking(world, request)
    if phone is None:
        return _choose(request)
    silent = request.query["scope"] == "snsapi_base" or phone.following or phone.snapshot
    if not silent and request.query.get("agreed") != "yes":
        return page(request, "consent.html", phone=phone, asked=request.query)
    code = world.grants.give_code(phone, request.query["scope"], world.now())
    back = web.HTTPFound(
        _with_code(request.query["redirect_uri"], code, request.query.get("state"))
    )
    back.set_cookie(COOKIE, phone.openid, httponly=True, samesite="Lax")
    raise back


def _wrong(world: World, request: web.Request) -> str:
    """Return what WeChat's error page would say, "" when all is well."""
    asked = request.query
    target = urlsplit(asked.get("redirect_uri", ""))
    allowed = world.config.redirect_host
    checks = {
        "AppID 参数错误（错误码：10013）": asked.get("appid") == world.config.app_id,
        "redirect_uri 参数错误（错误码：10003）": target.scheme in ("http", "https"),
        "redirect_uri 域名与后台配置不一致（错误码：10003）": not allowed
        or allowed in (target.hostname, target.netloc),
        "Scope 参数错误或没有 Scope 权限（错误码：10005）": asked.get("response_type") == "code"
        and asked.get("scope") in SCOPES,
        "state 参数错误：只能是 128 个以内的字母和数字": bool(
            STATE.fullmatch(asked.get("state", ""))
        ),
    }
    return next((text for text, fine in checks.items() if not fine), "")


def _asking(world: World, request: web.Request) -> Phone | None:
    try:
        return world.phones.get(request.query.get("phone") or request.cookies.get(COOKIE))
    except Refusal:
        return None


def _choose(request: web.Request) -> web.Response:
    wanted = request.query.get("q", "").strip()
    phones = request.app[WORLD].phones.found(wanted)
    asked = [(name, value) for name, value in request.query.items() if name not in ("q", "phone")]
    return page(request, "choose.html", phones=phones, asked=asked, wanted=wanted)


def _with_code(address: str, code: str, state: str | None) -> str:
    parts = urlsplit(address)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("code", code)]
    if state:
        query.append(("state", state))
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


async def show_code(request: web.Request) -> web.Response:
    """Draw the code of a ticket."""
    picture = io.BytesIO()
    address = f"{request.scheme}://{request.host}/q/{request.query.get('ticket', '')}"
    try:
        segno.make(address).save(picture, kind="png", scale=6)
    except segno.DataOverflowError:
        raise web.HTTPNotFound(text="没有这个二维码。") from None
    return web.Response(body=picture.getvalue(), content_type="image/png")
