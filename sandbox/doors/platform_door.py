"""The platform's door: every call comes in here, is counted, answered, and spoilt when ordered."""

import time
from functools import partial
from typing import Any

from aiohttp import web

from sandbox.calls.asked import Asked
from sandbox.calls.routes import ROUTES, Route, answer
from sandbox.doors.keys import WORLD
from sandbox.doors.misbehave import misbehave
from sandbox.faults import Behaviour, Fault
from sandbox.world import World


def add_platform(app: web.Application) -> None:
    """Mount every call of the platform."""
    for (method, path), route in ROUTES.items():
        app.router.add_route(method, path, partial(_answer_call, route))


async def _answer_call(route: Route, request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    started = time.perf_counter()
    origin = f"{request.scheme}://{request.host}"
    asked = Asked(request.path, request.query, request.headers, await request.read(), origin)
    world.paths[asked.path] += 1
    fault = _fault(world, asked)
    payload = await _payload(world, route, asked, fault)
    _note(world, request, payload, fault, started)
    if fault is not None:
        return await misbehave(request, fault, payload)
    return web.json_response(payload)


def _fault(world: World, asked: Asked) -> Fault | None:
    if not world.faults.standing:
        return None
    openid = asked.openid() if world.faults.by_openid else ""
    return world.faults.for_answer(asked.path, openid)


async def _payload(world: World, route: Route, asked: Asked, fault: Fault | None) -> dict[str, Any]:
    """Return the answer, carried out or, when the fault keeps it from that, made up."""
    payload: dict[str, Any] = {}
    if fault is None or fault.carries_out:
        payload = answer(world, route, asked)
        for push in asked.before_answer:
            await push
    if fault is not None and fault.behaviour == Behaviour.ERRCODE:
        return route.refused(route.ordered(fault.errcode, fault.errmsg))
    return payload


def _note(
    world: World,
    request: web.Request,
    payload: dict[str, Any],
    fault: Fault | None,
    started: float,
) -> None:
    world.calls.append(
        {
            "at": world.now(),
            "method": request.method,
            "path": request.path,
            "errcode": payload.get("errcode", 0),
            "errmsg": payload.get("errmsg", ""),
            "fault": fault.behaviour.value if fault else "",
            "accepted": fault is None or fault.carries_out,
            "ms": round((time.perf_counter() - started) * 1000, 2),
        }
    )
