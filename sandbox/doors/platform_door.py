"""The platform's door: every call comes in here, is counted, answered, and spoilt when ordered."""

import time

from aiohttp import web

from sandbox.calls.asked import Asked
from sandbox.calls.routes import ROUTES, Payload, Route, answer, route_for
from sandbox.doors.forms import form_parts
from sandbox.doors.keys import WORLD
from sandbox.doors.misbehave import misbehave, sent
from sandbox.errors import Refusal
from sandbox.faults import Behaviour, Fault
from sandbox.world import World

PREFIXES = ("/cgi-bin", "/sns", "/wxa", "/wxaapi", "/customservice")
"""Below these every path is the platform's, also one that it does not have."""


def add_platform(app: web.Application) -> None:
    """Mount every call of the platform."""
    for path in sorted({path for _, path in ROUTES}):
        app.router.add_route("*", path, _answer_call)
    for prefix in PREFIXES:
        app.router.add_route("*", f"{prefix}/{{rest:.*}}", _answer_call)
    app.router.add_get("/media/{media_id}", show_file)


async def show_file(request: web.Request) -> web.Response:
    """Show an uploaded file at the address that was answered for it."""
    world = request.app[WORLD]
    try:
        return sent(world.media.get(request.match_info["media_id"], world.now()))
    except Refusal:
        raise web.HTTPNotFound(text="文件不存在或已过期。") from None


async def _answer_call(request: web.Request) -> web.StreamResponse:
    world, route = request.app[WORLD], route_for(request.method, request.path)
    started = time.perf_counter()
    asked = await _asked(request)
    world.paths[asked.path] += 1
    fault = _fault(world, asked)
    payload = await _payload(world, route, asked, fault)
    _note(world, request, payload, fault, started)
    if fault is not None:
        return await misbehave(request, fault, payload)
    return sent(payload)


async def _asked(request: web.Request) -> Asked:
    origin = f"{request.scheme}://{request.host}"
    files: dict[str, web.FileField] = {}
    if request.content_type == "multipart/form-data":
        files = await _uploaded(request)
    raw = b"" if files else await request.read()
    return Asked(request.path, request.query, request.headers, raw, origin, files)


async def _uploaded(request: web.Request) -> dict[str, web.FileField]:
    """Return the files of a form, by field."""
    parts = await form_parts(request)
    return {name: part for name, part in parts.items() if isinstance(part, web.FileField)}


def _fault(world: World, asked: Asked) -> Fault | None:
    if not world.faults.standing:
        return None
    openid = asked.openid() if world.faults.by_openid else ""
    return world.faults.for_answer(asked.path, openid)


async def _payload(world: World, route: Route, asked: Asked, fault: Fault | None) -> Payload:
    """Return the answer, carried out or, when the fault keeps it from that, made up."""
    payload: Payload = {}
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
    payload: Payload,
    fault: Fault | None,
    started: float,
) -> None:
    said = payload if isinstance(payload, dict) else {}
    world.calls.append(
        {
            "at": world.now(),
            "method": request.method,
            "path": request.path,
            "errcode": said.get("errcode", 0),
            "errmsg": said.get("errmsg", ""),
            "fault": fault.behaviour.value if fault else "",
            "accepted": fault is None or fault.carries_out,
            "ms": round((time.perf_counter() - started) * 1000, 2),
        }
    )
