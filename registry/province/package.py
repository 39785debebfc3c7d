"""The file that goes to the Ministry: a table, a manifest of it, and a signature over the manifest.

A zip of three: `records.xlsx` in a national layout, `manifest.json` with counts and the table's
SHA-256, `manifest.jws`, the detached JSON Web Signature of the manifest's bytes (RFC 7515, appendix
F; Ed25519 by RFC 9864). Whoever has the public keys checks it without us.
"""

import base64
import binascii
import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FORMAT = "quxiang-forwarding/1"
TABLE, MANIFEST, SIGNATURE = "records.xlsx", "manifest.json", "manifest.jws"
MEDIA_TYPE = "application/zip"
ALGORITHM = "Ed25519"
_CHUNK = 1 << 20
_MOST_MANIFEST, _MOST_SIGNATURE = 4 << 20, 4 << 10
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError),
    *(RuntimeError, NotImplementedError),  # encrypted, or packed in a way that is not known
    *(ValueError, KeyError, TypeError, AttributeError),  # of what the parts say
)
_SAME_TIME = (2026, 1, 1, 0, 0, 0)
"""Of every part: the moment that counts is the manifest's."""


class BadPackage(Exception):
    """A file that is not what was signed; its words say why, in English, for a terminal."""

    def __init__(self, code: str, words: str) -> None:
        """Keep a stable code and the words."""
        super().__init__(words)
        self.code = code
        self.words = words


@dataclass(frozen=True)
class SigningKeys:
    """The keys that sign, by name, the newest first: that one signs, all of them verify."""

    seeds: Mapping[str, bytes]
    """32 bytes each."""

    @cached_property
    def name(self) -> str:
        """Return the name of the key that signs; empty where there is none."""
        return next(iter(self.seeds), "")

    def signature(self, content: bytes) -> str:
        """Return the detached signature of some bytes, in JWS compact serialization."""
        header = _encoded(_canonical({"alg": ALGORITHM, "kid": self.name}))
        key = Ed25519PrivateKey.from_private_bytes(self.seeds[self.name])
        return f"{header}..{_encoded(key.sign(f'{header}.{_encoded(content)}'.encode()))}"

    def public(self) -> dict[str, Any]:
        """Return the public keys as a JSON Web Key Set (RFC 7517, 8037)."""
        return {"keys": [_public(name, seed) for name, seed in self.seeds.items()]}


def _public(name: str, seed: bytes) -> dict[str, str]:
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": "Ed25519", "kid": name, "use": "sig", "x": _encoded(public)}


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise BadPackage("not_a_package", f"{SIGNATURE} is no JSON Web Signature.") from None


def _canonical(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def write(file: IO[bytes], table: IO[bytes], said: Mapping[str, Any], keys: SigningKeys) -> None:
    """Write the whole file: a table that was made, what is said of it, and the signature."""
    table.seek(0)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as whole:
        digest, size = hashlib.sha256(), 0
        with whole.open(zipfile.ZipInfo(TABLE, _SAME_TIME), "w", force_zip64=True) as part:
            while piece := table.read(_CHUNK):
                digest.update(piece)
                size += len(piece)
                part.write(piece)
        about = {"name": TABLE, "bytes": size, "sha256": digest.hexdigest()}
        manifest = json.dumps(
            {"format": FORMAT, **said, "file": about}, ensure_ascii=False, indent=1
        )
        whole.writestr(zipfile.ZipInfo(MANIFEST, _SAME_TIME), manifest.encode())
        signed = keys.signature(manifest.encode())
        whole.writestr(zipfile.ZipInfo(SIGNATURE, _SAME_TIME), signed.encode())


def read_keys(text: str) -> dict[str, Ed25519PublicKey]:
    """Read a JSON Web Key Set; raise BadPackage `keys_unreadable`."""
    try:
        found = json.loads(text)["keys"]
        return {
            each["kid"]: Ed25519PublicKey.from_public_bytes(_decoded(each["x"]))
            for each in found
            if each["kty"] == "OKP" and each["crv"] == "Ed25519"
        }
    except (ValueError, KeyError, TypeError):
        words = "The keys are no JSON Web Key Set of Ed25519 keys."
        raise BadPackage("keys_unreadable", words) from None


def verified(file: IO[bytes], keys: Mapping[str, Ed25519PublicKey]) -> dict[str, Any]:
    """Return the manifest of a file that is whole and was signed by one of the keys.

    Raises BadPackage `not_a_package`, `key_unknown`, `signature_wrong` or `table_changed`.
    """
    try:
        with zipfile.ZipFile(file) as whole:
            if sorted(whole.namelist()) != sorted((TABLE, MANIFEST, SIGNATURE)):
                raise BadPackage(
                    "not_a_package", "It does not hold the three parts of a forwarding."
                )
            manifest = _part(whole, MANIFEST, _MOST_MANIFEST)
            _check_signature(manifest, _part(whole, SIGNATURE, _MOST_SIGNATURE).decode(), keys)
            said: dict[str, Any] = json.loads(manifest)
            _check_table(whole, said["file"])
            return said
    except _UNREADABLE:
        raise BadPackage("not_a_package", "It is no file of a forwarding, or is damaged.") from None


def _part(whole: zipfile.ZipFile, name: str, most: int) -> bytes:
    with whole.open(name) as part:
        content = part.read(most + 1)
    if len(content) > most:
        raise BadPackage("not_a_package", f"{name} is too large.")
    return content


def _check_signature(manifest: bytes, signature: str, keys: Mapping[str, Ed25519PublicKey]) -> None:
    header, between, signed = (*signature.split("."), "", "")[:3]
    said = json.loads(_decoded(header))
    if between or said.get("alg") != ALGORITHM:
        raise BadPackage("signature_wrong", f"{SIGNATURE} is no detached signature by {ALGORITHM}.")
    if said.get("kid") not in keys:
        raise BadPackage("key_unknown", f"It was signed by the key {said.get('kid')!r}, not given.")
    try:
        keys[said["kid"]].verify(_decoded(signed), f"{header}.{_encoded(manifest)}".encode())
    except InvalidSignature:
        raise BadPackage(
            "signature_wrong", "The manifest is not the one that was signed."
        ) from None


def _check_table(whole: zipfile.ZipFile, said: Mapping[str, Any]) -> None:
    digest, size = hashlib.sha256(), 0
    with whole.open(TABLE) as part:
        while piece := part.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
    if (size, digest.hexdigest()) != (said["bytes"], said["sha256"]):
        raise BadPackage("table_changed", f"{TABLE} is not the one that the manifest names.")
