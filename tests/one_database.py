"""At a developer's desk a test is played over one of the two databases; in CI over both.

Half of the tests meet SQLite and half PostgreSQL, the same ones each time. Without PostgreSQL all
meet SQLite. What a test chooses by itself (`parametrize("database_kind", …)`) is left as it is.
What takes minutes, or seconds for what cheaper tests prove too, is marked `in_ci`, and played there
alone.

The tests of pages, in a browser or without, are more than half of the time, and what they ask the
databases is mostly asked by the tests of `registry` and `notifier` too. So `.ci/run` says which
turn it is (`CI_TURN`, a number that each commit raises): of those, and of what takes minutes, each
turn plays the half over a database that the turn before left out.
"""

import os
from collections import deque
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from zlib import crc32

import pytest

from tests.databases import KINDS
from tests.servers import has_postgresql

PAGES = frozenset(Path(__file__).parent / folder for folder in ("browser", "wxapp"))


@pytest.hookimpl(trylast=True)  # what is not asked for is gone by then
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is left to CI or to its next turn, and begin with what takes long."""
    kinds = KINDS if has_postgresql() else KINDS[:1]
    if not os.environ.get("CI"):
        _leave_out(config, items, lambda each: _takes_minutes(each) or _has_twin(each, kinds))
    elif turn := os.environ.get("CI_TURN"):
        _leave_out(config, items, lambda each: is_left_to_next_turn(each, int(turn)))
    items[:] = deal(items, getattr(config, "workerinput", {"workercount": 1})["workercount"])


def _leave_out(
    config: pytest.Config, items: list[pytest.Item], unwanted: Callable[[pytest.Item], bool]
) -> None:
    left_out = {each for each in items if unwanted(each)}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [each for each in items if each not in left_out]


def is_left_to_next_turn(item: pytest.Item, turn: int) -> bool:
    """Say whether this turn of CI leaves out a test that the one before and the next one play."""
    takes_turns = is_of_pages(item) or _takes_minutes(item)
    return takes_turns and _has_twin(item, KINDS if turn % 2 == 0 else KINDS[::-1])


def is_of_pages(item: pytest.Item) -> bool:
    """Say whether a test looks at pages, with a browser or without."""
    return not PAGES.isdisjoint(item.path.parents)


def deal(items: Sequence[pytest.Item], hands: int) -> list[pytest.Item]:
    """Put what is slow at the beginning of each hand of equal size, its files kept together.

    pytest-xdist gives each process such a hand in this order (`--dist worksteal`), and who is done
    takes over what others would play last: that has to be short.
    """
    slow = [each for each in items if each.get_closest_marker("slow")]
    files = [list(group) for _, group in groupby(sorted(slow, key=_file_of), _file_of)]
    short = deque(each for each in items if not each.get_closest_marker("slow"))
    dealt: list[pytest.Item] = []
    for hand in range(hands):
        before = len(dealt)
        dealt += [each for file in files[hand::hands] for each in file]
        size = (len(items) - before) // (hands - hand)
        dealt += [short.popleft() for _ in range(min(size - len(dealt) + before, len(short)))]
    return dealt


def _file_of(item: pytest.Item) -> str:
    return str(item.path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what was left out, and how it is played."""
    if not os.environ.get("CI"):
        terminalreporter.write_line(
            "Each test met one of the two databases, and what takes long was left out: "
            "make test CI=true plays all of it. The browser's tests: make browser-test."
        )


def _takes_minutes(item: pytest.Item) -> bool:
    """Say whether a test is left to CI; a property is not, where fresh examples are asked for."""
    wanted = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
    return item.get_closest_marker("in_ci") is not None and not wanted


def _has_twin(item: pytest.Item, kinds: tuple[str, ...]) -> bool:
    """Say whether the same test is played over the other of these kinds of databases."""
    kind = _kind_of(item)
    if kind is None or _chooses_by_itself(item):
        return False
    return kind != kinds[crc32(item.nodeid.replace(kind, "").encode()) % len(kinds)]


def _kind_of(item: pytest.Item) -> str | None:
    given = getattr(item, "callspec", None)  # only what has parameters has one
    return given and given.params.get("database_kind")


def _chooses_by_itself(item: pytest.Item) -> bool:
    return any(mark.args[0] == "database_kind" for mark in item.iter_markers("parametrize"))
