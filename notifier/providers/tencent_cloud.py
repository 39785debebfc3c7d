"""Calls of Tencent Cloud's API 3.0, signed TC3-HMAC-SHA256: text messages and the face check.

Written here rather than taken from the provider's SDK, whose debug log holds bodies whole (numbers,
codes, names) and whose use of utcfromtimestamp is an error under our warnings. Source of the
signature: the provider's page "Signature v3".
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr

from notifier.providers.connections import TIMEOUT, open_connections
from registry.base.clock import Clock

ALGORITHM = "TC3-HMAC-SHA256"
CONTENT_TYPE = "application/json; charset=utf-8"
SIGNED_HEADERS = "content-type;host;x-tc-action"
MOST_CODE = 80
MOST_REQUEST_ID = 64


class CallError(Exception):
    """A call without its effect: the provider's code or ours, and nothing of what was sent."""

    def __init__(self, code: str, request_id: str = "") -> None:
        """Keep the code, and the id the provider's support asks for."""
        code, request_id = code[:MOST_CODE], request_id[:MOST_REQUEST_ID]
        super().__init__(f"{code} {request_id}".rstrip())
        self.code = code
        self.request_id = request_id


@dataclass(frozen=True)
class Product:
    """One product of the provider, and whose keys ask it; an empty region is not named."""

    name: str
    version: str
    url: str
    secret_id: str
    secret_key: SecretStr
    region: str = ""


class Cloud:
    """Calls of one product; threads may share it."""

    def __init__(self, product: Product, clock: Clock) -> None:
        """Open a pool of connections; nothing is asked yet."""
        self._product = product
        self._clock = clock
        self._connections = open_connections(product.url)

    def ask(self, action: str, content: Mapping[str, object]) -> dict[str, Any]:
        """Return the answer to one call, made once, whatever happens. Raises CallError."""
        if not self._product.secret_id:
            raise CallError("not_configured")
        answer = self._post(action, json.dumps(content).encode())
        refused = answer.get("Error")
        if isinstance(refused, dict):
            raise CallError(str(refused.get("Code", "unknown")), request_id_of(answer))
        return answer

    def _post(self, action: str, body: bytes) -> dict[str, Any]:
        try:
            answer = self._connections.post(
                self._product.url,
                data=body,
                headers=signed_headers(self._product, action, body, self._clock()),
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
        raise CallError(failure)  # outside the handlers: their errors hold the request


def request_id_of(answer: Mapping[str, Any]) -> str:
    """Return the id the provider's support asks for."""
    return str(answer.get("RequestId", ""))


def signed_headers(product: Product, action: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers of a call, signed for this body and moment."""
    address = urlsplit(product.url)
    scope = f"{at:%Y-%m-%d}/{product.name}/tc3_request"
    request = "\n".join(
        [
            "POST",
            address.path or "/",
            "",
            f"content-type:{CONTENT_TYPE}",
            f"host:{address.netloc}",
            f"x-tc-action:{action.lower()}",
            "",
            SIGNED_HEADERS,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    stamp = str(int(at.timestamp()))
    text = "\n".join([ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = _sign(product.secret_key.get_secret_value(), scope, text)
    credential = f"Credential={product.secret_id}/{scope}"
    headers = {
        "Authorization": (
            f"{ALGORITHM} {credential}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}"
        ),
        "Content-Type": CONTENT_TYPE,
        "Host": address.netloc,
        "X-TC-Action": action,
        "X-TC-Version": product.version,
        "X-TC-Timestamp": stamp,
    }
    return headers | ({"X-TC-Region": product.region} if product.region else {})


def _sign(secret: str, scope: str, text: str) -> str:
    key = f"TC3{secret}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()
