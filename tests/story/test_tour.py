"""The whole story holds: `quxiang tour`, as anybody can run it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values
from redis import Redis
from redis.exceptions import NoPermissionError

from commands.ports import any_port
from commands.story import canary
from commands.story.rosters import somebody
from tests.story.demo import demo_at, facts_of

SECONDS = 400


def _processes_with(mark: str) -> list[int]:
    """Return whom the machine runs with these words among their arguments or settings."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if mark.encode() in words and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


@pytest.mark.in_ci
@pytest.mark.slow  # a service with everything in it is started, and a campaign sent
@pytest.mark.timeout(SECONDS + 10)
def test_every_step_of_the_tour_holds(repository: Path, tmp_path: Path) -> None:
    tour = subprocess.run(
        [sys.executable, "quxiang.py", "tour", "--json"],
        cwd=repository,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert tour.returncode == 0, tour.stderr
    assert json.loads(tour.stdout)["steps"] == 19
    assert _processes_with(str(tmp_path)) == []
    assert list(tmp_path.glob("quxiang-tour-*")) == []


@pytest.mark.in_ci
@pytest.mark.slow  # the demo is started twice
@pytest.mark.timeout(SECONDS)
def test_the_demo_refuses_a_second_ends_without_a_trace_and_finds_its_data_again(
    repository: Path, tmp_path: Path
) -> None:
    port = any_port()
    with demo_at(repository, tmp_path / "one", port) as demo:
        first = facts_of(demo)
        _assert_a_password_is_asked(tmp_path / "one")
        assert len(_processes_with(str(tmp_path))) > 5
        for data, code in (("one", "running"), ("two", "port_taken")):
            assert _refusal_of_a_demo(repository, tmp_path / data, port) == code
    assert demo.returncode == 0
    assert _processes_with(str(tmp_path)) == []
    assert _readable_by_others(tmp_path / "one") == []
    with demo_at(repository, tmp_path / "one", port) as demo:
        assert facts_of(demo) == first


def _assert_a_password_is_asked(data: Path) -> None:
    """Its Valkey lets in who knows the word in the settings, and nobody else of this machine."""
    settings = dotenv_values(data / "settings.env")
    with Redis.from_url(str(settings["QUXIANG_REDIS_URL"])) as known:
        assert known.keys()
        port = known.get_connection_kwargs()["port"]
    with Redis(port=port) as stranger, pytest.raises(NoPermissionError):
        stranger.keys()


def _readable_by_others(folder: Path) -> list[str]:
    everything = [folder, *folder.rglob("*")]
    return [str(each) for each in everything if each.stat().st_mode & 0o077]


def _refusal_of_a_demo(repository: Path, data: Path, port: int) -> object:
    with demo_at(repository, data, port) as refused:
        said, messages = refused.communicate(timeout=120)
    assert refused.returncode == 1
    assert len(messages.splitlines()) == 2, messages
    return json.loads(said)["refused"]


def test_the_canary_sings() -> None:
    person = somebody(1, "欧阳听雪")
    secrets = canary.secrets_of([person])
    for leak in (
        f'"name": "{person.name}"'.encode(),
        json.dumps({"name": person.name}).encode(),
        f"GET /g/bind?number={person.identity_number}".encode(),
        f"phone={person.phone_number}".encode(),
    ):
        assert list(canary.hits({"log": leak}, secrets)), leak
    assert not list(canary.hits({"log": b"request_id=1 endpoint=binding.claim"}, secrets))
