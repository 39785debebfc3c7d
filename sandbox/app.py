"""The application: one world, its doors, and the tasks that push."""

from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from sandbox.clock import Clock, wall_clock
from sandbox.config import Config
from sandbox.doors.campus_pages import add_campus_pages
from sandbox.doors.control_door import add_control
from sandbox.doors.face_pages import add_face_pages
from sandbox.doors.keys import WORLD
from sandbox.doors.mini_pages import add_mini_pages
from sandbox.doors.oauth_pages import add_oauth_pages
from sandbox.doors.page_script import add_page_script
from sandbox.doors.phone_pages import add_phone_pages
from sandbox.doors.platform_door import add_platform
from sandbox.doors.platform_page import add_platform_page
from sandbox.doors.same_site import refuse_foreign_forms
from sandbox.doors.wecom_pages import add_wecom_pages
from sandbox.world import World

# Thousands of phones may be made in one control call.
MOST_BODY = 2**26
STATIC = Path(__file__).parent / "static"
HEADERS = {
    # The page beside a phone may be the account's, or one of these: the sign-in, the face check.
    "Content-Security-Policy": (
        "default-src 'self'; frame-src http: https:; frame-ancestors 'self'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def create_app(config: Config, clock: Clock = wall_clock) -> web.Application:
    """Make the stand-in with its own world, read back from the data folder if there is one."""
    app = web.Application(client_max_size=MOST_BODY, middlewares=[refuse_foreign_forms])
    app[WORLD] = World(config, clock)
    app.on_response_prepare.append(_add_headers)
    app.cleanup_ctx.append(_pushing)
    add_platform(app)
    add_control(app)
    add_oauth_pages(app)
    add_page_script(app)
    add_phone_pages(app)
    add_mini_pages(app)
    add_face_pages(app)
    add_campus_pages(app)
    add_wecom_pages(app)
    add_platform_page(app)
    app.router.add_static("/static/", STATIC)
    return app


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    if response.content_type == "text/html":
        response.headers.update(HEADERS)


async def _pushing(app: web.Application) -> AsyncIterator[None]:
    await app[WORLD].pusher.start()
    yield
    await app[WORLD].pusher.stop()
    app[WORLD].close()
