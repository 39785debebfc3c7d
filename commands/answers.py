"""What commands take and say: one JSON object or a text, exit status 0, 1 or 2."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

DONE, REFUSED, MISUSED = 0, 1, 2


@dataclass(frozen=True)
class Answer:
    """What a command did: facts for programs, a text for people."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""


class Refused(Exception):
    """The command was understood and not carried out: exit status 1."""

    def __init__(self, code: str, reason: str, facts: Mapping[str, Any] | None = None) -> None:
        """Keep a stable code, a reason a person can act on, and more for programs."""
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.facts = dict(facts or {})


class Misused(Exception):
    """The arguments do not fit together: exit status 2."""


Run = Callable[[argparse.Namespace], Answer | None]
"""Returns what was done, None where it was printed already."""


class Verbs(Protocol):
    """Where the verbs of a noun are added."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002 - argparse's own name
        """Add one."""
        ...


def say(message: str) -> None:
    """Tell people something while a command runs."""
    sys.stderr.write(message.rstrip("\n") + "\n")
    sys.stderr.flush()


def runs(parser: argparse.ArgumentParser, run: Run) -> argparse.ArgumentParser:
    """Have the parser's command carried out by `run`; like all, it takes --json."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)
    return parser


def verbs(parser: argparse.ArgumentParser) -> Verbs:
    """Let the noun of this parser have verbs, one of which must be given."""
    return parser.add_subparsers(required=True, metavar="COMMAND")


def count(text: str) -> int:
    """Read a whole number of one or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def share(text: str) -> float:
    """Read a share between 0 and 1."""
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return number


def give(answer: Answer | None, *, as_json: bool) -> int:
    """Print what was done."""
    if answer is None:
        return DONE
    if as_json:
        print(json.dumps(answer.facts, ensure_ascii=False, default=str), flush=True)
        if answer.text:
            say(answer.text)
    elif answer.text:
        print(answer.text, flush=True)
    return DONE


def refuse(refused: Refused, *, as_json: bool) -> int:
    """Print why nothing was done."""
    if as_json:
        facts = {"refused": refused.code, "reason": refused.reason, **refused.facts}
        print(json.dumps(facts, ensure_ascii=False, default=str), flush=True)
    say(refused.reason)
    return REFUSED
