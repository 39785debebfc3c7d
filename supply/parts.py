"""The parts of others: packages that are installed with Quxiang, and files that lie in it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "wxapp" / "static" / "vendor"
MINI_PROGRAM = ROOT / "miniprogram" / "src" / "vendor"
_ROW = re.compile(
    r"^\| `(?P<file>[^`]+)` \| `(?P<name>[^`]+)`[^|]*\| (?P<version>\S+) \| (?P<licence>\S+) \|"
)
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)$", re.MULTILINE)
EVERYTHING = frozenset({"demo", "otel"})
"""The extras of Quxiang that run; those of `dev` are tools."""
_PYTHONS = tuple(
    {"python_version": version.rpartition(".")[0], "python_full_version": version}
    for version in ("3.11.2", "3.12.0", "3.13.0")
)
"""On which an installation runs; Debian 12 has the first, where redis wants one package more."""
_CLASSIFIER = "License :: OSI Approved :: "


@dataclass(frozen=True, order=True)
class Part:
    """Something of somebody else's, in the version that is used."""

    name: str
    version: str
    licence: str
    """As its package says: an SPDX expression where it gives one."""
    source: str
    """`pypi` or `npm`."""

    @property
    def address(self) -> PackageURL:
        """Return the name under which databases of advisories know it."""
        namespace, _, name = self.name.rpartition("/")
        return PackageURL(self.source, namespace or None, name, self.version)


def installed(name: str = "quxiang", extras: frozenset[str] = EVERYTHING) -> list[Part]:
    """Return the packages that are installed to run a package with these of its extras.

    Raises importlib's PackageNotFoundError for one that is wanted and not installed.
    """
    found: dict[str, Distribution] = {}
    _follow(distribution(name), extras, found)
    return sorted(_part(each) for each in found.values())


def vendored(folder: Path = VENDOR) -> list[Part]:
    """Return the front end's files of others, by the table beside them."""
    table = folder.joinpath("README.md").read_text(encoding="utf-8")
    rows = filter(None, map(_ROW.match, table.splitlines()))
    return sorted(Part(row["name"], row["version"], row["licence"], "npm") for row in rows)


def pins() -> Mapping[str, str]:
    """Return the tested version of every package that is installed, tools included."""
    text = ROOT.joinpath("constraints.txt").read_text(encoding="utf-8")
    return {canonicalize_name(name): version for name, version in _PIN.findall(text)}


def _follow(of: Distribution, extras: frozenset[str], found: dict[str, Distribution]) -> None:
    for wanted in _wanted(of, extras):
        name = canonicalize_name(wanted.name)
        if name not in found:
            found[name] = distribution(name)
            _follow(found[name], frozenset(wanted.extras), found)


def _wanted(of: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    """Yield what it requires on a machine like this, by any of the Pythons, with these extras."""
    for line in of.requires or []:
        wanted = Requirement(line)
        asked = [python | {"extra": each} for each in ("", *extras) for python in _PYTHONS]
        if wanted.marker is None or any(wanted.marker.evaluate(each) for each in asked):
            yield wanted


def _part(of: Distribution) -> Part:
    return Part(canonicalize_name(of.metadata["Name"]), of.version, _licence(of), "pypi")


def _licence(of: Distribution) -> str:
    """Return what a package says of its licence: in one expression, by its class, or in words."""
    about = of.metadata
    if "License-Expression" in about:
        return about["License-Expression"]
    classes = [
        each.removeprefix(_CLASSIFIER)
        for each in about.get_all("Classifier", [])
        if each.startswith(_CLASSIFIER)
    ]
    return ", ".join(classes) or about["License"].splitlines()[0]
