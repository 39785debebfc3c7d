"""What commands take and say: one JSON object or a text, exit status 0, 1 or 2."""

import argparse
import io
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

from typing_extensions import override

from registry.accounts.new_schools import CODE_DIGITS, is_school_code
from registry.base.iso_dates import YEARS

DONE, REFUSED, MISUSED = 0, 1, 2
MOST = 100_000_000
MOST_PROCESSES = 1024
MOST_PORT = 65535


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


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong by `Misused`, for programs too; so do those of its verbs."""

    @override
    def error(self, message: str) -> NoReturn:
        raise Misused(f"{message}\n{self.format_usage().strip()}")


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


def _between(text: str, most: int) -> int:
    number = int(text)
    if not 1 <= number <= most:
        raise argparse.ArgumentTypeError(f"must be between 1 and {most:,}")
    return number


def count(text: str) -> int:
    """Read a whole number of one or more, as many as people can be."""
    return _between(text, MOST)


def school_code(text: str) -> str:
    """Read a school's code (院校代码)."""
    if not is_school_code(text):
        raise argparse.ArgumentTypeError(f"{text} does not have {CODE_DIGITS} digits")
    return text


def year(text: str) -> int:
    """Read the year of a cohort."""
    number = int(text)
    if number not in YEARS:
        raise argparse.ArgumentTypeError(f"must be between {YEARS.start} and {YEARS.stop - 1}")
    return number


def few(text: str) -> int:
    """Read how many processes or threads one machine runs."""
    return _between(text, MOST_PROCESSES)


def port(text: str) -> int:
    """Read the number of a port."""
    return _between(text, MOST_PORT)


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
        _print_object(answer.facts)
        if answer.text:
            say(answer.text)
    elif answer.text:
        print(answer.text, flush=True)
    return DONE


def refuse(refused: Refused, *, as_json: bool) -> int:
    """Print why nothing was done."""
    if as_json:
        _print_object({"refused": refused.code, "reason": refused.reason, **refused.facts})
    say(refused.reason)
    return REFUSED


def misuse(misused: Misused, *, as_json: bool) -> int:
    """Print what does not fit."""
    if as_json:
        _print_object({"refused": "misused", "reason": str(misused).partition("\n")[0]})
    say(f"quxiang: {misused}")
    return MISUSED


def _print_object(facts: Mapping[str, Any]) -> None:
    """Print one JSON object, in letters that the other end can say."""
    plain = (sys.stdout.encoding or "").casefold().replace("-", "") != "utf8"
    print(json.dumps(facts, ensure_ascii=plain, default=str), flush=True)


def say_what_can_be_said() -> None:
    """Have letters that a terminal has not spelled out, instead of failing at them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
