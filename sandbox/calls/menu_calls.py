"""The account's menu, its scene codes and its quotas."""

import base64
import json
import re
from typing import Any

from sandbox.calls.answering import OK
from sandbox.calls.asked import Asked
from sandbox.calls.token_calls import check_secret
from sandbox.errors import Refusal
from sandbox.world import World

MOST_BUTTONS, MOST_SUB_BUTTONS = 3, 5
MOST_NAME, MOST_SUB_NAME = 16, 60
NEEDED = {"view": "url", "click": "key", "miniprogram": "appid"}
SEND_PATH = "/cgi-bin/message/template/send"
ADDRESS = re.compile(r"https?://[^\s\x00-\x1f]+")
MOST_SCENE = 64
MOST_SECONDS = 2_592_000


def create_menu(world: World, asked: Asked) -> dict[str, Any]:
    """Set the menu; raise Refusal for one the platform would not take."""
    world.menus.set_default(_checked(asked.body().get("button")))
    _keep(world)
    return OK


def _keep(world: World) -> None:
    world.keep("menu", world.menus.record())


def _checked(buttons: object) -> object:
    """Return buttons the platform would take; raise its Refusal for others."""
    _check_buttons(buttons, MOST_BUTTONS, MOST_NAME)
    assert isinstance(buttons, list), "checked just now"
    for button in buttons:
        if button.get("sub_button"):
            _check_buttons(button["sub_button"], MOST_SUB_BUTTONS, MOST_SUB_NAME)
    return buttons


def _check_buttons(buttons: object, most: int, longest: int) -> None:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= most:
        raise Refusal(40016)
    for button in buttons:
        name = str(button.get("name", "")) if isinstance(button, dict) else ""
        if not 1 <= len(name.encode()) <= longest:
            raise Refusal(40018)
        if not button.get("sub_button") and not button.get(
            NEEDED.get(str(button.get("type")), "type")
        ):
            raise Refusal(40097)
        if "url" in button and not ADDRESS.fullmatch(str(button["url"])):
            raise Refusal(40055)


def get_menu(world: World, _asked: Asked) -> dict[str, Any]:
    """Return the menu; raise Refusal 46003 when there is none."""
    menus = world.menus
    if not menus.default:
        raise Refusal(46003)
    if not menus.conditional:
        return {"menu": menus.default}
    return {"menu": menus.default, "conditionalmenu": list(reversed(menus.conditional))}


def menu_in_force(world: World, _asked: Asked) -> dict[str, Any]:
    """Return the menu as the platform's own console knows it."""
    buttons = [
        {**button, "sub_button": {"list": button["sub_button"]}}
        if button.get("sub_button")
        else button
        for button in world.menus.default.get("button", [])
    ]
    return {"is_menu_open": int(bool(buttons)), "selfmenu_info": {"button": buttons}}


def add_conditional_menu(world: World, asked: Asked) -> dict[str, Any]:
    """Add a menu for those a rule fits."""
    body = asked.body()
    menuid = world.menus.add(_checked(body.get("button")), body.get("matchrule"))
    _keep(world)
    return {"menuid": menuid}


def delete_conditional_menu(world: World, asked: Asked) -> dict[str, Any]:
    """Delete a menu that is for some."""
    world.menus.remove(asked.body().get("menuid"))
    _keep(world)
    return OK


def try_menu(world: World, asked: Asked) -> dict[str, Any]:
    """Return the menu a person sees; raise Refusal 65302 for a stranger."""
    phone = world.phones.by_openid.get(str(asked.body().get("user_id")))
    if phone is None:
        raise Refusal(65302)
    return {"button": world.menus.seen_by(phone).get("button", [])}


def delete_menu(world: World, _asked: Asked) -> dict[str, Any]:
    """Take the menu away, and those for some with it."""
    world.menus.clear()
    _keep(world)
    return OK


def create_code(world: World, asked: Asked) -> dict[str, Any]:
    """Return the ticket of a code whose scene comes with the follower.

    A temporary one holds thirty days at most, whatever is asked for.
    """
    body = asked.body()
    try:
        scene = body["action_info"]["scene"]
        text = str(scene.get("scene_str") or scene["scene_id"])
    except (KeyError, TypeError, AttributeError):
        raise Refusal(40097) from None
    if not 1 <= len(text) <= MOST_SCENE:
        raise Refusal(40097)
    seconds = min(max(asked.number("expire_seconds", 60), 1), MOST_SECONDS)
    for_good = str(body.get("action_name", "")).startswith("QR_LIMIT")
    until = 0 if for_good else int(world.now()) + seconds
    ticket = "g" + base64.urlsafe_b64encode(json.dumps([text, until]).encode()).decode()
    answer: dict[str, Any] = {"ticket": ticket, "url": f"{asked.origin}/q/{ticket}"}
    return answer if for_good else {**answer, "expire_seconds": seconds}


def scene_of(ticket: str, at: float) -> str | None:
    """Return the scene in a ticket, None once its time is over; raise ValueError for no ticket."""
    scene, until = json.loads(base64.urlsafe_b64decode(ticket[1:].encode()))
    return str(scene) if not until or at < until else None


def quota(world: World, asked: Asked) -> dict[str, Any]:
    """Tell the day's limit and use; only the template's path is counted."""
    sends = asked.body().get("cgi_path") == SEND_PATH
    used = world.quotas.used_today(world.now()) if sends else 0
    limit = (world.config.template_quota if sends else 0) or 50_000_000
    figures = {"daily_limit": limit, "used": used, "remain": max(0, limit - used)}
    return OK | {"quota": figures}


def clear_quota_by_secret(world: World, asked: Asked) -> dict[str, Any]:
    """Do what `clear_quota` does, for an account that has no token."""
    body = asked.body()
    check_secret(world, body.get("appid"), body.get("appsecret"))
    return clear_quota(world, asked)


def clear_quota(world: World, asked: Asked) -> dict[str, Any]:
    """Begin the day's count anew, ten times a month."""
    if asked.body().get("appid") != world.config.app_id:
        raise Refusal(40013)
    world.quotas.clear()
    return OK
