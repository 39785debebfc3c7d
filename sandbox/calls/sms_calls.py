"""Short messages, as Tencent Cloud's SMS API 3.0 takes them (action SendSms)."""

import re
import secrets
from typing import Any

from sandbox.calls.asked import Asked
from sandbox.calls.cloud_calls import CloudRefusal, action_of, body_of, response
from sandbox.world import World

NUMBER = re.compile(r"(\+86)?1\d{10}|\+[1-9]\d{6,14}")
MOST_NUMBERS = 200
CODE_TEXT = "【{sign}】验证码{code}，{minutes}分钟内有效。如非本人操作，请忽略本短信。"

NOTICE_TEXT = "【{sign}】{0}办理了您毕业去向登记的{1}。如非您要求，请打开 /o/{2} 提出异议。"
NOTICE_PARAMS = 3
EMPLOYER_TEXT = "【{sign}】{0}：{1}，请登录签约平台查看办理。"


def send_sms(world: World, asked: Asked) -> dict[str, Any]:
    """Send to each number; raise CloudRefusal when the call as a whole is wrong."""
    action_of(asked, ("SendSms",))
    body = body_of(asked, ("SmsSdkAppId", "TemplateId", "SignName"))
    numbers = body.get("PhoneNumberSet")
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= MOST_NUMBERS:
        raise CloudRefusal("InvalidParameter", "PhoneNumberSet has 1 to 200 numbers.")
    return response({"SendStatusSet": [_send(world, str(number), body) for number in numbers]})


def _send(world: World, number: str, body: dict[str, Any]) -> dict[str, Any]:
    if not NUMBER.fullmatch(number):
        return _status(number, "InvalidParameterValue.IncorrectPhoneNumber", "incorrect number")
    if _too_soon(world, number):
        code = "LimitExceeded.PhoneNumberThirtySecondLimit"
        return _status(number, code, "the number of sms exceeds the limit")
    params = [str(value) for value in body.get("TemplateParamSet") or []]
    world.take_sms(number, _text(str(body["SignName"]), params), str(body["TemplateId"]), params)
    return _status(number, "Ok", "send success")


def _too_soon(world: World, number: str) -> bool:
    gap = world.config.sms_gap_seconds
    earlier = world.sms.of(number.removeprefix("+86"))
    return bool(gap and earlier and world.now() - earlier[-1].at < gap)


def _text(sign: str, params: list[str]) -> str:
    """Return the words on the phone; the sandbox does not know the approved template's text."""
    if not params:
        return f"【{sign}】您有一条新通知。"
    if len(params) == NOTICE_PARAMS:
        return NOTICE_TEXT.format(*params, sign=sign)
    minutes = params[1] if len(params) > 1 else "5"
    if not minutes.isdigit():
        return EMPLOYER_TEXT.format(*params, sign=sign)
    return CODE_TEXT.format(sign=sign, code=params[0], minutes=minutes)


def _status(number: str, code: str, message: str) -> dict[str, Any]:
    sent = code == "Ok"
    return {
        "SerialNo": f"2640:{secrets.randbelow(10**20):020d}" if sent else "",
        "PhoneNumber": number,
        "Fee": 1 if sent else 0,
        "SessionContext": "",
        "Code": code,
        "Message": message,
        "IsoCode": "CN",
    }
