"""One-time codes by text message: Tencent Cloud SMS, API 3.0 (SendSms, signed TC3-HMAC-SHA256).

Written here rather than taken from the provider's SDK, whose debug log holds numbers and codes
whole and whose use of utcfromtimestamp is an error under our warnings. Source of the signature:
the provider's page "Signature v3".
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests

from notifier.settings import Settings
from notifier.wechat.connections import TIMEOUT, open_connections
from registry import identity
from registry.clock import Clock

ALGORITHM = "TC3-HMAC-SHA256"
SERVICE = "sms"
ACTION = "SendSms"
VERSION = "2021-01-11"
CONTENT_TYPE = "application/json; charset=utf-8"
SIGNED_HEADERS = "content-type;host;x-tc-action"
SENT = "Ok"


class SmsError(Exception):
    """A message that was not sent: the provider's code or ours, and nothing of number or text."""

    def __init__(self, code: str, request_id: str = "") -> None:
        """Keep the code, and the id the provider's support asks for."""
        super().__init__(f"{code} {request_id}".rstrip())
        self.code = code
        self.request_id = request_id


class CodeSender(Protocol):
    """Whatever brings a code to a phone."""

    def send_code(self, phone: str, code: str, minutes: int) -> None:
        """Send a code that holds for so many minutes; raise SmsError."""
        ...


class Sms:
    """The provider as the settings name it; threads may share it."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Open a pool of connections; nothing is asked yet."""
        self._settings = settings
        self._clock = clock
        self._connections = open_connections(settings.sms_url)

    def send_code(self, phone: str, code: str, minutes: int) -> None:
        """Send the approved template with its two parameters, the code and its minutes.

        Sent once, whatever happens: a code asked for again is a new one. Raises SmsError.
        """
        if not self._settings.sms_secret_id:
            raise SmsError("not_configured")
        if not identity.is_mobile(phone):
            raise SmsError("not_a_mobile_number")
        body = json.dumps(
            {
                "PhoneNumberSet": [f"+86{phone}"],
                "SmsSdkAppId": self._settings.sms_app_id,
                "SignName": self._settings.sms_sign_name,
                "TemplateId": self._settings.sms_template_id,
                "TemplateParamSet": [code, str(minutes)],
            }
        ).encode()
        _check(self._ask(body))

    def _ask(self, body: bytes) -> dict[str, Any]:
        try:
            answer = self._connections.post(
                self._settings.sms_url,
                data=body,
                headers=signed_headers(self._settings, body, self._clock()),
                timeout=TIMEOUT,
                allow_redirects=False,
            ).json()["Response"]
            if isinstance(answer, dict):
                return answer
            failure = "bad_answer"
        except requests.JSONDecodeError:
            failure = "bad_answer"
        except requests.RequestException as error:
            failure = type(error).__name__
        except (KeyError, TypeError):
            failure = "bad_answer"
        raise SmsError(failure)  # outside the handlers: their errors hold the request


def _check(answer: Mapping[str, Any]) -> None:
    request_id = str(answer.get("RequestId", ""))[:64]
    refused = answer.get("Error")
    if isinstance(refused, dict):
        raise SmsError(str(refused.get("Code", "unknown"))[:80], request_id)
    statuses = answer.get("SendStatusSet")
    first = statuses[0] if isinstance(statuses, list) and statuses else None
    code = str(first.get("Code", "")) if isinstance(first, dict) else "bad_answer"
    if code != SENT:
        raise SmsError(code[:80], request_id)


def signed_headers(settings: Settings, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers of a SendSms call, signed for this body and moment."""
    address = urlsplit(settings.sms_url)
    scope = f"{at:%Y-%m-%d}/{SERVICE}/tc3_request"
    request = "\n".join(
        [
            "POST",
            address.path or "/",
            "",
            f"content-type:{CONTENT_TYPE}",
            f"host:{address.netloc}",
            f"x-tc-action:{ACTION.lower()}",
            "",
            SIGNED_HEADERS,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    stamp = str(int(at.timestamp()))
    text = "\n".join([ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = _sign(settings.sms_secret_key.get_secret_value(), scope, text)
    credential = f"Credential={settings.sms_secret_id}/{scope}"
    return {
        "Authorization": (
            f"{ALGORITHM} {credential}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}"
        ),
        "Content-Type": CONTENT_TYPE,
        "Host": address.netloc,
        "X-TC-Action": ACTION,
        "X-TC-Version": VERSION,
        "X-TC-Timestamp": stamp,
        "X-TC-Region": settings.sms_region,
    }


def _sign(secret: str, scope: str, text: str) -> str:
    key = f"TC3{secret}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()
