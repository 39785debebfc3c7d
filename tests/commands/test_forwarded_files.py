"""`quxiang province verify`: whoever receives a forwarded file checks it by the public keys."""

import io
import json
from pathlib import Path

import pytest

from registry.province import package
from registry.province.package import SigningKeys
from tests.commands.conftest import Quxiang

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def forwarded(folder: Path, seed: bytes = bytes(range(32))) -> str:
    path = folder / "forwarded.zip"
    with path.open("wb") as file:
        said = {"number": "370000-0001", "people": 2, "made_at": "2026-06-10T10:00:00+08:00"}
        package.write(file, io.BytesIO(b"a table"), said, SigningKeys({"f1": seed}))
    return str(path)


@pytest.fixture
def keys(command: Quxiang, environment: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Give the public keys as the service prints them, then take its settings away."""
    environment.setenv("QUXIANG_FORWARDING_KEYS", f"f1:{SEED}")
    path = tmp_path / "signers.json"
    path.write_text(json.dumps(command("province", "signers").facts))
    for name in ("DATABASE_URL", "FORWARDING_KEYS", "DATA_KEYS"):
        environment.delenv(f"QUXIANG_{name}")
    return str(path)


def test_a_whole_file_is_verified_without_settings(
    command: Quxiang, keys: str, tmp_path: Path
) -> None:
    said = command("province", "verify", forwarded(tmp_path), "--keys", keys)
    assert (said.status, said.facts["valid"]) == (0, True)
    assert said.facts["manifest"]["people"] == 2


def test_a_forged_file_is_refused_with_a_code(command: Quxiang, keys: str, tmp_path: Path) -> None:
    forged = forwarded(tmp_path, b"another key of thirty-two bytes!")
    said = command("province", "verify", forged, "--keys", keys)
    assert (said.status, said.facts["refused"]) == (1, "signature_wrong")


def test_no_file_is_misuse_and_without_keys_there_are_none(command: Quxiang, keys: str) -> None:
    assert command("province", "verify", "nowhere.zip", "--keys", keys).status == 2
    assert json.loads(Path(keys).read_text())["keys"][0]["kid"] == "f1"
