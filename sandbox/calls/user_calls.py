"""Followers: who they are and what is known of them."""

from typing import Any

from sandbox.calls.asked import Asked
from sandbox.errors import Refusal
from sandbox.mini_codes import unionid
from sandbox.phones import Phone
from sandbox.world import World

MOST_BATCH = 100


def followers(world: World, asked: Asked) -> dict[str, Any]:
    """Return one page of followers after `next_openid`; the last page has no `data`."""
    after = asked.query.get("next_openid", "")
    total, page = world.phones.followers_after(after, world.config.page_size)
    answer: dict[str, Any] = {"total": total, "count": len(page), "next_openid": ""}
    if page:
        answer |= {"data": {"openid": page}, "next_openid": page[-1]}
    return answer


def _known(world: World, phone: Phone) -> dict[str, Any]:
    if not phone.following:
        return {"subscribe": 0, "openid": phone.openid}
    union = {"unionid": unionid(phone.openid)} if world.config.open_platform else {}
    return union | {
        "subscribe": 1,
        "openid": phone.openid,
        "nickname": "",
        "sex": 0,
        "language": "zh_CN",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "subscribe_time": int(phone.followed_at),
        "remark": phone.remark,
        "groupid": 0,
        "tagid_list": phone.account_tags,
        "subscribe_scene": "ADD_SCENE_QR_CODE" if phone.scene else "ADD_SCENE_SEARCH",
        "qr_scene": int(phone.scene) if phone.scene.isdecimal() else 0,
        "qr_scene_str": "" if phone.scene.isdecimal() else phone.scene,
    }


def info(world: World, asked: Asked) -> dict[str, Any]:
    """Return what is known of one person."""
    return _known(world, world.phones.get(asked.query.get("openid")))


def info_batch(world: World, asked: Asked) -> dict[str, Any]:
    """Return what is known of up to 100 people; raise Refusal 40097 beyond."""
    wanted = asked.body().get("user_list")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MOST_BATCH:
        raise Refusal(40097)
    openids = [one.get("openid") if isinstance(one, dict) else None for one in wanted]
    return {"user_info_list": [_known(world, world.phones.get(openid)) for openid in openids]}
