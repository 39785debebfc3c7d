"""The fault suite in short: six faults, small campaigns, windows scaled down, all for real."""

from collections.abc import Iterator

import pytest

from faults.playing import Stage, Wish, open_stage, play
from faults.scenarios import BY_NAME, SCENARIOS
from tests.lacking import do_without
from tests.servers import ServerMissing

NAMES = ("kill_both", "drop", "flush", "restart_postgresql", "token_revoked", "clock_to_and_fro")

pytestmark = [
    pytest.mark.slow(reason="starts the whole service and lets a lease run out"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Open the stage for small campaigns; without PostgreSQL, skip (in CI: fail)."""
    with open_stage(Wish(recipients=300, short=True)) as stage:
        try:
            stage.server("postgresql")
        except ServerMissing as missing:
            do_without(str(missing))
        yield stage


@pytest.mark.in_ci
@pytest.mark.parametrize("name", NAMES)
def test_a_campaign_comes_through(stage: Stage, name: str) -> None:
    scenario = BY_NAME[name]
    if hindrance := scenario.hindrance():
        do_without(hindrance)
    played = play(stage, scenario, seed=1)
    assert played.verdict.complaints == []
    assert played.verdict.lost == played.verdict.doubled == 0


def test_every_scenario_has_a_name_of_its_own() -> None:
    assert len(BY_NAME) == len(SCENARIOS)
