"""The server's half of OAuth: a code for an openid."""

from typing import Any

from sandbox.calls.asked import Asked
from sandbox.calls.token_calls import check_secret
from sandbox.errors import Refusal
from sandbox.oauth_codes import TOKEN_LIFE
from sandbox.world import World


def access_token(world: World, asked: Asked) -> dict[str, Any]:
    """Exchange a code, once, within five minutes."""
    check_secret(world, asked.query.get("appid"), asked.query.get("secret"))
    if asked.query.get("grant_type") != "authorization_code":
        raise Refusal(40002)
    token, grant = world.grants.exchange(asked.query.get("code", ""), world.now())
    answer: dict[str, Any] = {
        "access_token": token,
        "expires_in": TOKEN_LIFE,
        "refresh_token": token[::-1],
        "openid": grant.openid,
        "scope": grant.scope,
    }
    # The platform leaves the element out for everybody else.
    return answer | ({"is_snapshotuser": 1} if grant.snapshot else {})


def user_info(world: World, asked: Asked) -> dict[str, Any]:
    """Return the name a person agreed to show."""
    token, openid = asked.query.get("access_token", ""), asked.query.get("openid", "")
    if not token:
        raise Refusal(41001)
    grant = world.grants.holder(token, openid, world.now())
    return {
        "openid": grant.openid,
        "nickname": grant.label,
        "sex": 0,
        "language": "",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "privilege": [],
    }
