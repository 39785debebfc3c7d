"""The server's half of OAuth: a code for an openid."""

from typing import Any

from sandbox.calls.answering import OK
from sandbox.calls.asked import Asked
from sandbox.calls.token_calls import check_secret
from sandbox.errors import Refusal
from sandbox.oauth_codes import TOKEN_LIFE, UserTokens
from sandbox.world import World


def access_token(world: World, asked: Asked) -> dict[str, Any]:
    """Exchange a code, once, within five minutes."""
    check_secret(world, asked.query.get("appid"), asked.query.get("secret"))
    if asked.query.get("grant_type") != "authorization_code":
        raise Refusal(40002)
    tokens = world.grants.exchange(asked.query.get("code", ""), world.now())
    # The platform leaves the element out for everybody else.
    return _told(tokens) | ({"is_snapshotuser": 1} if tokens.grant.snapshot else {})


def _told(tokens: UserTokens) -> dict[str, Any]:
    return {
        "access_token": tokens.access,
        "expires_in": TOKEN_LIFE,
        "refresh_token": tokens.refresh,
        "openid": tokens.grant.openid,
        "scope": tokens.grant.scope,
    }


def refresh_token(world: World, asked: Asked) -> dict[str, Any]:
    """Give another user token for a refresh token, within thirty days."""
    if asked.query.get("appid") != world.config.app_id:
        raise Refusal(40013)
    if asked.query.get("grant_type") != "refresh_token":
        raise Refusal(40002)
    return _told(world.grants.refresh(asked.query.get("refresh_token", ""), world.now()))


def check_token(world: World, asked: Asked) -> dict[str, Any]:
    """Say whether a user token is good for a person."""
    token, openid = asked.query.get("access_token", ""), asked.query.get("openid", "")
    world.grants.living(token, openid, world.now())
    return OK


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
