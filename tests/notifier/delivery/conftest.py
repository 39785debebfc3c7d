"""A stage with a mini program beside the account."""

from collections.abc import Iterator

import pytest

from tests.notifier.delivery.mini_stage import MiniStage, with_mini_program
from tests.notifier.stage import Stage


@pytest.fixture
def mini(stage: Stage) -> Iterator[MiniStage]:
    """Yield the stage with a mini program, whose templates were read."""
    made = with_mini_program(stage)
    yield made
    stage.sandbox.control.clear_faults()
