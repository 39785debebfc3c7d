"""The mini program's own calls: whose code it is, and the phone that WeChat knows of them.

The session key that WeChat answers beside the openid is not read: nothing here needs it. A phone
costs a fee each time WeChat gives it. Sources: the pages code2Session and getPhoneNumber of the
mini program's documentation.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from redis import Redis

from notifier.ledger import outcomes
from notifier.wechat.client import Client
from notifier.wechat.errors import CodeInvalid, CodeUsed, Refused, Unavailable
from notifier.wechat.gateway import openid_of, unionid_of
from notifier.wechat.reading import number_of
from notifier.wechat.token_call import mini_program_of
from registry.base.clock import Clock
from runtime.settings import Settings

CHINA = 86
_CODE = re.compile(r"[\w-]{1,128}", re.ASCII)
_CODE_REFUSALS: Mapping[int, type[Refused]] = {40163: CodeUsed, 40029: CodeInvalid}


@dataclass(frozen=True)
class MiniVisitor:
    """Who a login code was given out for."""

    openid: str
    """With the mini program: another than with the service account."""
    unionid: str
    """The same with both, where both are bound to one open platform; else empty."""


@dataclass(frozen=True)
class WeChatPhone:
    """The phone of who pressed the button."""

    number: str = field(repr=False)
    """Without the country's code."""
    of_china: bool


class ForeignPhone(Unavailable):
    """The answer is another mini program's: its watermark says so."""


class MiniProgram:
    """Built once a process, after the fork; threads may share it."""

    def __init__(self, client: Client) -> None:
        """Take the client, which has a token of its own; nothing is asked yet."""
        self._client = client
        self.tokens = client.tokens

    def visitor(self, code: str) -> MiniVisitor:
        """Return whom a login code stands for; it serves once, within five minutes.

        Raises CodeUsed, CodeInvalid, Unavailable, Refused.
        """
        answer = self._by_code(code, lambda: self._code_to_session(code))
        return MiniVisitor(openid_of(answer), unionid_of(answer))

    def phone(self, code: str, openid: str) -> WeChatPhone:
        """Return the phone that a visitor let us have; the code serves once, within five minutes.

        Raises ForeignPhone besides what `visitor` raises, and TokenError.
        """
        url = f"{self._client.host}/wxa/business/getuserphonenumber"
        asked = {"code": code, "openid": openid}
        answer = self._by_code(code, lambda: self._client.post(url, data=asked))
        return _phone(answer, str(self._client.appid))

    def _code_to_session(self, code: str) -> dict[str, Any]:
        asked = {
            "appid": self._client.appid,
            "secret": self._client.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        return self._client.call_without_token("/sns/jscode2session", asked)

    def _by_code(self, code: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if not _CODE.fullmatch(code):
            raise CodeInvalid(outcomes.UNLISTED, detail="not a code")
        try:
            answer = call()
        except Refused as error:
            kind = _CODE_REFUSALS.get(error.errcode or 0, Refused)
            refusal = kind(error.outcome, errcode=error.errcode, rid=error.rid)
        else:
            return answer
        raise refusal


def open_mini_program(settings: Settings, redis: Redis, clock: Clock) -> MiniProgram | None:
    """Open the mini program, once a process, after the fork; None where the settings name none."""
    app = mini_program_of(settings)
    return MiniProgram(Client(settings, app, redis, clock)) if app.app_id else None


def _phone(answer: dict[str, Any], app_id: str) -> WeChatPhone:
    info = answer.get("phone_info")
    found = info if isinstance(info, dict) else {}
    number, country = found.get("purePhoneNumber"), number_of(found.get("countryCode"))
    watermark = found.get("watermark")
    if not isinstance(number, str) or not number or country is None:
        raise Unavailable(outcomes.BAD_ANSWER, detail="phone_info")
    if not isinstance(watermark, dict) or watermark.get("appid") != app_id:
        raise ForeignPhone(outcomes.BAD_ANSWER, detail="watermark")
    return WeChatPhone(number, country == CHINA)
