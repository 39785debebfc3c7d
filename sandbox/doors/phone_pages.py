"""The pages people see: the list of phones, and each phone's chat with the account."""

import asyncio

from aiohttp import web

from sandbox.doors.chat_view import banner, chat_lines, linked, menu_buttons
from sandbox.doors.forms import form_of
from sandbox.doors.keys import WORLD
from sandbox.doors.phone_acts import COOKIE, act_on_phone, open_menu, phone_of, scan_code
from sandbox.doors.rendering import moment, notice, page
from sandbox.phones import SEARCH_LIMIT, Phone, new_openid
from sandbox.world import World

BEAT = 20
PANELS = ("settings", "sms", "keyboard")
OFFERED = 3
WITH_MESSAGES = "有消息"
"""How many phones of a tag are offered beside another."""


def add_phone_pages(app: web.Application) -> None:
    """Mount the pages."""
    app.router.add_get("/", show_home)
    app.router.add_post("/", create_phone)
    app.router.add_get("/phone/{openid}", show_phone)
    app.router.add_post("/phone/{openid}", act_on_phone)
    app.router.add_get("/phone/{openid}/menu/{place}", open_menu)
    app.router.add_get("/phone/{openid}/live", watch_phone)
    app.router.add_get("/q/{ticket}", scan_code)


async def show_home(request: web.Request) -> web.Response:
    """Open the phone to begin with where there is something to try, else list the phones."""
    world = request.app[WORLD]
    first = _first_phone(request)
    if first is not None and world.config.guide and not request.query:
        raise web.HTTPSeeOther(f"/phone/{first.openid}")
    wanted, tag = (request.query.get(name, "").strip() for name in ("q", "tag"))
    return page(
        request,
        "home.html",
        phones=_found(world, wanted, tag),
        wanted=wanted,
        tag=tag,
        tags=[*world.phones.tags(), WITH_MESSAGES],
        total=len(world.phones.by_openid),
        accepted=len(world.messages.all),
    )


def _found(world: World, wanted: str, tag: str) -> list[Phone]:
    if tag != WITH_MESSAGES:
        return world.phones.found(wanted, tag)
    written = world.messages.newest_receivers(SEARCH_LIMIT)
    return [world.phones.by_openid[each] for each in written]


def _first_phone(request: web.Request) -> Phone | None:
    """Return this browser's phone, or the newest of those that were made to be tried."""
    phones = request.app[WORLD].phones
    mine = phones.by_openid.get(request.cookies.get(COOKIE, ""))
    offered = (each for each in phones.found("") if each.tags and not each.following)
    return mine or next(offered, None)


async def create_phone(request: web.Request) -> web.Response:
    """Make a phone and go to it."""
    form = await form_of(request)
    label, number = (form.get(name, "").strip() for name in ("label", "number"))
    if not label:
        return notice(request, "请填写手机名称", "请返回填写手机名称，便于查找。")
    world = request.app[WORLD]
    phone = Phone(new_openid(), label=label, number=number, following=False)
    world.save_phone(phone)
    raise web.HTTPSeeOther(f"/phone/{phone.openid}")


async def show_phone(request: web.Request) -> web.Response:
    """Show the chat to a follower and the profile to everybody else; remember whose phone it is."""
    world, phone = request.app[WORLD], phone_of(request)
    panel = request.query.get("panel", "")
    shown = page(
        request,
        "phone.html" if phone.following else "profile.html",
        phone=phone,
        panel=panel if panel in PANELS else "",
        choices=_choices(world, phone),
        guide=[linked(step) for step in world.config.guide],
        lines=chat_lines(world, phone),
        banner=banner(world, phone),
        sms=[
            (moment(one.at, world.now()), one.text) for one in reversed(world.sms.of(phone.number))
        ],
        buttons=menu_buttons(world, phone),
        templates=world.templates.by_id.values(),
    )
    shown.set_cookie(COOKIE, phone.openid, httponly=True, samesite="Lax")
    return shown


def _choices(world: World, phone: Phone) -> list[tuple[str, list[Phone]]]:
    """Return the other phones to try, by what they can show; those with messages are found out."""
    found = [(tag, world.phones.found("", tag, OFFERED + 1)) for tag in world.phones.tags()]
    written = world.messages.newest_receivers(OFFERED + 1)
    found.insert(1, (WITH_MESSAGES, [world.phones.by_openid[each] for each in written]))
    kept = ((tag, [each for each in some if each is not phone][:OFFERED]) for tag, some in found)
    return [(tag, some) for tag, some in kept if some]


async def watch_phone(request: web.Request) -> web.StreamResponse:
    """Stream a line whenever the phone has something new."""
    world, phone = request.app[WORLD], phone_of(request)
    stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    stream.headers["Cache-Control"] = "no-store"
    await stream.prepare(request)
    news = world.live.watch(phone.openid)
    try:
        while request.transport is not None and not request.transport.is_closing():
            await stream.write(await _next_line(news))
    finally:
        world.live.leave(phone.openid, news)
    return stream


async def _next_line(news: asyncio.Event) -> bytes:
    try:
        await asyncio.wait_for(news.wait(), BEAT)
    except TimeoutError:
        return b": still here\n\n"
    news.clear()
    return b"data: new\n\n"
