"""A file for the Ministry is whole and as signed, or it is told what is wrong with it."""

import base64
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any, cast

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from registry.province import package
from registry.province.package import BadPackage, SigningKeys

NEW, OLD = SigningKeys({"f2": b"2" * 32, "f1": b"1" * 32}), SigningKeys({"f1": b"1" * 32})
SAID = {"number": "370000-0001", "people": 2}


def made(keys: SigningKeys = NEW, table: bytes = b"a table") -> bytes:
    file = io.BytesIO()
    package.write(file, io.BytesIO(table), SAID, keys)
    return file.getvalue()


def coded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def check(content: bytes, keys: SigningKeys = NEW) -> Mapping[str, object]:
    return package.verified(io.BytesIO(content), package.read_keys(json.dumps(keys.public())))


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def changed(content: bytes, **others: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as whole:
        for name, said in (
            parts(content) | {f"{n.replace('_', '.')}": s for n, s in others.items()}
        ).items():
            whole.writestr(name, said)
    return file.getvalue()


def refused(content: bytes, keys: SigningKeys = NEW) -> str:
    with pytest.raises(BadPackage) as refusal:
        check(content, keys)
    return refusal.value.code


def test_a_whole_file_says_what_is_in_it() -> None:
    said = check(made())
    assert (said["number"], said["people"]) == ("370000-0001", 2)
    assert said["format"] == "quxiang-forwarding/1"


def test_the_newest_key_signs_and_the_one_before_is_still_believed() -> None:
    assert check(made(OLD))["people"] == 2
    assert refused(made(NEW), OLD) == "key_unknown"


def test_a_stranger_s_library_verifies_the_signature() -> None:
    found = parts(made())
    keys = KeySet.import_key_set(cast("Any", NEW.public()))
    header, _, signature = found["manifest.jws"].decode().split(".")
    whole = f"{header}.{coded(found['manifest.json'])}.{signature}"
    assert jws.detach_content(whole) == found["manifest.jws"].decode()
    jws.deserialize_compact(whole, keys, algorithms=["Ed25519"])


def test_another_table_another_manifest_and_another_signer_are_told_apart() -> None:
    whole = made()
    assert refused(changed(whole, records_xlsx=b"another")) == "table_changed"
    manifest = parts(whole)["manifest.json"].replace(b'"people": 2', b'"people": 3')
    assert refused(changed(whole, manifest_json=manifest)) == "signature_wrong"
    forged = SigningKeys({"f2": b"3" * 32})
    assert refused(made(forged)) == "signature_wrong"


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 no zip", changed(made(), more_txt=b"x"), changed(made(), manifest_jws=b"x")],
    ids=["empty", "no zip", "one part more", "no signature"],
)
def test_what_is_no_such_file_is_refused(content: bytes) -> None:
    assert refused(content) in {"not_a_package", "signature_wrong"}


def encrypted(content: bytes) -> bytes:
    """Have each part say that it is encrypted."""
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content = content[: at + place] + b"\x01" + content[at + place + 1 :]
            at = content.find(mark, at + 1)
    return content


@pytest.mark.parametrize(
    "content",
    [
        encrypted(made()),
        *(
            changed(made(), manifest_jws=f"{coded(header)}..".encode())
            for header in (b"[]", b'{"alg": "Ed25519", "kid": []}')
        ),
    ],
    ids=["encrypted", "a header that is a list", "a key's name that is a list"],
)
def test_what_a_stranger_made_of_it_is_refused_too(content: bytes) -> None:
    assert refused(content) == "not_a_package"


def test_no_algorithm_but_ours_is_believed() -> None:
    header = coded(b'{"alg": "none", "kid": "f2"}')
    assert refused(changed(made(), manifest_jws=f"{header}..".encode())) == "signature_wrong"


def test_keys_that_are_none_are_told() -> None:
    with pytest.raises(BadPackage) as refusal:
        package.read_keys('{"keys": [{"kty": "RSA"}, {}]}')
    assert refusal.value.code == "keys_unreadable"
