"""Access tokens, addresses and tickets."""

import hashlib
import hmac
from typing import Any

from sandbox.calls.asked import Asked
from sandbox.errors import Refusal
from sandbox.tokens import Token
from sandbox.world import World

TICKET_LIFE = 7_200


def check_secret(world: World, app_id: object, secret: object) -> None:
    """Raise Refusal 40013 or 40125 unless these are the account's."""
    config = world.config
    _check(app_id, secret, config.app_id, config.app_secret)


def check_mini_secret(world: World, app_id: object, secret: object) -> None:
    """Raise Refusal 40013 or 40125 unless these are the mini program's."""
    config = world.config
    _check(app_id, secret, config.mini_app_id, config.mini_app_secret)


def _check(app_id: object, secret: object, right_id: str, right_secret: str) -> None:
    if app_id != right_id:
        raise Refusal(40013)
    if not hmac.compare_digest(str(secret).encode(), right_secret.encode()):
        raise Refusal(40125)


def _answer(world: World, token: Token) -> dict[str, Any]:
    world.keep("tokens", {"tokens": world.tokens.record()})
    return {"access_token": token.value, "expires_in": int(token.dies - world.now())}


def token(world: World, asked: Asked) -> dict[str, Any]:
    """Give a new classic token."""
    if asked.query.get("grant_type") != "client_credential":
        raise Refusal(40002)
    check_secret(world, asked.query.get("appid"), asked.query.get("secret"))
    return _answer(world, world.tokens.classic(world.now(), world.config.token_seconds))


def stable_token(world: World, asked: Asked) -> dict[str, Any]:
    """Give the standing stable token, or a new one by force."""
    body = asked.body()
    if body.get("grant_type") != "client_credential":
        raise Refusal(40002)
    force = body.get("force_refresh") is True
    life = world.config.token_seconds
    if body.get("appid") == world.config.mini_app_id:
        check_mini_secret(world, body.get("appid"), body.get("secret"))
        token = world.mini_tokens.stable(world.now(), life, force=force)
        return {"access_token": token.value, "expires_in": int(token.dies - world.now())}
    check_secret(world, body.get("appid"), body.get("secret"))
    return _answer(world, world.tokens.stable(world.now(), life, force=force))


def callback_addresses(_world: World, _asked: Asked) -> dict[str, Any]:
    """Tell where pushes come from."""
    return {"ip_list": ["127.0.0.1"]}


def platform_addresses(_world: World, _asked: Asked) -> dict[str, Any]:
    """Tell where the platform itself is reached."""
    return {"ip_list": ["127.0.0.1"]}


def ticket(world: World, asked: Asked) -> dict[str, Any]:
    """Give a ticket for the JS-SDK, the same for two hours."""
    kind = asked.query.get("type", "")
    if kind not in ("jsapi", "wx_card"):
        raise Refusal(40097)
    left = TICKET_LIFE - int(world.now() % TICKET_LIFE)
    return {"errcode": 0, "errmsg": "ok", "ticket": ticket_of(world, kind), "expires_in": left}


def ticket_of(world: World, kind: str) -> str:
    """Return the ticket that is good now."""
    period = int(world.now() // TICKET_LIFE)
    return hashlib.sha256(f"{world.config.app_id}:{kind}:{period}".encode()).hexdigest()
