"""`quxiang province`: keys made, listed and ended; a provincial system played."""

import base64
import json
from pathlib import Path

import pytest

from tests.commands.conftest import Quxiang


def test_a_key_is_shown_once_and_listed_without_its_secret(command: Quxiang) -> None:
    made = command("province", "key", "create", "--province", "370000")
    assert made.status == 0
    assert len(base64.b64decode(made.facts["key"])) == 32
    listed = command("province", "key", "list", "--province", "370000").facts["keys"]
    assert [each["keyid"] for each in listed] == [made.facts["keyid"]]
    assert (listed[0]["last_used"], listed[0]["ended"]) == (None, None)
    assert made.facts["key"] not in json.dumps(listed)


def test_a_key_ends_once(command: Quxiang) -> None:
    keyid = command(
        *("province", "key", "create", "--province", "370000"), "--algorithm", "hmac-sm3"
    ).facts["keyid"]
    assert command("province", "key", "end", "--keyid", keyid).facts["ended"] is True
    assert command("province", "key", "end", "--keyid", keyid).facts["ended"] is False
    assert command("province", "key", "end", "--keyid", "nobody").status == 1


@pytest.mark.parametrize("more", [["--province", "1"], ["--province", "370000", "--until", "soon"]])
def test_what_is_no_province_or_moment_is_misuse(command: Quxiang, more: list[str]) -> None:
    assert command("province", "key", "create", *more).status == 2


def test_a_key_that_would_never_be_good_is_refused(command: Quxiang) -> None:
    said = command(
        *("province", "key", "create", "--province", "370000"), "--until", "2020-01-01T00:00"
    )
    assert (said.status, said.facts["refused"]) == (1, "never_valid")


def test_a_push_to_nobody_is_refused(command: Quxiang, tmp_path: Path) -> None:
    key, records = tmp_path / "key.json", tmp_path / "records.json"
    key.write_text(json.dumps({"keyid": "37-x", "key": base64.b64encode(b"x" * 32).decode()}))
    records.write_text(json.dumps({"records": [{}]}))
    words = ("province", "push", str(records), "--key", str(key))
    said = command(*words, "--url", "http://127.0.0.1:1")
    assert (said.status, said.facts["refused"]) == (1, "unreachable")
    records.write_text("[]")
    assert command(*words).status == 2
