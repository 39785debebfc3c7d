"""Every command there is, found by its parser, and the arguments that spoil it."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import quxiang
from commands.answers import count, school_code, share, year

BAD = ("", "-", "/", "1=2:3", "\x1b[31m", "中文🙂", "9" * 25, "a" * 3000, "2026-13-45T99:99")
GOOD: dict[object, str] = {count: "1", share: "0.5", school_code: "10001", year: "2026"}
SERVERS = {"demo", "tour", "web", "worker", "sandbox"}
"""What runs until it is told to end: only what is misuse of it is tried."""

WRITES_INTO_THE_PROJECT = ("db", "revise")


@dataclass(frozen=True)
class Leaf:
    """A command with nothing below it."""

    words: tuple[str, ...]
    parser: argparse.ArgumentParser

    @property
    def options(self) -> list[argparse.Action]:
        """Return what takes a value."""
        actions = self.parser._actions
        return [each for each in actions if each.nargs != 0 and each.dest != "help"]


def leaves(noun: str, *, everything: bool = False) -> list[Leaf]:
    """Return the commands of a noun; unless `everything` is, those that may be played with."""
    found = _below(quxiang.parser_for([noun]), (), noun)
    return [each for each in found if everything or each.words != WRITES_INTO_THE_PROJECT]


def _below(
    parser: argparse.ArgumentParser, words: tuple[str, ...], only: str = ""
) -> Iterator[Leaf]:
    below = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    if not below:
        yield Leaf(words, parser)
    for name, child in (pair for each in below for pair in each.choices.items()):
        if only in {"", name}:
            yield from _below(child, (*words, name))


def spoilt(leaf: Leaf) -> Iterator[list[str]]:
    """Give command lines that no command should fall over."""
    free = [each for each in leaf.options if each.type in {None, Path} and each.choices is None]
    strict = [each for each in leaf.options if each not in free and each.type is not Path]
    needed = [each for each in strict if each.required]
    if leaf.words[0] not in SERVERS:
        for value in BAD if leaf.options else ():
            yield [*leaf.words, *_given(needed, None), *_given(free, value)]
    for option in strict:
        others = [each for each in leaf.options if each.required and each is not option]
        for value in BAD if leaf.words[0] not in SERVERS else ("x", "", "0", "-1", "9" * 25):
            yield [*leaf.words, *_given(others, None), *_given([option], value)]


def _given(options: Sequence[argparse.Action], value: str | None) -> Iterator[str]:
    for each in options:
        good = str(next(iter(each.choices))) if each.choices else GOOD.get(each.type, "x")
        said = good if value is None else value
        yield f"{each.option_strings[0]}={said}" if each.option_strings else said
