"""Every limit that is counted is played by forty tries at the same moment, in a `*bursts.py`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PRODUCT = ("registry", "notifier", "wxapp", "workers", "commands")
MADE_BY = ("Limit", "Budget")
TURN = re.compile(r"\battempts\.(weigh|wait_until|spend|take_turns|tallies)\(")
"""How something waits for a limit (`registry.accounts.attempts`)."""
NOT_PLAYED = {
    "bind.NO_PAUSE": "no limit",
    "guard.NEVER": "no limit",
    "guard.HERE": "within `guard.ADDRESS`, whose turn it takes too",
    "factor.STRANGE": "tells the owner and refuses nobody",
    "chain": "takes turns and limits nothing",
}


def limits(repository: Path) -> Iterator[str]:
    """Yield what is made as a limit, what a budget is counted up to, and who takes turns."""
    for folder in PRODUCT:
        for path in (repository / folder).rglob("*.py"):
            text = path.read_text("utf-8")
            if TURN.search(text):
                yield path.stem
            named = {name for node in ast.walk(ast.parse(text)) for name in _named(node)}
            yield from (f"{path.stem}.{name}" for name in named)


def _named(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Assign(targets=[ast.Name(name)], value=ast.Call(func=ast.Name(made))):
            if made in MADE_BY:
                yield name
        case ast.Call(func=ast.Name("Counted"), args=[_, _, ast.Name(name)]) if name.isupper():
            yield name


def test_every_limit_is_played_by_forty_at_once(repository: Path) -> None:
    played = "\n".join(path.read_text("utf-8") for path in repository.glob("tests/**/*bursts.py"))
    found = {*limits(repository)}
    missing = {each for each in found if not re.search(rf"\b{re.escape(each)}\b", played)}
    assert missing == NOT_PLAYED.keys()
    assert len(found) > 30
