"""Which call answers which path."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.calls import (
    face_calls,
    menu_calls,
    oauth_calls,
    sms_calls,
    template_calls,
    token_calls,
    user_calls,
)
from sandbox.calls.asked import Asked
from sandbox.calls.cloud_calls import ordered_in_words, refused_in_words
from sandbox.errors import Refusal
from sandbox.world import World

CarryOut = Callable[[World, Asked], dict[str, Any]]


def refused(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal in the platform's form, with a request id to quote."""
    rid = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
    return {"errcode": refusal.errcode, "errmsg": f"{refusal.errmsg} rid: {rid}"}


@dataclass(frozen=True, slots=True)
class Route:
    """One call: what carries it out, whether it needs the account's token, how it refuses."""

    carry_out: CarryOut
    needs_token: bool = True
    refused: Callable[[Refusal], dict[str, Any]] = refused
    ordered: Callable[[int, str], Refusal] = Refusal
    """Makes the refusal that a fault orders."""


def _cloud_route(carry_out: CarryOut) -> Route:
    return Route(carry_out, needs_token=False, refused=refused_in_words, ordered=ordered_in_words)


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/cgi-bin/token"): Route(token_calls.token, needs_token=False),
    ("POST", "/cgi-bin/stable_token"): Route(token_calls.stable_token, needs_token=False),
    ("GET", "/cgi-bin/getcallbackip"): Route(token_calls.callback_addresses),
    ("GET", "/cgi-bin/ticket/getticket"): Route(token_calls.ticket),
    ("POST", "/cgi-bin/message/template/send"): Route(template_calls.send),
    ("GET", "/cgi-bin/template/get_all_private_template"): Route(template_calls.templates),
    ("POST", "/cgi-bin/template/api_add_template"): Route(template_calls.add_template),
    ("POST", "/cgi-bin/template/del_private_template"): Route(template_calls.delete_template),
    ("POST", "/wxa/sec/queryblocktmplmsg"): Route(template_calls.blocked_messages),
    ("GET", "/cgi-bin/user/get"): Route(user_calls.followers),
    ("GET", "/cgi-bin/user/info"): Route(user_calls.info),
    ("POST", "/cgi-bin/user/info/batchget"): Route(user_calls.info_batch),
    ("POST", "/cgi-bin/menu/create"): Route(menu_calls.create_menu),
    ("GET", "/cgi-bin/menu/get"): Route(menu_calls.get_menu),
    ("GET", "/cgi-bin/menu/delete"): Route(menu_calls.delete_menu),
    ("POST", "/cgi-bin/qrcode/create"): Route(menu_calls.create_code),
    ("POST", "/cgi-bin/openapi/quota/get"): Route(menu_calls.quota),
    ("POST", "/cgi-bin/clear_quota"): Route(menu_calls.clear_quota),
    ("GET", "/sns/oauth2/access_token"): Route(oauth_calls.access_token, needs_token=False),
    ("GET", "/sns/userinfo"): Route(oauth_calls.user_info, needs_token=False),
    ("POST", "/sms"): _cloud_route(sms_calls.send_sms),
    ("POST", "/faceid"): _cloud_route(face_calls.check_face),
}


def answer(world: World, route: Route, asked: Asked) -> dict[str, Any]:
    """Carry the call out, or refuse it in the platform's words."""
    try:
        if route.needs_token:
            world.tokens.check(asked.query.get("access_token"), world.now())
        return route.carry_out(world, asked)
    except Refusal as refusal:
        return route.refused(refusal)
