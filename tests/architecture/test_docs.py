"""What the docs name is there: files that links lead to, commands and their options."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import quxiang
from tests.commands.bad_values import Leaf, leaves

LINK = re.compile(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"(?:^ {4}|`|ENV_FILE=\S+ )quxiang ([a-z][^`\n#]*)", re.MULTILINE)
OPTION = re.compile(r"(?<=[\s\[])--[a-z][a-z-]*")
UNWRITTEN = {"docs/words.md"}
"""Sentences of pages, not ours to check here."""


def _pages(repository: Path) -> Iterator[tuple[str, str]]:
    for path in (*repository.glob("*.md"), *(repository / "docs").rglob("*.md")):
        name = str(path.relative_to(repository))
        if name not in UNWRITTEN:
            yield name, path.read_text(encoding="utf-8")


def test_every_link_leads_to_a_file(repository: Path) -> None:
    missing = [
        f"{name}: {target}"
        for name, text in _pages(repository)
        for target in LINK.findall(text)
        if not (repository / name).parent.joinpath(target).exists()
    ]
    assert missing == []


@pytest.fixture
def known() -> dict[tuple[str, ...], Leaf]:
    """Give every command by its words."""
    return {leaf.words: leaf for noun in quxiang.NOUNS for leaf in leaves(noun, everything=True)}


def test_every_command_in_the_docs_is_one_with_those_options(
    repository: Path, known: dict[tuple[str, ...], Leaf]
) -> None:
    wrong = [
        f"{name}: quxiang {said}"
        for name, text in _pages(repository)
        if name.startswith("docs/") and "decisions" not in name
        for said in COMMAND.findall(text)
        if not _is_known(said, known)
    ]
    assert wrong == []


def _is_known(said: str, known: dict[tuple[str, ...], Leaf]) -> bool:
    """Say whether the words begin a command, and each option is one of it or of those it begins."""
    words = tuple(re.match(r"[a-z \\|-]*", said)[0].split("|")[0].split())  # type: ignore[index]  # it always matches
    words = tuple(each for each in words if not each.startswith("-"))
    fitting: list[Leaf] = []
    while words and not fitting:
        fitting = [leaf for key, leaf in known.items() if key[: len(words)] == words]
        exact = known.get(words)
        fitting = [exact] if exact else fitting
        if not fitting and len(words) > 1 and any(words[:-1] == key for key in known):
            fitting = [known[words[:-1]]]
        words = words[:-1] if not fitting and len(words) > 1 else words if fitting else ()
    options = {o for leaf in fitting for a in leaf.parser._actions for o in a.option_strings}
    return bool(fitting) and set(OPTION.findall(f" {said}")) <= options
