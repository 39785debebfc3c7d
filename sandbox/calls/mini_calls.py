"""The mini program's server side: a login code for an openid, a button's code for a phone.

Sources: code2Session and getPhoneNumber of the mini program's documentation.
"""

import secrets
from typing import Any

from sandbox.calls.answering import OK
from sandbox.calls.asked import Asked
from sandbox.calls.token_calls import check_mini_secret
from sandbox.errors import Refusal
from sandbox.mini_codes import LOGIN, NUMBER, mini_openid, unionid
from sandbox.world import World

HIGH_RISK = 40226
CHINA = 86


def code_to_session(world: World, asked: Asked) -> dict[str, Any]:
    """Exchange a login code, once, within five minutes; raise Refusal 40226 for who is shut out."""
    check_mini_secret(world, asked.query.get("appid"), asked.query.get("secret"))
    if asked.query.get("grant_type") != "authorization_code":
        raise Refusal(40002)
    code = world.mini_codes.take(LOGIN, asked.query.get("js_code"), world.now())
    if world.phones.get(code.openid).high_risk:
        raise Refusal(HIGH_RISK)
    told = {"openid": mini_openid(code.openid), "session_key": secrets.token_urlsafe(16) + "=="}
    union = {"unionid": unionid(code.openid)} if world.config.open_platform else {}
    return told | union


def phone_number(world: World, asked: Asked) -> dict[str, Any]:
    """Tell the phone of who pressed the button, once; each is billed."""
    body = asked.body()
    code = world.mini_codes.take(NUMBER, body.get("code"), world.now(), body.get("openid"))
    world.mini_codes.billed += 1
    config = world.config
    info = {
        "phoneNumber": code.number,
        "purePhoneNumber": code.number,
        "countryCode": CHINA if config.mini_country_as_number else str(CHINA),
        "watermark": {
            "timestamp": int(code.at),
            "appid": config.mini_watermark or config.mini_app_id,
        },
    }
    return OK | {"phone_info": info}
