"""The models of `spec/` are about this code: its moves, its times, its statements."""

import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from notifier.delivery import claim, http_sender, settler
from sandbox.config import Config
from spec import moves
from spec.checks import CHECKS, Expected
from tests.spec.message_writes import message_writers

ROOT = Path(__file__).parents[2]
MODELS = {path.stem: path.read_text() for path in (ROOT / "spec").glob("*.pml")}
ALL_MODELS = "\n".join(text for name, text in MODELS.items() if name != "moves")
TICK = timedelta(seconds=120)

_NAMED = re.compile(r"(?:code|left out): ((?:\w+(?:\.\w+)+(?:,\s+)?)+)")


def named_functions() -> set[str]:
    lists = _NAMED.findall(ALL_MODELS)
    return {name for names in lists for name in re.split(r",\s+", names.strip())}


def number(model: str, name: str) -> int:
    found = re.findall(rf"^#define {name} (\d+)", MODELS[model], re.MULTILINE)
    return int(found[-1])


def test_the_models_move_by_the_state_tables_of_the_ledger() -> None:
    written = (ROOT / "spec" / "moves.pml").read_text()
    assert written == moves.written(), "python -m spec.moves >spec/moves.pml"


@pytest.mark.parametrize("move", re.findall(r"inline (MOVE_\w+)\(", MODELS["moves"]))
def test_every_move_of_the_tables_is_made_by_a_model(move: str) -> None:
    assert re.search(rf"\b{move}\(", ALL_MODELS), f"no model makes {move}"


def test_no_model_writes_a_state_but_by_a_move() -> None:
    by_hand = re.findall(r"\b(?:state|campaign)(?:\[\w+\])? = (\w+)", ALL_MODELS)
    assert set(by_hand) <= {"NOT_WRITTEN", "WAITING", "C_DRAFT", "C_SENDING", "backup_state"}


def test_every_statement_that_writes_a_message_is_named_by_a_model() -> None:
    assert message_writers(ROOT) - named_functions() == set()


@pytest.mark.parametrize("name", sorted(named_functions()))
def test_what_a_model_names_exists(name: str) -> None:
    module, _, function = name.rpartition(".")
    assert hasattr(import_module(module), function)


def test_the_window_and_wechats_memory_are_as_many_ticks_as_the_model_says() -> None:
    assert number("delivery", "WINDOW") * TICK == claim.WINDOW
    assert Config().dedup_seconds == (number("delivery", "MEMORY") * TICK).total_seconds()
    assert number("delivery", "CRASH_LIMIT") == claim.CRASH_LIMIT


def test_what_an_unfrozen_process_does_with_a_claim_takes_less_than_a_tick() -> None:
    call = timedelta(milliseconds=http_sender.TOTAL_MS)
    begun_and_answered = timedelta(seconds=claim.BEGIN_SECONDS) + call
    assert begun_and_answered < claim.LEASE < TICK
    assert begun_and_answered + timedelta(seconds=settler.PATIENCE) < TICK


@pytest.mark.parametrize("model", sorted(set(MODELS) - {"moves"}))
def test_every_rule_of_a_model_is_taken_out_once(model: str) -> None:
    rules = set(re.findall(r"#ifn?def (WITHOUT_\w+)", MODELS[model]))
    undone = {
        switch
        for check in CHECKS
        if check.model.name == model and check.expected is Expected.UNDONE
        for switch in check.model.switches
        if switch.startswith("WITHOUT_")
    }
    assert rules == undone
