"""A page that shows what the platform received, with knobs for faults."""

from typing import Any

from aiohttp import web

from sandbox.calls.routes import ROUTES
from sandbox.doors.control_reading import counts
from sandbox.doors.forms import form_of
from sandbox.doors.keys import WORLD
from sandbox.doors.rendering import moment, notice, page
from sandbox.faults import Behaviour

SHOWN = 60

BEHAVIOURS: dict[Behaviour, str] = {
    Behaviour.DELAY: "响应延迟（按秒数）",
    Behaviour.HANG: "无响应",
    Behaviour.ERRCODE: "返回错误码",
    Behaviour.STATUS: "HTTP 502",
    Behaviour.HTML: "200，但是网页",
    Behaviour.EMPTY: "200，但是空的",
    Behaviour.OBJECT: "200，但是 {}",
    Behaviour.TRUNCATED: "受理，JSON 缺一半",
    Behaviour.RESET: "重置连接",
    Behaviour.DROP: "断开连接，无响应",
    Behaviour.DRIP: "受理，逐字节返回",
    Behaviour.OTHER_PERSON: "人脸核身：通过的是另一个人",
    Behaviour.RECEIPT_LATE: "回执迟到（按秒数）",
    Behaviour.RECEIPT_TWICE: "回执来两次",
    Behaviour.RECEIPT_NEVER: "没有回执",
    Behaviour.RECEIPT_EARLY: "回执先于响应",
    Behaviour.RECEIPT_SHUFFLED: "回执乱序（在秒数以内）",
    Behaviour.RECEIPT_ZERO: "回执的 MsgID 为 0",
    Behaviour.RECEIPT_STATUS: "回执：系统失败",
}


def add_platform_page(app: web.Application) -> None:
    """Mount the page; its knobs only where control is on."""
    app.router.add_get("/platform", show_platform)
    if app[WORLD].config.control:
        app.router.add_post("/platform", turn_knob)


async def show_platform(request: web.Request) -> web.Response:
    """Show the last calls, newest first."""
    world = request.app[WORLD]
    latest = list(world.calls)[-SHOWN:]
    return page(
        request,
        "platform.html",
        calls=[{**call, "time": moment(call["at"], world.now())} for call in reversed(latest)],
        totals=counts(world, {"openid": "-"}),
        faults=world.faults.standing.values(),
        behaviours=BEHAVIOURS,
        paths=sorted(path for _, path in ROUTES),
    )


async def turn_knob(request: web.Request) -> web.Response:
    """Order a fault, or withdraw one or all."""
    form, faults = await form_of(request), request.app[WORLD].faults
    try:
        if "clear" in form:
            faults.clear(int(form["clear"]) or None)
        else:
            faults.order(_wished(form))
    except ValueError:
        return notice(request, "设置未生效", "请返回修改：次数、秒数和错误码请填写数字。")
    raise web.HTTPSeeOther("/platform")


def _wished(form: dict[str, str]) -> dict[str, Any]:
    """Return what was chosen as an order; raise ValueError for what is no number."""
    return {
        "behaviour": form.get("behaviour", ""),
        "path": form.get("path", ""),
        "times": int(form.get("times") or 0) or None,
        "seconds": float(form.get("seconds") or 1),
        "errcode": int(form.get("errcode") or -1),
        "accept": "accept" in form,
    }
