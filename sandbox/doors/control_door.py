"""Commanding the sandbox: people, faults, clock, settings; and reading back what it took."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.doors import control_people, control_reading
from sandbox.doors.keys import WORLD
from sandbox.errors import Refusal
from sandbox.fitting import fits
from sandbox.world import World

Wish = dict[str, Any]
Act = Callable[[World, Wish], dict[str, Any]]


def _order_fault(world: World, wish: Wish) -> dict[str, Any]:
    return world.faults.order(wish).record()


def _clear_faults(world: World, wish: Wish) -> dict[str, Any]:
    ended = world.faults.clear(int(wish["id"]) if "id" in wish else None)
    return {"faults": [each.record() for each in ended]}


def _change_settings(world: World, wish: Wish) -> dict[str, Any]:
    world.config = world.config.changed(wish)
    return world.config.changeable()


def _revoke_tokens(world: World, wish: Wish) -> dict[str, Any]:
    revoked = world.tokens.revoke(world.now(), int(wish.get("errcode", 40001)))
    world.keep("tokens", {"tokens": world.tokens.record()})
    return {"revoked": revoked}


def _ban_template(world: World, wish: Wish) -> dict[str, Any]:
    template_id, code = str(wish["template_id"]), int(wish.get("errcode", 43116))
    if code:
        world.templates.banned[template_id] = code
    else:
        world.templates.banned.pop(template_id, None)
    return {"banned": world.templates.banned}


def _advance_clock(world: World, wish: Wish) -> dict[str, Any]:
    seconds = float(wish["seconds"])
    if not fits(seconds, 0):
        raise ValueError(f"the clock cannot be moved by {seconds}")
    world.now.advance(seconds)
    return {"now": world.now()}


ACTS: dict[tuple[str, str], Act] = {
    ("GET", "faults"): control_reading.faults,
    ("POST", "faults"): _order_fault,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "settings"): control_reading.settings,
    ("POST", "settings"): _change_settings,
    ("POST", "tokens/revoke"): _revoke_tokens,
    ("POST", "templates/ban"): _ban_template,
    ("POST", "templates"): control_people.add_template,
    ("POST", "clock"): _advance_clock,
    ("GET", "messages"): control_reading.messages,
    ("GET", "counts"): control_reading.counts,
    ("GET", "calls"): control_reading.calls,
    ("GET", "sms"): control_reading.sms,
    ("GET", "face"): control_reading.face_checks,
    ("GET", "phones"): control_reading.phones,
    ("POST", "phones"): control_people.create_phones,
    ("PATCH", "phones"): control_people.change_phone,
    ("POST", "follow"): control_people.follow,
    ("POST", "unfollow"): control_people.unfollow,
    ("POST", "text"): control_people.write_text,
    ("POST", "click"): control_people.click,
    ("GET", "notices"): control_reading.notices,
    ("POST", "notices/allow"): control_people.allow_notices,
    ("POST", "notices/templates"): control_people.mini_template,
    ("POST", "mini-code"): control_people.mini_code,
}


def add_control(app: web.Application) -> None:
    """Mount the control calls, or, when control is off, a refusal of all."""
    if not app[WORLD].config.control:
        app.router.add_route("*", "/control/{rest:.*}", _refuse)
        return
    for (method, name), act in ACTS.items():
        app.router.add_route(method, f"/control/{name}", partial(_do, act))
    app.router.add_post("/control/callback/verify", _verify)


async def _refuse(_request: web.Request) -> web.Response:
    return web.json_response({"error": "this sandbox was started without control"}, status=403)


async def _do(act: Act, request: web.Request) -> web.Response:
    wish: Wish = dict(request.query)
    try:
        if request.method != "GET" and request.can_read_body:
            wish |= await request.json()
        return web.json_response(act(request.app[WORLD], wish))
    except KeyError as error:
        return web.json_response({"error": f"missing: {error.args[0]}"}, status=400)
    except (ValueError, TypeError, LookupError, RecursionError, Refusal) as error:
        return web.json_response({"error": str(error)}, status=400)


async def _verify(request: web.Request) -> web.Response:
    pushing: Callable[[], Awaitable[bool]] = request.app[WORLD].pusher.verify
    try:
        return web.json_response({"verified": await pushing()})
    except (aiohttp.ClientError, TimeoutError) as error:
        return web.json_response({"verified": False, "error": type(error).__name__})
