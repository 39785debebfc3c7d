"""Whatever a command is given, it answers: a status, one JSON object where asked, no traceback."""

from pathlib import Path

import pytest

import quxiang
from tests.commands.bad_values import leaves, spoilt
from tests.commands.conftest import Quxiang


@pytest.mark.in_ci  # every value of every command
@pytest.mark.parametrize("noun", quxiang.NOUNS)
def test_no_value_makes_a_command_fall_over(
    noun: str, command: Quxiang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some of the values are names of files that are written
    for words in (each for leaf in leaves(noun) for each in spoilt(leaf)):
        said = command(*words)
        assert said.status in {0, 1, 2}, words
        assert said.facts, words
