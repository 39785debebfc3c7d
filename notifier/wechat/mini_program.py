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
from notifier.wechat.gateway import RawTemplate, listed, openid_of, unionid_of
from notifier.wechat.reading import number_of
from notifier.wechat.token_call import mini_program_of
from registry.base.clock import Clock
from runtime.settings import Settings

CHINA = 86
ONE_TIME = 2
"""The type of a template that is allowed for one notice at a time; 3 is for long."""
NoticeData = Mapping[str, Mapping[str, str]]
"""What a notice says: `value` by the template's key."""
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
        self.app_id = str(client.appid)

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
        return _phone(answer, self.app_id)

    def notice_templates(self) -> list[RawTemplate]:
        """Return the templates for one-time notices; raise a GatewayError.

        Source: getMessageTemplateList of the mini program's documentation.
        """
        answer = self._client.get(f"{self._client.host}/wxaapi/newtmpl/gettemplate")
        return [_template(each) for each in listed(answer, "data") if _is_one_time(each)]

    def send_notice(self, openid: str, template_id: str, page: str, data: NoticeData) -> None:
        """Send a one-time notice, which uses up one that she allowed; raise a GatewayError.

        Called once only: WeChat keeps no repeat from being a second notice. Source:
        sendMessage (subscribeMessage.send) of the mini program's documentation.
        """
        asked = {"touser": openid, "template_id": template_id, "page": page, "data": data}
        self._client.post("message/subscribe/send", data=asked)

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


def _is_one_time(row: dict[str, Any]) -> bool:
    return number_of(row.get("type")) == ONE_TIME


def _template(row: dict[str, Any]) -> RawTemplate:
    found = [row.get(name) for name in ("priTmplId", "title", "content")]
    if not all(isinstance(each, str) for each in found) or not found[0]:
        raise Unavailable(outcomes.BAD_ANSWER, detail="newtmpl")
    return RawTemplate(*map(str, found))
