"""Whatever a command is given, it answers: a status, one JSON object where asked, no traceback."""

import pytest

import quxiang
from tests.commands.bad_values import leaves, spoilt
from tests.commands.conftest import Quxiang


@pytest.mark.parametrize("noun", quxiang.NOUNS)
def test_no_value_makes_a_command_fall_over(noun: str, command: Quxiang) -> None:
    for words in (each for leaf in leaves(noun) for each in spoilt(leaf)):
        said = command(*words)
        assert said.status in {0, 1, 2}, words
        assert said.facts, words
