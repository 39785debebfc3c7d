"""The house is laid out as docs/architecture.md says: its rooms, its tables, its files."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrations.metadata import metadata

PACKAGES = ("registry", "notifier")
PAGE = "docs/architecture.md"
TOP = (
    *("bench", "commands", "docs", "faults", "migrations", "notifier", "registry", "runtime"),
    *("sandbox", "supply", "templates", "tests", "wording", "workers", "wxapp"),
)
PATH = re.compile(rf"`((?:{'|'.join(TOP)})/[\w./-]*)`")
MODULE = re.compile(rf"`((?:{'|'.join(set(TOP) - {'sandbox'})})(?:\.[a-z_]+)+)`")


@pytest.fixture
def page(repository: Path) -> str:
    return (repository / PAGE).read_text(encoding="utf-8")


def _rooms(folder: Path) -> Iterator[Path]:
    for each in sorted(folder.iterdir()):
        if each.is_dir() and (each / "__init__.py").exists():
            yield each


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_has_nothing_but_rooms_in_its_root(repository: Path, package: str) -> None:
    files = {each.name for each in (repository / package).iterdir() if each.is_file()}
    assert files <= {"__init__.py", "py.typed"}


@pytest.mark.parametrize("package", PACKAGES)
def test_each_room_says_what_belongs_in_it_and_is_on_the_map(
    repository: Path, page: str, package: str
) -> None:
    for room in _rooms(repository / package):
        docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8"))) or ""
        assert docstring, f"{room.name} does not say what belongs in it"
        assert f"**{room.name}**" in page, f"{room.name} is not on the map of {PAGE}"


def test_each_table_is_on_the_page_by_its_owner(page: str) -> None:
    missing = {name for name in metadata.tables if f"`{name}`" not in page}
    assert not missing


def test_each_file_and_module_that_the_docs_name_exists(repository: Path) -> None:
    pages = [*(repository / "docs").rglob("*.md"), *repository.glob("*.md")]
    missing = [
        f"{each.relative_to(repository)}: {name}"
        for each in pages
        if each.name != "CHANGELOG.md"
        for name in _named(each.read_text(encoding="utf-8"))
        if not _exists(repository, name)
    ]
    assert not missing, "\n".join(missing)


def _named(text: str) -> set[str]:
    return {*PATH.findall(text), *MODULE.findall(text)}


def _exists(repository: Path, name: str) -> bool:
    """Say whether a path is there, or a module, or something a module defines."""
    if "/" in name:
        return (repository / name).exists()
    path = repository / name.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    source = path.parent.with_suffix(".py")
    last = name.rpartition(".")[2]
    return source.is_file() and bool(re.search(rf"\b{last}\b", source.read_text(encoding="utf-8")))
