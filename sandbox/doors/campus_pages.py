"""A campus that signs people in by CAS 3: any number is right, with any password.

Source: CAS protocol 3.0.3. A ticket is good once, for one service and for ten seconds; one that was
given out for another service is used up by asking.
"""

import secrets
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web

from sandbox.doors.keys import WORLD
from sandbox.doors.rendering import notice, page

TICKET_SECONDS = 10
MOST_NUMBER = 64
NAMESPACE = "http://www.yale.edu/tp/cas"


@dataclass(frozen=True)
class ServiceTicket:
    """Whose ticket it is, for which service, and until when (seconds of the sandbox's clock)."""

    number: str
    service: str
    until: float


TICKETS: web.AppKey[dict[str, ServiceTicket]] = web.AppKey("campus_tickets")


def add_campus_pages(app: web.Application) -> None:
    """Mount the campus."""
    app[TICKETS] = {}
    app.router.add_get("/campus/cas/login", show_login)
    app.router.add_post("/campus/cas/login", sign_in)
    app.router.add_get("/campus/cas/logout", show_left)
    app.router.add_get("/campus/cas/p3/serviceValidate", validate)
    app.router.add_get("/campus/cas/serviceValidate", validate)


async def show_login(request: web.Request) -> web.Response:
    """Ask who somebody is."""
    return page(request, "campus.html", refusal="")


async def sign_in(request: web.Request) -> web.Response:
    """Give out a ticket and lead back to the service."""
    service = request.query.get("service", "")
    number = str((await request.post()).get("username", "")).strip()
    if not number or len(number) > MOST_NUMBER:
        return page(request, "campus.html", refusal="请填写学号或工号。")
    if urlsplit(service).scheme not in {"http", "https"}:
        return notice(request, "应用未授权", "没有从业务系统进入，请回到原页面重新登录。")
    ticket = f"ST-{secrets.token_hex(16)}"
    until = request.app[WORLD].now() + TICKET_SECONDS
    request.app[TICKETS][ticket] = ServiceTicket(number, service, until)
    mark = "&" if urlsplit(service).query else "?"
    raise web.HTTPSeeOther(f"{service}{mark}{urlencode({'ticket': ticket})}")


async def show_left(request: web.Request) -> web.Response:
    """Say that the campus's own session is over."""
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
    return _answer(
        f"<cas:authenticationSuccess><cas:user>{escape(found.number)}</cas:user>"
        f"<cas:attributes><cas:employeeNumber>{escape(found.number)}</cas:employeeNumber>"
        "</cas:attributes></cas:authenticationSuccess>"
    )


def _failure(code: str, words: str) -> web.Response:
    text = f"<cas:authenticationFailure code={quoteattr(code)}>{escape(words)}"
    return _answer(f"{text}</cas:authenticationFailure>")


def _answer(inside: str) -> web.Response:
    text = f'<cas:serviceResponse xmlns:cas="{NAMESPACE}">{inside}</cas:serviceResponse>'
    return web.Response(text=text, content_type="application/xml")
