"""hashes.txt, and those of the extras: which files the tested versions are.

For `--require-hashes`: names, versions and hashes. Where a file is taken from is each machine's
own matter.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import requests
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from supply.parts import ROOT, Part, installed

FILE = ROOT / "hashes.txt"
DEMO_FILE = ROOT / "hashes-demo.txt"
OTEL_FILE = ROOT / "hashes-otel.txt"
SECONDS = 30
_HEAD = "# The files of the tested versions: pip install --require-hashes -r {}\n"
_SIMPLE = "application/vnd.pypi.simple.v1+json"


def production() -> list[Part]:
    """Return what an installation runs with."""
    return installed(extras=frozenset())


def demo() -> list[Part]:
    """Return what the sandbox and the demo want besides."""
    return _besides("demo")


def otel() -> list[Part]:
    """Return what hands traces on."""
    return _besides("otel")


def _besides(extra: str) -> list[Part]:
    usual = set(production())
    return [each for each in installed(extras=frozenset({extra})) if each not in usual]


def read(index: str, file: Path, parts: Iterable[Part]) -> str:
    """Ask an index (the address of its simple interface) for every file of each part's version.

    Raises requests' errors, and LookupError where it has no file of a version.
    """
    with requests.Session() as asking:
        asking.headers["Accept"] = _SIMPLE
        entries = [_entry(asking, index, each.name, each.version) for each in parts]
    return _HEAD.format(file.name) + "".join(entries)


def _entry(asking: requests.Session, index: str, name: str, version: str) -> str:
    answer = asking.get(f"{index.rstrip('/')}/{name}/", timeout=SECONDS)
    answer.raise_for_status()
    files = {each["filename"]: each["hashes"]["sha256"] for each in answer.json()["files"]}
    hashes = sorted({files[each] for each in files if version_of(each, name) == version})
    if not hashes:
        raise LookupError(f"the index has no file of {name} {version}")
    return " \\\n    ".join([f"{name}=={version}", *_options(hashes)]) + "\n"


def _options(hashes: list[str]) -> Iterator[str]:
    return (f"--hash=sha256:{each}" for each in hashes)


def version_of(filename: str, name: str) -> str | None:
    """Return the version that a file's name says, None for what is neither wheel nor source."""
    try:
        parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
        whose, version = parse(filename)[:2]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    return str(version) if whose == canonicalize_name(name) else None


FILES: dict[Path, Callable[[], list[Part]]] = {FILE: production, DEMO_FILE: demo, OTEL_FILE: otel}
"""Each file of hashes, and the parts whose files it names."""
