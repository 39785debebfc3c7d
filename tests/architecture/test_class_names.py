"""One class name stands once in a package: what is meant is clear wherever it is read."""

import ast
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

PACKAGES = ("registry", "runtime", "notifier", "workers", "wxapp", "commands", "sandbox")


def shared_names(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the class names that several modules define, with those modules."""
    found = defaultdict(list)
    for path, source in sources.items():
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef):
                found[node.name].append(path)
    return {name: paths for name, paths in found.items() if len(paths) > 1}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_class_name_stands_once_in_a_package(repository: Path, package: str) -> None:
    sources = {
        str(path.relative_to(repository)): path.read_text(encoding="utf-8")
        for path in (repository / package).rglob("*.py")
    }
    assert not shared_names(sources)


def test_a_name_in_two_modules_is_seen() -> None:
    twice = {"a.py": "class State: ...", "b.py": "class State: ...", "c.py": "class Other: ..."}
    assert shared_names(twice) == {"State": ["a.py", "b.py"]}
