"""The interface over a real port: what the documentation shows works as it stands there."""

import base64
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import requests
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

from commands.ports import LOOPBACK
from tests.commands.conftest import Quxiang
from tests.commands.test_web import Web
from tests.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

Call = Callable[[str, str, bytes], tuple[int, Any]]
"""Method, path behind the prefix, body: status and answer."""
PAGE = Path(__file__).parents[2] / "docs" / "province.md"


@dataclass
class Peer:
    """A served interface, and a key for it."""

    url: str
    keyid: str
    key: str

    def address(self, path: str) -> str:
        return f"{self.url}/api/province/v1{path}"


def shown(language: str) -> str:
    """Return the program that the documentation shows in a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def peer(environment: pytest.MonkeyPatch, command: Quxiang) -> Iterator[Peer]:
    """Serve the interface, and make a key."""
    del environment
    made = command("province", "key", "create", "--province", "370000").facts
    web = Web()
    try:
        wait_until(web.answers, "it answers")
        yield Peer(f"http://{LOOPBACK}:{web.port}", str(made["keyid"]), str(made["key"]))
    finally:
        web.process.kill()
        web.process.wait()


def by_bash(peer: Peer, folder: Path) -> Call:
    script = folder / "sign.sh"
    script.write_text(shown("bash"), encoding="utf-8")
    secrets = {"KEYID": peer.keyid, "KEY_B64": peer.key}

    def call(method: str, path: str, body: bytes) -> tuple[int, Any]:
        said = folder / "body"
        said.write_bytes(body)
        done = subprocess.run(
            ["bash", script, method, peer.address(path), said],
            env={**os.environ, **secrets},
            capture_output=True,
            check=True,
            timeout=PATIENCE,
        )
        head, _, told = done.stdout.decode().replace("\r", "").rpartition("\n\n")
        return int(head.rpartition("HTTP/1.1 ")[2][:3]), json.loads(told)

    return call


def by_python(peer: Peer, _folder: Path) -> Call:
    names: dict[str, Any] = {}
    exec(shown("python"), names)  # noqa: S102 - our own documentation, which is what is tested
    key = base64.b64decode(peer.key)

    def call(method: str, path: str, body: bytes) -> tuple[int, Any]:
        url = peer.address(path)
        headers: Mapping[str, str] = names["signed"](method, url, body, peer.keyid, key)
        told = requests.request(method, url, data=body, headers=headers, timeout=PATIENCE)
        return told.status_code, told.json()

    return call


def by_java(peer: Peer, folder: Path) -> Call:
    program = folder / "Sign.java"
    program.write_text(shown("java"), encoding="utf-8")
    secrets = {"KEYID": peer.keyid, "KEY_B64": peer.key}

    def call(method: str, path: str, body: bytes) -> tuple[int, Any]:
        done = subprocess.run(
            ["java", program, method, peer.address(path), body.decode()],
            env={**os.environ, **secrets, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            check=True,
            timeout=PATIENCE,
        )
        status, _, told = done.stdout.decode().partition("\n")
        return int(status), json.loads(told)

    return call


def by_the_package(peer: Peer, _folder: Path) -> Call:
    secret = {peer.keyid: base64.b64decode(peer.key)}
    keys = MappingKeyResolver(private_keys=secret, public_keys=secret)
    signer = HTTPMessageSigner(signature_algorithm=algorithms.HMAC_SHA256, key_resolver=keys)

    def call(method: str, path: str, body: bytes) -> tuple[int, Any]:
        made = requests.Request(method, peer.address(path), data=body).prepare()
        made.headers["Content-Type"] = "application/json"
        signer.sign(
            made,
            key_id=peer.keyid,
            label="sig1",
            nonce=os.urandom(16).hex(),
            covered_component_ids=("@method", "@path", "@query", "content-digest"),
            body=body,
        )
        with requests.Session() as session:
            told = session.send(made, timeout=PATIENCE)
        return told.status_code, told.json()

    return call


@pytest.mark.in_ci
@pytest.mark.slow  # a server of its own, and a program started for each call
def test_each_client_is_understood(peer: Peer, tmp_path: Path) -> None:
    makers = [by_bash, by_python, by_the_package, *([by_java] if which("java") else [])]
    for make in makers:
        call = make(peer, tmp_path)
        status, told = call("GET", "/health", b"")
        assert (status, told.get("keyid")) == (200, peer.keyid), (make.__name__, told)
        said = {"records": [{"source_id": "a", "version": 1, "xm": "张三"}]}
        status, told = call(
            "PUT", "/records?dry_run=1", json.dumps(said, ensure_ascii=False).encode()
        )
        assert (status, told["counts"]["rejected"]) == (200, 1), (make.__name__, told)


@pytest.mark.in_ci
@pytest.mark.slow  # a server of its own
def test_what_was_changed_behind_the_signature_is_refused(peer: Peer, tmp_path: Path) -> None:
    other = Peer(peer.url, peer.keyid, base64.b64encode(b"x" * 32).decode())
    status, told = by_python(other, tmp_path)("GET", "/health", b"")
    assert (status, told["faults"]) == (401, ["signature"])
    status, told = by_python(peer, tmp_path)("GET", "/nothing%2Fhere", b"")
    assert (status, told["code"]) == (404, "not_found")
