"""The signing profile, held against RFC 9421, RFC 9530 and the fixed vector of the docs."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from registry.interface.signatures import (
    AGE,
    Algorithm,
    SignedRequest,
    base_of,
    digest_of,
    faults_of,
    headers_for,
    mac_of,
    read_claim,
)

SECRET = bytes(range(32))
BODY = b'{"records":[]}'
PARAMS = (
    '("@method" "@path" "@query" "content-digest");created=1780000000;'
    'nonce="000102030405060708090a0b0c0d0e0f";keyid="44-2026a";alg="hmac-sha256"'
)
FIXED = SignedRequest(
    method="POST",
    path="/api/province/v1/records",
    query="dry_run=1",
    digest="sha-256=:G4tMC29q0dMlZZUnILwATusfGI9iBF5NVSWuKvjHhDI=:",
    signature_input=f"sig1={PARAMS}",
    signature="sig1=:x8jiiFlL0B/8St+I0ycgeAqPQCi2MBJ5aFeyDdy4s6k=:",
    body=BODY,
)
THEN = datetime.fromtimestamp(1780000000, UTC)
KEY = (Algorithm.HMAC_SHA256, SECRET)


def faults(request: SignedRequest, at: datetime = THEN) -> list[str]:
    claim = read_claim(request)
    return ["headers"] if claim is None else faults_of(request, claim, KEY, at)


def test_the_fixed_vector_is_believed() -> None:
    assert faults(FIXED) == []


def test_the_base_is_that_of_the_fixed_vector() -> None:
    assert base_of(FIXED, PARAMS) == (
        '"@method": POST\n'
        '"@path": /api/province/v1/records\n'
        '"@query": ?dry_run=1\n'
        '"content-digest": sha-256=:G4tMC29q0dMlZZUnILwATusfGI9iBF5NVSWuKvjHhDI=:\n'
        f'"@signature-params": {PARAMS}'
    )


def test_the_code_is_that_of_rfc_9421_appendix_b_2_5() -> None:
    secret = base64.b64decode(
        "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
    )
    base = (
        '"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@authority": example.com\n'
        '"content-type": application/json\n'
        '"@signature-params": ("date" "@authority" "content-type")'
        ';created=1618884473;keyid="test-shared-secret"'
    )
    mac = base64.b64encode(mac_of(Algorithm.HMAC_SHA256, secret, base)).decode()
    assert mac == "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="


@pytest.mark.parametrize(
    ("body", "digest"),
    [
        (b"", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"),
        (b'{"hello": "world"}', "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"),
        (b'{"hello": "world"}\n', "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"),
    ],
)
def test_digests_are_those_of_rfc_9530(body: bytes, digest: str) -> None:
    assert digest_of(body) == digest


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"method": "PUT"}, "signature"),
        ({"path": "/api/province/v1/records/x"}, "signature"),
        ({"query": ""}, "signature"),
        ({"body": b'{"records": []}'}, "content-digest"),
        ({"digest": digest_of(b"")}, "signature"),
        ({"signature": "sig1=:" + "A" * 43 + "=:"}, "signature"),
    ],
)
def test_what_was_changed_on_the_way_is_refused(changed: dict[str, str], fault: str) -> None:
    assert fault in faults(replace(FIXED, **changed))  # type: ignore[arg-type]  # one has bytes


@pytest.mark.parametrize("seconds", [-300, 300])
def test_clocks_may_differ_by_five_minutes(seconds: int) -> None:
    assert abs(seconds) == AGE.total_seconds()
    assert faults(FIXED, THEN + timedelta(seconds=seconds)) == []


@pytest.mark.parametrize("seconds", [-301, 301])
def test_and_by_no_more(seconds: int) -> None:
    assert faults(FIXED, THEN + timedelta(seconds=seconds)) == ["created"]


def test_the_message_does_not_choose_the_algorithm() -> None:
    claim = read_claim(FIXED)
    assert claim is not None
    assert "alg" in faults_of(FIXED, claim, (Algorithm.HMAC_SM3, SECRET), THEN)


def test_an_unknown_key_is_weighed_like_a_known_one() -> None:
    claim = read_claim(FIXED)
    assert claim is not None
    assert faults_of(FIXED, claim, None, THEN) == ["signature", "keyid"]


@pytest.mark.parametrize(
    "given",
    [
        "",
        FIXED.signature_input.replace("sig1", "sig2"),
        FIXED.signature_input.replace('"@query" ', ""),
        FIXED.signature_input.replace('"@method" "@path"', '"@path" "@method"'),
        FIXED.signature_input.replace(";created=1780000000", ""),
        FIXED.signature_input.replace(';alg="hmac-sha256"', ";created=1780000000"),
        FIXED.signature_input + ";created=1780000000",
        FIXED.signature_input + ';tag="x"',
        FIXED.signature_input.replace("44-2026a", '44-2026a";alg="'),
        FIXED.signature_input.replace("000102", "0 0102"),
        f"{FIXED.signature_input},{FIXED.signature_input}",
        FIXED.signature_input.replace("1780000000", "-1780000000"),
        FIXED.signature_input.replace("1780000000", "１７８０００００００"),
    ],
)
def test_headers_outside_the_profile_are_not_read(given: str) -> None:
    assert faults(replace(FIXED, signature_input=given)) == ["headers"]


def test_parameters_may_come_in_any_order() -> None:
    turned = (
        '("@method" "@path" "@query" "content-digest");alg="hmac-sha256";keyid="44-2026a";'
        'nonce="000102030405060708090a0b0c0d0e0f";created=1780000000'
    )
    mac = base64.b64encode(mac_of(*KEY, base_of(FIXED, turned))).decode()
    assert faults(replace(FIXED, signature_input=f"sig1={turned}", signature=f"sig1=:{mac}:")) == []


@pytest.mark.parametrize("algorithm", Algorithm)
def test_what_is_signed_here_is_believed_here(algorithm: Algorithm) -> None:
    request = ("PUT", "/api/province/v1/records", "", b"{}")
    headers = headers_for(request, ("37-0a", algorithm, SECRET), "0" * 16, THEN)
    signed = SignedRequest(
        *request[:3],
        headers["Content-Digest"],
        headers["Signature-Input"],
        headers["Signature"],
        request[3],
    )
    claim = read_claim(signed)
    assert claim is not None
    assert faults_of(signed, claim, (algorithm, SECRET), THEN) == []
