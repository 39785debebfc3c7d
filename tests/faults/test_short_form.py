"""The fault suite in short: five faults, small campaigns, windows scaled down, all for real."""

import os
from collections.abc import Iterator

import pytest

from faults.playing import Stage, Wish, open_stage, play
from faults.scenarios import BY_NAME, SCENARIOS
from tests.servers import ServerMissing

NAMES = ("kill_both", "flush", "restart_postgresql", "token_revoked", "drop")

pytestmark = [
    pytest.mark.slow(reason="starts the whole service and lets a lease run out"),
    pytest.mark.timeout(200),
]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Open the stage for small campaigns; without PostgreSQL, skip (in CI: fail)."""
    with open_stage(Wish(recipients=300, short=True)) as stage:
        try:
            stage.server("postgresql")
        except ServerMissing as missing:
            if os.environ.get("CI") == "true":
                pytest.fail(str(missing))
            pytest.skip(str(missing))
        yield stage


@pytest.mark.parametrize("name", NAMES)
def test_a_campaign_comes_through(stage: Stage, name: str) -> None:
    played = play(stage, BY_NAME[name], seed=1)
    assert played.verdict.complaints == []
    assert played.verdict.lost == played.verdict.doubled == 0


def test_every_scenario_has_a_name_of_its_own() -> None:
    assert len(BY_NAME) == len(SCENARIOS)
