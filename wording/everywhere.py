"""Every sentence of the product, wherever it is written."""

from collections.abc import Callable, Iterator
from pathlib import Path

from wording import mini_program
from wording.sentences import Sentence, of_message, of_python, of_report, of_template

Reader = Callable[[str, str], Iterator[Sentence]]
"""What yields the sentences of a file, given its path and its text."""
PACKAGES = ("commands", "notifier", "registry", "runtime", "sandbox", "workers", "wxapp")
MADE_UP = ("registry/population", "registry/codes", "commands/story", "commands/trial/past.py")
"""Names of made-up people, and official tables: nobody here chose their words."""
READERS: dict[str, Reader] = {".html": of_template, ".toml": of_message, ".typ": of_report}
"""How a file of the templates is read, by its ending."""
OF_MINI_PROGRAM: dict[str, Reader] = {".js": mini_program.of_script, ".wxml": mini_program.of_page}
FOLDERS: dict[str, dict[str, Reader]] = {
    "templates": READERS,
    "sandbox/templates": READERS,
    mini_program.FOLDER: OF_MINI_PROGRAM,
}


def all_sentences(root: Path) -> list[Sentence]:
    """Return every sentence of the product, by file and line."""
    return sorted(
        {
            each
            for path, read in _files(root)
            for each in read(str(path.relative_to(root)), path.read_text(encoding="utf-8"))
        }
    )


def _files(root: Path) -> Iterator[tuple[Path, Reader]]:
    """Yield every file that may say something, with what reads it."""
    for package in PACKAGES:
        for path in (root / package).rglob("*.py"):
            if not str(path.relative_to(root)).startswith(MADE_UP):
                yield path, of_python
    for folder, readers in FOLDERS.items():
        for path in (root / folder).rglob("*"):
            if path.suffix in readers and "vendor" not in path.parts:
                yield path, readers[path.suffix]
