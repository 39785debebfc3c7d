"""A campus that signs people in by 企业微信 (WeCom): any number is somebody's userid.

Source: 企业微信开发文档, 91022, 91023, 91039, 98152. A code is good once and for five minutes; the
token stays the same until its end.
"""

import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from sandbox.doors.forms import form_of
from sandbox.doors.keys import WORLD
from sandbox.doors.rendering import notice, page

PREFIX = "/campus/wecom"
CORP_ID, AGENT_ID = "ww5e0b7a1c9d2f4e68", "1000002"
CORP_SECRET = "c4ca4238a0b923820dcc509a6f75849bc81e728d9d4"  # noqa: S105 opens nothing but this stand-in
CODE_SECONDS, TOKEN_SECONDS = 300, 7_200
MOST_NUMBER = 64
STRANGER = "stranger"
"""Who signs in as this is no member of the school's 企业微信."""
STATE = re.compile(r"[a-zA-Z0-9]{1,128}")


@dataclass
class Corporation:
    """Its token and its end, and whose codes there are, with theirs (seconds of the clock)."""

    token: str
    token_until: float
    codes: dict[str, tuple[str, float]]


CORPORATION: web.AppKey[Corporation] = web.AppKey("wecom")


def add_wecom_pages(app: web.Application) -> None:
    """Mount the pages, and the calls."""
    app[CORPORATION] = Corporation("", 0.0, {})
    for path in ("/connect/oauth2/authorize", "/wwlogin/sso/login"):
        app.router.add_get(f"{PREFIX}{path}", show_login)
        app.router.add_post(f"{PREFIX}{path}", sign_in)
    app.router.add_get(f"{PREFIX}/cgi-bin/gettoken", give_token)
    app.router.add_get(f"{PREFIX}/cgi-bin/auth/getuserinfo", tell_user)


async def show_login(request: web.Request) -> web.Response:
    """Ask who somebody is, in the place of an app that knows."""
    wrong = _wrong(request)
    if wrong:
        return notice(request, "企业微信", wrong)
    return page(request, "campus.html", refusal="", campus="企业微信")


def _wrong(request: web.Request) -> str:
    """Return what the page would say, "" when all is well."""
    asked, on_desk = request.query, request.path.startswith(f"{PREFIX}/wwlogin")
    of_place = {"login_type": "CorpApp"} if on_desk else {"response_type": "code"}
    if not on_desk:
        of_place["scope"] = "snsapi_base"
    if asked.get("appid") != CORP_ID or asked.get("agentid") != AGENT_ID:
        return "appid 或 agentid 参数错误"
    if urlsplit(asked.get("redirect_uri", "")).scheme not in {"http", "https"}:
        return "redirect_uri 需使用应用可信域名"
    if not STATE.fullmatch(asked.get("state", "")):
        return "state 只能是 128 个以内的字母和数字"
    return "" if of_place.items() <= asked.items() else "参数错误"


async def sign_in(request: web.Request) -> web.Response:
    """Give out a code and lead back to the application."""
    number = (await form_of(request)).get("username", "").strip()
    if not number or len(number) > MOST_NUMBER or _wrong(request):
        return page(request, "campus.html", refusal="请填写学号或工号。", campus="企业微信")
    code = secrets.token_urlsafe(32)
    request.app[CORPORATION].codes[code] = (number, request.app[WORLD].now() + CODE_SECONDS)
    more = urlencode({"code": code, "state": request.query["state"]})
    raise web.HTTPSeeOther(f"{request.query['redirect_uri']}?{more}")


async def give_token(request: web.Request) -> web.Response:
    """Give the token, the same until its end."""
    asked, own, now = request.query, request.app[CORPORATION], request.app[WORLD].now()
    if asked.get("corpid") != CORP_ID:
        return _refusal(40013, "invalid corpid")
    if asked.get("corpsecret") != CORP_SECRET:
        return _refusal(40001, "invalid credential")
    if own.token_until <= now:
        own.token, own.token_until = secrets.token_urlsafe(64), now + TOKEN_SECONDS
    left = int(own.token_until - now)
    return _answer({"access_token": own.token, "expires_in": left})


async def tell_user(request: web.Request) -> web.Response:
    """Say whose code it is, once."""
    asked, own, now = request.query, request.app[CORPORATION], request.app[WORLD].now()
    if not own.token or asked.get("access_token") != own.token:
        return _refusal(40014, "invalid access_token")
    if own.token_until <= now:
        return _refusal(42001, "access_token expired")
    userid, until = own.codes.pop(asked.get("code", ""), ("", 0.0))
    if not userid:
        return _refusal(40029, "invalid code")
    if until < now:
        return _refusal(42003, "code expired")
    return _answer({"openid": "o-1"} if userid == STRANGER else {"userid": userid})


def _answer(content: dict[str, object]) -> web.Response:
    return web.json_response({"errcode": 0, "errmsg": "ok"} | content)


def _refusal(errcode: int, words: str) -> web.Response:
    return web.json_response({"errcode": errcode, "errmsg": f"{words}, hint: [1-2-3]"})
