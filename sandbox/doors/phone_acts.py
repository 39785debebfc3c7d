"""What a person does on a phone page: follow, leave, write, press, refuse, scan."""

from collections.abc import Callable

from aiohttp import web

from sandbox.calls.menu_calls import scene_of
from sandbox.doors.chat_view import button_at
from sandbox.doors.forms import form_of
from sandbox.doors.keys import WORLD
from sandbox.doors.mini_address import mini_address
from sandbox.doors.rendering import notice
from sandbox.errors import Refusal
from sandbox.phones import Phone
from sandbox.world import World

COOKIE = "sandbox_phone"
MOST_TEXT = 600


def phone_of(request: web.Request) -> Phone:
    """Return the phone in the address; raise 404 when there is none."""
    try:
        return request.app[WORLD].phones.get(request.match_info["openid"])
    except Refusal:
        raise web.HTTPNotFound(text="没有这部手机。") from None


def _follow(world: World, phone: Phone, _value: str) -> None:
    world.follow(phone)


def _unfollow(world: World, phone: Phone, _value: str) -> None:
    world.unfollow(phone)


def _write(world: World, phone: Phone, value: str) -> None:
    if value.strip():
        world.write_text(phone.openid, value.strip()[:MOST_TEXT])


def _press(world: World, phone: Phone, value: str) -> None:
    button = button_at(world, phone, value)
    if button is not None and button.get("key"):
        world.push_event(phone.openid, "CLICK", EventKey=str(button["key"]))


def _block(world: World, phone: Phone, _value: str) -> None:
    phone.blocked = not phone.blocked
    world.save_phone(phone)


def _snapshot(world: World, phone: Phone, _value: str) -> None:
    phone.snapshot = not phone.snapshot
    world.save_phone(phone)


def _refuse(world: World, phone: Phone, value: str) -> None:
    if value in phone.refused:
        phone.refused.remove(value)
    elif value in world.templates.by_id:
        phone.refused.append(value)
    world.save_phone(phone)


ACTS: dict[str, Callable[[World, Phone, str], None]] = {
    "follow": _follow,
    "unfollow": _unfollow,
    "write": _write,
    "press": _press,
    "block": _block,
    "snapshot": _snapshot,
    "refuse": _refuse,
}
# After these the person is still where the switch or the line was.
STAYS = {"block": "settings", "snapshot": "settings", "refuse": "settings", "write": "keyboard"}


async def act_on_phone(request: web.Request) -> web.Response:
    """Do what the pressed button says, then show the phone again."""
    phone = phone_of(request)
    form = await form_of(request)
    name = form.get("act", "")
    if name not in ACTS:
        return notice(request, "没有这个操作", "这个按钮已经不在了，请返回后重试。")
    ACTS[name](request.app[WORLD], phone, form.get("value", ""))
    panel = f"?panel={STAYS[name]}" if name in STAYS else ""
    raise web.HTTPSeeOther(f"/phone/{phone.openid}{panel}")


async def open_menu(request: web.Request) -> web.Response:
    """Open a view button's page, telling the account that it was pressed."""
    world, phone = request.app[WORLD], phone_of(request)
    button = button_at(world, phone, request.match_info["place"])
    if button is None or not button.get("url"):
        return notice(request, "菜单已更新", "这个菜单已经不在了，请返回聊天后重试。")
    if button.get("type") == "miniprogram" and world.config.mini_url:
        raise web.HTTPFound(mini_address(phone.openid, str(button.get("pagepath", ""))))
    world.push_event(phone.openid, "VIEW", EventKey=str(button["url"]))
    raise web.HTTPFound(button["url"])


async def scan_code(request: web.Request) -> web.Response:
    """Scan a scene's code with the phone this browser is."""
    world = request.app[WORLD]
    try:
        phone = world.phones.get(request.cookies.get(COOKIE))
        scene = scene_of(request.match_info["ticket"], world.now())
    except Refusal:
        return notice(request, "请先选一部手机", "回到首页打开一部手机，再扫这个码。")
    except (ValueError, TypeError):
        return notice(request, "二维码无效", "这个二维码不是本公众号的。")
    if scene is None:
        return notice(request, "二维码已过期", "这个二维码已超过有效期。")
    world.follow(phone, scene, request.match_info["ticket"])
    raise web.HTTPSeeOther(f"/phone/{phone.openid}")
