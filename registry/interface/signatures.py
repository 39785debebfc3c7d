"""Signatures of the provinces' systems: one fixed profile of RFC 9421, digests by RFC 9530.

Covered are method, path, query and the digest of the body, in this order, under the label `sig1`,
with the parameters created, nonce, keyid and alg, each once. The base is built from the received
text of the parameters, never from what was read of them. Knows no database and no web.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

COVERED = '("@method" "@path" "@query" "content-digest")'
AGE = timedelta(seconds=300)
"""How far `created` may lie from our clock, either way."""
NONCE_KEPT = timedelta(minutes=15)
"""How long a nonce is remembered: longer than any signature with it is accepted."""
SECRET_BYTES = 32
DUMMY = b"\0" * SECRET_BYTES
"""Stands for the secret of a key that is unknown, so that the answer takes as long."""


class Algorithm(StrEnum):
    """How a key signs; it belongs to the key, the message only repeats it."""

    HMAC_SHA256 = "hmac-sha256"
    HMAC_SM3 = "hmac-sm3"
    """By agreement, not registered: GB/T 32905 for systems that must use approved algorithms."""


_HASHES = {Algorithm.HMAC_SHA256: "sha256", Algorithm.HMAC_SM3: "sm3"}
_PARAMETER = (
    r"created=(?P<created{0}>[0-9]{{1,12}})"
    r'|nonce="(?P<nonce{0}>[A-Za-z0-9_-]{{16,64}})"'
    r'|keyid="(?P<keyid{0}>[a-z0-9-]{{1,32}})"'
    r'|alg="(?P<alg{0}>[a-z0-9-]{{1,32}})"'
)
_NAMES = ("created", "nonce", "keyid", "alg")
_INPUT = re.compile(
    r"sig1=(?P<params>"
    + re.escape(COVERED)
    + "".join(f";(?:{_PARAMETER.format(place)})" for place in range(len(_NAMES)))
    + ")",
    re.ASCII,
)
_SIGNATURE = re.compile(r"sig1=:([A-Za-z0-9+/]{43}=):", re.ASCII)


@dataclass(frozen=True)
class SignedRequest:
    """What of a request a signature is about, as it was received."""

    method: str
    path: str
    query: str
    """Without the question mark."""
    digest: str
    """The header Content-Digest."""
    signature_input: str
    signature: str
    body: bytes


@dataclass(frozen=True)
class SignatureClaim:
    """What a request says of its signature, before any of it is believed."""

    params: str
    """As received: the last line of the base."""
    created: int
    """Seconds since 1970."""
    nonce: str
    keyid: str
    algorithm: str
    mac: bytes


def read_claim(request: SignedRequest) -> SignatureClaim | None:
    """Return what a request claims, or None where its headers are not of the profile."""
    given = _INPUT.fullmatch(request.signature_input)
    mac = _SIGNATURE.fullmatch(request.signature)
    found = _parameters(given) if given else {}
    if given is None or mac is None or len(found) != len(_NAMES):
        return None
    return SignatureClaim(
        params=given["params"],
        created=int(found["created"]),
        nonce=found["nonce"],
        keyid=found["keyid"],
        algorithm=found["alg"],
        mac=base64.b64decode(mac[1]),
    )


def _parameters(given: re.Match[str]) -> dict[str, str]:
    """Return the parameters by name: fewer than there are names where one is said twice."""
    said = given.groupdict()
    return {
        name: value
        for name in _NAMES
        for place in range(len(_NAMES))
        if (value := said[f"{name}{place}"]) is not None
    }


def base_of(request: SignedRequest, params: str) -> str:
    """Return the signature base (RFC 9421, 2.5): a line per component, none ends the last."""
    lines = (
        ("@method", request.method),
        ("@path", request.path),
        ("@query", f"?{request.query}"),
        ("content-digest", request.digest),
        ("@signature-params", params),
    )
    return "\n".join(f'"{name}": {value}' for name, value in lines)


def digest_of(body: bytes) -> str:
    """Return the Content-Digest of a body (RFC 9530), of an empty one, too."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def mac_of(algorithm: Algorithm, secret: bytes, base: str) -> bytes:
    """Return the code of a base under a secret."""
    return hmac.digest(secret, base.encode("utf-8", "replace"), _HASHES[algorithm])


def faults_of(
    request: SignedRequest, claim: SignatureClaim, key: tuple[Algorithm, bytes] | None, at: datetime
) -> list[str]:
    """Return all that is wrong with a signature, every check made whatever the others say.

    `key` is None for one that is unknown, not valid yet, or ended. The words are for the sandbox;
    elsewhere every refusal is alike.
    """
    algorithm, secret = key or (Algorithm.HMAC_SHA256, DUMMY)
    mac = mac_of(algorithm, secret, base_of(request, claim.params))
    checks: Mapping[str, bool] = {
        "signature": hmac.compare_digest(mac, claim.mac),
        "keyid": key is not None,
        "alg": claim.algorithm == algorithm.value,
        "created": abs(at.timestamp() - claim.created) <= AGE.total_seconds(),
        "content-digest": hmac.compare_digest(
            digest_of(request.body).encode(), request.digest.encode("utf-8", "replace")
        ),
    }
    return [name for name, holds in checks.items() if not holds]


def headers_for(
    request: tuple[str, str, str, bytes],
    key: tuple[str, Algorithm, bytes],
    nonce: str,
    at: datetime,
) -> dict[str, str]:
    """Return the headers that sign a request (method, path, query, body) with a key (id first)."""
    method, path, query, body = request
    keyid, algorithm, secret = key
    created = int(at.timestamp())
    params = f'{COVERED};created={created};nonce="{nonce}";keyid="{keyid}";alg="{algorithm.value}"'
    signed = SignedRequest(method, path, query, digest_of(body), "", "", body)
    mac = base64.b64encode(mac_of(algorithm, secret, base_of(signed, params))).decode()
    return {
        "Content-Digest": signed.digest,
        "Signature-Input": f"sig1={params}",
        "Signature": f"sig1=:{mac}:",
    }
