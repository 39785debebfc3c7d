"""A campus that signs people in by CAS 3: any number is right, with any password.

Source: CAS protocol 3.0.3. A ticket is good once, for one service and for ten seconds; one that was
given out for another service is used up by asking.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape, quoteattr

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from sandbox.doors.forms import form_of
from sandbox.doors.keys import WORLD
from sandbox.doors.rendering import notice, page

TICKET_SECONDS = 10
LOGOUT_SECONDS = 5
MOST_NUMBER = 64
COOKIE = "campus"
TITLE = "统一身份认证"
NAMESPACE = "http://www.yale.edu/tp/cas"


@dataclass(frozen=True)
class ServiceTicket:
    """Whose ticket it is, for which service, and until when (seconds of the sandbox's clock)."""

    number: str
    service: str
    until: float


TICKETS: web.AppKey[dict[str, ServiceTicket]] = web.AppKey("campus_tickets")
SIGNED_IN: web.AppKey[dict[str, dict[str, str]]] = web.AppKey("campus_signed_in")
"""By number, the services that it was signed in to, by their tickets."""


def add_campus_pages(app: web.Application) -> None:
    """Mount the campus."""
    app[TICKETS], app[SIGNED_IN] = {}, {}
    app.router.add_get("/campus/cas/login", show_login)
    app.router.add_post("/campus/cas/login", sign_in)
    app.router.add_get("/campus/cas/logout", show_left)
    app.router.add_get("/campus/cas/p3/serviceValidate", validate)
    app.router.add_get("/campus/cas/serviceValidate", validate)


async def show_login(request: web.Request) -> web.Response:
    """Ask who somebody is."""
    return page(request, "campus.html", refusal="", campus=TITLE)


async def sign_in(request: web.Request) -> web.Response:
    """Give out a ticket and lead back to the service."""
    service = request.query.get("service", "")
    number = (await form_of(request)).get("username", "").strip()
    if not number or len(number) > MOST_NUMBER:
        return page(request, "campus.html", refusal="请填写学号或工号。", campus=TITLE)
    if urlsplit(service).scheme not in {"http", "https"}:
        return notice(request, "应用未授权", "没有从业务系统进入，请回到原页面重新登录。")
    ticket = f"ST-{secrets.token_hex(16)}"
    until = request.app[WORLD].now() + TICKET_SECONDS
    request.app[TICKETS][ticket] = ServiceTicket(number, service, until)
    mark = "&" if urlsplit(service).query else "?"
    leads = web.HTTPSeeOther(f"{service}{mark}{urlencode({'ticket': ticket})}")
    leads.set_cookie(COOKIE, number, path="/campus/cas", httponly=True, samesite="Lax")
    raise leads


async def show_left(request: web.Request) -> web.Response:
    """End the session of the campus, and tell each service that it signed in to."""
    services = request.app[SIGNED_IN].pop(request.cookies.get(COOKIE, ""), {})
    async with ClientSession(timeout=ClientTimeout(total=LOGOUT_SECONDS)) as outside:
        for ticket, service in services.items():
            with suppress(ClientError, TimeoutError):
                await outside.post(service, data={"logoutRequest": _logout(ticket)})
    return notice(request, "已退出统一身份认证", "可以关闭本页。")


async def validate(request: web.Request) -> web.Response:
    """Say whose ticket it is, once."""
    service, ticket = request.query.get("service", ""), request.query.get("ticket", "")
    if not service or not ticket:
        return _failure("INVALID_REQUEST", "service and ticket are needed")
    found = request.app[TICKETS].pop(ticket, None)
    if found is None or found.until < request.app[WORLD].now():
        return _failure("INVALID_TICKET", f"{ticket} not recognized")
    if found.service != service:
        return _failure("INVALID_SERVICE", "the ticket is of another service")
    request.app[SIGNED_IN].setdefault(found.number, {})[ticket] = service
    return _answer(
        f"<cas:authenticationSuccess><cas:user>{escape(found.number)}</cas:user>"
        f"<cas:attributes><cas:employeeNumber>{escape(found.number)}</cas:employeeNumber>"
        "</cas:attributes></cas:authenticationSuccess>"
    )


def _logout(ticket: str) -> str:
    return (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">'
        f"<samlp:SessionIndex>{ticket}</samlp:SessionIndex></samlp:LogoutRequest>"
    )


def _failure(code: str, words: str) -> web.Response:
    text = f"<cas:authenticationFailure code={quoteattr(code)}>{escape(words)}"
    return _answer(f"{text}</cas:authenticationFailure>")


def _answer(inside: str) -> web.Response:
    text = f'<cas:serviceResponse xmlns:cas="{NAMESPACE}">{inside}</cas:serviceResponse>'
    return web.Response(text=text, content_type="application/xml")
