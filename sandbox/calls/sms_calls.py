"""Short messages, as Tencent Cloud's SMS API 3.0 takes them (action SendSms)."""

import re
import secrets
import uuid
from typing import Any

from sandbox.calls.asked import Asked
from sandbox.errors import Refusal
from sandbox.world import World

NUMBER = re.compile(r"(\+86)?1\d{10}|\+[1-9]\d{6,14}")
MOST_NUMBERS = 200
CODE_TEXT = "【{sign}】验证码{code}，{minutes}分钟内有效。如非本人操作，请忽略本短信。"


class SmsRefusal(Refusal):
    """The provider refuses the whole call; its codes are words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(-1, message)
        self.code = code


def send_sms(world: World, asked: Asked) -> dict[str, Any]:
    """Send to each number; raise SmsRefusal when the call as a whole is wrong."""
    if not asked.headers.get("Authorization", "").startswith("TC3-HMAC-SHA256 "):
        raise SmsRefusal("AuthFailure.SignatureFailure", "The provided credentials are invalid.")
    if asked.headers.get("X-TC-Action") != "SendSms":
        raise SmsRefusal("InvalidAction", "The request action is invalid.")
    body = _body(asked)
    numbers = body.get("PhoneNumberSet")
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= MOST_NUMBERS:
        raise SmsRefusal("InvalidParameter", "PhoneNumberSet has 1 to 200 numbers.")
    for name in ("SmsSdkAppId", "TemplateId", "SignName"):
        if not body.get(name):
            raise SmsRefusal("MissingParameter", f"The request is missing the parameter {name}.")
    return _response({"SendStatusSet": [_send(world, str(number), body) for number in numbers]})


def _body(asked: Asked) -> dict[str, Any]:
    try:
        return asked.body()
    except Refusal:
        raise SmsRefusal("InvalidRequest", "The body is no JSON object.") from None


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
    minutes = params[1] if len(params) > 1 else "5"
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


def _response(content: dict[str, Any]) -> dict[str, Any]:
    return {"Response": content | {"RequestId": str(uuid.uuid4())}}


def refused_sms(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal in the provider's form."""
    code = refusal.code if isinstance(refusal, SmsRefusal) else "InternalError"
    return _response({"Error": {"Code": code, "Message": refusal.errmsg}})
