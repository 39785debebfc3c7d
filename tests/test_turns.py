"""Tests in Chromium take turns: many beside each other, and alone what measures time."""

import fcntl
from pathlib import Path

import pytest

from tests.browser.turns import turn


@pytest.fixture
def door(tmp_path: Path) -> Path:
    (tmp_path / "door").touch()
    return tmp_path / "door"


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "room").touch()
    return tmp_path / "room"


def is_open(file: Path, how: int) -> bool:
    """Say whether another process would be let in at once."""
    with file.open("rb") as other:
        try:
            fcntl.flock(other, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_who_looks_beside_others_keeps_out_only_who_looks_alone(door: Path, room: Path) -> None:
    with turn(alone=False, door_file=door, room_file=room):
        assert is_open(door, fcntl.LOCK_EX)
        assert is_open(room, fcntl.LOCK_SH)
        assert not is_open(room, fcntl.LOCK_EX)


def test_who_looks_alone_keeps_out_everybody(door: Path, room: Path) -> None:
    with turn(alone=True, door_file=door, room_file=room):
        assert not is_open(door, fcntl.LOCK_EX)
        assert not is_open(room, fcntl.LOCK_SH)


@pytest.mark.parametrize("alone", [True, False])
def test_who_has_left_keeps_out_nobody(door: Path, room: Path, *, alone: bool) -> None:
    with turn(alone=alone, door_file=door, room_file=room):
        pass
    assert is_open(door, fcntl.LOCK_EX)
    assert is_open(room, fcntl.LOCK_EX)
