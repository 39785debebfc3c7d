"""A bucket of an object store that speaks S3's protocol: three calls, with Signature Version 4.

Written here rather than taken from an SDK: three calls of one bucket are a hundred lines, and what
an SDK brings (botocore: 100 MB of services, retries of its own, a log of whole requests) has to be
looked after. Source: "Signing AWS API requests" and "Authenticating requests (S3)" of its manual.
"""

import hashlib
import hmac
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter

from registry.base.clock import Clock
from registry.base.objects import ObjectMissing, StoreAway
from runtime.addresses import is_this_machine

TIMEOUT = (3, 15)
"""Seconds to connect, and to wait for the next byte of an answer."""
SIZE = 16
"""Connections of a process."""
ALGORITHM = "AWS4-HMAC-SHA256"
SIGNED = "host;x-amz-content-sha256;x-amz-date"
_CODE = re.compile(rb"<Code>([A-Za-z]{1,60})</Code>")


@dataclass(frozen=True)
class BucketAccess:
    """Which bucket, and whose keys ask for what is in it."""

    url: str
    """Of the bucket itself: https://bucket.host, or https://host/bucket."""
    region: str
    key_id: str
    secret: SecretStr


class Bucket:
    """Content under names in a bucket; threads may share it."""

    def __init__(self, access: BucketAccess, clock: Clock) -> None:
        """Open a pool of connections; nothing is asked yet."""
        self._access, self._clock = access, clock
        self._connections = requests.Session()
        self._connections.trust_env = not is_this_machine(urlsplit(access.url).hostname)
        adapter = HTTPAdapter(pool_maxsize=SIZE, pool_block=True)
        self._connections.mount("https://", adapter)
        self._connections.mount("http://", adapter)

    def put(self, name: str, content: bytes) -> None:
        """Keep content, in place of what the name had; raise StoreAway."""
        self._ask("PUT", name, content)

    def get(self, name: str) -> bytes:
        """Return what was kept; raise ObjectMissing or StoreAway."""
        return self._ask("GET", name)

    def delete(self, name: str) -> None:
        """Keep it no longer; it may be gone already. Raise StoreAway."""
        with suppress(ObjectMissing):  # some stores say so, S3 itself does not
            self._ask("DELETE", name)

    def _ask(self, method: str, name: str, content: bytes = b"") -> bytes:
        url = f"{self._access.url.rstrip('/')}/{quote(name)}"
        headers = signed_headers(self._access, method, url, content, self._clock())
        try:
            answer = self._connections.request(
                method, url, data=content, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
            status, said = answer.status_code, answer.content
        except requests.RequestException as error:
            status, said = 0, f"<Code>{type(error).__name__}</Code>".encode()
        if status in {200, 204}:
            return said
        found = _CODE.search(said)
        code = found[1].decode() if found else "no code"
        if code == "NoSuchKey":
            raise ObjectMissing
        raise StoreAway(f"{status or ''} {code}".strip())  # outside: their errors hold the request


def signed_headers(
    access: BucketAccess, method: str, url: str, content: bytes, at: datetime
) -> dict[str, str]:
    """Return the headers of a call, signed for this content and moment."""
    address, digest = urlsplit(url), hashlib.sha256(content).hexdigest()
    stamp = f"{at:%Y%m%dT%H%M%SZ}"
    scope = f"{at:%Y%m%d}/{access.region}/s3/aws4_request"
    named = f"host:{address.netloc}\nx-amz-content-sha256:{digest}\nx-amz-date:{stamp}\n"
    request = f"{method}\n{address.path}\n\n{named}\n{SIGNED}\n{digest}"
    text = "\n".join([ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = hmac.new(_key(access, scope), text.encode(), "sha256").hexdigest()
    credential = f"Credential={access.key_id}/{scope}"
    return {
        "Authorization": f"{ALGORITHM} {credential}, SignedHeaders={SIGNED}, Signature={signature}",
        "x-amz-content-sha256": digest,
        "x-amz-date": stamp,
    }


def _key(access: BucketAccess, scope: str) -> bytes:
    """Return the day's key of one region and service."""
    key = f"AWS4{access.secret.get_secret_value()}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
