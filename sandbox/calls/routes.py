"""Which call answers which path."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.calls import (
    account_calls,
    custom_calls,
    face_calls,
    media_calls,
    menu_calls,
    mini_calls,
    notice_calls,
    oauth_calls,
    sms_calls,
    tag_calls,
    template_calls,
    token_calls,
    user_calls,
)
from sandbox.calls.asked import Asked
from sandbox.calls.cloud_calls import ordered_in_words, refused_in_words
from sandbox.errors import Refusal
from sandbox.media import MediaFile
from sandbox.world import World

Payload = dict[str, Any] | MediaFile
CarryOut = Callable[[World, Asked], Payload]


def refused(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal in the platform's form, with a request id to quote."""
    rid = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
    return {"errcode": refusal.errcode, "errmsg": f"{refusal.errmsg} rid: {rid}"}


@dataclass(frozen=True, slots=True)
class Route:
    """One call: what carries it out, whether it needs the account's token, how it refuses."""

    carry_out: CarryOut
    needs_token: bool = True
    of_mini: bool = False
    """Whether the token is the mini program's."""
    refused: Callable[[Refusal], dict[str, Any]] = refused
    ordered: Callable[[int, str], Refusal] = Refusal
    """Makes the refusal that a fault orders."""


def _cloud_route(carry_out: CarryOut) -> Route:
    return Route(carry_out, needs_token=False, refused=refused_in_words, ordered=ordered_in_words)


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/cgi-bin/token"): Route(token_calls.token, needs_token=False),
    ("POST", "/cgi-bin/stable_token"): Route(token_calls.stable_token, needs_token=False),
    ("GET", "/cgi-bin/getcallbackip"): Route(token_calls.callback_addresses),
    ("GET", "/cgi-bin/get_api_domain_ip"): Route(token_calls.platform_addresses),
    ("GET", "/cgi-bin/ticket/getticket"): Route(token_calls.ticket),
    ("POST", "/cgi-bin/message/template/send"): Route(template_calls.send),
    ("GET", "/cgi-bin/template/get_all_private_template"): Route(template_calls.templates),
    ("POST", "/cgi-bin/template/api_add_template"): Route(template_calls.add_template),
    ("POST", "/cgi-bin/template/del_private_template"): Route(template_calls.delete_template),
    ("POST", "/wxa/sec/queryblocktmplmsg"): Route(template_calls.blocked_messages),
    ("GET", "/cgi-bin/user/get"): Route(user_calls.followers),
    ("GET", "/cgi-bin/user/info"): Route(user_calls.info),
    ("POST", "/cgi-bin/user/info/batchget"): Route(user_calls.info_batch),
    ("POST", "/cgi-bin/user/info/updateremark"): Route(tag_calls.set_remark),
    ("POST", "/cgi-bin/user/tag/get"): Route(tag_calls.people_of),
    ("POST", "/cgi-bin/tags/create"): Route(tag_calls.create_tag),
    ("GET", "/cgi-bin/tags/get"): Route(tag_calls.list_tags),
    ("POST", "/cgi-bin/tags/update"): Route(tag_calls.rename_tag),
    ("POST", "/cgi-bin/tags/delete"): Route(tag_calls.delete_tag),
    ("POST", "/cgi-bin/tags/getidlist"): Route(tag_calls.tags_of),
    ("POST", "/cgi-bin/tags/members/batchtagging"): Route(tag_calls.tag_people),
    ("POST", "/cgi-bin/tags/members/batchuntagging"): Route(tag_calls.untag_people),
    ("POST", "/cgi-bin/tags/members/getblacklist"): Route(tag_calls.list_shut_out),
    ("POST", "/cgi-bin/tags/members/batchblacklist"): Route(tag_calls.shut_out),
    ("POST", "/cgi-bin/tags/members/batchunblacklist"): Route(tag_calls.let_in),
    ("POST", "/cgi-bin/message/custom/send"): Route(custom_calls.send),
    ("POST", "/cgi-bin/message/custom/typing"): Route(custom_calls.show_typing),
    ("POST", "/cgi-bin/media/upload"): Route(media_calls.upload),
    ("POST", "/cgi-bin/media/uploadimg"): Route(media_calls.upload_picture),
    ("GET", "/cgi-bin/media/get"): Route(media_calls.fetch),
    ("GET", "/cgi-bin/get_current_autoreply_info"): Route(account_calls.automatic_replies),
    ("POST", "/cgi-bin/callback/check"): Route(account_calls.check_server),
    ("GET", "/cgi-bin/get_current_selfmenu_info"): Route(menu_calls.menu_in_force),
    ("POST", "/cgi-bin/menu/addconditional"): Route(menu_calls.add_conditional_menu),
    ("POST", "/cgi-bin/menu/delconditional"): Route(menu_calls.delete_conditional_menu),
    ("POST", "/cgi-bin/menu/trymatch"): Route(menu_calls.try_menu),
    ("POST", "/cgi-bin/menu/create"): Route(menu_calls.create_menu),
    ("GET", "/cgi-bin/menu/get"): Route(menu_calls.get_menu),
    ("GET", "/cgi-bin/menu/delete"): Route(menu_calls.delete_menu),
    ("POST", "/cgi-bin/qrcode/create"): Route(menu_calls.create_code),
    ("POST", "/cgi-bin/openapi/quota/get"): Route(menu_calls.quota),
    ("POST", "/cgi-bin/clear_quota"): Route(menu_calls.clear_quota),
    ("POST", "/cgi-bin/clear_quota/v2"): Route(menu_calls.clear_quota_by_secret, needs_token=False),
    ("GET", "/sns/oauth2/access_token"): Route(oauth_calls.access_token, needs_token=False),
    ("GET", "/sns/oauth2/refresh_token"): Route(oauth_calls.refresh_token, needs_token=False),
    ("GET", "/sns/auth"): Route(oauth_calls.check_token, needs_token=False),
    ("GET", "/sns/userinfo"): Route(oauth_calls.user_info, needs_token=False),
    ("GET", "/sns/jscode2session"): Route(mini_calls.code_to_session, needs_token=False),
    ("POST", "/wxa/business/getuserphonenumber"): Route(mini_calls.phone_number, of_mini=True),
    ("POST", "/cgi-bin/message/subscribe/send"): Route(notice_calls.send, of_mini=True),
    ("GET", "/wxaapi/newtmpl/gettemplate"): Route(notice_calls.templates, of_mini=True),
    ("POST", "/sms"): _cloud_route(sms_calls.send_sms),
    ("POST", "/faceid"): _cloud_route(face_calls.check_face),
}


NO_SUCH_METHOD = {"GET": 43002, "POST": 43001}
"""What the platform says to a method that is not the path's: that it wants the other one."""
NO_SUCH_PATH = 40066


def route_for(method: str, path: str) -> Route:
    """Return what answers a call; also for one the platform does not have, which is refused."""
    found = ROUTES.get((method, path))
    return found or _refusing(method, path)


def _refusing(method: str, path: str) -> Route:
    known = any(each == path for _, each in ROUTES)
    errcode = NO_SUCH_METHOD.get(method, NO_SUCH_PATH) if known else NO_SUCH_PATH

    def refuse(_world: World, _asked: Asked) -> Payload:
        raise Refusal(errcode)

    return Route(refuse, needs_token=False)


def answer(world: World, route: Route, asked: Asked) -> Payload:
    """Carry the call out, or refuse it in the platform's words."""
    try:
        if route.needs_token:
            tokens = world.mini_tokens if route.of_mini else world.tokens
            tokens.check(asked.query.get("access_token"), world.now())
        return route.carry_out(world, asked)
    except Refusal as refusal:
        return route.refused(refusal)
